"""转办 委派 加签 减签 认领 拿回 催办 抄送 沟通 挂起 终止 重启 代理 离职: through the database, on both."""

from datetime import timedelta

import pytest

from engine.errors import Forbidden, NotFound, Problem
from engine.identity import presence
from engine.work import System
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows.case import one, person
from tests.workflows.small_town import person as who
from tests.workflows.town_case import TownCase
from workflows import beside, cases, commands, machine, store
from workflows.acting import (
    claim,
    course_of_case,
    delegate,
    deputies,
    hand_over,
    incident,
    signers,
    take_back,
    talk,
    transfer,
)
from workflows.colleagues import PersonUnknown
from workflows.core.refusals import (
    AlreadySigner,
    CannotRemove,
    ClaimedByOther,
    ClaimFirst,
    Ended,
    NothingToTakeBack,
    OnHold,
    OpinionNeeded,
    OpinionOnly,
    OwnWork,
    TooLate,
    ToOneself,
    UrgedTooOften,
)


@pytest.fixture
def town(system: System) -> TownCase:
    return TownCase(system)


@pytest.fixture
def filled(town: TownCase) -> TownCase:
    """Filled in by ann; the street's verifiers have it, then its leaders."""
    return town.three_steps().send().fill()


def handed(town: TownCase, login: str, to: str, comment: str = "出差") -> None:
    task = town.task(login)
    town.as_(login, lambda work: transfer.transfer(work, task.id, to, comment=comment))


def events(town: TownCase, kind: str) -> list[dict]:
    with town.system.read(TESTER) as work:
        return [
            e["document"] for e in store.events(work.connection, town.case.id) if e["kind"] == kind
        ]


def test_handed_over_it_is_the_others(filled: TownCase) -> None:
    """转办: B has it, A no longer; history shows A, B and the reason; the flow goes on after B."""
    handed(filled, "vera", "cora")
    assert filled.todo() == {"cora": ["verify"]}
    (event,) = events(filled, "transferred")
    assert event["comment"] == "出差"
    assert (event["by"], event["to"]) == tuple(
        who(filled.system, one).id for one in ("vera", "cora")
    )
    assert "flow.notice.handed" in filled.told("cora")
    assert set(filled.pass_("cora").todo()) == {"lea", "lou"}


def test_a_hand_over_is_refused_in_words(filled: TownCase) -> None:
    """No reason, nobody of that name, oneself, whoever filled it in; nothing has changed."""
    for to, comment, refusal in [
        ("cora", " ", OpinionNeeded), ("nobody", "x", PersonUnknown), ("vera", "x", ToOneself), ("ann", "x", OwnWork),
    ]:  # fmt: skip
        with pytest.raises(refusal):
            handed(filled, "vera", to, comment)
    assert set(filled.todo()) == {"vera", "val", "vic"}


def test_who_gives_an_opinion_decides_nothing(filled: TownCase) -> None:
    """委派: B's opinion is part of the record and the task is A's again."""
    task = filled.task("vera")
    filled.as_("vera", lambda work: delegate.delegate(work, task.id, "cora", comment="怎么看"))
    assert filled.todo() == {"cora": ["verify"]}
    asked = filled.task("cora")
    assert asked.kind == "opinion"
    with pytest.raises((OpinionOnly, commands.WrongKind)):
        filled.as_("cora", lambda work: commands.pass_(work, asked.id))
    with pytest.raises(OpinionNeeded):
        filled.as_("cora", lambda work: delegate.answer(work, asked.id, comment=" "))
    filled.as_("cora", lambda work: delegate.answer(work, asked.id, comment="可以"))
    assert filled.todo() == {"vera": ["verify"]}
    assert set(filled.pass_("vera").todo()) == {"lea", "lou"}


@pytest.mark.parametrize(
    ("where", "first", "then"),
    [
        ("before", {"cora": ["verify"]}, {"vera": ["verify"]}),
        ("after", {"vera": ["verify"]}, {"cora": ["verify"]}),
        ("beside", {"vera": ["verify"], "cora": ["verify"]}, None),
    ],
)
def test_signers_are_added(filled: TownCase, where: str, first: dict, then: dict | None) -> None:
    """加签 before, after, beside: only when all agreed does it go on."""
    task = filled.task("vera")
    filled.as_("vera", lambda work: signers.add(work, task.id, ["cora"], where=where))
    assert filled.todo() == first
    filled.pass_(next(iter(first)))
    assert filled.todo() == (
        then or {next(one for one in ("cora", "vera") if one != next(iter(first))): ["verify"]}
    )
    filled.pass_(next(iter(filled.todo())))
    assert set(filled.todo()) == {"lea", "lou"}


