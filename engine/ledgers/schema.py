"""The typed table of what is local to a ledger, made and widened through Alembic operations.

A column that the ledger no longer has keeps its values: the next version may ask for it again.
"""

from functools import lru_cache

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, MetaData, Table, inspect

from engine.ledgers.lens import Lens
from engine.registers import absent
from engine.registers.schema import columns_of
from engine.storage.columns import CODE, MOMENT, JsonText


@lru_cache(maxsize=256)
def local_table(lens: Lens) -> Table:
    """The local table of a ledger: a row a subject that anything local is known of."""
    columns: list[Column[object]] = [
        Column("subject_id", CODE, primary_key=True),
        Column("created_at", MOMENT, nullable=False),
        Column("sources", JsonText, nullable=False),
        Column(absent.COLUMN, JsonText),
    ]
    for one in lens.local():
        columns.extend(columns_of(one.field))
    return Table(lens.table_name, MetaData(), *columns)


def migrate(connection: Connection, lens: Lens) -> list[str]:
    """Bring the local table to what the ledger says; gives what was done.

    Raises nothing for what is there already, so a pack may be loaded again.
    """
    if not lens.local():
        return []
    wanted = local_table(lens)
    inspector = inspect(connection)
    if wanted.name not in inspector.get_table_names():
        wanted.create(connection)
        return [f"+ {wanted.name}"]
    operations = Operations(MigrationContext.configure(connection))
    known = {column["name"] for column in inspector.get_columns(wanted.name)}
    done = []
    for column in wanted.columns:
        if column.name not in known:
            operations.add_column(wanted.name, Column(column.name, column.type))
            done.append(f"+ {wanted.name}.{column.name}")
    return done
