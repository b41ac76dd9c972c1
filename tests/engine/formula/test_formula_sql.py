"""A formula means the same in SQL as in a document."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Table,
    cast,
    create_engine,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.dialects import postgresql as postgresql_dialect

from engine.formula import sql
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.exact import value_of
from engine.formula.parse import parse, parse_members
from engine.formula.printed import text
from engine.formula.problems import FormulaNotInDatabase, FormulaTooDeep, FormulaWrongType
from engine.formula.tree import depth
from engine.storage.columns import CODE, Number
from tests.engine.formula import trees
from tests.engine.formula.test_formula_vectors import VECTORS, expected

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
)
ROWS = [
    dict(zip(("staff", "rooms", "amount", "sex", "name", "birth_date", "alone", "residence"), row, strict=True))
    for row in (
        (3, 2, Decimal("100.50"), "1", "张三", "1946-11-23", True, "370602011001"),
        (0, 7, Decimal("0.10"), "2", "a%b", "1946-11-24", False, "370602011002"),
        (-4, None, Decimal("2.675"), "2", None, "2000-02-29", None, "370602012001"),
        (None, 5, None, None, "李四光", None, True, None),
        (12, 0, Decimal("-0.285"), "1", "A", "2027-01-01", False, "370611001001"),
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

    def within(self, column, code):
        return sql.within_area(column, code)


def env(row):
    """The same person as the plain values of a document."""
    age = evaluate(parse("AGE(birth_date)"), Document(row, today=TODAY))
    return Document({**row, "age": age}, today=TODAY, this=Registers.this)


def filled(url: str) -> Connection:
    connection = create_engine(url, isolation_level="AUTOCOMMIT").connect()
    PERSON.create(connection)
    connection.execute(PERSON.insert(), [{"id": i, **row} for i, row in enumerate(ROWS)])
    return connection


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Connection]:
    with filled("sqlite://") as connection:
        yield connection


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[Connection]:
    connection = filled(postgres_url)
    yield connection
    connection.close()
    connection.engine.dispose()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], name="database"
)
def _database(request) -> Connection:
    return request.getfixturevalue(request.param)


def in_sql(connection, expr):
    element = sql.to_sql(expr, Registers(), "person")
    found = connection.execute(
        select(element.label("value")).select_from(PERSON).order_by(PERSON.c.id)
    )
    return [value_of(row.value) for row in found]


def in_documents(expr):
    return [evaluate(expr, env(row)) for row in ROWS]


def agree(connection, expr) -> None:
    for ours, theirs in zip(in_documents(expr), in_sql(connection, expr), strict=True):
        if isinstance(ours, Decimal) and isinstance(theirs, Decimal):
            assert abs(ours - theirs) <= max(abs(ours), 1) * Decimal("1e-9"), text(expr)
        elif isinstance(ours, bool):
            assert theirs is not None, text(expr)
            assert ours == bool(theirs), text(expr)
        else:
            assert (ours.isoformat() if isinstance(ours, date) else ours) == theirs, text(expr)


DRAWN = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@DRAWN
@given(trees.CONDITIONS)
def test_drawn_conditions_hold_for_the_same_rows_in_sqlite(sqlite, expr):
    """A condition picks the same people in SQL as row by row, blanks included."""
    assume(depth(expr) <= sql.MAX_DEPTH)
    agree(sqlite, expr)


@DRAWN
@given(trees.QUANTITIES | trees.STRINGS)
def test_drawn_values_are_the_same_in_sqlite(sqlite, expr):
    """A computed column has the same values in SQL as row by row."""
    assume(depth(expr) <= sql.MAX_DEPTH)
    agree(sqlite, expr)


@pytest.mark.postgres
def test_drawn_formulas_are_the_same_in_postgresql(postgresql):
    """What holds on SQLite holds on PostgreSQL."""

    @settings(max_examples=100, deadline=None, database=None)
    @given(trees.CONDITIONS | trees.QUANTITIES | trees.STRINGS)
    def drawn(expr):
        assume(depth(expr) <= sql.MAX_DEPTH)
        agree(postgresql, expr)

    drawn()


@pytest.mark.parametrize("sign", ["=", "<>", "<", "<=", ">", ">="])
def test_ages_are_compared_alike_on_and_around_a_birthday(database, sign):
    """Where the range of birth dates begins and ends, in both orders, before birth too."""
    for years in ("79", "80", "81", "26", "0", "-1", "-2", "26.5"):
        agree(database, parse(f"age {sign} {years}"))
        agree(database, parse(f"{years} {sign} age"))
        agree(database, parse(f'not AGE(birth_date, "2026-11-23") {sign} {years}'))


def test_texts_are_ordered_by_code_point_whatever_the_collation():
    """Z comes before a, as in a document, also where PostgreSQL would sort like a dictionary."""
    ordered, equal = (
        sql.condition(parse(f'name {sign} "a"'), Registers(), "person").compile(
            dialect=postgresql_dialect.dialect()
        )
        for sign in ("<", "=")
    )
    assert '(reg_person.name) COLLATE "C" <' in str(ordered)
    assert "COLLATE" not in str(equal)


@pytest.mark.parametrize("written", ["AGE(d)", "DAYS(d, TODAY())", "YEAR(d)", "MONTH(d) + 1"])
def test_a_text_that_is_no_date_has_no_age_and_no_year(database, written):
    """Old rows hold such things; they are blank, and PostgreSQL does not stop at them."""

    class Unknown(Registers):
        def column(self, subject, name):
            return literal("不详", CODE)

    assert database.scalar(select(sql.to_sql(parse(written), Unknown(), "person"))) is None


def as_column(value: object) -> ColumnElement:
    """A vector's datum as a column of the fitting type."""
    if isinstance(value, bool):
        return literal(value, Boolean())
    if isinstance(value, str):
        return literal(value or None, CODE)
    return literal(value, Number())


def vectors(missing: str) -> Iterator[tuple]:
    """Vectors over plain values with their SQL; a name without a value is NULL of the given type."""
    nothing = cast(null(), CODE if missing == "text" else Number())
    for case in VECTORS:
        data = case["data"]
        if {"last", "year_ago"} & set(case) or any(
            isinstance(one, list | dict) for one in data.values()
        ):
            continue

        class Values(Registers):
            this = data.get("this", "")

            def column(self, subject, name, data=data):
                return nothing if data.get(name) is None else as_column(data[name])

        try:
            yield case, sql.to_sql(parse(case["text"]), Values(), "person")
        except (FormulaNotInDatabase, FormulaWrongType):
            continue


@pytest.mark.parametrize("missing", ["number", "text"])
def test_the_vectors_hold_in_sql(database, missing):
    """What the vectors say of documents is so in both databases, wherever SQL takes the formula."""
    tried = 0
    for case, element in vectors(missing):
        found = value_of(database.scalar(select(element)))
        wanted = expected(case["result"])
        if (
            isinstance(wanted, Decimal)
            and isinstance(found, Decimal)
            and database.dialect.name == "sqlite"
        ):
            found = found if abs(found - wanted) > abs(wanted) * Decimal("1e-14") else wanted
        assert (
            bool(found) if isinstance(wanted, bool) and found is not None else found
        ) == wanted, case
        tried += 1
    assert tried > 120


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
