"""The industry catalogue is kept by staff, as plans are."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}
TABLES = ("industry", "industry_sector")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy everybody on {table} for select using (true)")
        op.execute(f"create policy staff on {table} to igny8_api using (is_staff()) with check (is_staff())")
        op.execute(f"create policy owner on {table} to igny8_owner using (true)")
        op.execute(f"grant insert, update on {table} to igny8_api")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"revoke insert, update on {table} from igny8_api")
        for policy in ("owner", "staff", "everybody"):
            op.execute(f"drop policy {policy} on {table}")
        op.execute(f"alter table {table} disable row level security")
