"""Alembic's door: runs migrations on the connection it is handed."""

from importlib import import_module

from alembic import context
from sqlmodel import SQLModel

for module in (  # importing a module of tables makes them known
    "engine.access.tables",
    "engine.alerts.tables",
    "engine.attachments.tables",
    "engine.audit.tables",
    "engine.dictionary.tables",
    "engine.holidays.tables",
    "engine.identity.tables",
    "engine.jobs.tables",
    "engine.ledgers.tables",
    "engine.notices.tables",
    "engine.privacy.tables",
    "engine.registers.tables",
    "engine.residents.tables",
    "engine.storage.tables",
    "forms.tables",
    "workflows.tables",
):
    import_module(module)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    include_name=lambda name, kind, _parents: kind != "table" or name in SQLModel.metadata.tables,
)
with context.begin_transaction():
    context.run_migrations()
