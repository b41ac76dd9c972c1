"""填、核、报: a later step fills in what the flow opens to it, by field and by column, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from engine.settings import ROOT
from engine.work import System
from forms import documents, filing
from forms import packs as form_packs
from forms.filing import CellLocked, DocumentClosed, DocumentIncomplete, Edit
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.case import made, one, person
from workflows import commands, dispatches
from workflows import packs as flow_packs
from workflows.rights import CellsMissing

ONE = small_town.ONE
FORM = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": "urn:yibiao:form:test.visits",
    "title": "走访记录",
    "type": "object",
    "form": {
        "code": "test.visits", "kind": "report", "owner": small_town.OFFICE, "subject": "org",
        "period": "month", "flow": "later_fill", "sets": [],
        "sections": [{"title": "走访", "items": ["count", "finding", "visits"]}],
    },
    "properties": {
        "count": {"type": "integer", "title": "户数"},
        "finding": {"type": "string", "title": "核查意见", "maxLength": 20},
        "visits": {
            "type": "array", "title": "名单", "table": {"kind": "floating"},
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "title": "姓名"},
                    "checked": {"type": "integer", "title": "核实次数", "minimum": 0},
                },
            },
        },
    },
    "required": ["count"],
}  # fmt: skip
RIGHTS = {"/finding": "edit", "/visits/*/checked": "edit"}


@pytest.fixture
def town(system: System) -> System:
    """A report whose verifier adds a finding and a column, and whose leader adds nothing."""
    small_town.build(system)
    flow = made(
        one("fill", "fill", "verify", rights={"/finding": "read", "/visits/*/checked": "hide"}),
        one(
            "verify", "verify", "approve", assign=person("verifier", "parent"),
            rights=RIGHTS, required=["/finding", "/visits/*/checked"],
        ),
        one("approve", "approve", "end", assign=person("leader", "parent")),
    )  # fmt: skip
    document = {**flow, "code": "later_fill", "version": 1}
    system.write(TESTER, lambda work: flow_packs.load_flow(work, document))
    system.write(TESTER, lambda work: form_packs.load_form(work, FORM, ROOT))
    office = small_town.person(system, "office")
    system.write(
        office,
        lambda work: dispatches.create(
            work, "test.visits", (ONE,), "2026-11", work.now + timedelta(days=5)
        ),
    )
    return system


def save(
    system: System, login: str, changes: dict[str, Any], **more: Any
) -> documents.DocumentRecord:
    """Somebody saves cells of the document that waits for them."""
    waiting, who = small_town.task(system, login), small_town.person(system, login)
    held = system.write(who, lambda work: commands.open_task(work, waiting.id))
    edit = Edit(held.record.revision, changes, **more)
    system.write(who, lambda work: commands.save_cells(work, held.record.id, edit, language="zh"))
    with system.read(TESTER) as work:
        return documents.get(work.connection, held.record.id)


def handed_in(system: System) -> documents.DocumentRecord:
    """Two households visited."""
    rows = {"/visits": ["a", "b"]}
    names = {"/count": 2, "/visits/a/name": "甲", "/visits/b/name": "乙"}
    record = save(system, "ann", names, added=rows)
    act(system, "ann", commands.submit, confirm=True)
    return record


def act(system: System, login: str, command: Any, **given: Any) -> None:
    """Somebody passes their task on."""
    waiting, who = small_town.task(system, login), small_town.person(system, login)
    system.write(who, lambda work: command(work, waiting.id, **given))


def test_the_filler_leaves_what_belongs_to_a_later_step(town: System) -> None:
    """A cell that is read or hidden there is locked for who fills in, also by the back door."""
    for path in ("/finding", "/visits/a/checked"):
        with pytest.raises(CellLocked):
            save(town, "ann", {path: 1 if "checked" in path else "好"}, added={"/visits": ["a"]})
    handed_in(town)


def test_the_verifier_fills_in_their_cells_and_signs_them(town: System) -> None:
    """Missing they are told by name; filled in they stand in the history and under the signature."""
    record = handed_in(town)
    with pytest.raises(CellsMissing) as told:
        act(town, "vera", commands.pass_)
    assert "核查意见" in told.value.text("zh")
    before = signed_now(town, record)
    record = save(
        town, "vera", {"/finding": "属实", "/visits/a/checked": 2, "/visits/b/checked": 1}
    )
    assert signed_now(town, record) != before
    with town.read(TESTER) as work:
        changes = documents.changes_since(work.connection, record.id, 0)
        cells = filing.opened(work, record).cells
    vera = small_town.person(town, "vera")
    assert {one.path for one in changes if one.actor_id == vera.id} == {
        "/finding", "/visits/a/checked", "/visits/b/checked",
    }  # fmt: skip
    assert cells["/finding"].state == "typed"
    act(town, "vera", commands.pass_)
    act(town, "lea", commands.pass_)
    with town.read(TESTER) as work:
        found = documents.get(work.connection, record.id)
    assert (found.status, found.contents["finding"]) == ("final", "属实")


def test_a_later_step_changes_nothing_else(town: System) -> None:
    """Not the filler's cells, no rows; a wrong value is refused before the pass; a leader nothing at all."""
    record = handed_in(town)
    for changes, more in (
        ({"/count": 3}, {}),
        ({"/visits/a/name": "丙"}, {}),
        ({}, {"added": {"/visits": ["c"]}}),
        ({}, {"removed": {"/visits": ["a"]}}),
    ):
        with pytest.raises(CellLocked):
            save(town, "vera", changes, **more)
    save(town, "vera", {"/finding": "好", "/visits/a/checked": -1, "/visits/b/checked": 1})
    with pytest.raises(DocumentIncomplete):
        act(town, "vera", commands.pass_)
    save(town, "vera", {"/visits/a/checked": 1})
    act(town, "vera", commands.pass_)
    for login in ("lea", "ann"):
        who = small_town.person(town, login)
        edit = Edit(record.revision, {"/finding": "不对"})
        with pytest.raises(DocumentClosed):
            town.write(
                who, lambda work, one=edit: commands.save_cells(work, record.id, one, language="zh")
            )


