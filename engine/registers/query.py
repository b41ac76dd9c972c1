"""Formulas asked of the registers: who belongs in a list, and what a list adds up to.

`count(person where age >= 80 and residence within this)` for any number of organisations and fields
is two statements and one more for each further register: whoever lies in an organisation's area is
read once by the index on the place, and all the numbers are counted on the way.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, select

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.formula import sql
from engine.formula.document import Document
from engine.formula.evaluate import aggregated, evaluate
from engine.formula.exact import Value
from engine.formula.parse import parse, parse_members
from engine.formula.problems import FormulaNotInDatabase
from engine.formula.sql_elements import absence_of
from engine.formula.tree import Aggregate, Call, Name, walk
from engine.identity.store import ORGANISATION
from engine.json_text import Json
from engine.periods import Period
from engine.registers.areas import AreaQuestions, Question, question
from engine.registers.schema import column_name, table
from engine.registers.store import KnownValue
from engine.work import Work

Answers = Callable[[Aggregate], Value]

MOST_PLACES = 500
"""Organisations answered for by one statement."""


T = TypeVar("T")


@dataclass(frozen=True)
class RegisterScope:
    """The registers as formulas see them, from one organisation and on one day."""

    dictionary: Dictionary
    this: str | ColumnElement[str]
    today: date

    def table(self, subject: str) -> FromClause:
        """The register of a kind of subject."""
        return table(self.dictionary, subject)

    def column(self, subject: str, name: str) -> ColumnElement[Any]:
        """A field's column, or the expression that derives it. Raises FieldUnknown, and
        FormulaNotInDatabase for a field that is encrypted.
        """
        field = self.dictionary.field(f"{subject}.{name}")
        if field.compute:
            match tree := parse(field.compute):
                case Call(function="AGE", arguments=(Name(path=birth),)):
                    return sql.age(self.column(subject, birth), self.today)
            return sql.to_sql(tree, self, subject)
        if field.secret:
            raise FormulaNotInDatabase(position=1, part=field.label())
        return table(self.dictionary, subject).c[column_name(field)]

    def absence(self, subject: str, name: str) -> ColumnElement[Any] | None:
        """Which absence is kept of a field; of a derived one none is. Raises FieldUnknown."""
        field = self.dictionary.field(f"{subject}.{name}")
        if field.compute:
            return None
        return absence_of(table(self.dictionary, subject).c.absent, field.name)

    def within(
        self, column: ColumnElement[Any], code: str | ColumnElement[str]
    ) -> ColumnElement[bool]:
        """Whether a division code lies in the area of an organisation."""
        return sql.within_area(column, code)


def scope(
    work: Work,
    dictionary: Dictionary,
    this: str | ColumnElement[str],
    period: Period | None = None,
) -> RegisterScope:
    """The registers on the last day of a period, or today if that is yet to come."""
    today = work.today
    return RegisterScope(dictionary, this, min(period.bounds()[1], today) if period else today)


def members(where: RegisterScope, text: str) -> ColumnElement[bool]:
    """Which subjects `person where age >= 80 and residence within this` means."""
    return sql.members_condition(parse_members(text), where)


def order(where: RegisterScope, subject: str) -> list[ColumnElement[Any]]:
    """How the rows of a list stand: by place, then by name, as offices keep them."""
    kind = where.dictionary.subjects[subject]
    names = (kind.home, "name")
    codes = [f"{subject}.{name}" for name in names if name]
    fields = [where.dictionary.fields[code] for code in codes if code in where.dictionary.fields]
    register = table(where.dictionary, subject)
    return [register.c[column_name(field)] for field in fields if not field.secret]


def grouped(
    work: Work,
    dictionary: Dictionary,
    formulas: Mapping[str, str],
    organisations: Sequence[str],
    period: Period | None = None,
) -> dict[str, dict[str, Json]]:
    """The values of formulas for many organisations: by organisation, then by the formulas' keys."""
    trees = {key: parse(formula) for key, formula in formulas.items()}
    asked = list(
        dict.fromkeys(
            node for tree in trees.values() for node in walk(tree) if isinstance(node, Aggregate)
        )
    )
    if not asked:
        return {}
    today = scope(work, dictionary, "", period).today
    found: dict[str, dict[str, Json]] = {}
    for code, known in _answered(work, dictionary, asked, organisations, period).items():
        env = Document({}, today=today, this=code, registers=known.get)
        found[code] = {key: _plain(evaluate(tree, env)) for key, tree in trees.items()}
    return found


