"""What holds for every table of tenants, read from PostgreSQL's catalogue: later tables are covered as they come."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import ARRAY

from persistence import models
from persistence.models.base import TermType
from persistence.postgres.database import API_ROLE, OWNER_ROLE, WORKER_ROLE
from tests.client import Api
from tests.conftest import Place
from tests.graph.world import World, make_world
from tests.jobs.support import one, sql
from tests.persistence.tables import REFERENCES, closed_sets, dump_of, fill, tenant_column, tenant_tables

ROLES = (API_ROLE, WORKER_ROLE)
CATALOGUE = {
    "alembic_version",
    "event_kind",
    "industry",
    "industry_sector",
    "job_kind",
    "plan",
    "prompt_type",
    "schedule",
    "system_settings",
}  # the same for all accounts
WORKERS_SEE_ALL = {"job", "job_item"}
SECTOR = ["account_id", "site_id", "sector_id"]
GLOBAL_KEYS = {
    "uq_account_slug",
    "uq_api_key_token_hash",
    "uq_app_user_email",
    "uq_refresh_token_token_hash",
}
# Read under the permission VIEW_BILLING alone, which nobody has who sees some sites only.
SEEN_WITHOUT_THE_SITE = {"credit_usage_log"}
APPEND_ONLY = {"audit_event", "event", "content_revision", "credit_transaction", "credit_usage_log"}
DEFINERS = {
    "accounts_due_credits(text,integer)",
    "end_access(uuid)",
    "ended_sessions(uuid[],text[])",
    "enter(uuid,text,boolean,text)",
    "enter_address(uuid,text)",
    "enter_invited(uuid)",
    "enter_new(uuid)",
    "enter_staff(uuid,uuid,text)",
    "find_accounts(uuid,text,integer)",
    "find_api_key(bytea)",
    "find_user(text)",
    "forget_events(integer)",
    "forget_files(uuid[])",
    "followed(uuid[],text[],uuid[])",
    "known_blobs(text[])",
    "known_markers(uuid,uuid,text[])",
    "open_session(uuid,bytea,text,text,integer)",
    "publications_due(integer)",
    "purge_archived()",
    "purge_expired()",
    "revoke_api_keys(uuid[])",
    "rotate_refresh_token(bytea,bytea,interval)",
    "signed_in_from(text,text)",
    "site_events_since(uuid[],text[],uuid[],text[],integer)",
    "syncs_due(integer)",
    "tell(jsonb)",
    "usage_of(text)",
    "work_in_hand()",
}
INDEXES = """
select t.relname, i.relname, x.indisprimary, x.indisunique, array(
  select coalesce(a.attname::text, '(expression)') from unnest(x.indkey::int[]) with ordinality k(n, o)
  left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.n and k.n > 0 order by o)
from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
where t.relname = any (%s)
"""
FUNCTIONS = """
select p.oid::regprocedure::text, p.prosecdef, coalesce(p.proconfig, '{}'),
       has_function_privilege('public', p.oid, 'execute'), p.proowner::regrole::text
from pg_proc p where p.pronamespace = 'public'::regnamespace
"""


@pytest.fixture(scope="module")
async def world(url: str, place: Place) -> AsyncIterator[World]:
    async with Api(url) as owner, Api(url) as editor, Api(url) as stranger:
        made = await make_world(url, place, owner, editor, stranger)
        for api in (owner, stranger):
            fill(place, made.identity(api).account_id)
        yield made


@contextmanager
def connected(place: Place, role: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(place.database_url, options=f"-c role={role}") as connection:
        yield connection


def enter(connection: psycopg.Connection[Any], world: World, api: Api) -> None:
    who = world.identity(api)
    connection.execute("select enter(%s, %s, true, '')", (who.session_id, who.role.value))


def counts(connection: psycopg.Connection[Any], tables: list[str]) -> dict[str, int]:
    """Of those that are not empty."""
    found = {t: connection.execute(f"select count(*) from {t}".encode()).fetchone() for t in tables}
    return {table: row[0] for table, row in found.items() if row and row[0]}


def references(place: Place) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Foreign keys between tenants' tables: from, to, and the columns of both."""
    tables = tenant_tables(place)
    for table in tables:
        for target, local, remote in sql(place, REFERENCES, table):
            if target in tables:
                yield table, target, local, remote


