"""A sector's rows refer to their account through their sector: one foreign key less to check for each of them."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("cluster", "keyword", "content_idea", "task", "content", "content_revision", "image")


def upgrade() -> None:
    for table in TABLES:
        op.drop_constraint(f"fk_{table}_account_id", table)


def downgrade() -> None:
    for table in TABLES:
        op.create_foreign_key(f"fk_{table}_account_id", table, "account", ["account_id"], ["id"], ondelete="CASCADE")
