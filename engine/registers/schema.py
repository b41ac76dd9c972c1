"""Registers as typed tables made from the dictionary: one per kind of subject, and one for its
values by period. Physical names come from codes that the dictionary has checked, never from labels.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Boolean, Column, Connection, Index, MetaData, Table, Text, inspect

from engine.dictionary.field import Field, SubjectKind
from engine.dictionary.store import Dictionary
from engine.registers import absent
from engine.storage.columns import CODE, MOMENT, JsonText, Number

NUMERIC = {"integer", "number"}


@lru_cache(maxsize=16)
def _tables(dictionary: Dictionary) -> Mapping[str, Table]:
    metadata = MetaData()
    tables: dict[str, Table] = {}
    for kind in dictionary.subjects.values():
        fields = dictionary.of(kind.code)
        tables[kind.code] = _state_table(metadata, kind, [f for f in fields if not f.periodic])
        periodic = [field for field in fields if field.periodic]
        if periodic:
            tables[f"{kind.code}@period"] = _period_table(metadata, kind.code, periodic)
    return tables


def table(dictionary: Dictionary, subject: str, *, period: bool = False) -> Table:
    """The register of a kind of subject, or the table of its values by period."""
    return _tables(dictionary)[f"{subject}@period" if period else subject]


def has_periods(dictionary: Dictionary, subject: str) -> bool:
    """Whether any field of the subject holds for a period."""
    return f"{subject}@period" in _tables(dictionary)


def migrate(connection: Connection, dictionary: Dictionary) -> list[str]:
    """Bring the physical tables to what the dictionary says: add tables, columns, indexes.

    A retired field keeps its column and its values. Gives what was done, for the operator.
    """
    operations = Operations(MigrationContext.configure(connection))
    inspector = inspect(connection)
    existing = set(inspector.get_table_names())
    done = []
    for wanted in _tables(dictionary).values():
        if wanted.name not in existing:
            wanted.create(connection)
            done.append(f"+ {wanted.name}")
            continue
        columns = {column["name"] for column in inspector.get_columns(wanted.name)}
        for column in wanted.columns:
            if column.name not in columns:
                operations.add_column(wanted.name, Column(column.name, column.type))
                done.append(f"+ {wanted.name}.{column.name}")
        indexes = {index["name"] for index in inspector.get_indexes(wanted.name)}
        for index in wanted.indexes:
            if index.name not in indexes:
                index.create(connection)
                done.append(f"+ {index.name}")
    return done


def column_name(field: Field) -> str:
    """The physical column of a field."""
    return f"f_{field.name}"


def blind_name(field: Field) -> str:
    """The physical column of a secret field's blind index."""
    return f"b_{field.name}"


def columns_of(field: Field) -> list[Column[object]]:
    """The physical columns that keep a field: one, or two where it is sealed and has a blind index."""
    return _columns(field)


def _state_table(metadata: MetaData, kind: SubjectKind, fields: Iterable[Field]) -> Table:
    columns: list[Column[object]] = [
        Column("id", CODE, primary_key=True),
        Column("created_at", MOMENT, nullable=False),
        Column("sources", JsonText, nullable=False),
        Column(absent.COLUMN, JsonText),
    ]
    indexes = []
    for field in fields:
        columns.extend(_columns(field))
        if field.name in kind.keys:
            name = blind_name(field) if field.secret else column_name(field)
            indexes.append(Index(f"key_{kind.code}_{field.name}", name, unique=True))
        elif field.name == kind.home:
            indexes.append(Index(f"home_{kind.code}", column_name(field)))
    return Table(f"reg_{kind.code}", metadata, *columns, *indexes)


def _period_table(metadata: MetaData, subject: str, fields: Iterable[Field]) -> Table:
    columns: list[Column[object]] = [
        Column("subject_id", CODE, primary_key=True),
        Column("period", CODE, primary_key=True),
        Column("created_at", MOMENT, nullable=False),
        Column("sources", JsonText, nullable=False),
        Column(absent.COLUMN, JsonText),
    ]
    for field in fields:
        columns.extend(_columns(field))
    return Table(f"per_{subject}", metadata, *columns)


def _columns(field: Field) -> list[Column[object]]:
    if field.secret:
        return [Column(column_name(field), Text), Column(blind_name(field), CODE)]
    kind = field.schema.get("type")
    if kind in NUMERIC:
        return [Column(column_name(field), Number)]
    if kind == "boolean":
        return [Column(column_name(field), Boolean)]
    if kind == "string":
        return [Column(column_name(field), CODE)]
    return [Column(column_name(field), JsonText)]
