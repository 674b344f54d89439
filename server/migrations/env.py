"""What Alembic runs to take the steps; `server.migrating` hands it the connection and the transaction."""

from __future__ import annotations

from alembic import context

from server.schema import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables,
    render_as_batch=True,  # SQLite cannot alter a column: the table is made anew
)
context.run_migrations()
