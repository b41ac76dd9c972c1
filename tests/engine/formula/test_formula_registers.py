"""What a register answers: totals, groups, members; by index, exactly, or not at all."""

from decimal import Decimal

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    func,
    select,
)

from engine.formula import sql
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.exact import value_of
from engine.formula.parse import parse, parse_members
from engine.formula.printed import text
from engine.formula.problems import FormulaNotInDatabase, FormulaTooDeep, FormulaWrongType
from engine.storage.columns import CODE, Number
from tests.engine.formula.register import PERSON, ROWS, TODAY, Registers, env


def answer(connection, written, scope=None):
    return value_of(connection.scalar(sql.aggregate_select(parse(written), scope or Registers())))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("count(person)", 6),
        ("count(person where age >= 80)", 2),
        ("count(person where age >= 80 and residence within this)", 2),
        ("count(person where not age >= 80)", 3),
        ("count(person where residence within this)", 3),
        ("count(person where residence within \"3706\")", 5),
        ("count(person.sex)", 5),
        ("sum(person.amount)", Decimal("123559.770")),
        ("sum(person.amount where sex = \"2\")", Decimal("2.775")),
        ("sum(person.amount where age > 200)", 0),
        ("avg(person.staff)", Decimal("3.6")),
        ("avg(person.rooms where sex in (\"1\", \"9\"))", Decimal("1.166666666667")),
        ("avg(person.rooms where age > 200)", None),
        ("min(person.amount)", Decimal("-0.285")),
        ("max(person.staff)", 12),
        ("min(person.birth_date)", "1936-01-31"),
    ],
)  # fmt: skip
def test_an_aggregate_over_a_register_is_one_statement(database, written, value):
    """Both databases give the answer that counting by hand gives."""
    assert answer(database, written) == value


def test_an_aggregate_equals_the_same_over_a_documents_table(database):
    """A register and a table of the same rows answer alike."""
    rows = [dict(env(row).values) for row in ROWS]
    for written in (
        "count(person where age >= 60 or alone)",
        "sum(person.amount where not alone)",
        "avg(person.amount where rooms > 0)",
        'max(person.rooms where contains(name, "a") or isblank(name))',
    ):
        document = Document({"person": rows}, today=TODAY, this=Registers.this)
        there, here = answer(database, written), evaluate(parse(written), document)
        assert abs(there - here) < Decimal("1e-9"), written


def test_one_statement_answers_for_many_organisations(database):
    """Grouped by a column, or joined with a table of organisations through `this`."""
    village = func.substr(PERSON.c.residence, 1, 12)
    grouped = sql.grouped_select(
        parse("count(person where residence within this)"), Registers(), [village]
    )
    assert {tuple(row) for row in database.execute(grouped)} == {
        ("370602011001", 2),
        ("370602011002", 1),
    }
    organisations = Table("org", MetaData(), Column("code", CODE))
    organisations.create(database)
    database.execute(organisations.insert(), [{"code": c} for c in ("370602011", "3706", "3702")])

    class Many(Registers):
        this = organisations.c.code

    many = sql.grouped_select(
        parse("sum(person.staff where residence within this)"), Many(), [organisations.c.code]
    )
    found = {code: value_of(value) for code, value in database.execute(many)}
    organisations.drop(database)
    assert found == {"370602011": 10, "3706": 18}


def test_members_are_a_condition_on_the_register(database):
    """The rows that a table begins with."""
    members = parse_members("person where age >= 80 and residence within this")
    found = database.scalars(
        select(PERSON.c.id).where(sql.members_condition(members, Registers())).order_by(PERSON.c.id)
    )
    assert list(found) == [0, 5]
    everyone = sql.members_condition(parse_members("person"), Registers())
    assert len(database.scalars(select(PERSON.c.id).where(everyone)).all()) == len(ROWS)


def test_cents_are_summed_exactly(database):
    """Twenty thousand times ten cents is two thousand, not two thousand and a little."""
    coins = Table("coins", MetaData(), Column("amount", Number), Column("cost", Integer))
    coins.create(database)
    database.execute(coins.insert(), [{"amount": Decimal("0.1"), "cost": 2**31 - 1}] * 20_000)

    class Coins(Registers):
        def table(self, subject):
            return coins

        def column(self, subject, name):
            return coins.c[name]

    total = answer(database, "sum(person.amount)", Coins())
    large = answer(database, "sum(person.cost where cost * cost > cost)", Coins())
    coins.drop(database)
    assert total == 2_000
    assert large == 20_000 * (2**31 - 1)


def test_a_condition_on_age_and_place_is_answered_by_indexes(sqlite):
    """`age >= 80` becomes a range of birth dates, `within` a range of codes."""
    born, lives = (
        sql.condition(parse(written), Registers(), "person")
        for written in ("age >= 80", "residence within this")
    )
    assert str(born.compile(compile_kwargs={"literal_binds": True})).endswith("<= '1946-11-23'")
    sqlite.exec_driver_sql("CREATE INDEX by_birth ON reg_person (birth_date)")
    sqlite.exec_driver_sql("CREATE INDEX by_home ON reg_person (residence)")
    for condition, index in ((born, "by_birth"), (lives, "by_home")):
        statement = (
            select(PERSON.c.id)
            .where(condition)
            .compile(sqlite, compile_kwargs={"literal_binds": True})
        )
        plan = sqlite.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
        assert index in str(plan)


@pytest.mark.parametrize(
    "written",
    [
        "last(staff) > 1",
        "COUNT(elders where age > 1) > 1",
        'LEFT(name, staff) = "x"',
        "ROUND(amount, staff) = 1",
        'amount & "x" = "1x"',
        "residence within name",
        "DATE(staff, 1, 1) = birth_date",
        "AVG(staff, rooms) > 1",
    ],
)
def test_what_only_a_document_can_compute_is_refused(written):
    """Nothing is half-translated: the part is named."""
    expr = parse(written)
    with pytest.raises(FormulaNotInDatabase) as caught:
        sql.to_sql(expr, Registers(), "person")
    assert caught.value.part in text(expr)


@pytest.mark.parametrize(
    "written",
    [
        "name > 1",
        "name + 1 = 2",
        "alone < true",
        "staff and alone",
        "sex in (1)",
        "COALESCE(staff, name) = 1",
    ],
)
def test_types_that_do_not_fit_are_refused_before_the_database_sees_them(written):
    """SQLite would compare anything with anything, and PostgreSQL would fail."""
    with pytest.raises(FormulaWrongType):
        sql.to_sql(parse(written), Registers(), "person")


def test_a_condition_nested_beyond_reason_is_refused():
    """The middle of a chain stands twice in SQL, so depth would multiply."""
    with pytest.raises(FormulaTooDeep):
        sql.condition(parse("ABS(" * 20 + "staff" + ")" * 20 + " > 1"), Registers(), "person")


def test_texts_from_a_formula_never_become_sql(sqlite):
    """Texts are bound, numbers are written by us."""
    evil = "x' OR '1'='1"
    expr = parse(f'name = "{evil}" or CONTAINS(name, "{evil}") or residence within "{evil}"')
    compiled = sql.condition(expr, Registers(), "person").compile(sqlite)
    assert "OR '1'" not in str(compiled)
    assert not sqlite.scalars(
        select(PERSON.c.id).where(sql.condition(expr, Registers(), "person"))
    ).all()
