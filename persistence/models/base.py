"""What every mapped row shares: column types, naming, identity."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedColumn,
    configure_mappers,
    declared_attr,
    make_transient_to_detached,
    mapped_column,
)
from sqlalchemy.orm.attributes import instance_dict, manager_of_class

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class TermType(TypeDecorator[StrEnum]):
    """A closed set stored as text; `close_sets` adds the CHECK. Never a PG enum: its operators are not leakproof."""

    impl = Text
    cache_ok = True

    def __init__(self, terms: type[StrEnum]) -> None:
        super().__init__()
        self.terms = terms

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.terms(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.terms(value)


class LineType(Text):
    """A text that has at most 500 characters wherever it comes from. All others are counted before they are read."""


Line = Annotated[str, mapped_column(LineType())]
BigInt = Annotated[int, mapped_column(BigInteger)]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
Texts = Annotated[list[str], mapped_column(ARRAY(Text), server_default=text("'{}'"))]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own protocol
        str: Text,
        int: Integer,
        datetime: TIMESTAMP(timezone=True),
        UUID: Uuid(),
    }


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from a row to those of `target`, a row class: their `remote` is its `local`. What the graph is made of.

    Not relationships of SQLAlchemy's: nobody loads rows through them, and each would be 40 kB of every process.
    """

    target: str
    local: str
    remote: str
    many: bool = False


def many_to_one(target: str, local: str) -> Edge:
    return Edge(target, local, "id")


def one_to_one(target: str, remote: str) -> Edge:
    return Edge(target, "id", remote)


def one_to_many(target: str, remote: str) -> Edge:
    return Edge(target, "id", remote, many=True)


class Row(Base):
    """An identified row; ids are UUIDv7, so that they sort by age."""

    __abstract__ = True
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"), sort_order=-10)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now(), sort_order=91)


class View(Base):
    """What is computed when it is read; apart from the tables, which revisions are compared with."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMING)


class AccountRow(Row):
    """A row of one tenant."""

    __abstract__ = True

    @declared_attr
    def account_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("account.id", ondelete="CASCADE"), sort_order=-9)


class SectorRow(Row):
    """A row of one sector of a site, which refers to its account for it: an import pays for every key of a row."""

    __abstract__ = True
    account_id: Mapped[UUID] = mapped_column(sort_order=-9)
    site_id: Mapped[UUID] = mapped_column(sort_order=-8)
    sector_id: Mapped[UUID] = mapped_column(sort_order=-7)

    site = many_to_one("Site", "site_id")
    sector = many_to_one("Sector", "sector_id")


SECTOR = ("account_id", "site_id", "sector_id")


def term(terms: type[StrEnum], default: StrEnum | None = None) -> MappedColumn[Any]:
    """A column holding one value of a closed set."""
    return mapped_column(TermType(terms), server_default=default.value if default else None)


def growing_term(terms: type[StrEnum], table: str) -> MappedColumn[Any]:
    """As `term`, of a set whose words are the rows of a table: a new one needs no revision."""
    return mapped_column(TermType(terms), ForeignKey(f"{table}.name"))


def term_list(terms: type[StrEnum]) -> MappedColumn[Any]:
    """A column holding several values of a closed set, in order."""
    return mapped_column(ARRAY(TermType(terms)), server_default=text("'{}'"))


def belongs(table: str, *columns: str, ondelete: str = "CASCADE") -> ForeignKeyConstraint:
    """A composite foreign key to `table`: account_id first, the id last. A plain one would cross tenants."""
    shared, own = columns[:-1], columns[-1]
    if ondelete == "SET NULL":
        ondelete = f"SET NULL ({own})"
    return ForeignKeyConstraint(columns, [f"{table}.{c}" for c in (*shared, "id")], ondelete=ondelete)


def sector_keys(table: str) -> tuple[ForeignKeyConstraint, UniqueConstraint]:
    """What every table of a sector has: its sector, and the key that composite foreign keys point at."""
    return belongs("sector", *SECTOR), UniqueConstraint(*SECTOR, "id", name=f"uq_{table}_identity")


def index(table: str, *columns: str, **options: Any) -> Index:
    return Index(f"ix_{table}_{'_'.join(columns)}", *columns, **options)


def in_order(table: str) -> tuple[Index, ...]:
    """For lists of an account, a site or a sector that nobody has ordered: they come by id."""
    return tuple(index(table, *columns, "id") for columns in (SECTOR[:1], SECTOR[:2], ("account_id", "sector_id")))


def close_sets(tables: Iterable[Table]) -> None:
    """Add the CHECK of every closed set of values, but for those whose words are rows."""
    for table in tables:
        for column in table.columns:
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if isinstance(kind, TermType) and not column.foreign_keys:
                words = ", ".join(f"'{t.value}'" for t in kind.terms)
                many = isinstance(column.type, ARRAY)
                rule = f"{column.name} <@ array[{words}]" if many else f"{column.name} in ({words})"
                table.append_constraint(CheckConstraint(text(rule), name=column.name))


R = TypeVar("R", bound=Row)


def loaded(kind: type[R], values: Sequence[Any]) -> R:
    """A row as it was read by a statement of one's own, its columns in the table's order; of no session yet."""
    readers = _readers(kind)
    made: R = manager_of_class(kind).new_instance()  # its constructor would take each value for a change
    found = {name: read(value) if read else value for (name, read), value in zip(readers, values, strict=True)}
    instance_dict(made).update(found)
    make_transient_to_detached(made)
    return made


@cache
def _readers(kind: type[Row]) -> list[tuple[str, Callable[[Any], Any] | None]]:
    configure_mappers()  # or the first row of a process would be made before its attributes are
    columns = kind.__table__.columns
    return [(column.name, _term_of(column.type)) for column in columns]


def _term_of(type: Any) -> Callable[[Any], Any] | None:
    return (lambda value: value and type.terms(value)) if isinstance(type, TermType) else None
