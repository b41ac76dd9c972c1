"""Handwritten signatures at approval: asked for by the step, kept with the decision, sealed, part of what is signed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.attachments import store as files
from engine.attachments.store import ATTACHMENT
from engine.errors import NotFound
from engine.work import System
from forms import documents
from tests.conftest import Clock
from tests.engine.attachments import samples
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.case import Case, one, person, three
from tests.workflows.town_case import TownCase
from workflows import attaching, bulk, commands, dispatches, flow, handwriting, store
from workflows.acting import deputies
from workflows.core.refusals import SignatureDrawn, SignatureNeeded
from workflows.dispatching import terms
from workflows.flow import FlowInvalid
from workflows.handwriting import Handwriting, SignatureName

FILL = one("fill", "fill", "verify", assign=person("staff", "same"))
VERIFY = one("verify", "verify", "approve", assign=person("verifier", "parent"))
LEADER = person("leader", "parent")


@pytest.fixture
def town(system: System) -> TownCase:
    """A street with people and a report."""
    return TownCase(system)


def signed(town: TownCase, mode: str, **more: Any) -> TownCase:
    """A report that waits for a leader who signs."""
    town.flow(FILL, VERIFY, one("approve", "approve", "end", assign=LEADER, signature=mode), **more)
    return town.send().fill().pass_("vera")


def drawing(width: int = 400) -> Handwriting:
    return handwriting.drawn(samples.drawing((width, 160)))


def test_it_is_a_setting_of_steps_that_decide() -> None:
    """Not of filling in; the older word means the same."""
    document = three()
    document["steps"][2]["needs"] = ["opinion", "signature"]
    document["steps"][0]["needs"] = ["signature"]
    found = flow.load(document)
    assert [one.signature for one in found.steps] == ["", "", "drawn_or_typed"]
    assert [one.needs for one in found.steps] == [(), (), ("opinion",)]
    assert flow.load(flow.dump(found)) == found
    for number, kind in ((0, "not-for-kind"), (2, "choice")):
        wrong = three()
        wrong["steps"][number]["signature"] = "drawn" if number == 0 else "scribbled"
        with pytest.raises(FlowInvalid) as refused:
            flow.load(wrong)
        assert refused.value.reason == kind


def test_nobody_is_spared_a_step_that_asks_for_it() -> None:
    """Who has passed the document before is asked all the same."""
    document = three(repeat="once")
    document["steps"][2]["signature"] = "drawn"
    case = Case(document).do("started").do("submitted", "ann", "fill").do("passed", "bob", "verify")
    case.do("assigned", task=case.key("approve"), people=("bob",))
    assert case.todo == ["approve"]
    with pytest.raises(SignatureDrawn):
        case.do("passed", "bob", "approve", handwriting="x/y.png", typed=True)
    assert case.do("passed", "bob", "approve", handwriting="x/y.png").state.status == "done"


def test_a_leader_signs_and_it_stays_with_the_decision(town: TownCase) -> None:
    """Without a drawing it is refused and nothing is kept; with one the event names it and the hash covers it."""
    signed(town, "drawn")
    task = town.task("lea")
    for given, problem in ((None, SignatureNeeded), (name("lea"), SignatureDrawn)):
        with pytest.raises(problem):
            town.as_("lea", lambda work, g=given: commands.pass_(work, task.id, signed=g))
    assert kept(town) == []
    town.as_("lea", lambda work: commands.pass_(work, task.id, signed=drawing()))
    assert town.status == "done"
    (ref,) = kept(town)
    with town.system.read(TESTER) as work:
        (event,) = [
            one["document"]
            for one in store.passes(work.connection, town.document)
            if one["document"].get("handwriting")
        ]
        record = documents.get(work.connection, town.document)
        plain = commands.signature(work, record)
        assert event["signature"] == commands.signature(work, record, event["handwriting"]) != plain
        content = files.content(
            work.connection, handwriting.home(town.document), files.mark_of(event["handwriting"])
        )
    assert event["handwriting"].startswith(ref)
    assert content.startswith(b"\x89PNG")
    raw = town.system.write(
        TESTER, lambda work: work.connection.execute(select(ATTACHMENT.c.content)).scalar()
    )
    assert b"PNG" not in raw[:200]


def test_a_typed_name_is_ones_own(town: TownCase) -> None:
    """Where the step takes one; somebody else's is refused."""
    signed(town, "drawn_or_typed")
    task = town.task("lea")
    with pytest.raises(SignatureName):
        town.as_("lea", lambda work: commands.pass_(work, task.id, signed=name("vera")))
    town.as_("lea", lambda work: commands.pass_(work, task.id, signed=name(" l e a ")))
    assert town.status == "done"


