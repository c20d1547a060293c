"""Secrets at rest under the newest key: run once after IGNY8_SECRET_KEY got a new one in front, then drop the old."""

import psycopg
from psycopg.sql import SQL, Identifier

from persistence.postgres.connection import connect
from persistence.postgres.database import OWNER_ROLE
from persistence.secrets import Vault

# table: the column that is sealed
SEALED = {"integration": "secret", "integration_settings": "secret"}
AT_ONCE = 500


def rotate(url: str, vault: Vault) -> dict[str, int]:
    """How many secrets of each table were sealed anew. ValueError, with nothing of a batch changed, when no key fits.

    As the owner, who sees every account's rows. Safe to run twice, and beside a running platform.
    """
    with connect(url) as connection:
        connection.execute(SQL("set role {}").format(Identifier(OWNER_ROLE)))
        connection.commit()
        return {table: _rotate(connection, vault, table, column) for table, column in SEALED.items()}


def _rotate(connection: psycopg.Connection, vault: Vault, table: str, column: str) -> int:
    names = {"table": Identifier(table), "column": Identifier(column)}
    read = SQL(
        "select id, {column} from {table} where {column} is not null and (%(after)s::uuid is null or id > %(after)s) "
        "order by id limit %(most)s for no key update"
    ).format(**names)
    write = SQL("update {table} set {column} = %s where id = %s").format(**names)
    done, after = 0, None
    while True:
        with connection.transaction():
            rows = connection.execute(read, {"after": after, "most": AT_ONCE}).fetchall()
            for id, sealed in rows:
                connection.execute(write, (_sealed_anew(vault, table, id, bytes(sealed)), id))
        done += len(rows)
        if len(rows) < AT_ONCE:
            return done
        after = rows[-1][0]


def _sealed_anew(vault: Vault, table: str, id: object, sealed: bytes) -> bytes:
    try:
        return vault.rotate(sealed)
    except Exception as error:
        raise ValueError(f"{table} {id} is sealed under a key that IGNY8_SECRET_KEY does not name") from error
