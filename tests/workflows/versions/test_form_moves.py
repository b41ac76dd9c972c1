"""Running reports moved to a newer version of their form: tried dry, carried out, stopped, gone on with, told."""

from typing import Any

import pytest

from admin import working
from engine import json_text
from engine.errors import NotFound
from engine.work import System, Work
from forms import documents
from forms.filing import CellLocked, DocumentIncomplete, Edit
from tests.factories import TESTER
from tests.workflows import small_town as town
from tests.workflows.small_town import ONE, TWO, person
from tests.workflows.versions.moving_street import (
    FLOW,
    THREE,
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
    work_off,
)
from workflows import commands, packs
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
