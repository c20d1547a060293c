"""Whoever guesses at an address from elsewhere does not lock out who signs in where they usually do."""

from alembic import op

revision = "0019"
down_revision = "0013"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}
# Sessions are kept a month beyond their end, and nothing else is: no other record is made of where people are.
SIGNED_IN_FROM = """
create function signed_in_from(p_email text, p_network text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (
    select from app_user u join user_session s on s.account_id = u.account_id and s.user_id = u.id
     where u.email = lower(p_email) and not s.is_api_key and s.last_used_at > now() - interval '30 days'
       and case when pg_input_is_valid(s.ip, 'inet') and pg_input_is_valid(p_network, 'cidr')
                then s.ip::inet <<= p_network::cidr else false end)
$$;
revoke execute on function signed_in_from(text, text) from public;
grant execute on function signed_in_from(text, text) to igny8_api;
"""


def upgrade() -> None:
    op.execute(SIGNED_IN_FROM)


def downgrade() -> None:
    op.execute("drop function signed_in_from(text, text)")
