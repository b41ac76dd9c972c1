"""By which origin a value came, asked of the database: `sources` is `{"*": 3, "phone": 17}`."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.dictionary.field import NAME


class _entry(FunctionElement[Any]):  # noqa: N801 - SQL functions are written small
    """An entry of a JSON object kept as text; NULL where it has none of that name."""

    inherit_cache = True
    type = Integer()


def source_of(sources: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """The origin of a field's value: its own, else that of the whole row."""
    if not NAME.fullmatch(name):
        raise ValueError(name)
    own = _entry(sources, literal_column(f"'{name}'"))
    return func.coalesce(own, _entry(sources, literal_column("'*'")))


@compiles(_entry)
def _postgres(element: _entry, compiler: SQLCompiler, **options: Any) -> str:
    column, name = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(CAST({column} AS json) ->> {name} AS INTEGER)"


@compiles(_entry, "sqlite")
def _sqlite(element: _entry, compiler: SQLCompiler, **options: Any) -> str:
    column, name = (compiler.process(one, **options) for one in element.clauses)
    return f"json_extract({column}, '$.\"' || {name} || '\"')"
