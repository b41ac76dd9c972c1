"""A report that is opened after its period: filled with what held when the period ended, as far as the
history knows it; and its echo of then does not undo what was said since.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from engine.dictionary.store import Dictionary, dictionary
from engine.identity.store import organisation
from engine.json_text import Json
from engine.registers import store as registers
from engine.registers.store import Change
from engine.settings import ROOT
from engine.work import System, Work
from forms import packs, store, writeback
from forms.document import Cell, dump_cells, load_cells
from forms.documents import DocumentRecord
from forms.prefill.prefill import Prefilled, prefill
from tests import factories
from tests.conftest import Clock
from tests.factories import ORG, PERSON, TESTER

ONE, TWO = "370602011001", "370602011002"
BEDS = {
    "code": "beds",
    "labels": {"zh": "床位"},
    "schema": {"type": "integer"},
    "freshness_days": 30,
}
NOTE = {"code": "note", "labels": {"zh": "备注"}, "schema": {"type": "string"}}
FORM = {
    "$schema": "urn:yibiao:dialect:form:1", "$id": "urn:yibiao:form:test.late", "title": "养老月报", "type": "object",
    "form": {"code": "test.late", "kind": "report", "owner": "370602-mzj", "subject": "org", "period": "month",
             "flow": "fill_verify_approve", "sets": ["org.beds", "person.allowance"]},
    "properties": {
        "beds": {"$ref": "field:org.beds"},
        "note": {"$ref": "field:org.note"},
        "old": {"type": "array", "title": "老人",
                "table": {"kind": "floating", "subject": "person",
                          "members": "person where age >= 80 and residence within this"},
                "items": {"type": "object", "properties": {
                    "name": {"$ref": "field:person.name"},
                    "allowance": {"$ref": "field:person.allowance"}}}},
    },
}  # fmt: skip
OCTOBER, EARLY_NOVEMBER, LATE = (
    datetime(2026, 10, 20, 2, tzinfo=UTC),
    datetime(2026, 11, 3, 2, tzinfo=UTC),
    datetime(2026, 11, 23, 2, tzinfo=UTC),
)


@pytest.fixture
def known(system: System, clock: Clock) -> Dictionary:
    """The form, two communities with beds, one old person; all of it told in October."""
    clock.at = OCTOBER
    factories.load_dictionary(system, PERSON, {**ORG, "fields": [*ORG["fields"], BEDS, NOTE]})
    factories.load_organisations(
        system,
        [factories.organisation("370602", one) for one in (ONE, TWO)],
    )
    system.write(TESTER, lambda work: packs.load_form(work, FORM, ROOT))
    tell(system, "org.beds", {ONE: 24, TWO: 30}, "verified", "养老床位表")
    with system.read(TESTER) as work:
        found = dictionary(work.connection)
    factories.load_people(system, found, [factories.person(id="p", allowance=100)])
    return found


def tell(
    system: System, field: str, values: Mapping[str, Json], source: str = "verified", title: str = "电话核实"
) -> None:  # fmt: skip
    """Somebody sets values, now."""

    def command(work: Work) -> None:
        came = factories.origin(work, source, title=title)
        changes = [Change(field, own, value) for own, value in values.items()]
        registers.set_values(work, dictionary(work.connection), changes, came)

    system.write(TESTER, command)


def opened(system: System, period: str = "2026-10") -> Prefilled:
    with system.read(TESTER) as work:
        form = store.published(work.connection, "test.late")
        return prefill(work, form, [organisation(work.connection, ONE)], period)[ONE]


def written(system: System, filled: Prefilled, contents: Mapping[str, Any]) -> None:
    """The report of October is final with these contents."""
    record = DocumentRecord(
        **{
            **dict.fromkeys(DocumentRecord._fields, ""),
            "id": "d", "form_code": "test.late", "form_version": 1, "organisation_code": ONE,
            "period": "2026-10", "contents": contents, "cells": dump_cells(filled.cells),
        }
    )  # fmt: skip

    def command(work: Work) -> None:
        form = store.published(work.connection, "test.late")
        writeback.write_back(work, record, form, writeback.SignedBy())

    system.write(TESTER, command)


def now(system: System, known: Dictionary, field: str, own: str) -> Json:
    with system.read(TESTER) as work:
        found = registers.fetch(work, known, field.partition(".")[0], [own], [known.field(field)])
        return found[own][field].value


def test_a_late_report_sees_what_held_when_its_period_ended(
    system: System, clock: Clock, known: Dictionary
) -> None:
    """With where it came from then; what holds now stands beside it, and is asked about."""
    clock.at = EARLY_NOVEMBER
    tell(system, "org.beds", {ONE: 26}, "steward")
    tell(system, "person.allowance", {"p": 120})
    clock.at = LATE
    filled = opened(system)
    cell = filled.cells["/beds"]
    assert (cell.value, cell.state) == (24, "known")
    assert cell.source is not None
    assert (cell.source["source"], cell.source["title"]) == ("verified", "养老床位表")
    assert cell.source["on"] == "2026-10-31"
    assert [(one["value"], one["since"]) for one in cell.source["others"]] == [(26, "2026-10-31")]
    assert filled.cells["/old/p/allowance"].value == 100
    assert filled.cells["/old/p/name"].source.get("others") is None
    assert opened(system, "2026-11").contents["beds"] == 26


def test_what_nobody_knew_then_is_told_as_of_later(
    system: System, clock: Clock, known: Dictionary
) -> None:
    """Said first in November: shown in October's report, with that told."""
    clock.at = EARLY_NOVEMBER
    tell(system, "org.note", {ONE: "已装电梯"})
    clock.at = LATE
    cell = opened(system).cells["/note"]
    assert cell.value == "已装电梯"
    assert cell.source["since"] == "2026-10-31"
    assert "since" not in opened(system).cells["/beds"].source


