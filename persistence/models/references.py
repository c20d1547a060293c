"""Tables that hold the words of a set that grows without a revision."""

from sqlalchemy import Column, Table, Text

from persistence.models.base import Base
from persistence.postgres.term_rows import TERMS

for name in TERMS:
    Table(name, Base.metadata, Column("name", Text, primary_key=True))
