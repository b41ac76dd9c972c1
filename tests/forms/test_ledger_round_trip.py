"""A ledger given out as xlsx, csv, JSON and SQLite and brought back through the preview is the same, kind by
kind: a value (nought is one), blank, 不详, 不适用, 拒答.
"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from admin.views import ledger_export
from admin.views.ledger_export import Wanted
from engine import absence
from engine.absence import KINDS, absent
from engine.dictionary.store import dictionary
from engine.ledgers import edit, imports, page
from engine.ledgers.edit import Edit
from engine.ledgers.filters import Ask
from engine.ledgers.ground import ground
from engine.settings import ROOT
from engine.work import System, Work
from forms import packs
from forms.kinds import ledger, ledger_sheet
from forms.kinds.ledger_sheet import Reading
from tests import factories
from tests.factories import TESTER

TAKES = {"absences": list(KINDS)}
SCHEMAS: dict[str, dict[str, Any]] = {
    "whole": {"type": "integer"},
    "exact": {"type": "number"},
    "words": {"type": "string"},
    "day": {"type": "string", "format": "date"},
    "coded": {"type": "string"},
    "yes": {"type": "boolean"},
}
LABELS = dict(zip(SCHEMAS, ("个数", "数额", "说明", "日期", "级别", "是否独居"), strict=True))
IDS = ("ann", "bao", "cao")
GOOD = ".0123456789abcXYZ是否有无甲乙。、，|,;:'\"=+-@/\\<>&%#\n （）壹１"
WORDS = {
    *("不详", "不适用", "拒答", "未填", "未知", "n/a", "拒绝回答"),
    *(absence.word(kind, language).lower() for kind in (*KINDS, "blank") for language in ("zh", "en")),
}  # fmt: skip
"""Text that says an absence is one, as it is where it is typed."""
TEXT = (
    st.text(st.sampled_from(GOOD), min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda one: one and one.lower() not in WORDS)
)


def _exact(one: Decimal) -> int | Decimal:
    return int(one) if one == one.to_integral_value() else one.normalize()


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-(10**12), 10**12),
    "exact": st.decimals(-(10**9), 10**9, places=4).map(_exact),
    "words": TEXT,
    "day": st.dates().map(lambda one: one.isoformat()),
    "coded": st.sampled_from(["1", "2"]),
    "yes": st.booleans(),
}
GONE = st.sampled_from([None, *(absent(kind) for kind in KINDS)])


def form(code: str) -> dict[str, Any]:
    """A ledger with a shared and a local column of every kind of value."""
    own = {f"own_{name}": {"$ref": f"field:person.q_{name}"} for name in SCHEMAS}
    local: dict[str, Any] = {
        f"local_{name}": {**schema, **TAKES, "title": f"本表{LABELS[name]}"}
        for name, schema in SCHEMAS.items()
    }
    local["local_coded"]["codelist"] = "GB/T 2261.1"
    return {
        "$schema": "urn:yibiao:dialect:form:1", "$id": f"urn:yibiao:form:{code}", "title": code,
        "type": "object",
        "form": {"code": code, "titles": {"en": code}, "kind": "ledger", "owner": "370602",
                 "subject": "person", "period": "once", "members": "person where age >= 80"},
        "properties": {"id_number": {"$ref": "field:person.id_number"}, **own, **local},
    }  # fmt: skip


COLUMNS = tuple(f"{where}_{name}" for name in SCHEMAS for where in ("own", "local"))


@pytest.fixture
def ledgers(system: System) -> System:
    """Two ledgers of the same three people; what is shared stands in both, what is local in its own."""
    fields = [
        {"code": f"q_{name}", "labels": {"zh": LABELS[name]}, "schema": schema,
         "sources": ["steward", "verified", "entered"], **TAKES,
         **({"codelist": "GB/T 2261.1"} if name == "coded" else {})}
        for name, schema in SCHEMAS.items()
    ]  # fmt: skip
    person = {**factories.PERSON, "fields": [*factories.PERSON["fields"], *fields]}
    known = factories.load_dictionary(system, person)
    factories.load_organisations(system, [factories.organisation("370602", kind="county")])
    for code in ("test.first", "test.second"):
        system.write(TESTER, lambda work, code=code: packs.load_form(work, form(code), ROOT))
    people = [factories.person(id=one, birth_date="1940-01-01") for one in IDS]
    factories.load_people(system, known, people)
    return system


def values(work: Work, code: str) -> dict[str, dict[str, Any]]:
    """What a ledger says, by person and column."""
    here = ground(work, ledger.lens(work.connection, ledger.form(work.connection, code)))
    rows = page.page(work, here, Ask()).rows
    return {row.id: {name: row.cell(name).value for name in COLUMNS} for row in rows}


def put(system: System, code: str, wanted: dict[str, dict[str, Any]]) -> None:
    """Let a ledger say this."""

    def command(work: Work) -> None:
        lens = ledger.lens(work.connection, ledger.form(work.connection, code))
        rows = page.by_ids(work, ground(work, lens), IDS)
        edits = [
            Edit(one, name, value, rows[one].cell(name).stamp)
            for one, cells in wanted.items()
            for name, value in cells.items()
            if rows[one].cell(name).value != value
        ]
        assert {one.kind for one in edit.save(work, lens, edits)} <= {"saved", "same"}

    system.write(TESTER, command)


def given_out(system: System, kind: str, language: str) -> bytes:
    def command(work: Work) -> bytes:
        found = ledger.form(work.connection, "test.first")
        here = ground(work, ledger.lens(work.connection, found))
        purpose = ledger_export.lifts.Purpose("核对", "check")
        wanted = Wanted(kind, "plain", purpose)
        return ledger_export.export(work, found, here, Ask(), wanted, language=language).content

    return system.write(TESTER, command)


def brought_in(system: System, content: bytes, language: str) -> dict[str, int]:
    """The preview of a file, then all of it; gives the preview's counts."""
    why = dict.fromkeys(("no-key", "twice", "out-of-reach", "not-member", "no-home"), "{row}")

    def previewed(work: Work) -> tuple[str, dict[str, int]]:
        found = ledger.form(work.connection, "test.second")
        lens = ledger.lens(work.connection, found)
        reading = Reading(found, lens, dictionary(work.connection), {}, language)
        sheet = ledger_sheet.read(reading, ledger_sheet.opened(reading, content))
        effects = imports.plan(work, lens, sheet.lines, why)
        assert [one.problems for one in effects if one.problems] == []
        number = imports.keep(work, lens, file="x", blob="", columns=[], effects=effects)
        imports.start(work, lens, number)
        return number, dict(imports.get(work, lens, number).counts)

    number, counts = system.write(TESTER, previewed)

    def applied(work: Work) -> bool:
        lens = ledger.lens(work.connection, ledger.form(work.connection, "test.second"))
        return imports.turn(work, lens, number)

    while system.write(TESTER, applied):
        pass
    return counts