def test_how_old_a_value_is_is_judged_at_the_end_of_the_period(
    system: System, clock: Clock, known: Dictionary
) -> None:
    """Eleven days old at the end of October, more than the thirty in which it stays good today."""
    clock.at = LATE
    assert opened(system).cells["/beds"].state == "known"
    assert opened(system, "2026-11").cells["/beds"].state == "stale"


def test_an_echo_of_then_does_not_undo_what_was_said_since(
    system: System, clock: Clock, known: Dictionary
) -> None:
    """Only what somebody typed is news; the rest of a final report confirms what still stands."""
    clock.at = EARLY_NOVEMBER
    tell(system, "org.beds", {ONE: 26})
    tell(system, "person.allowance", {"p": 120})
    clock.at = LATE
    filled = opened(system)
    written(system, filled, filled.contents)
    assert now(system, known, "org.beds", ONE) == 26
    assert now(system, known, "person.allowance", "p") == 120
    written(system, filled, {**filled.contents, "beds": 27})
    assert now(system, known, "org.beds", ONE) == 27


def test_looking_back_takes_a_constant_number_of_queries(
    system: System, clock: Clock, known: Dictionary
) -> None:
    """However many cells and changes there are: who was there, what changed, where it came from."""
    with system.read(TESTER) as work:
        form = store.published(work.connection, "test.late")
        places = [organisation(work.connection, one) for one in (ONE, TWO)]

    def asked(period: str) -> int:
        with system.read(TESTER) as work:
            said: list[str] = []
            event.listen(work.connection, "before_cursor_execute", lambda *a: said.append(a[2]))
            prefill(work, form, places, period)
            return len([one for one in said if one != "BEGIN"])

    clock.at = LATE
    asked("2026-10")  # what is remembered between two is remembered now
    before = asked("2026-10")
    for beds in range(40, 60):
        tell(system, "org.beds", {ONE: beds, TWO: beds})
        tell(system, "person.allowance", {"p": beds})
    assert (
        asked("2026-10") == before + 2
    )  # of the units and of the people, where what was came from


def test_a_no_that_is_known_is_kept_as_known() -> None:
    """A cell goes into the database and back: no and nought are values too."""
    for value in (False, 0, "", None, "x"):
        cell = Cell(value=value, state="known", known=value)
        assert load_cells(dump_cells({"/a": cell}), {"a": value}) == {"/a": cell}
