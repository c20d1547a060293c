"""What a connection is from its start: its role, and whatever changes what texts and statements mean.

All of it is asked for as the connection is made, since databases and logins may have defaults of their own, and
compared then, since a pooler in between (PgBouncer) may drop it: everything would run as the login, without time
limits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from persistence.errors import WrongSession

# Ours alone: where it is missing all was dropped, also where the defaults happen to be what was asked for.
MARK = "igny8.asked"
SETTINGS: Mapping[str, str] = {
    MARK: "on",
    "client_encoding": "UTF8",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "search_path": "public",
    "row_security": "on",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "jit": "off",
}
UNITS = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1))
WAY_OUT = "A pooler between drops that, as PgBouncer does: let IGNY8_DATABASE_URL name PostgreSQL itself."


def duration(milliseconds: int) -> str:
    """As PostgreSQL shows it."""
    return next((f"{milliseconds // size}{unit}" for unit, size in UNITS if milliseconds % size == 0), "")


@dataclass(frozen=True, slots=True)
class Startup:
    """`role`: None where it is taken later, or is the login's. `more`: settings beside those that all have."""

    role: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        return {**SETTINGS, **self.more}

    @property
    def options(self) -> str:
        """For libpq, whose values escape spaces."""
        asked = {**({"role": self.role} if self.role else {}), **self.settings}
        escaped = {name: value.replace("\\", "\\\\").replace(" ", "\\ ") for name, value in asked.items()}
        return " ".join(f"-c {name}={value}" for name, value in escaped.items())

    @property
    def question(self) -> str:
        """The statement whose one row `check` takes."""
        return ", ".join(["select current_user::text", *(f"current_setting('{name}', true)" for name in self.settings)])

    def check(self, row: Sequence[Any] | None) -> None:
        """WrongSession where the connection is not what was asked for."""
        user, *found = row or ("",)
        wrong = [f"role is {user}, not {self.role}"] if self.role not in (None, user) else []
        for (name, wanted), value in zip(self.settings.items(), found, strict=True):
            if value != wanted:
                wrong.append(f"{name} is {value or 'not set'}, not {wanted}")
        if wrong:
            raise WrongSession(f"A connection (of {user}) is not what it asked for: {'; '.join(wrong)}. {WAY_OUT}")


# Of who has all the time it takes: migrations, rotation of keys.
UNHURRIED = Startup(more={"statement_timeout": "0", "lock_timeout": "0"})


def connect(url: str, startup: Startup = UNHURRIED, **options: Any) -> psycopg.Connection:
    """One that is what `startup` says. WrongSession where it is not, psycopg's errors where there is none."""
    try:
        connection = psycopg.connect(url, options=startup.options, **options)
    except psycopg.OperationalError as error:
        if "startup parameter" in str(error):  # PgBouncer's words; it knows no SQLSTATE for it
            raise WrongSession(f"{str(error).strip()}. {WAY_OUT}") from None
        raise
    try:
        startup.check(connection.execute(startup.question.encode()).fetchone())
        if not connection.autocommit:
            connection.rollback()
    except BaseException:
        connection.close()
        raise
    return connection
