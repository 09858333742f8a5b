"""What alembic runs: the migrations on the connection it is handed. It never opens one by itself."""

from alembic import context

from playground.runs.models import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