def answers(
    work: Work,
    dictionary: Dictionary,
    asked: Sequence[Aggregate],
    organisations: Sequence[str],
    period: Period | None = None,
) -> dict[str, Answers]:
    """What the registers answer to the questions of a form's formulas, by organisation: asked all at
    once; of an organisation that is none, nothing is known.
    """
    found = _answered(work, dictionary, asked, organisations, period)
    return {code: found.get(code, {}).get for code in organisations}


def _answered(
    work: Work,
    dictionary: Dictionary,
    asked: Sequence[Aggregate],
    organisations: Sequence[str],
    period: Period | None,
) -> dict[str, dict[Aggregate, Value]]:
    today = scope(work, dictionary, "", period).today
    others, statement, by_area = _statements(dictionary, tuple(asked), today)
    nobody = {one: aggregated(one.function, ()) for one in asked}
    found: dict[str, dict[Aggregate, Value]] = {}
    for start in range(0, len(organisations), MOST_PLACES):
        some = {"places": organisations[start : start + MOST_PLACES]}
        areas: dict[str, str] = {}
        for row in work.connection.execute(statement, some):
            code, areas[code], *values = tuple(row)
            found[code] = nobody | dict(zip(others, values, strict=True))
        for questions in by_area if areas else ():
            for code, known in questions.answers(work.connection, areas):
                found[code] |= known
    return found


Statements = tuple[Sequence[Aggregate], Select[Any], Sequence[AreaQuestions]]


@lru_cache(maxsize=256)
def _statements(dictionary: Dictionary, asked: tuple[Aggregate, ...], today: date) -> Statements:
    """The statements that answer these questions, made once for a day: making takes longer than
    asking. What lies within an organisation apart from what is asked in any other way.
    """
    # an office has no area of its own; its division is that of the organisation it sits in
    where = RegisterScope(dictionary, ORGANISATION.c.division_code, today)
    by_area: dict[tuple[str, str], list[Question]] = defaultdict(list)
    others: list[Aggregate] = []
    for one in asked:
        if (asked_there := question(one)) is None:
            others.append(one)
        else:
            by_area[one.source, asked_there[0]].append(asked_there[1])
    some = ORGANISATION.c.code.in_(bindparam("places", expanding=True))
    return (
        others,
        _all_others(where, others, some),
        [
            AreaQuestions(where, source, column, questions, some)
            for (source, column), questions in by_area.items()
        ],
    )


def _all_others(
    where: RegisterScope, asked: Sequence[Aggregate], some: ColumnElement[bool]
) -> Select[Any]:
    """The organisations, each with what is asked in any other way: a sub-select a question."""
    columns = [
        sql.aggregate_select(one, where).correlate(ORGANISATION).scalar_subquery().label(f"a{n}")
        for n, one in enumerate(asked)
    ]
    return select(ORGANISATION.c.code, ORGANISATION.c.division_code, *columns).where(some)


def needs(field: Field, dictionary: Dictionary) -> list[str]:
    """The codes of the fields that a derived field is made from, as they are kept."""
    if not field.compute:
        return []
    tree = parse(field.compute)
    codes = [f"{field.subject}.{node.path}" for node in walk(tree) if isinstance(node, Name)]
    return [dictionary.fields[code].code if code in dictionary.fields else code for code in codes]


def spoken(dictionary: Dictionary, subject: str, values: Mapping[str, T]) -> dict[str, T]:
    """What is said of a subject by every name that a formula may call it, from the kept names."""
    named = dict(values)
    for field in dictionary.of(subject):
        if field.renamed and field.name in values:
            named |= dict.fromkeys(field.names, values[field.name])
    return named


def derive(where: RegisterScope, field: Field, known: Mapping[str, KnownValue]) -> Json:
    """The value of a derived field of one subject, from what is known of it."""
    kept = {code.partition(".")[2]: one.value for code, one in known.items()}
    values = spoken(where.dictionary, field.subject, kept)
    return _plain(evaluate(parse(field.compute or ""), Document(values, today=where.today)))


def _plain(value: Value) -> Json:
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | str):
        return value
    return int(value) if value == value.to_integral_value() else value
