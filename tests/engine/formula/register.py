"""A register of six people, with the blanks and the awkward values that real ones have."""

from datetime import date
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    create_engine,
)

from engine.absence import KINDS, absent, kind_of
from engine.formula import sql
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.parse import parse
from engine.formula.sql_elements import absence_of
from engine.storage.columns import CODE, JsonText, Number

TODAY = date(2026, 11, 23)
PERSON = Table(
    "reg_person",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("staff", Integer),
    Column("rooms", Number),
    Column("amount", Number),
    Column("sex", CODE),
    Column("name", CODE),
    Column("birth_date", CODE),
    Column("alone", Boolean),
    Column("residence", CODE),
    Column("absent", JsonText),
)
UNKNOWN, INAPPLICABLE, REFUSED = map(absent, KINDS)
ROWS = [
    dict(zip(("staff", "rooms", "amount", "sex", "name", "birth_date", "alone", "residence"), row, strict=True))
    for row in (
        (3, 2, Decimal("100.50"), "1", "张三", "1946-11-23", True, "370602011001"),
        (0, 7, Decimal("0.10"), "2", "a%b", "1946-11-24", False, "370602011002"),
        (-4, UNKNOWN, Decimal("2.675"), "2", REFUSED, "2000-02-29", None, "370602012001"),
        (None, 5, REFUSED, UNKNOWN, "李四光", UNKNOWN, True, None),
        (12, 0, Decimal("-0.285"), "1", "A", "2027-01-01", INAPPLICABLE, "370611001001"),
        (7, Decimal("1.5"), Decimal("123456.78"), "9", "王", "1936-01-31", None, "370602011001"),
    )
]  # fmt: skip


class Registers:
    """A register of six people."""

    this = "370602011"
    today = TODAY

    def table(self, subject):
        assert subject == "person"
        return PERSON

    def column(self, subject, name):
        return sql.age(PERSON.c.birth_date, TODAY) if name == "age" else PERSON.c[name]

    def absence(self, subject, name):
        return None if name == "age" else absence_of(PERSON.c.absent, name)

    def within(self, column, code):
        return sql.within_area(column, code)


def env(row):
    """The same person as the plain values of a document."""
    age = evaluate(parse("AGE(birth_date)"), Document(row, today=TODAY))
    return Document({**row, "age": age}, today=TODAY, this=Registers.this)


def filled(url: str) -> Connection:
    connection = create_engine(url, isolation_level="AUTOCOMMIT").connect()
    PERSON.create(connection)
    connection.execute(PERSON.insert(), [{"id": i, **_kept(row)} for i, row in enumerate(ROWS)])
    return connection


def _kept(row):
    """A person as a register keeps them: an absence beside the typed columns, not in them."""
    gone = {name: kind for name, value in row.items() if (kind := kind_of(value))}
    return {**row, **dict.fromkeys(gone), "absent": gone or None}
