"""What Alembic runs to migrate: the connection comes from `Database.migrate`, never from a file."""

from alembic import context

from companion.adapters import sql_tables_duty  # noqa: F401  its tables join the metadata
from companion.adapters.sql_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
