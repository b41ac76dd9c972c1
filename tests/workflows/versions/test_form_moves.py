"""Running reports moved to a newer version of their form: tried dry, carried out, stopped, gone on with, told."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from admin import working
from admin.views import record_view, rollup_view, veils
from engine import json_text
from engine.dictionary.store import dictionary
from engine.errors import NotFound
from engine.identity import pack as people
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.settings import ROOT
from engine.work import System, Work
from forms import documents, publish, store
from forms.documents import DocumentRecord
from forms.filing import CellLocked, DocumentIncomplete, Edit
from tests.conftest import Clock
from tests.factories import TESTER, load_organisations, organisation
from tests.workflows import small_town as town
from tests.workflows.small_town import COUNTY, ONE, STREET, TWO, person
from workflows import commands, dispatches, packs
from workflows import store as flows
from workflows.dispatching import terms
from workflows.versions import batch, moving, told
from workflows.versions import store as moves
from workflows.versions.moving import (
    MoveState,
    MoveThere,
    NewerPublished,
    NothingToMove,
    NotRunning,
)

FORM = "test.count"
FLOW = ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json"
THREE = "370602011003"
BASE: dict[str, Any] = {
    "count": {"type": "integer", "title": "人数"},
    "kind": {"type": "string", "title": "类别", "enum": ["甲", "乙"]},
    "area": {"type": "number", "title": "面积"},
    "note": {"type": "string", "title": "说明"},
}


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """A database that is used again has other versions of the same form and flow than the test before."""
    flows._flows.clear()
    store._compiled.clear()


@pytest.fixture
def house(system: System) -> System:
    """A street with three communities that report by a form of four items."""
    town.build(system)
    load_organisations(system, [organisation(COUNTY, STREET, THREE)])
    more = {
        "tim": ("staff", THREE),
        "des": ("designer", COUNTY),
        "offa": ("department", STREET),
    }
    accounts = [
        {"login": login, "name": login, "positions": [{"role": role, "organisation": place}]}
        for login, (role, place) in more.items()
    ]
    system.write(TESTER, lambda work: people.load_accounts(work, accounts))
    published(system, lambda form: form.update(properties=dict(BASE)))
    return system


def published(system: System, change: Callable[[dict[str, Any]], Any]) -> int:
    """The next version of the form, changed."""

    def inside(work: Work) -> int:
        now = store.published(work.connection, FORM)
        document = store.document_of(work.connection, FORM, now.version)
        document = {**document, "properties": dict(document["properties"])}
        document["form"] = {**document["form"], "sections": []}
        change(document)
        store.insert_draft(work, document)
        return publish.publish(work, FORM).version

    return system.write(TESTER, inside)


def asks_more(form: dict[str, Any]) -> None:
    """One item more that must be filled in, one less, another list."""
    form["properties"]["elders"] = {"type": "integer", "title": "老人"}
    form["properties"]["kind"] = {**BASE["kind"], "enum": ["乙", "丙"]}
    del form["properties"]["note"]
    form["required"] = ["count", "elders"]


def typed(system: System, login: str, **values: Any) -> DocumentRecord:
    """Somebody opens their report and types."""
    who, task = person(system, login), town.task(system, login)
    held = system.write(who, lambda work: commands.open_task(work, task.id))
    edit = Edit(held.record.revision, {f"/{name}": value for name, value in values.items()})
    system.write(who, lambda work: commands.save_cells(work, held.record.id, edit, language="zh"))
    return document(system, held.record.id)


def submit(system: System, login: str) -> None:
    task = town.task(system, login)
    system.write(person(system, login), lambda work: commands.submit(work, task.id, confirm=True))


def document(system: System, document_id: str) -> DocumentRecord:
    with system.read(TESTER) as work:
        return documents.get(work.connection, document_id)


def of(system: System, dispatch: str) -> dict[str, DocumentRecord]:
    """The reports of a dispatch by organisation."""
    with system.read(TESTER) as work:
        return {
            one.organisation_code: one for one in documents.of_dispatch(work.connection, dispatch)
        }


def work_off(system: System) -> None:
    works = working.runner(system)
    works.work_off()
    works.stop()


def tried(system: System, dispatch: str, handed_in: str = "stay", login: str = "office") -> None:
    system.write(person(system, login), lambda work: moving.try_dry(work, dispatch, handed_in))
    work_off(system)


def carried_out(
    system: System, dispatch: str, handed_in: str = "stay", login: str = "office"
) -> None:
    tried(system, dispatch, handed_in, login)
    system.write(person(system, login), lambda work: moving.carry_out(work, dispatch))
    work_off(system)


def outcomes(system: System, dispatch: str) -> dict[str, str]:
    """What would happen, or did, by organisation: the outcome, and why it stays."""
    with system.read(TESTER) as work:
        move = moves.latest(work, dispatch)
        assert move is not None
        return {
            one.organisation_code: f"{one.outcome} {one.reason}".strip()
            for one in moves.units(work, move.id)
        }


def findings(system: System, dispatch: str) -> Mapping[str, Mapping[str, tuple[int, int]]]:
    with system.read(TESTER) as work:
        move = moves.latest(work, dispatch)
        assert move is not None
        return moves.summed(work, move.id)


def test_what_would_happen_is_told_and_nothing_is_written(house: System) -> None:
    """Item by item: asked anew, no longer in the list, without a cell; and who stays."""
    dispatch = town.send(house, ONE, TWO, THREE)
    typed(house, "ann", count=7, kind="甲", note="有雨")
    typed(house, "tom", count=5)
    submit(house, "tom")
    published(house, asks_more)
    before = of(house, dispatch)
    tried(house, dispatch)
    assert outcomes(house, dispatch) == {ONE: "moved", TWO: "stays handed-in", THREE: "moved"}
    found = findings(house, dispatch)
    assert found["asked"] == {"/elders": (2, 2)}
    assert found["taken"] == {"/kind": (1, 1)}
    assert found["gone"] == {"/note": (1, 1)}
    assert of(house, dispatch) == before


def test_a_draft_moves_with_all_that_was_typed(house: System) -> None:
    """What has a cell stands in it; what has none is in the history by name, and so is what fits no more."""
    dispatch = town.send(house, ONE, TWO)
    record = typed(house, "ann", count=7, kind="甲", note="有雨", area=1.5)
    version = published(house, asks_more)
    carried_out(house, dispatch)
    now = document(house, record.id)
    assert (now.form_version, now.contents) == (version, {"count": 7, "area": 1.5})
    with house.read(TESTER) as work:
        changes = documents.changes_since(work.connection, record.id, record.revision)
        events = flows.events(work.connection, record.case_id or "")
        said = told.changed(work, now)
    assert {(one.path, one.before, one.after, one.actor_name) for one in changes} == {
        ("/kind", "甲", None, "office"),
        ("/note", "有雨", None, "office"),
    }
    assert (events[-1]["kind"], events[-1]["actor_name"]) == ("form_moved", "office")
    assert said is not None
    assert (said.by, said.new, said.gone) == ("office", ("/elders",), ("/note",))
    assert of(house, dispatch)[TWO].form_version == version
    with pytest.raises(DocumentIncomplete):
        submit(house, "ann")
    typed(house, "ann", elders=2)
    submit(house, "ann")
    typed(house, "tom", count=1, elders=0)
    submit(house, "tom")


def test_what_was_handed_in_stays_where_nothing_else_was_chosen(house: System) -> None:
    """It is verified and becomes final on the version it was filled in on."""
    dispatch = town.send(house, ONE)
    record = typed(house, "ann", count=7)
    submit(house, "ann")
    published(house, asks_more)
    carried_out(house, dispatch)
    assert outcomes(house, dispatch) == {ONE: "stays handed-in"}
    vera = town.task(house, "vera")
    house.write(person(house, "vera"), lambda work: commands.pass_(work, vera.id))
    assert document(house, record.id).form_version == record.form_version


def test_what_was_handed_in_moves_where_nothing_changes_for_it(house: System) -> None:
    """A label that changed asks nobody; an item more does, and so does a value that goes."""
    dispatch = town.send(house, ONE, TWO)
    typed(house, "ann", count=7)
    submit(house, "ann")
    typed(house, "tom", count=7, note="有雨")
    submit(house, "tom")

    def without_note(form: dict[str, Any]) -> None:
        form["title"] = "新名"
        del form["properties"]["note"]

    published(house, without_note)
    carried_out(house, dispatch, "same")
    assert outcomes(house, dispatch) == {ONE: "moved", TWO: "stays changes"}
    assert [one.status for one in of(house, dispatch).values()] == ["submitted", "submitted"]


def test_what_was_handed_in_is_given_back_with_what_is_to_be_answered(house: System) -> None:
    """Only those cells are open; the reason names them; handed in again all is walked anew."""
    dispatch = town.send(house, ONE)
    record = typed(house, "ann", count=7, kind="甲")
    submit(house, "ann")
    vera = town.task(house, "vera")
    house.write(person(house, "vera"), lambda work: commands.pass_(work, vera.id))
    published(house, asks_more)
    carried_out(house, dispatch, "back")
    assert outcomes(house, dispatch) == {ONE: "back"}
    task = town.task(house, "ann")
    assert task.returned
    assert set(task.cells or {}) == {"/elders", "/kind"}
    with house.read(person(house, "ann")) as work:
        events = flows.events(work.connection, record.case_id or "")
    assert "老人" in events[-1]["document"]["comment"]
    assert document(house, record.id).status == "open"
    with pytest.raises(CellLocked):
        typed(house, "ann", count=8)
    typed(house, "ann", elders=3, kind="乙")
    submit(house, "ann")
    assert town.task(house, "vera").kind == "verify"


def test_a_report_that_was_returned_has_the_new_items_open_too(house: System) -> None:
    """Otherwise nobody could ever fill them in."""
    dispatch = town.send(house, ONE)
    typed(house, "ann", count=7)
    submit(house, "ann")
    vera = town.task(house, "vera")
    house.write(
        person(house, "vera"), lambda work: commands.return_(work, vera.id, {"/count": "请核实"})
    )
    published(house, asks_more)
    carried_out(house, dispatch)
    cells = town.task(house, "ann").cells or {}
    assert (set(cells), cells["/count"]) == ({"/count", "/elders"}, "请核实")
    typed(house, "ann", elders=3, count=8)
    submit(house, "ann")


def test_what_is_final_is_never_touched(house: System) -> None:
    """Whatever was chosen."""
    dispatch = town.send(house, ONE, TWO)
    record = typed(house, "ann", count=7)
    submit(house, "ann")
    for login in ("vera", "lea"):
        task = town.task(house, login)
        house.write(person(house, login), lambda work, one=task: commands.pass_(work, one.id))
    published(house, asks_more)
    before = document(house, record.id)
    assert before.status == "final"
    carried_out(house, dispatch, "back")
    assert document(house, record.id) == before
    assert outcomes(house, dispatch) == {ONE: "final final", TWO: "moved"}


def test_done_twice_it_does_nothing_twice(house: System) -> None:
    """There is nothing left to move; a job that comes again changes nothing."""
    dispatch = town.send(house, ONE)
    record = typed(house, "ann", count=7, note="有雨")
    published(house, asks_more)
    carried_out(house, dispatch)
    after = document(house, record.id)
    with pytest.raises(NothingToMove):
        tried(house, dispatch)
    with house.read(TESTER) as work:
        move = moves.latest(work, dispatch)
        assert move is not None
        events = len(flows.events(work.connection, record.case_id or ""))
    house.write(TESTER, lambda work: moves.change(work, move.id, status="running"))

    def again(work: Work) -> Any:
        payload = {"move": move.id, "after": "", "turn": move.turn}
        return batch.advance(work, {**payload, "seen": batch.look(work, payload)})

    house.write(TESTER, again)
    assert document(house, record.id) == after
    with house.read(TESTER) as work:
        assert len(flows.events(work.connection, record.case_id or "")) == events
        said = told.changed(work, after)
    assert said is not None
    assert said.gone == ("/note",)


def test_two_at_once_are_refused_in_words(house: System) -> None:
    """While it is tried or carried out nobody else begins; who did is named."""
    dispatch = town.send(house, ONE)
    published(house, asks_more)
    office, designer = person(house, "office"), person(house, "des")
    house.write(office, lambda work: moving.try_dry(work, dispatch, "stay"))
    with pytest.raises(MoveThere) as refused:
        house.write(designer, lambda work: moving.try_dry(work, dispatch, "back"))
    assert "office" in refused.value.text("zh")
    work_off(house)
    house.write(office, lambda work: moving.carry_out(work, dispatch))
    with pytest.raises(MoveState):
        house.write(designer, lambda work: moving.carry_out(work, dispatch))


def test_stopped_it_goes_on_where_it_was(house: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is moved stays moved; the rest follows when somebody says so."""
    monkeypatch.setattr(batch, "BATCH", 1)
    dispatch = town.send(house, ONE, TWO, THREE)
    version = published(house, asks_more)
    tried(house, dispatch)
    office = person(house, "office")
    house.write(office, lambda work: moving.carry_out(work, dispatch))
    works = working.runner(house)
    works.feed()
    first = works._queue.dequeue()
    assert first is not None
    works._queue.execute(first)
    house.write(office, lambda work: moving.stop(work, dispatch))
    works.work_off()
    works.stop()
    there = [one.form_version == version for one in of(house, dispatch).values()]
    assert sorted(there) == [False, False, True]
    with pytest.raises(MoveThere):
        tried(house, dispatch)
    house.write(office, lambda work: moving.go_on(work, dispatch))
    work_off(house)
    assert {one.form_version for one in of(house, dispatch).values()} == {version}
    with house.read(TESTER) as work:
        move = moves.latest(work, dispatch)
    assert move is not None
    assert (move.status, move.looked_at) == ("done", 3)