def test_only_who_has_not_acted_is_removed(filled: TownCase) -> None:
    """减签: the added one goes; the last who decides does not."""
    task = filled.task("vera")
    filled.as_("vera", lambda work: signers.add(work, task.id, ["cora", "solo"]))
    with pytest.raises(AlreadySigner):
        filled.as_("vera", lambda work: signers.add(work, task.id, ["cora"]))
    filled.pass_("solo")
    for name, refusal in (("solo", CannotRemove), ("vera", CannotRemove)):
        if name == "vera":
            filled.as_("vera", lambda work: signers.remove(work, task.id, ["cora"]))
            continue
        with pytest.raises(refusal):
            filled.as_("vera", lambda work, name=name: signers.remove(work, task.id, [name]))
    assert filled.todo() == {"vera": ["verify"]}


def test_two_claims_the_second_is_told_who_has_it(town: TownCase) -> None:
    """认领: claimed it is gone from the others' lists; given back it is there again."""
    verify = one(
        "verify", "verify", "end", assign=person("verifier", "parent"), sign={"mode": "pool"}
    )
    town.flow(one("fill", "fill", "verify"), verify).send().fill()
    task = town.task("vera")
    with pytest.raises(ClaimFirst):
        town.as_("vera", lambda work: commands.pass_(work, task.id))
    town.as_("val", lambda work: claim.claim(work, task.id))
    assert town.todo() == {"val": ["verify"]}
    with pytest.raises(ClaimedByOther) as told:
        town.as_("vera", lambda work: claim.claim(work, task.id))
    assert told.value.holder == "val"
    with pytest.raises(NotFound):
        town.as_("lea", lambda work: claim.claim(work, task.id))
    town.as_("val", lambda work: claim.unclaim(work, task.id))
    assert set(town.todo()) == {"vera", "val", "vic"}
    town.as_("vic", lambda work: claim.claim(work, task.id))
    assert town.pass_("vic").status == "done"


def test_taken_back_before_the_next_has_acted(filled: TownCase) -> None:
    """拿回: the next person's to-do vanishes and they are told; after they acted it is too late."""
    task = filled.task("vera")
    filled.pass_("vera")
    filled.as_("vera", lambda work: take_back.take_back(work, task.id))
    assert set(filled.todo()) & {"lea", "lou"} == set()
    assert "vera" in filled.todo()
    again = filled.task("vera")
    filled.pass_("vera").pass_("lea")
    with pytest.raises((TooLate, Problem)):
        filled.as_("vera", lambda work: take_back.take_back(work, again.id))
    assert filled.status == "done"


def test_urged_once_an_hour(filled: TownCase, clock: Clock) -> None:
    """催办 by who filled it in; strangers do not find the case."""
    case = filled.case.id
    assert filled.as_("ann", lambda work: talk.urge(work, case, text="急")) == 1
    assert "flow.notice.urged" in filled.told("vera")
    with pytest.raises(UrgedTooOften):
        filled.as_("ann", lambda work: talk.urge(work, case))
    clock.forward(hours=1)
    assert filled.as_("ann", lambda work: talk.urge(work, case)) == 1
    with pytest.raises(NotFound):
        filled.as_("tom", lambda work: talk.urge(work, case))


def test_who_is_let_know_looks_and_cannot_act(filled: TownCase) -> None:
    """抄送: once each, with a read receipt; a task of theirs it is not."""
    case = filled.case.id
    tom = who(filled.system, "tom")
    filled.as_("vera", lambda work: talk.copy(work, case, ["tom"], text="请知悉"))
    filled.as_("vera", lambda work: talk.copy(work, case, ["tom"]))
    assert filled.told("tom") == ["flow.notice.copied"]
    assert filled.tasks("tom") == []
    with filled.system.read(tom) as work:
        assert not cases.read(work, case).may_act
    filled.as_("tom", lambda work: beside.read_copy(work, case))
    with filled.system.read(TESTER) as work:
        (copy,) = beside.copies(work.connection, case)
    assert copy["read_at"] is not None
    for act in (lambda work: talk.copy(work, case, ["solo"]), lambda work: talk.urge(work, case)):
        with pytest.raises(Forbidden):
            filled.as_("tom", act)