CELLS = st.fixed_dictionaries(
    {
        f"{where}_{name}": st.one_of(GONE, strategy)
        for name, strategy in VALUES.items()
        for where in ("own", "local")
    }
)
EMPTY = {one: dict.fromkeys(COLUMNS) for one in IDS}
NOUGHTS = {
    f"{where}_{name}": value
    for where in ("own", "local")
    for name, value in zip(SCHEMAS, (0, 0, "0", "2000-02-29", "1", False), strict=True)
}


@pytest.mark.parametrize(
    ("kind", "language"),
    [
        ("xlsx", "zh"),
        ("xlsx", "en"),
        ("csv", "zh"),
        ("csv", "en"),
        ("json", "zh"),
        ("sqlite", "en"),
    ],
)
@settings(
    max_examples=8, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(drawn=st.tuples(*(CELLS for _ in IDS)))
@example(drawn=(NOUGHTS, *(dict.fromkeys(COLUMNS, absent(kind)) for kind in KINDS[:2])))
@example(drawn=(dict.fromkeys(COLUMNS, absent(KINDS[2])), NOUGHTS, dict.fromkeys(COLUMNS)))
def test_what_is_given_out_comes_back_as_what_it_was(
    ledgers: System, kind: str, language: str, drawn: tuple[dict[str, Any], ...]
) -> None:
    """Given out of one ledger, brought into the other after everything shared was emptied."""
    wanted = dict(zip(IDS, drawn, strict=True))
    put(ledgers, "test.second", EMPTY)
    put(ledgers, "test.first", wanted)
    with ledgers.read(TESTER) as work:
        assert values(work, "test.first") == wanted
    content = given_out(ledgers, kind, language)
    put(ledgers, "test.first", EMPTY)
    counts = brought_in(ledgers, content, language)
    said = sum(any(value is not None for value in cells.values()) for cells in drawn)
    assert counts == {key: n for key, n in (("changed", said), ("same", 3 - said)) if n}
    with ledgers.read(TESTER) as work:
        found = values(work, "test.second")
    assert found == wanted
    assert {one: _kinds(cells) for one, cells in found.items()} == {
        one: _kinds(cells) for one, cells in wanted.items()
    }


def _kinds(cells: dict[str, Any]) -> dict[str, bool]:
    """Which are yes or no: 1 and true are equal in Python."""
    return {name: isinstance(value, bool) for name, value in cells.items()}