def test_a_report_that_changed_while_it_was_looked_at_is_looked_at_again(house: System) -> None:
    """What somebody typed between the look and the move is carried along."""
    dispatch = town.send(house, ONE)
    record = typed(house, "ann", count=7)
    published(house, asks_more)
    tried(house, dispatch)
    house.write(person(house, "office"), lambda work: moving.carry_out(work, dispatch))
    with house.read(TESTER) as work:
        move = moves.latest(work, dispatch)
        assert move is not None
        payload = {"move": move.id, "after": "", "turn": move.turn}
        seen = batch.look(work, payload)
    typed(house, "ann", count=9, note="刚写的")
    house.write(TESTER, lambda work: batch.advance(work, {**payload, "seen": seen}))
    assert document(house, record.id).contents == {"count": 9}
    with house.read(TESTER) as work:
        changes = documents.changes_since(work.connection, record.id, 0)
    assert ("/note", "刚写的", None) in {(one.path, one.before, one.after) for one in changes}


def test_a_page_of_the_older_version_loses_nothing(house: System) -> None:
    """What has a cell is saved; what has none is kept in the history and named; the page's own move is no clash."""
    dispatch = town.send(house, ONE)
    record = typed(house, "ann", count=7, note="有雨")
    published(house, asks_more)
    carried_out(house, dispatch)
    edit = Edit(
        record.revision,
        {"/count": 8, "/note": "有大雨", "/kind": "乙"},
        version=record.form_version,
        visit="w1",
    )
    saved = house.write(
        person(house, "ann"),
        lambda work: commands.save_cells(work, record.id, edit, language="zh"),
    )
    assert (saved.left, list(saved.conflicts)) == ({"/note": "有大雨"}, [])
    assert document(house, record.id).contents == {"count": 8, "kind": "乙"}
    with house.read(TESTER) as work:
        changes = documents.changes_since(work.connection, record.id, 0)
    assert "有大雨" in {one.after for one in changes if one.path == "/note"}