def test_a_question_and_its_answer_move_nothing(filled: TownCase) -> None:
    """沟通: who is asked is told and may look; both stand in the history."""
    case = filled.case.id
    before = filled.todo()
    filled.as_("vera", lambda work: talk.comment(work, case, "7 人都在吗？", to=["ann"]))
    assert filled.told("ann")[0] == "flow.notice.commented"
    filled.as_("ann", lambda work: talk.comment(work, case, "都在"))
    assert [one["comment"] for one in events(filled, "commented")] == ["7 人都在吗？", "都在"]
    assert filled.todo() == before
    with pytest.raises(OpinionNeeded):
        filled.as_("ann", lambda work: talk.comment(work, case, "  "))


def test_the_office_suspends_ends_and_begins_anew(filled: TownCase) -> None:
    """挂起 唤醒 终止 重启 作废, each a state of its own; nobody else may."""
    case = filled.case.id
    with pytest.raises((NotFound, Forbidden)):
        filled.as_("vera", lambda work: course_of_case.suspend(work, case))
    filled.as_("office", lambda work: course_of_case.suspend(work, case, comment="等"))
    with pytest.raises(OnHold):
        filled.pass_("vera")
    filled.as_("office", lambda work: course_of_case.resume(work, case))
    with pytest.raises(OpinionNeeded):
        filled.as_("office", lambda work: course_of_case.terminate(work, case, comment=" "))
    filled.as_("office", lambda work: course_of_case.terminate(work, case, comment="不要了"))
    assert (filled.status, filled.todo()) == ("terminated", {})
    filled.as_("office", lambda work: course_of_case.restart(work, case))
    assert (filled.status, filled.case.ended_at) == ("running", None)
    filled.fill().pass_("vera").pass_("lea")
    filled.as_(
        "office", lambda work: course_of_case.terminate(work, case, comment="错", outcome="voided")
    )
    assert filled.status == "voided"


def test_returned_to_any_step_that_was_passed(filled: TownCase) -> None:
    """退回: the chooser lists only those; to a verifier a reason is enough; straight back where asked."""
    filled.pass_("vera")
    task = filled.task("lea")
    with filled.system.read(TESTER) as work:
        flow = store.flow(work.connection, filled.case.flow_code, filled.case.flow_version)
    assert machine.returnable_steps(flow, filled.case.state, task.key) == ("verify", "fill")
    filled.as_("lea", lambda work: commands.return_(work, task.id, {}, to="verify", comment="再核"))
    assert set(filled.todo()) >= {"vera"}
    filled.pass_("vera")
    again = filled.task("lea")
    filled.as_(
        "lea", lambda work: commands.return_(work, again.id, {"/count": "不对"}, resubmit="back")
    )
    filled.fill()
    assert set(filled.todo()) == {"lea", "lou"}


def test_a_deputy_acts_in_the_others_name(filled: TownCase, clock: Clock) -> None:
    """代理: both see it, whoever acts first closes it, the act is logged as B 代 A; after the period no more."""
    until = clock.at + timedelta(days=2)
    filled.as_("vera", lambda work: deputies.away(work, work.now, until, deputy="cora"))
    assert "cora" in filled.todo()
    assert "vera" in filled.todo()
    filled.pass_("cora")
    (event,) = events(filled, "passed")
    cora, vera = (who(filled.system, one).id for one in ("cora", "vera"))
    assert (event["by"], event["acting_for"]) == (cora, vera)
    filled.send("2026-12").fill()
    clock.forward(days=3)
    assert "cora" not in filled.todo()


def test_nobody_verifies_what_they_filled_in_as_a_deputy(filled: TownCase, clock: Clock) -> None:
    """cora fills in for ann, and as vera's deputy would verify it: refused."""
    until = clock.at + timedelta(days=2)
    for login in ("ann", "vera"):
        filled.as_(login, lambda work: deputies.away(work, work.now, until, deputy="cora"))
    filled.send("2026-12").fill("cora")
    with pytest.raises(OwnWork):
        filled.pass_("cora", "verify")
    filled.pass_("val")


