"""子流程: started with a step, waited for, refused, ended with it; one, or one for every entry of a list."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.settings import ROOT
from engine.work import System
from forms import packs as form_packs
from forms.documents import DOCUMENT
from forms.filing import Edit
from tests.factories import TESTER
from tests.workflows.case import made, one, person
from tests.workflows.small_town import ONE, REPORT, TWO
from tests.workflows.small_town import person as who
from tests.workflows.town_case import TownCase
from workflows import commands, dispatches, packs, store
from workflows.acting import course_of_case
from workflows.store import FlowUnknown


@pytest.fixture
def town(system: System) -> TownCase:
    """A flow of its own to be started below others: a second filling in, then a check."""
    found = TownCase(system)
    check = one("recheck", "verify", "end", assign=person("leader", "parent"))
    below = {**made(one("recount", "fill", "recheck"), check), "code": "below"}
    system.write(TESTER, lambda work: packs.load_flow(work, below))
    return found


def with_child(town: TownCase, **more: Any) -> TownCase:
    step = {"code": "sub", "kind": "subflow", "flow": "below", "next": [{"to": "approve"}], **more}
    town.flow(
        one("fill", "fill", "sub"),
        step,
        one("approve", "approve", "end", assign=person("leader", "parent")),
    )
    return town.send().fill()


def children(town: TownCase) -> list[store.CaseRecord]:
    with town.system.read(TESTER) as work:
        # those begun in one millisecond have ids in any order
        query = (
            select(store.CASE.c.id)
            .join(DOCUMENT, DOCUMENT.c.id == store.CASE.c.document_id)
            .where(store.CASE.c.parent_id == town.case.id)
            .order_by(DOCUMENT.c.organisation_code, store.CASE.c.id)
        )
        return [store.get_case(work.connection, row.id) for row in work.connection.execute(query)]


def test_the_case_waits_for_the_flow_below(town: TownCase) -> None:
    """Around the same document, which stays a draft of nobody's; then the case goes on."""
    with_child(town)
    assert town.todo() == {"ann": ["recount"], "amy": ["recount"]}
    town.fill("amy").pass_("lea", "recheck")
    town.work_off()
    assert [one.status for one in children(town)] == ["done"]
    assert town.todo() == {"lea": ["approve"], "lou": ["approve"]}
    assert town.status == "running"
    town.pass_("lou")
    assert town.status == "done"


@pytest.mark.parametrize(("refused", "expected"), [("reject", "rejected"), ("go_on", "running")])
def test_a_refusal_below_refuses_the_whole_unless_it_goes_on(town: TownCase, refused: str, expected: str) -> None:  # fmt: skip
    """As the step says."""
    with_child(town, refused=refused).fill("amy")
    task = town.task("lea", "recheck")
    town.as_("lea", lambda work: commands.reject(work, task.id, comment="不行"))
    assert town.status == "running"
    town.work_off()
    assert town.status == expected
    assert set(town.todo()) == (set() if refused == "reject" else {"lea", "lou"})


def test_what_ends_ends_what_is_below_it(town: TownCase) -> None:
    """终止 of the case above: nobody is left with a task of the flow below."""
    with_child(town)
    case = town.case.id
    town.as_("office", lambda work: course_of_case.terminate(work, case, comment="不办了"))
    assert [one.status for one in children(town)] == ["terminated"]
    assert town.todo() == {}
    town.work_off()
    assert town.status == "terminated"


def test_it_need_not_wait(town: TownCase) -> None:
    """wait: false, both go on side by side."""
    with_child(town, wait=False)
    assert town.todo() == {
        "ann": ["recount"],
        "amy": ["recount"],
        "lea": ["approve"],
        "lou": ["approve"],
    }
    town.pass_("lea", "approve")
    assert town.status == "done"


def test_a_suspended_case_hears_of_it_when_it_runs_on(town: TownCase, clock: Any) -> None:
    """The end of the flow below is not lost."""
    with_child(town).fill("amy")
    case = town.case.id
    town.as_("office", lambda work: course_of_case.suspend(work, case))
    town.pass_("lea", "recheck")
    town.work_off()
    assert town.status == "suspended"
    town.as_("office", lambda work: course_of_case.resume(work, case))
    clock.forward(minutes=30)
    town.work_off()
    assert town.todo() == {"lea": ["approve"], "lou": ["approve"]}


def test_one_for_every_organisation_of_a_list(town: TownCase) -> None:
    """Each fills a document of its own; the case goes on when the last has ended."""
    form = {
        **REPORT,
        "$id": "urn:yibiao:form:test.places",
        "form": {**REPORT["form"], "code": "test.places", "flow": "many",
                 "sections": [{"title": "村", "items": ["places"]}]},
        "properties": {"places": {"type": "array", "title": "村", "items": {"type": "string"}}},
        "required": ["places"],
    }  # fmt: skip
    sub = {
        "code": "sub", "kind": "subflow", "flow": "below", "each": "/places", "form": "test.count",
        "next": [{"to": "approve"}],
    }  # fmt: skip
    approve = one("approve", "approve", "end", assign=person("leader", "parent"))
    many = {**made(one("fill", "fill", "sub"), sub, approve), "code": "many"}
    town.system.write(TESTER, lambda work: packs.load_flow(work, many))
    town.system.write(TESTER, lambda work: form_packs.load_form(work, form, ROOT))
    office, ann = who(town.system, "office"), who(town.system, "ann")
    town.system.write(
        office,
        lambda work: dispatches.create(
            work, "test.places", [ONE], "2026-11", work.now + timedelta(9)
        ),
    )
    task = town.tasks("ann")[0]
    town.document = task.document_id
    held = town.as_("ann", lambda work: commands.open_task(work, task.id))
    edit = Edit(held.record.revision, {"/places": [ONE, TWO, ONE, "nowhere"][:3]})
    town.as_("ann", lambda work: commands.save_cells(work, held.record.id, edit, language="zh"))
    town.system.write(ann, lambda work: commands.submit(work, task.id, confirm=True))
    assert town.todo() == {"ann": ["recount"], "amy": ["recount"], "tom": ["recount"]}
    parent, documents_ = town.document, [one.document_id for one in children(town)]
    for login, document in zip(("ann", "tom"), documents_, strict=True):
        town.document = document
        town.fill(login).pass_("lea", "recheck")
        town.document = parent
    town.work_off()
    assert town.todo() == {"lea": ["approve"], "lou": ["approve"]}


def test_a_flow_that_is_not_there_is_refused_when_saved(town: TownCase) -> None:
    """Not when the first case gets there."""
    with pytest.raises(FlowUnknown):
        town.flow(
            one("fill", "fill", "sub"),
            {"code": "sub", "kind": "subflow", "flow": "no_such", "next": [{"to": "end"}]},
        )