def columns(place: Place, name: str, more: str = "") -> set[str]:
    """The tables with a column of that name."""
    query = (
        "select attrelid::regclass::text from pg_attribute where attname = %s and attrelid::regclass::text = any (%s)"
    )
    return {table for (table,) in sql(place, query + more, name, tenant_tables(place))}


# Row-level security


def test_every_table_is_a_tenants_or_of_the_catalogue(place: Place) -> None:
    found = sql(
        place, "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    )
    assert {name for (name,) in found} == {*tenant_tables(place), *CATALOGUE}


def test_row_security_is_enabled_and_forced(place: Place) -> None:
    query = "select relrowsecurity and relforcerowsecurity from pg_class where oid = %s::regclass"
    assert [t for t in tenant_tables(place) if not one(place, query, t)] == []


def test_policies_compare_with_the_account_of_the_scope(place: Place) -> None:
    for table in tenant_tables(place):
        query = "select policyname, roles, permissive, cmd, qual, with_check from pg_policies where tablename = %s"
        found = {name: rest for name, *rest in sql(place, query, table)}
        roles, permissive, command, rule, check = found.pop("tenant")
        assert (set(roles), permissive, command, check) == ({*ROLES}, "PERMISSIVE", "ALL", None), table
        account = f"{tenant_column(table)} = ( SELECT (NULLIF(current_setting('igny8.account'::text, true)"
        assert rule.lstrip("(").startswith(account), table
        assert found.pop("owner") == [[OWNER_ROLE], "PERMISSIVE", "ALL", "true", None], table
        everything = {"worker": [[WORKER_ROLE], "PERMISSIVE", "ALL", "true", None]}
        assert found == (everything if table in WORKERS_SEE_ALL else {}), table


def test_what_belongs_to_a_site_is_seen_with_the_site(place: Place) -> None:
    query = "select tablename from pg_policies where policyname = 'tenant' and qual like '%%igny8.sites%%'"
    bound = {table for (table,) in sql(place, query)}
    assert bound == {"site", *columns(place, "site_id")} - SEEN_WITHOUT_THE_SITE


@pytest.mark.parametrize("role", ROLES)
def test_without_a_scope_no_tenants_row_is_seen(world: World, place: Place, role: str) -> None:
    tables = tenant_tables(place)
    filled = dump_of(place, world.identity(world.owner).account_id)
    assert [t for t in tables if not filled[t]] == []
    with connected(place, role) as connection:
        assert counts(connection, tables).keys() == (WORKERS_SEE_ALL if role == WORKER_ROLE else set())


def test_a_scope_shows_one_account_and_ends_with_its_transaction(world: World, place: Place) -> None:
    tables = tenant_tables(place)
    rows = dump_of(place, world.identity(world.owner).account_id)
    with connected(place, API_ROLE) as connection:
        enter(connection, world, world.owner)
        expected = {table: len(found) for table, found in rows.items()}
        assert counts(connection, tables) == {**expected, "user_session": 1}, "all of the account, of sessions its own"
        connection.commit()
        assert counts(connection, tables) == {}


def test_no_row_can_be_put_into_another_account(world: World, place: Place) -> None:
    mine, theirs = world.identity(world.owner).account_id, world.identity(world.stranger).account_id
    with connected(place, API_ROLE) as connection:
        enter(connection, world, world.owner)
        for statement in (
            "update author_profile set account_id = %(theirs)s where account_id = %(mine)s",
            "insert into author_profile (account_id, name) values (%(theirs)s, 'n')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement, {"mine": mine, "theirs": theirs})


# Keys


def test_indexes_start_with_the_account(place: Place) -> None:
    for table, index, primary, _, names in sql(place, INDEXES, tenant_tables(place)):
        if index not in GLOBAL_KEYS and not (primary and names == ["id"]):
            assert names[0] == tenant_column(table), index


def test_global_unique_keys_are_the_listed(place: Place) -> None:
    found = sql(place, INDEXES, tenant_tables(place))
    unique = {i: (t, names) for t, i, primary, unique, names in found if unique and not primary}
    assert {i for i, (t, names) in unique.items() if names[0] != tenant_column(t)} == GLOBAL_KEYS


def test_references_between_tenants_rows_carry_the_account(place: Place) -> None:
    for table, target, local, remote in references(place):
        if (target, local) == ("account", ["account_id"]):
            continue  # what names the account itself
        assert len(local) > 1, f"{table}.{local} → {target}"
        assert (local[0], remote[0]) == (tenant_column(table), tenant_column(target)), f"{table}.{local} → {target}"


@pytest.mark.parametrize("part", ["site_id", "sector_id"])
def test_references_carry_the_site_and_the_sector_where_both_always_have_them(place: Place, part: str) -> None:
    always = columns(place, part, " and attnotnull")
    for table, target, local, remote in references(place):
        if {table, target} <= always and target != "account":
            assert local.index(part) == remote.index(part), f"{table}.{local} → {target}"


def test_every_tenants_row_refers_to_its_account_or_to_its_sector_for_it(place: Place) -> None:
    direct = {table for table, target, local, _ in references(place) if (target, local) == ("account", ["account_id"])}
    sectored = columns(place, "sector_id", " and attnotnull")
    assert direct == {*tenant_tables(place)} - {"account"} - sectored
    assert sectored <= {table for table, target, local, _ in references(place) if (target, local) == ("sector", SECTOR)}


# Roles and rights


def test_security_definers_are_the_listed_and_fix_their_search_path(place: Place) -> None:
    found = {name: (path, owner) for name, definer, path, _, owner in sql(place, FUNCTIONS) if definer}
    assert found.keys() == DEFINERS
    for name, known in found.items():
        assert known == (["search_path=pg_catalog, public, pg_temp"], OWNER_ROLE), name


def test_no_function_is_everybodys(place: Place) -> None:
    assert [name for name, _, _, everybody, _ in sql(place, FUNCTIONS) if everybody] == []


@pytest.mark.parametrize("role", ROLES)
def test_roles_own_nothing_and_are_bound_by_policies(place: Place, role: str) -> None:
    rights = "rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin"
    ((*held,),) = sql(place, f"select {rights} from pg_roles where rolname = %s", role)
    assert not any(held)
    owned = "select classid::regclass, objid from pg_shdepend where refobjid = %s::regrole and deptype = 'o'"
    assert sql(place, owned, role) == []
    assert sql(place, "select roleid::regrole from pg_auth_members where member = %s::regrole", role) == []


@pytest.mark.parametrize("role", ROLES)
def test_roles_have_no_right_that_passes_by_policies(place: Place, role: str) -> None:
    passing = "TRUNCATE, REFERENCES, TRIGGER, MAINTAIN"
    for table in [*tenant_tables(place), *CATALOGUE]:
        assert not one(place, "select has_table_privilege(%s, %s, %s)", role, table, passing), table
    assert not one(place, "select has_schema_privilege(%s, 'public', 'CREATE')", role)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_what_is_append_only_cannot_be_changed(place: Place, role: str, table: str) -> None:
    for statement in (f"update {table} set created_at = now()", f"delete from {table}"):
        with connected(place, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


# Closed sets


def test_there_are_no_enum_types(place: Place) -> None:
    assert sql(place, "select typname from pg_type where typtype = 'e' and typnamespace = 'public'::regnamespace") == []


def test_closed_sets_are_checked_word_for_word(place: Place) -> None:
    for table in models.Base.metadata.sorted_tables:
        checks = closed_sets(place, table.name)
        for column in table.columns:
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if isinstance(kind, TermType) and column.foreign_keys:
                (key,) = column.foreign_keys
                words = sql(place, f"select name from {key.column.table.name}")
                assert {word for (word,) in words} == {t.value for t in kind.terms}, f"{table}.{column.name}"
            elif isinstance(kind, TermType):
                assert set(checks.pop(column.name, [])) == {t.value for t in kind.terms}, f"{table}.{column.name}"
        assert checks == {}, f"{table.name}: words that the code does not know"


# Counts of clusters

RECOUNTED = """
select c.id, c.keywords_count, c.volume, c.ideas_count,
       (select count(*) from keyword k where k.cluster_id = c.id),
       (select coalesce(sum(k.volume), 0) from keyword k where k.cluster_id = c.id),
       (select count(*) from content_idea i where i.cluster_id = c.id)
from cluster c order by c.id
"""
NEW_KEYWORDS = """
insert into keyword (account_id, site_id, sector_id, cluster_id, keyword, key, volume)
select account_id, site_id, sector_id, case n % 4 when 3 then null else id end, 'k' || n, 'k' || n || id,
       case n % 5 when 0 then null else n * 1000000 end
from cluster, generate_series(1, 40) n
"""
NEXT = "(select o.id from cluster o where o.sector_id = {0}.sector_id and o.id > {0}.cluster_id order by o.id limit 1)"
CHANGES = {
    "insert": [NEW_KEYWORDS],
    "insert none": [NEW_KEYWORDS + " where false"],
    "insert or update": [
        NEW_KEYWORDS + " on conflict (account_id, sector_id, key, country, language) do update set volume = 7",
        NEW_KEYWORDS + " on conflict (account_id, sector_id, key, country, language) do nothing",
    ],
    "volumes": [
        "update keyword set volume = volume / 2 + 1",
        "update keyword set volume = null where difficulty is null",
        "update keyword set volume = 5 where volume is null",
    ],
    "what is not counted": ["update keyword set difficulty = 1", "update content_idea set status = 'DONE'"],
    "move": [
        f"update keyword k set cluster_id = {NEXT.format('k')}, volume = volume / 3 where cluster_id is not null",
        "update keyword k set cluster_id = (select c.id from cluster c where c.sector_id = k.sector_id limit 1) "
        "where cluster_id is null",
    ],
    "delete": ["delete from keyword where volume > 10", "delete from keyword"],
    "delete a cluster": ["delete from cluster where id in (select id from cluster order by volume desc limit 2)"],
    "delete a sector": ["delete from sector where id in (select id from sector limit 1)"],
    "ideas": [
        "insert into content_idea (account_id, site_id, sector_id, cluster_id, idea_title) "
        "select account_id, site_id, sector_id, id, 'i' from cluster, generate_series(1, 3)",
        f"update content_idea i set cluster_id = {NEXT.format('i')} where cluster_id is not null",
        "delete from content_idea where cluster_id is not null and status = 'NEW'",
    ],
}


@pytest.mark.parametrize("change", CHANGES)
def test_counts_are_those_of_the_rows(world: World, place: Place, change: str) -> None:
    with connected(place, API_ROLE) as connection:
        enter(connection, world, world.owner)
        before = connection.execute(RECOUNTED).fetchall()
        assert any(row[1] and row[2] and row[3] for row in before)
        for statement in CHANGES[change]:
            connection.execute(statement.encode())
            for _, *kept, keywords, volume, ideas in connection.execute(RECOUNTED).fetchall():
                assert kept == [keywords, volume, ideas], statement
        connection.rollback()


async def test_counts_add_up_when_many_write_at_once(world: World, place: Place) -> None:
    account = world.identity(world.owner).account_id
    own = sql(place, "select account_id, site_id, sector_id, id from cluster where account_id = %s limit 1", account)[0]

    async def write(n: int) -> None:
        async with await psycopg.AsyncConnection.connect(place.database_url, autocommit=True) as connection:
            for m in range(20):
                await connection.execute(
                    "insert into keyword (account_id, site_id, sector_id, cluster_id, keyword, key, volume) "
                    "values (%s, %s, %s, %s, 'k', %s, 10)",
                    (*own, f"{n}-{m}"),
                )

    failures = await asyncio.gather(*(write(n) for n in range(6)), return_exceptions=True)
    assert failures == [None] * 6
    for _, *kept, keywords, volume, ideas in sql(place, RECOUNTED):
        assert kept == [keywords, volume, ideas]
