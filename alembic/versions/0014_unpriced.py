"""A cost that nobody knows is null: it was 0, as if the call had been free.

An API process of the release before leaves such calls out of its answers until it is replaced.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}

# Whoever answers without a model is free; of all others 0 meant that the price was not known, or the call was lost.
UNKNOWN = """
alter table ai_call alter cost_micros drop not null, alter cost_micros drop default;
alter table credit_usage_log alter cost_micros drop not null, alter cost_micros drop default;
update ai_call set cost_micros = null where cost_micros = 0 and provider <> 'offline';
update credit_usage_log l set cost_micros = null where l.cost_micros = 0
   and (select c.cost_micros is null from ai_call c
         where c.account_id = l.account_id and c.job_item_id = l.job_item_id and c.status = 'SUCCEEDED'
         order by c.created_at desc, c.id desc limit 1)
"""
ZERO = """
update credit_usage_log set cost_micros = 0 where cost_micros is null;
update ai_call set cost_micros = 0 where cost_micros is null;
alter table credit_usage_log alter cost_micros set default 0, alter cost_micros set not null;
alter table ai_call alter cost_micros set default 0, alter cost_micros set not null
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UNKNOWN)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(ZERO)
