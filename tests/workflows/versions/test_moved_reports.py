"""Reports that were moved, seen afterwards: the past, roll-ups, what is known, checks, bounds, masks."""

from typing import Any

import pytest

from admin.views import record_view, rollup_view, veils
from engine.dictionary.store import dictionary
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from forms import documents
from forms.filing import DocumentIncomplete
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town as town
from tests.workflows.small_town import ONE, TWO, person
from tests.workflows.versions.moving_street import (
    BASE,
    asks_more,
    carried_out,
    document,
    findings,
    of,
    outcomes,
    published,
    submit,
    tried,
    typed,
)
from workflows import commands, dispatches


def test_the_past_is_shown_on_the_version_of_then(house: System, clock: Clock) -> None:
    """What was handed in before stands there with the items of then, and its signature is of that release."""
    dispatch = town.send(house, ONE)
    record = typed(house, "ann", count=7, note="有雨")
    clock.forward(minutes=5)
    submit(house, "ann")
    clock.forward(minutes=5)
    published(house, asks_more)
    carried_out(house, dispatch, "back")
    with house.read(TESTER) as work:
        now = documents.get(work.connection, record.id)
        then = record_view.reading(work, now, version=1)
        latest = record_view.reading(work, now)
        signed = next(one for one in then.events if one["kind"] == "submitted")
    assert then.form.version == record.form_version
    assert then.record.contents == {"count": 7, "note": "有雨"}
    assert then.digest == signed["document"]["signature"]
    assert latest.form.version == now.form_version
    assert "note" not in latest.record.contents


def test_a_roll_up_reads_both_versions(house: System) -> None:
    """A renamed item stands in one column, whichever version a report is on."""
    dispatch = town.send(house, ONE, TWO)
    typed(house, "ann", count=7)
    submit(house, "ann")
    for login in ("vera", "lea"):
        task = town.task(house, login)
        house.write(person(house, login), lambda work, one=task: commands.pass_(work, one.id))

    def renamed(form: dict[str, Any]) -> None:
        form["properties"]["people"] = form["properties"].pop("count")
        form["required"] = ["people"]

    published(house, renamed)
    carried_out(house, dispatch)
    with house.read(person(house, "office")) as work:
        found = dispatches.progress(work, dispatch)
        rolled = rollup_view.collected(work, found, None, "zh").rollup
    at = rolled.place("/people")
    assert rolled.totals[at] == 7


def test_a_new_item_that_is_known_needs_nobody(house: System) -> None:
    """It is filled from the register with its source, and the plan says so; also of what nobody opened yet."""
    dispatch = town.send(house, ONE, TWO)
    record = typed(house, "ann", count=7)

    def known(work: Work) -> None:
        came = registers.add_origin(work, Origin("steward", "试验", work.at))
        changes = [Change("org.population", code, 12, "2026-11") for code in (ONE, TWO)]
        registers.set_values(work, dictionary(work.connection), changes, came)

    house.write(TESTER, known)

    def bound(form: dict[str, Any]) -> None:
        form["properties"]["population"] = {"$ref": "field:org.population"}

    published(house, bound)
    tried(house, dispatch)
    assert findings(house, dispatch) == {"known": {"/population": (2, 2)}}
    carried_out(house, dispatch)
    now = document(house, record.id)
    assert (now.contents, now.cells["/population"]["state"]) == (
        {"count": 7, "population": 12},
        "known",
    )
    assert of(house, dispatch)[TWO].contents == {}


def test_a_check_that_would_newly_fail_is_counted(house: System) -> None:
    """By its code, with the cells open where it is given back; what failed before is no finding."""
    dispatch = town.send(house, ONE, TWO)
    typed(house, "ann", count=7, area=3)
    submit(house, "ann")
    typed(house, "tom", count=1, area=3)
    submit(house, "tom")
    check = {"code": "few", "formula": "count <= area", "severity": "error", "text": "人少"}
    published(house, lambda form: form["form"].update(checks=[check]))
    carried_out(house, dispatch, "back")
    assert outcomes(house, dispatch) == {ONE: "back", TWO: "moved"}
    assert findings(house, dispatch) == {"fails": {"few": (1, 1)}}
    assert set(town.task(house, "ann").cells or {}) == {"/count", "/area"}


def test_what_is_out_of_its_bounds_stays_to_be_put_right(house: System) -> None:
    """The value is not taken away, and the report cannot be handed in with it."""
    dispatch = town.send(house, ONE)
    record = typed(house, "ann", count=70)

    def bounded(form: dict[str, Any]) -> None:
        form["properties"]["count"] = {**BASE["count"], "maximum": 50}

    published(house, bounded)
    carried_out(house, dispatch)
    assert findings(house, dispatch) == {"unfit": {"/count": (1, 1)}}
    assert document(house, record.id).contents == {"count": 70}
    with pytest.raises(DocumentIncomplete):
        submit(house, "ann")


def test_what_is_gone_is_seen_by_no_more_people_than_before(house: System) -> None:
    """A protected value that has no cell any more stays masked in the history."""
    dispatch = town.send(house, ONE)

    def personal(form: dict[str, Any]) -> None:
        form["properties"]["phone"] = {"type": "string", "title": "电话", "format": "phone-cn"}

    published(house, personal)
    carried_out(house, dispatch)
    record = typed(house, "ann", count=7, phone="13900139000")
    published(house, lambda form: form["properties"].pop("phone"))
    carried_out(house, dispatch)
    with house.read(person(house, "office")) as work:
        now = documents.get(work.connection, record.id)
        found = record_view.reading(work, now)
        veil = veils.over(work, found.form, now)
        told_ = record_view.history(work, found, dictionary(work.connection), veil, "zh")
    (row,) = [cell for one in told_ for cell in one["cells"] if cell["label"] == "电话"][:1]
    assert "13900139000" not in str(told_)
    assert row["label"] == "电话"
    with house.read(person(house, "ann")) as work:
        veil = veils.over(work, found.form, now)
        assert "13900139000" in str(
            record_view.history(work, found, dictionary(work.connection), veil, "zh")
        )
