"""Two designers at one draft, on either database: steps merge, clashes are told, own steps are undone."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from engine.errors import Conflict, Forbidden
from engine.identity.actor import Actor, Post
from engine.work import System, Work
from forms import store
from forms.complaints import FormInvalid
from forms.designing import design
from forms.designing import store as design_store
from forms.designing import together as designing
from forms.designing.together import DesignClash, NothingToUndo
from forms.store import Draft

SU = Actor("su", "su", "苏景明", (Post("designer", "370602", "芝罘区", "370602/"),))
LI = Actor("li", "li", "李向前", (Post("designer", "370602", "芝罘区", "370602/"),))
STAFF = Actor("he", "he", "何平", (Post("staff", "370602", "芝罘区", "370602/"),))
CODE = "civil.visits"

Change = Callable[[Any], Any]


def begin(system: System) -> None:
    form = design.empty(CODE, "走访表", owner="370602-mzj")
    for name, title in (("name", "姓名"), ("age", "年龄"), ("note", "备注")):
        form = design.add(form, name, {"type": "string", "title": title})
    system.write(SU, lambda work: store.insert_draft(work, form))


def step(
    system: System, who: Actor, seen: int, change: Change, *, force: bool = False, label: str = "x"
) -> Draft:
    told = [{"did": "rename", "label": label}]

    def inside(work: Work) -> Draft:
        def operation(document: Any, confirmed: Mapping[str, bool]) -> Any:
            return change(document), confirmed

        return designing.change(work, CODE, seen, operation, told=told, tab=who.id, force=force)

    return system.write(who, inside)


def named(path: str, title: str) -> Change:
    return lambda form: design.rename(form, path, title)


def title(draft: Draft, name: str) -> str:
    return str(draft.document["properties"][name]["title"])


def test_changes_of_different_items_merge(system: System) -> None:
    """The second saw the draft before the first changed it; both changes stand."""
    begin(system)
    step(system, SU, 1, named("/name", "户主"))
    made = step(system, LI, 1, named("/age", "周岁"))
    assert (title(made, "name"), title(made, "age"), made.revision) == ("户主", "周岁", 3)


def test_a_true_clash_is_told_with_both_values_and_may_be_forced(system: System) -> None:
    """Nothing is changed before somebody says whose shall stand."""
    begin(system)
    step(system, SU, 1, named("/name", "户主"))
    with pytest.raises(DesignClash) as told:
        step(system, LI, 1, named("/name", "家长"))
    (one,) = told.value.contested
    assert (one.label, one.keyword, one.mine, one.theirs) == ("户主", "title", "家长", "户主")
    assert told.value.who == "苏景明"
    system.write(LI, lambda work: designing.note_clash(work, told.value, tab="li"))
    with system.read(SU) as work:
        draft = store.draft(work.connection, CODE)
        clash = design_store.since(work.connection, draft, 1)[-1]
    assert title(draft, "name") == "户主"
    assert (clash.kind, clash.told[0]["mine"], clash.told[0]["theirs"]) == ("clash", "户主", "家长")
    assert title(step(system, LI, 1, named("/name", "家长"), force=True), "name") == "家长"


def test_what_somebody_removed_meanwhile_is_told_and_may_be_had_back(system: System) -> None:
    """A change of it is not lost in an error: it is a clash, and mine brings back that and nothing else."""
    begin(system)
    step(system, SU, 1, lambda form: design.remove(form, "/note"))
    step(system, SU, 2, lambda form: design.remove(form, "/age"))
    with pytest.raises(DesignClash) as told:
        step(system, LI, 1, named("/note", "说明"))
    (one,) = told.value.contested
    assert (one.label, one.keyword, one.mine, one.theirs) == ("备注", "title", "说明", None)
    assert told.value.who == "苏景明"
    made = step(system, LI, 3, named("/note", "说明"), force=True)
    assert list(made.document["properties"]) == ["name", "note"]
    assert title(made, "note") == "说明"
    with pytest.raises(FormInvalid):
        step(system, LI, made.revision, named("/age", "周岁"))


def test_ones_own_older_page_is_not_somebody_else(system: System) -> None:
    """Changes sent one after another from one page never clash."""
    begin(system)
    step(system, SU, 1, named("/name", "户主"))
    assert title(step(system, SU, 1, named("/name", "家长")), "name") == "家长"
    with pytest.raises(Conflict):
        step(system, SU, 99, named("/name", "户主"))


def test_undo_and_redo_follow_ones_own_steps_only(system: System) -> None:
    """What the other did in between stays; a new step forgets what could be done again."""
    begin(system)
    step(system, SU, 1, named("/name", "户主"), label="姓名")
    step(system, LI, 2, named("/age", "周岁"))
    step(system, SU, 3, lambda form: design.remove(form, "/note"))
    back = system.write(SU, lambda work: designing.undo(work, CODE))
    assert list(back.document["properties"]) == ["name", "age", "note"]
    back = system.write(SU, lambda work: designing.undo(work, CODE))
    assert (title(back, "name"), title(back, "age")) == ("姓名", "周岁")
    with pytest.raises(NothingToUndo):
        system.write(SU, lambda work: designing.undo(work, CODE))
    again = system.write(SU, lambda work: designing.redo(work, CODE))
    assert (title(again, "name"), title(again, "age")) == ("户主", "周岁")
    with system.read(SU) as work:
        undo, redo = design_store.standing(work.connection, again, SU.id)
    assert [one.told[0]["label"] for one in (*undo, *redo)] == ["姓名", "x"]
    step(system, SU, again.revision, named("/note", "附注"))
    with pytest.raises(NothingToUndo):
        system.write(SU, lambda work: designing.redo(work, CODE))


def test_undo_over_anothers_change_of_the_same_thing_is_a_clash(system: System) -> None:
    """Their word stands until I say otherwise."""
    begin(system)
    step(system, SU, 1, named("/name", "户主"))
    step(system, LI, 2, named("/name", "家长"))
    with pytest.raises(DesignClash) as told:
        system.write(SU, lambda work: designing.undo(work, CODE))
    assert (told.value.who, told.value.contested[0].theirs) == ("李向前", "家长")
    back = system.write(SU, lambda work: designing.undo(work, CODE, force=True))
    assert title(back, "name") == "姓名"


def test_a_confirmed_item_is_undone_too(system: System) -> None:
    """What was ticked is part of a step."""
    begin(system)

    def tick(work: Work) -> Draft:
        return designing.change(
            work, CODE, 1, lambda form, _: (form, {"/name": True}), told=(), tab="a"
        )

    assert system.write(SU, tick).proposal == {"confirmed": ["/name"]}
    back = system.write(SU, lambda work: designing.undo(work, CODE))
    assert back.proposal == {"confirmed": []}


def test_who_is_there_is_seen_and_forgotten(system: System, clock: Any) -> None:
    """By page, with the item they are at, for as long as they are heard of."""
    begin(system)
    system.write(SU, lambda work: design_store.enter(work, CODE, "a", "/name"))
    system.write(LI, lambda work: design_store.enter(work, CODE, "b", ""))
    system.write(LI, lambda work: design_store.enter(work, CODE, "b", "/age"))
    with system.read(SU) as work:
        here = design_store.present(work.connection, CODE, work.now)
        assert {(one.name, one.item) for one in here} == {("苏景明", "/name"), ("李向前", "/age")}
        assert design_store.known(work.connection, CODE, "b", "/age", work.now)
    system.write(LI, lambda work: design_store.leave(work, CODE, "b"))
    clock.forward(minutes=1)
    with system.read(SU) as work:
        assert design_store.present(work.connection, CODE, work.now) == []


def test_only_designers_change_drafts(system: System) -> None:
    """Others are refused before anything is looked at."""
    begin(system)
    with pytest.raises(Forbidden):
        step(system, STAFF, 1, named("/name", "户主"))
    with pytest.raises(Forbidden):
        system.write(STAFF, lambda work: designing.undo(work, CODE))
