"""DDL that puts a table under row-level security; revisions call it when they make a tenant's table."""

ACCOUNT = "(select nullif(current_setting('igny8.account', true), '')::uuid)"
ALL_SITES = "(select coalesce(current_setting('igny8.sites', true), '') = '*')"
# The cast outside makes it one array; without it `any` would read the sub-select's rows.
SITES = "(select string_to_array(nullif(nullif(current_setting('igny8.sites', true), '*'), ''), ','))::uuid[]"


def tenant_policies(
    table: str, *, column: str = "account_id", site: str | None = None, shared: bool = False
) -> list[str]:
    """RLS for `table`: rows of the account in `column`, and where `site` names a column, of the sites one may see.

    `shared`: rows of no site are seen by all users of the account.
    Settings are read in sub-selects, so that they are evaluated once per statement. The owner's own policy is for
    migrations, dumps and security-definer functions: FORCE binds the owner too.
    """
    rule = f"{column} = {ACCOUNT}"
    if site:
        everybody = f" or {site} is null" if shared else ""
        rule += f" and ({ALL_SITES} or {site} = any ({SITES}){everybody})"
    return [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy tenant on {table} to igny8_api, igny8_worker using ({rule})",
        f"create policy owner on {table} to igny8_owner using (true)",
    ]


def all_rows_for_worker(table: str) -> str:
    """Workers find work of every account; what they do then runs in the job's scope."""
    return f"create policy worker on {table} to igny8_worker using (true)"