def test_who_is_away_without_a_deputy_is_not_asked(town: TownCase, clock: Clock) -> None:
    """在休假: the others of the position are; where nobody is left it is an incident."""
    until = clock.at + timedelta(days=9)
    for login in ("vera", "val"):
        town.as_(login, lambda work: deputies.away(work, work.now, until))
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "end", assign=person("verifier", "parent"), sign={"mode": "all"}),
    )
    town.send().fill()
    assert town.todo() == {"vic": ["verify"]}
    town.as_("vic", lambda work: deputies.away(work, work.now, until))
    town.send("2026-12").fill()
    assert town.incidents() == ["verify: unassigned"]


def test_a_leavers_work_changes_hands_in_one_act(town: TownCase) -> None:
    """离职转办: open tasks and what the flow would give them later."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "end", assign={"rule": "person", "person": "val"}),
    )
    town.send().fill()
    assert town.todo() == {"val": ["verify"]}
    done = town.system.write(
        TESTER, lambda work: hand_over.hand_over(work, "val", "vic", reason="离职")
    )
    assert (done.moved, done.left) == (1, ())
    assert town.todo() == {"vic": ["verify"]}
    town.send("2026-12").fill()
    assert town.todo() == {"vic": ["verify", "verify"]}
    with pytest.raises(Forbidden):
        town.as_("vera", lambda work: hand_over.hand_over(work, "vic", "val", reason="x"))


def test_what_is_stuck_is_solved_by_its_office(town: TownCase) -> None:
    """Given to somebody, sent to another step, or ended; by nobody else."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "approve", assign=person("auditor", "parent")),
        one("approve", "approve", "end", assign=person("leader", "parent")),
    )

    def stuck(period: str) -> str:
        town.send(period).fill()
        with town.system.read(who(town.system, "office")) as work:
            (found,) = beside.incidents(work, case_id=town.case.id)
        return found.id

    first = stuck("2026-07")
    with pytest.raises((NotFound, Forbidden)):
        town.as_("vera", lambda work: incident.assign(work, first, ["vera"]))
    town.as_("office", lambda work: incident.assign(work, first, ["vic"], comment="请办"))
    assert town.todo() == {"vic": ["verify"]}
    second = stuck("2026-08")
    town.as_("office", lambda work: incident.reroute(work, second, "approve", comment="跳过"))
    assert set(town.todo()) == {"vic", "lea", "lou"}
    stuck("2026-09")
    case = town.case.id
    town.as_("office", lambda work: course_of_case.terminate(work, case, comment="不办了"))
    assert town.incidents() == []


def test_absences_are_checked(town: TownCase, clock: Clock) -> None:
    """Oneself, a period that ends before it begins, somebody else's absence."""
    with pytest.raises(presence.DeputyWrong):
        town.as_("vera", lambda work: deputies.away(work, work.now, None, deputy="vera"))
    with pytest.raises(presence.DeputyWrong):
        town.as_(
            "vera",
            lambda work: deputies.away(work, work.now, work.now - timedelta(1), deputy="val"),
        )
    found = town.as_("vera", lambda work: deputies.away(work, work.now, None, deputy="val"))
    with pytest.raises(NotFound):
        town.as_("val", lambda work: deputies.back(work, found))
    town.as_("vera", lambda work: deputies.back(work, found))
    clock.forward(minutes=1)
    with town.system.read(who(town.system, "vera")) as work:
        assert presence.absences(work.connection, work.actor.id, now=work.now) == []


@pytest.mark.parametrize("until", ["acted", "seen", "never"])
def test_until_when_a_submission_can_be_taken_back(town: TownCase, until: str) -> None:
    """撤回: until the next has acted, until they have opened it (已阅), or never, as the flow says."""
    verify = one("verify", "verify", "end", assign=person("verifier", "parent"))
    town.flow(one("fill", "fill", "verify"), verify, withdraw=until).send().fill()
    if until == "never":
        with pytest.raises(NothingToTakeBack):
            town.as_("ann", lambda work: commands.withdraw(work, town.document))
        return
    town.as_("ann", lambda work: commands.withdraw(work, town.document))
    assert set(town.todo()) >= {"ann"}
    assert "flow.notice.withdrawn" in town.told("vera") or town.tasks("vera") == []
    town.fill()
    task = town.task("vera")
    town.as_("vera", lambda work: commands.open_task(work, task.id))
    if until == "seen":
        with pytest.raises(TooLate):
            town.as_("ann", lambda work: commands.withdraw(work, town.document))
    town.pass_("vera")
    with pytest.raises((TooLate, NothingToTakeBack, Ended)):
        town.as_("ann", lambda work: commands.withdraw(work, town.document))
