"""Runs revisions as igny8_owner over the connection that persistence.postgres.migrations hands in."""

from alembic import context

from persistence.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