def test_who_may_and_when(house: System) -> None:
    """Who sent it and who designs forms; not another office, not a frozen collection, not past a newer version."""
    dispatch = town.send(house, ONE)
    published(house, asks_more)
    for stranger in ("offa", "ann", "vera", "lea"):
        with pytest.raises(NotFound):
            house.write(
                person(house, stranger), lambda work: moving.try_dry(work, dispatch, "stay")
            )
    tried(house, dispatch, login="des")
    published(house, lambda form: form.update(title="又一版"))
    with pytest.raises(NewerPublished):
        house.write(person(house, "office"), lambda work: moving.carry_out(work, dispatch))
    carried_out(house, dispatch, login="office")
    published(house, lambda form: form.update(title="再一版"))
    house.write(person(house, "office"), lambda work: terms.freeze(work, dispatch))
    with pytest.raises(NotRunning):
        tried(house, dispatch)


def test_units_that_are_added_later_get_the_newer_version(house: System) -> None:
    """The dispatch is on it from the moment it is moved."""
    dispatch = town.send(house, ONE)
    version = published(house, asks_more)
    carried_out(house, dispatch)
    house.write(person(house, "office"), lambda work: terms.add(work, dispatch, [TWO]))
    assert of(house, dispatch)[TWO].form_version == version


def test_an_item_that_the_flow_asks_for_must_still_be_there(house: System) -> None:
    """Else a step could never be passed: the report stays, and says why."""
    flow: Any = json_text.loads(FLOW.read_bytes())
    for step in flow["steps"]:
        if step["kind"] == "verify":
            step["rights"], step["required"] = {"/note": "edit"}, ["/note"]
    house.write(TESTER, lambda work: packs.load_flow(work, {**flow, "version": 77}))
    dispatch = town.send(house, ONE)
    published(house, asks_more)
    carried_out(house, dispatch)
    assert outcomes(house, dispatch) == {ONE: "stays flow"}


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
