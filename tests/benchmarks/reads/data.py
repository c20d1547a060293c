"""Planning data of many accounts, made by the database: 4 sites, 5 sectors each, 20 clusters, 15 keywords, 5 ideas."""

import signal
import time
from dataclasses import dataclass
from uuid import UUID

import psutil
import psycopg

WORDS = [
    "seo",
    "content",
    "keyword",
    "cluster",
    "search",
    "organic",
    "intent",
    "volume",
    "rank",
    "page",
    "link",
    "market",
    "buyer",
    "guide",
    "review",
    "best",
    "cheap",
    "local",
    "service",
    "price",
    "compare",
    "tool",
    "garden",
    "kitchen",
    "travel",
    "hotel",
    "flight",
    "insurance",
    "loan",
    "credit",
    "shoes",
    "running",
    "summer",
    "winter",
]
FILL = """
select setseed(0.42);
create temporary table word as select %(words)s::text[] as w;
insert into account (id, name, slug, plan_id, status)
  select uuidv7(), 'Account ' || n, 'bench-' || n, (select id from plan where slug = 'scale'), 'ACTIVE'
    from generate_series(1, %(accounts)s) n;
insert into credit_balance (account_id) select id from account;
insert into app_user (account_id, email, password_hash, role)
  select id, slug || '@example.com', '-', 'OWNER' from account;
insert into user_session (account_id, user_id, last_used_at, expires_at)
  select account_id, id, now(), now() + interval '30 days' from app_user;
insert into site (account_id, name, slug, domain)
  select id, 'Site ' || n, 's' || n, 'site' || n || '.example' from account, generate_series(1, 4) n order by id, n;
insert into sector (account_id, site_id, name, slug)
  select account_id, id, 'Sector ' || n, 't' || n from site, generate_series(1, 5) n order by id, n;
insert into cluster (account_id, site_id, sector_id, name, description, status, keywords_count, volume, ideas_count)
  select s.account_id, s.site_id, s.id, pick(w, 3), pick(w, 12), 'ACTIVE', 15, (random() * 100000)::int, 5
    from sector s, generate_series(1, 20) n, word order by s.id, n;
insert into keyword (account_id, site_id, sector_id, cluster_id, keyword, key, volume, difficulty, intent, status,
                     created_at)
  select c.account_id, c.site_id, c.sector_id, c.id, pick(w, 2 + n %% 4), n || c.id::text, (random() * 50000)::int,
         (random() * 100)::int, array[(array['INFORMATIONAL', 'COMMERCIAL', 'TRANSACTIONAL'])[1 + n %% 3]],
         case when random() < 0.6 then 'CLUSTERED' else 'NEW' end, now() - n * interval '1 day'
    from cluster c, generate_series(1, 15) n, word order by c.id, n;
insert into content_idea (account_id, site_id, sector_id, cluster_id, idea_title, description, status)
  select c.account_id, c.site_id, c.sector_id, c.id, pick(w, 6), pick(w, 25),
         (array['NEW', 'SCHEDULED', 'DONE'])[1 + n %% 3]
    from cluster c, generate_series(1, 5) n, word order by c.id, n;
"""
PICK = """
create function pg_temp.pick(w text[], n int) returns text language sql volatile as $$
  select string_agg(w[1 + floor(random() * array_length(w, 1))::int], ' ') from generate_series(1, n)
$$
"""


# What whoever runs a server of this size would set first: the tables fit into memory.
SETTINGS = {"shared_buffers": "1GB", "random_page_cost": "1.1", "effective_cache_size": "4GB", "work_mem": "16MB"}


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of an account, and ids of the account's own to ask for."""

    account: UUID
    user: UUID
    session: UUID
    site: UUID
    sector: UUID
    keyword: UUID


def tune(url: str) -> None:
    """Ends the server, which its guardian starts again."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"alter system set {name} = '{value}'".encode())
    postmaster_of(url).send_signal(signal.SIGINT)
    for _ in range(300):
        time.sleep(0.1)
        try:
            with psycopg.connect(url) as connection:
                if connection.execute("show shared_buffers").fetchone() == (SETTINGS["shared_buffers"],):
                    return
        except psycopg.OperationalError:
            pass
    raise RuntimeError("PostgreSQL does not come back with its settings")


def postmaster_of(url: str) -> psutil.Process:
    with psycopg.connect(url) as connection:
        parent = psutil.Process(connection.info.backend_pid).parent()
        assert parent
        return parent


def fill(url: str, accounts: int) -> None:
    """Without triggers and foreign keys: they have nothing to find here."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(PICK)
        for statement in FILL.replace("pick(", "pg_temp.pick(").split(";\n"):
            if statement.strip():
                values = {"words": WORDS, "accounts": accounts} if "%(" in statement else None
                connection.execute(statement.replace("%%", "%") if values is None else statement, values)  # type: ignore[arg-type]
        connection.execute("vacuum analyze")


def callers(url: str, number: int) -> list[Caller]:
    """Some of the accounts, spread over all, each with one site, sector and keyword."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            """
            select s.account_id, s.user_id, s.id, x.site_id, x.id,
                   (select k.id from keyword k where k.sector_id = x.id order by k.id offset 7 limit 1)
              from (select *, row_number() over (order by account_id) as n, count(*) over () as all_of
                      from user_session) s
              cross join lateral (select * from sector x where x.account_id = s.account_id
                                   order by x.id offset s.n %% 20 limit 1) x
             where (s.n * %(number)s) / s.all_of <> ((s.n - 1) * %(number)s) / s.all_of order by s.n
            """,
            {"number": number},
        ).fetchall()
    return [Caller(*row) for row in rows]
