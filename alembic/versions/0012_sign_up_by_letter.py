"""Whether who signs up has to read a letter first, so that no answer tells whose addresses have accounts."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}


def upgrade() -> None:
    op.execute("alter table system_settings add sign_up_by_letter boolean")  # null: in production


def downgrade() -> None:
    op.execute("alter table system_settings drop column sign_up_by_letter")
