"""Tables that hold the words of a set that grows without a revision."""

from sqlalchemy import Column, Table, Text

from persistence.base import Base
from persistence.references import TERMS

for name in TERMS:
    Table(name, Base.metadata, Column("name", Text, primary_key=True))