def test_a_refusal_is_signed_too(town: TownCase) -> None:
    """不同意 is a decision."""
    signed(town, "drawn")
    task = town.task("lea")
    with pytest.raises(SignatureNeeded):
        town.as_("lea", lambda work: commands.reject(work, task.id, comment="不同意"))
    town.as_("lea", lambda work: commands.reject(work, task.id, comment="不同意", signed=drawing()))
    assert (town.status, len(kept(town))) == ("rejected", 1)


def test_a_deputy_signs_in_their_own_hand(town: TownCase, clock: Clock) -> None:
    """B 代 A: the event has both, the typed name is the deputy's."""
    signed(town, "drawn_or_typed")
    cora, until = small_town.person(town.system, "cora").id, clock.at + timedelta(days=2)
    town.as_("lea", lambda work: deputies.away(work, work.now, until, deputy="cora"))
    task = town.task("cora")
    with pytest.raises(SignatureName):
        town.as_("cora", lambda work: commands.pass_(work, task.id, signed=name("lea")))
    town.as_("cora", lambda work: commands.pass_(work, task.id, signed=name("cora")))
    with town.system.read(TESTER) as work:
        event = store.passes(work.connection, town.document)[-1]["document"]
    assert (event["by"], bool(event["acting_for"])) == (cora, True)
    assert event["handwriting"]


def test_one_drawing_for_many_or_told_why_not(town: TownCase) -> None:
    """Steps that ask for one are passed with it; without, they are told and the others are done."""
    signed(town, "drawn")
    first = town.task("lea")
    town.flow(FILL, VERIFY, one("approve", "approve", "end", assign=LEADER))
    town.send("2026-10").fill().pass_("vera")
    plain = town.task("lea")
    both = [first.id, plain.id]
    told = dict(town.as_("lea", lambda work: bulk.pass_each(work, both)))
    assert isinstance(told[first.id], SignatureNeeded)
    assert told[plain.id] is None
    told = dict(town.as_("lea", lambda work: bulk.pass_each(work, [first.id], drawing())))
    assert told == {first.id: None}
    with town.system.read(TESTER) as work:
        marks = handwriting.marks(work.connection, [first.document_id, plain.document_id])
    assert {key: len(found) for key, found in marks.items()} == {first.document_id: 1}


def test_signatures_of_others_are_not_found(town: TownCase) -> None:
    """By the task of another document, or by somebody without a task."""
    signed(town, "drawn")
    task = town.task("lea")
    town.as_("lea", lambda work: commands.pass_(work, task.id, signed=drawing()))
    (mark,) = kept(town)
    town.send("2026-10")
    other = town.task("ann")
    for login, about in (("ann", other.id), ("tom", task.id)):
        with pytest.raises(NotFound):
            town.as_(login, lambda work, a=about: attaching.signature(work, a, mark))


def test_an_archive_covers_them(town: TownCase) -> None:
    """Whose signature is taken away afterwards, the archive is no longer whole."""
    signed(town, "drawn")
    task = town.task("lea")
    town.as_("lea", lambda work: commands.pass_(work, task.id, signed=drawing()))
    assert task.dispatch_id is not None
    town.as_("office", lambda work: terms.freeze(work, task.dispatch_id))
    town.as_("office", lambda work: terms.archive(work, task.dispatch_id))
    assert whole(town, task.dispatch_id)
    town.system.write(
        TESTER,
        lambda work: work.connection.execute(update(ATTACHMENT).values(target="elsewhere")),
    )
    assert not whole(town, task.dispatch_id)


def whole(town: TownCase, dispatch_id: str) -> bool:
    with town.system.read(small_town.person(town.system, "office")) as work:
        return terms.is_whole(work, dispatches.get(work, dispatch_id))


def name(login: str) -> Handwriting:
    return handwriting.typed(login, samples.drawing())


def kept(town: TownCase) -> list[str]:
    with town.system.read(TESTER) as work:
        return handwriting.marks(work.connection, [town.document]).get(town.document, [])
