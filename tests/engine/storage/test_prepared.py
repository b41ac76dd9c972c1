"""Statements handed straight to the driver do what `Connection.execute` does, on both databases."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    bindparam,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from engine.storage import postgresql, prepared
from engine.storage.columns import JsonText
from engine.storage.prepared import Prepared
from engine.work import System

THING = Table(
    "thing",
    MetaData(),
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False, default="plain"),
    Column("open", Boolean, nullable=False, default=True),
    Column("document", JsonText),
)
OF_CODE = Prepared(select(THING).where(THING.c.code == bindparam("wanted")))
HOW_MANY = Prepared(select(func.count().label("n")).where(THING.c.open.is_(True)))
ADD = Prepared(insert(THING).inline())
CHANGE = Prepared(update(THING).where(THING.c.code == bindparam("wanted"), THING.c.kind == "plain"))


@pytest.fixture
def connection(system: System) -> Iterator[Connection]:
    """In a transaction that is undone, with an empty table."""
    with system.database.writers.connect() as found:
        found.begin()
        THING.create(found)
        yield found
        found.rollback()


def test_a_row_comes_back_with_the_types_of_its_columns(connection: Connection) -> None:
    """Decimals, truth and JSON as they went in; defaults of columns are filled in."""
    document = {"数": Decimal("0.10"), "行": [1, None]}
    assert ADD.write(connection, code="a", document=document) == 1
    found = OF_CODE.first(connection, wanted="a")
    assert found == {"code": "a", "kind": "plain", "open": True, "document": document}
    assert type(found["document"]["数"]) is Decimal
    assert found["open"] is True
    assert dict(connection.execute(select(THING)).mappings().one()) == found
    assert OF_CODE.first(connection, wanted="b") is None


def test_several_rows_are_written_and_counted(connection: Connection) -> None:
    """None, one or many; a count of nothing is nought."""
    assert HOW_MANY.scalar(connection) == 0
    ADD.write_many(connection, [])
    ADD.write_many(connection, [{"code": "a"}])
    ADD.write_many(connection, [{"code": code, "open": code != "c"} for code in "bcd"])
    assert HOW_MANY.scalar(connection) == 3


def test_an_update_writes_the_columns_that_are_given(connection: Connection) -> None:
    """Others stay; its conditions hold, fixed ones too; the number of rows is told."""
    ADD.write(connection, code="a", document={"n": 1})
    assert CHANGE.write(connection, wanted="a", open=False) == 1
    assert CHANGE.write(connection, wanted="a", document=None, kind="other") == 1
    assert CHANGE.write(connection, wanted="a", open=True) == 0
    assert OF_CODE.first(connection, wanted="a") == {
        "code": "a", "kind": "other", "open": False, "document": None,
    }  # fmt: skip


def test_what_the_database_refuses_is_told_as_ever(connection: Connection) -> None:
    """An error of the driver arrives as SQLAlchemy's, and the rest of the transaction can go on."""
    ADD.write(connection, code="a")
    inner = connection.begin_nested()
    with pytest.raises(IntegrityError):
        ADD.write(connection, code="a")
    inner.rollback()
    assert HOW_MANY.scalar(connection) == 1


def test_it_is_heard_by_who_listens(connection: Connection) -> None:
    """Whoever counts statements hears these too."""
    heard: list[str] = []
    event.listen(
        connection, "before_cursor_execute", lambda *args: heard.append(str(args[2]).split()[0])
    )
    with postgresql.together(connection):
        ADD.write(connection, code="a")
        ADD.write_many(connection, [{"code": "b"}, {"code": "c"}])
    OF_CODE.first(connection, wanted="a")
    assert heard == ["INSERT", "INSERT", "SELECT"]


def test_a_reader_sees_one_state(system: System) -> None:
    """The first statement begins the transaction, whoever hands it to the driver."""
    system.database.write(THING.create)
    with system.database.read() as reader:
        assert HOW_MANY.scalar(reader) == 0
        system.database.write(lambda connection: ADD.write(connection, code="a"))
        assert HOW_MANY.scalar(reader) == 0
    with system.database.read() as reader:
        assert HOW_MANY.scalar(reader) == 1
    system.database.write(THING.drop)


def test_a_missing_value_is_no_silence(connection: Connection) -> None:
    """A parameter that is not given is the caller's mistake and told before anything runs."""
    values: dict[str, Any] = {}
    with pytest.raises(KeyError):
        OF_CODE.first(connection, **values)


def test_of_the_sets_of_columns_not_all_are_kept(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A register writes any of its columns in any company; memory is not for all of those."""
    monkeypatch.setattr(prepared, "MOST_WAYS", 2)
    add = Prepared(insert(THING).inline())
    ways: list[dict[str, Any]] = [
        {},
        {"kind": "odd"},
        {"open": False},
        {"kind": "odd", "open": False},
    ]
    for number, way in enumerate(ways * 2):
        add.write(connection, code=str(number), **way)
        assert len(add._compiled) <= 2
    assert connection.execute(select(func.count()).select_from(THING)).scalar() == len(ways) * 2
