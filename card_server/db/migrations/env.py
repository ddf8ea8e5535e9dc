"""Alembic environment: runs on the connection that `migrate.upgrade` hands over."""

from __future__ import annotations

from alembic import context

configuration = context.config
connection = configuration.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=configuration.attributes.get("metadata"),
    version_table="crm_migration",
    transaction_per_migration=False,
    transactional_ddl=True,
    render_as_batch=False,
)
context.run_migrations()