def test_what_is_withdrawn_is_as_it_was_handed_in(town: System) -> None:
    """What the verifier had begun to fill in is put back, with history; what was typed before stays."""
    record, ann = handed_in(town), small_town.person(town, "ann")
    before = signed_now(town, record)
    save(town, "vera", {"/finding": "属实", "/visits/a/checked": 2})
    save(town, "vera", {"/finding": "再看"})
    town.write(ann, lambda work: commands.withdraw(work, record.id))
    with town.read(TESTER) as work:
        found = documents.get(work.connection, record.id)
        changes = documents.changes_since(work.connection, record.id, 0)
    assert (found.status, found.contents["count"], found.contents.get("finding")) == (
        "open",
        2,
        None,
    )
    assert [row.get("checked") for row in found.contents["visits"]] == [None, None]
    assert signed_now(town, record) == before
    put_back = [one for one in changes if one.actor_id == ann.id and one.path == "/finding"]
    assert [(one.before, one.after) for one in put_back] == [("再看", None)]
    save(town, "ann", {"/count": 3})
    act(town, "ann", commands.submit, confirm=True)
    save(town, "vera", {"/finding": "好", "/visits/a/checked": 1, "/visits/b/checked": 1})
    act(town, "vera", commands.pass_)


def test_a_refused_report_changes_no_register_and_keeps_what_was_handed_in(town: System) -> None:
    """不同意: the values stay readable as they were seen, nothing is written back."""
    record = handed_in(town)
    save(town, "vera", {"/finding": "不实"})
    act(town, "vera", commands.reject, comment="不实")
    with town.read(TESTER) as work:
        found = documents.get(work.connection, record.id)
    assert (found.status, found.contents["finding"]) == ("rejected", "不实")
    ann, edit = small_town.person(town, "ann"), Edit(found.revision, {"/count": 9})
    with pytest.raises(DocumentClosed):
        town.write(ann, lambda work: commands.save_cells(work, found.id, edit, language="zh"))


def signed_now(system: System, record: documents.DocumentRecord) -> str:
    """What somebody would sign now."""
    with system.read(TESTER) as work:
        return commands.signature(work, documents.get(work.connection, record.id))
