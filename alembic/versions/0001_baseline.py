"""All there is at first: tables with their policies, functions, the catalogue."""

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from persistence.postgres.policies import run

revision = "0001_baseline"
down_revision = None
branch_labels = None
depends_on = None

HERE = Path(__file__).parent / revision
# Each after those that its keys refer to.
FILES = (
    "accounts", "sites", "scope", "sign_in", "settings", "words", "planner", "jobs", "billing", "writer",
    "integration", "publisher", "sync", "audit", "events", "schedule",
)
# Who may call a function is granted beside it; PostgreSQL lets everybody else call it too until that is taken back.
TO_NOBODY_ELSE = "revoke execute on all functions in schema public from public"


def upgrade() -> None:
    for name in FILES:
        run(op.get_bind(), (HERE / f"{name}.sql").read_text())
    run(op.get_bind(), TO_NOBODY_ELSE)
    catalogue = json.loads((HERE / "catalogue.json").read_text())
    insert("plan", catalogue["plans"])
    insert("industry", [named(industry["name"]) for industry in catalogue["industries"]])
    made = op.get_bind().execute(sa.text("select name, id from industry"))
    industries = {row.name: row.id for row in made}
    insert("industry_sector", [
        {"industry_id": industries[industry["name"]], **named(sector)}
        for industry in catalogue["industries"] for sector in industry["sectors"]
    ])


def downgrade() -> None:
    run(op.get_bind(), (HERE / "down.sql").read_text())


def insert(table: str, rows: list[dict[str, object]]) -> None:
    op.bulk_insert(sa.table(table, *map(sa.column, rows[0])), rows)


def named(name: str) -> dict[str, object]:
    words = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    return {"name": name, "slug": "-".join(words)}
