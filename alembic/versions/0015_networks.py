"""Where people sign in, so that who guesses from elsewhere locks nobody out; which sessions of open sockets have ended."""

from alembic import op

revision = "0015"
down_revision = "0014"
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
ENDED_SESSIONS = """
create function ended_sessions(p_sessions uuid[], p_roles text[]) returns setof bigint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.n
    from unnest(p_sessions, p_roles) with ordinality p (session_id, role, n)
    left join user_session s on s.id = p.session_id and s.revoked_at is null and s.expires_at > now()
    left join app_user u on u.id = s.user_id and u.is_active and u.role = p.role
    left join account a on a.id = u.account_id and a.status <> 'CANCELLED'
   where a.id is null
$$;
revoke execute on function ended_sessions(uuid[], text[]) from public;
grant execute on function ended_sessions(uuid[], text[]) to igny8_api;
"""


def upgrade() -> None:
    op.execute(SIGNED_IN_FROM)
    op.execute(ENDED_SESSIONS)


def downgrade() -> None:
    op.execute("drop function ended_sessions(uuid[], text[])")
    op.execute("drop function signed_in_from(text, text)")
