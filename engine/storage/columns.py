"""Column types that mean the same on SQLite and on PostgreSQL."""

from decimal import Context, Decimal
from typing import Any

from sqlalchemy import BigInteger, Numeric, Text, TypeDecorator
from sqlalchemy.engine import Dialect

from engine import json_text

CODE = Text().with_variant(Text(collation="C"), "postgresql")
"""Codes and paths: compared byte by byte, so that a prefix is a range and an index serves it."""

MOMENT = CODE
"""An instant as ISO 8601 text in UTC; text order is time order on both databases."""

LARGEST_INTEGER = 2**63 - 1  # of SQLite; beyond it a number is a double
EXACT = Context(prec=1000)  # the default context rounds to 28 digits in silence


class JsonText(TypeDecorator[Any]):
    """A JSON value in a text column, decimals to the last digit."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else json_text.dumps(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else json_text.trusted(value)


class Number(TypeDecorator[Any]):
    """A number: NUMERIC on PostgreSQL; on SQLite an integer where it is one, else a double.

    SQLite has no decimals: up to 15 significant digits come back as they went in.
    """

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(
                BigInteger()
            )  # integer affinity; doubles keep their type
        return dialect.type_descriptor(Numeric(38, 10))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        if type(value) is int and -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            return value
        number = Decimal(value)
        whole = number == number.to_integral_value() and abs(number) <= LARGEST_INTEGER
        return int(number) if whole else float(number)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        number = value if isinstance(value, Decimal) else Decimal(str(value))
        return int(number) if number == number.to_integral_value() else number.normalize(EXACT)
