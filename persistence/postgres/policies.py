"""What policies compare rows with, for the SQL of revisions, which calls it `:account`, `:all_sites` and `:sites`.

Settings are read in sub-selects, so that they are evaluated once per statement.
"""

import re

from sqlalchemy import Connection

ACCOUNT = "(select nullif(current_setting('igny8.account', true), '')::uuid)"
ALL_SITES = "(select coalesce(current_setting('igny8.sites', true), '') = '*')"
# The cast outside makes it one array; without it `any` would read the sub-select's rows.
SITES = "(select string_to_array(nullif(nullif(current_setting('igny8.sites', true), '*'), ''), ','))::uuid[]"
_WRITTEN_OUT = {":account": ACCOUNT, ":all_sites": ALL_SITES, ":sites": SITES}
_NAMED = re.compile(rf"(?<!:)({'|'.join(_WRITTEN_OUT)})\b")


def run(connection: Connection, sql: str) -> None:
    """Statements as they stand but for those names: other colons, and percent signs, are no bind parameters here."""
    written_out = _NAMED.sub(lambda named: _WRITTEN_OUT[named[0]], sql)
    connection.exec_driver_sql(written_out.replace("%", "%%"))
