"""Empty chairs, one's own work, sparing a person twice, time-outs, holding, ending, subflows."""

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.case import Case, made, one, person, three
from workflows.core.decision import (
    ArmTimer,
    CancelSubflows,
    CopyTo,
    Finished,
    Incident,
    IncidentSolved,
    PauseTimers,
    ResumeTimers,
    StartSubflow,
    WriteBack,
)
from workflows.core.refusals import (
    Ended,
    NotEnded,
    NotOnHold,
    OnHold,
    OpinionNeeded,
    TaskClosed,
    UrgedTooOften,
)


def at_verify(flow: dict[str, Any] | None = None, **verify: Any) -> Case:
    """Filled in by ann; the verify step as given."""
    document = three(**(flow or {}))
    document["steps"][1].update(verify)
    return Case(document).do("started").do("submitted", "ann", "fill")


class TestEmptyChair:
    """审批人为空: never silently stuck."""

    def test_an_incident_unless_the_step_says_otherwise(self) -> None:
        """Whoever looks after the flow names somebody, and it goes on."""
        case = at_verify().do("unassignable", at="verify")
        incident = case.seen(Incident)[0]
        assert (incident.step, incident.reason) == ("verify", "unassigned")
        assert case.todo == []
        case.do("assigned", "adm", task=incident.key, people=("V",))
        assert case.seen(IncidentSolved) == [IncidentSolved(incident.key)]
        assert case.todo == ["verify:V"]

    @pytest.mark.parametrize("mode", ["one", "all", "in_order"])
    def test_passed_with_the_reason(self, mode: str) -> None:
        """empty: pass."""
        case = at_verify(empty="pass", sign={"mode": mode}).do("unassignable", at="verify")
        assert case.todo == ["approve"]
        passed = next(visit for visit in case.state.visits if visit.step == "verify")
        assert passed.auto == "empty"

    def test_refused(self) -> None:
        """empty: reject."""
        assert at_verify(empty="reject").do("unassignable", at="verify").state.status == "rejected"

    def test_somebody_else_is_asked_and_if_there_is_nobody_either_it_is_an_incident(self) -> None:
        """empty: assign."""
        case = at_verify(empty={"assign": {"rule": "person", "person": "P"}})
        case.do("unassignable", at="verify")
        assert case.opened[0].assign.person == "P"
        assert case.do("unassignable", at="verify").seen(Incident)
        case = at_verify(empty={"assign": {"rule": "person", "person": "P"}})
        assert case.do("unassignable", at="verify").do("passed", "P", "verify").todo == ["approve"]

    def test_an_empty_chair_among_several_signers_is_filled_by_the_office(self) -> None:
        """Incident on a countersign: naming two seats two."""
        case = at_verify(sign={"mode": "all"}).do("unassignable", at="verify")
        key = case.seen(Incident)[0].key
        assert case.do("assigned", "adm", task=key, people=("V", "W")).todo == [
            "verify:V",
            "verify:W",
        ]

    def test_filling_in_is_never_passed_for_want_of_people(self) -> None:
        """A document nobody filled in is no document."""
        document = three()
        document["steps"][0]["empty"] = "pass"
        case = Case(document).do("started").do("unassignable", at="fill")
        assert case.seen(Incident)[0].reason == "unassigned"

    def test_passing_empty_chairs_in_a_circle_is_an_incident(self) -> None:
        """Two steps that lead to each other and have nobody."""
        document = made(
            one("fill", "fill", "a"),
            one("a", "verify", [{"to": "end", "when": "x"}, {"to": "b"}], empty="pass"),
            one("b", "verify", "a", empty="pass"),
        )
        case = Case(document).do("started").do("submitted", "ann", "fill")
        for step in ("a", "b", "a"):
            case.do("unassignable", at=step)
        assert case.seen(Incident)[0].reason == "endless"

    def test_nobody_can_be_returned_to_where_nobody_was(self) -> None:
        """A step passed for want of people is not among the choices."""
        case = at_verify(empty="pass").do("unassignable", at="verify")
        case.do("returned", "L", "approve", to="fill", comment="x")
        assert case.todo == ["fill"]


class TestOwnWork:
    """发起人=审批人."""

    def test_the_only_one_found_filled_it_in(self) -> None:
        """refuse: an incident that says so; skip: passed with that reason; allow: theirs."""
        case = at_verify().do("assigned", at="verify", people=("ann",))
        assert case.seen(Incident)[0].reason == "own-work"
        case = at_verify(own="skip").do("assigned", at="verify", people=("ann",))
        assert case.todo == ["approve"]
        assert {visit.auto for visit in case.state.visits} == {"", "own-work"}
        case = at_verify(own="allow").do("assigned", at="verify", people=("ann",))
        assert case.do("passed", "ann", "verify").todo == ["approve"]

    def test_their_leader_is_asked(self) -> None:
        """leader: and if the leader is the author again, nobody is left."""
        case = at_verify(own="leader").do("assigned", at="verify", people=("ann",))
        assert (case.opened[0].assign.rule, case.opened[0].assign.person) == ("leader", "ann")
        assert case.do("assigned", at="verify", people=("ann",)).seen(Incident)

    def test_who_may_do_it_is_who_did_not_fill_it_in(self) -> None:
        """The author is no candidate."""
        case = at_verify().do("assigned", at="verify", people=("ann", "V"))
        assert case.state.open_tasks[0].candidates == ("V",)


class TestRepeat:
    """自动审批去重."""

    def long(self, repeat: str) -> Case:
        document = made(
            one("fill", "fill", "a"),
            one("a", "verify", "b"),
            one("b", "verify", "c"),
            one("c", "approve", "end"),
            repeat=repeat,
        )
        case = Case(document).do("started").do("submitted", "ann", "fill")
        return case.do("assigned", at="a", people=("V",)).do("passed", "V", "a")

    def test_asked_again_by_default(self) -> None:
        """ask."""
        assert self.long("ask").do("assigned", at="b", people=("V",)).todo == ["b"]

    def test_passed_once_is_passed_later_too(self) -> None:
        """once: also with somebody else in between; the reason is kept."""
        case = self.long("once").do("assigned", at="b", people=("W",)).do("passed", "W", "b")
        case.do("assigned", at="c", people=("V",))
        assert case.state.status == "done"
        assert [visit.auto for visit in case.state.visits if visit.step == "c"] == ["repeat"]

    def test_only_consecutive(self) -> None:
        """consecutive: not with somebody else in between."""
        case = self.long("consecutive").do("assigned", at="b", people=("V",))
        assert case.todo == ["c"]
        assert case.do("assigned", at="c", people=("V",)).state.status == "done"
        case = self.long("consecutive").do("assigned", at="b", people=("W",))
        case.do("passed", "W", "b").do("assigned", at="c", people=("V",))
        assert case.todo == ["c"]

    def test_filled_in_anew_it_is_asked_anew(self) -> None:
        """芋道#847: what was passed before the return was another document."""
        case = self.long("once").do("returned", "W", "b", to="fill", comment="x")
        case.do("submitted", "ann", "fill").do("assigned", at="a", people=("V",))
        assert case.todo == ["a"]

    def test_among_several_signers_only_the_new_ones_are_asked(self) -> None:
        """V has passed; W has not."""
        document = made(
            one("fill", "fill", "a"),
            one("a", "verify", "b"),
            one("b", "verify", "end", sign={"mode": "in_order"}),
            repeat="once",
        )
        case = Case(document).do("started").do("submitted", "ann", "fill").do("passed", "V", "a")
        case.do("assigned", at="b", people=("V", "W"))
        assert case.todo == ["b:W"]
        assert case.do("passed", "W", "b").state.status == "done"


DUE = {"after": 3, "unit": "working_days"}


class TestTime:
    """超时."""

    def test_a_task_brings_its_due_time_and_gets_it_anew_when_entered_again(self) -> None:
        """芋道#1018: the timer of the first entry finds its task closed; the second has its own."""
        case = at_verify(due={**DUE, "then": "pass"})
        first = case.key("verify")
        assert case.opened[0].due.after == 3
        case.do("returned", "V", "verify", to="fill", comment="x").do("submitted", "ann", "fill")
        assert case.opened[0].due.after == 3
        with pytest.raises(TaskClosed):
            case.do("timed_out", task=first)
        assert case.do("timed_out", at="verify").todo == ["approve"]

    def test_it_reminds_by_default(self) -> None:
        """Nothing moves."""
        case = at_verify(due=DUE).do("assigned", at="verify", people=("V",))
        assert case.do("timed_out", at="verify").todo == ["verify"]
        assert case.notices[0].people == ("V",)

    def test_it_can_agree_or_refuse_by_itself_with_the_reason(self) -> None:
        """自动同意, 自动拒绝."""
        case = at_verify(due={**DUE, "then": "pass"}).do("timed_out", at="verify")
        assert [v.auto for v in case.state.visits if v.step == "verify"] == ["timeout"]
        case = at_verify(due={**DUE, "then": "reject"}).do("timed_out", at="verify")
        assert case.state.status == "rejected"

    def test_it_can_be_handed_to_a_superior_once(self) -> None:
        """After that, reminders only."""
        case = at_verify(due={**DUE, "then": "assign", "assign": person("leader", "parent")})
        case.do("timed_out", at="verify")
        assert case.opened[0].assign.role == "leader"
        assert case.closed == {"verify": "timed_out"}
        assert case.do("timed_out", at="verify").opened == []
        assert case.do("passed", "S", "verify").todo == ["approve"]

    def test_it_can_jump(self) -> None:
        """To another step; the one left is not passed."""
        case = at_verify(due={**DUE, "then": "jump", "to": "approve"}).do("timed_out", at="verify")
        assert case.todo == ["approve"]
        case.do("returned", "L", "approve", to="fill", comment="x")
        assert case.todo == ["fill"]

    def test_a_late_opinion_does_not_hold_up_the_decision(self) -> None:
        """Delegated, and the one asked is silent: back to who asked."""
        case = at_verify(due={**DUE, "then": "pass"}).do("delegated", "V", "verify", to="B")
        assert case.do("timed_out", at="verify").todo == ["verify:V"]

    def test_one_of_several_signers_runs_out_of_time(self) -> None:
        """Their vote is passed with the reason; the others still decide."""
        case = at_verify(sign={"mode": "all"}, due={**DUE, "then": "pass"})
        case.do("assigned", at="verify", people=("V", "W"))
        case.do("timed_out", task=case.key("verify", "V"))
        assert case.todo == ["verify:W"]

    def test_a_pause_waits_for_its_time(self) -> None:
        """延迟."""
        document = made(
            one("fill", "fill", "pause"),
            {"code": "pause", "kind": "wait", "next": [{"to": "last"}], "due": DUE},
            one("last", "approve", "end"),
        )
        case = Case(document).do("started").do("submitted", "ann", "fill")
        armed = case.seen(ArmTimer)[0]
        assert case.todo == []
        assert case.do("timed_out", task=armed.key).todo == ["last"]

    def test_urged_by_a_person_once_an_hour_by_the_timer_any_time(self) -> None:
        """催办."""
        case = at_verify().do("assigned", at="verify", people=("V",)).do("urged", "ann", "verify")
        assert case.notices[0].people == ("V",)
        with pytest.raises(UrgedTooOften):
            case.do("urged", "boss", "verify")
        case.do("urged", "system", "verify")
        case.now += timedelta(hours=1)
        case.do("urged", "ann", "verify")


class TestOnHoldAndEnded:
    """挂起 唤醒 撤销 终止 作废 重启: states of their own."""

    def test_on_hold_nobody_decides_and_no_clock_runs(self) -> None:
        """Comments and copies go on."""
        case = at_verify(due=DUE)
        key = case.key("verify")
        case.do("suspended", "adm", comment="核查")
        assert case.seen(PauseTimers) == [PauseTimers((key,))]
        for kind, values in (
            ("passed", {"at": "verify"}),
            ("timed_out", {"at": "verify"}),
            ("withdrawn", {}),
        ):
            with pytest.raises(OnHold):
                case.do(kind, "V", **values)
        case.do("commented", "V", comment="?", to=("ann",))
        case.do("resumed", "adm")
        assert case.seen(ResumeTimers) == [ResumeTimers((key,))]
        with pytest.raises(NotOnHold):
            case.do("resumed", "adm")
        assert case.do("passed", "V", "verify").todo == ["approve"]

    @pytest.mark.parametrize("outcome", ["revoked", "terminated", "voided"])
    def test_each_way_of_ending_is_an_end_of_its_own(self, outcome: str) -> None:
        """With a reason; nothing is written back; nobody has it any more."""
        case = at_verify()
        with pytest.raises(OpinionNeeded):
            case.do("terminated", "ann", outcome=outcome)
        case.do("terminated", "ann", outcome=outcome, comment="x")
        assert case.state.status == outcome
        assert case.seen(Finished) == [Finished(outcome)]
        assert not case.seen(WriteBack)
        with pytest.raises(Ended) as refused:
            case.do("terminated", "ann", outcome=outcome, comment="x")
        assert outcome not in refused.value.text("zh"), "the outcome is told in words"

    def test_what_ended_can_begin_anew_and_what_runs_cannot(self) -> None:
        """重启."""
        case = at_verify()
        with pytest.raises(NotEnded):
            case.do("restarted", "adm")
        case.do("terminated", "ann", comment="x").do("restarted", "adm", comment="y")
        assert case.todo == ["fill"]
        case.do("submitted", "zoe", "fill").do("passed", "V", "verify").do("passed", "L", "approve")
        assert case.state.status == "done"

    def test_what_is_done_can_be_voided(self) -> None:
        """作废."""
        case = at_verify().do("passed", "V", "verify").do("passed", "L", "approve")
        with pytest.raises(Ended):
            case.do("terminated", "adm", comment="x")
        assert case.do("terminated", "adm", outcome="voided", comment="x").state.status == "voided"


def test_copies_are_sent_once_to_each() -> None:
    """抄送: de-duplicated in a case; copied people have nothing to do."""
    case = at_verify().do("copied", "ann", to=("X", "Y"))
    assert case.notices[0].people == ("X", "Y")
    case.do("copied", "V", to=("Y", "Z"))
    assert case.notices[0].people == ("Z",)
    assert case.do("copied", "V", to=("Y",)).notices == []
    assert case.todo == ["verify"]


def test_the_flow_copies_in_whom_its_rule_finds() -> None:
    """A notify step moves on at once."""
    document = made(
        one("fill", "fill", "tell"), one("tell", "notify", "b"), one("b", "verify", "end")
    )
    case = Case(document).do("started").do("submitted", "ann", "fill")
    assert case.seen(CopyTo)[0].assign.role == "leader"
    assert case.todo == ["b"]


class TestSubflow:
    """子流程: one for every row or organisation."""

    def below(self, **more: Any) -> Case:
        document = made(
            one("fill", "fill", "sub"),
            {
                "code": "sub",
                "kind": "subflow",
                "flow": "other",
                "each": "villages",
                "next": [{"to": "b"}],
                **more,
            },
            one("b", "verify", "end"),
        )
        return Case(document).do("started").do("submitted", "ann", "fill")

    def test_it_waits_for_all_of_them(self) -> None:
        """sync."""
        case = self.below()
        started = case.seen(StartSubflow)[0]
        assert (started.flow, started.each) == ("other", "/villages")
        case.do("children_started", task=started.key, children=("c1", "c2"))
        case.do("child_ended", task=started.key, child="c2", outcome="done")
        assert case.todo == []
        case.do("child_ended", task=started.key, child="c1", outcome="done")
        assert case.todo == ["b"]

    def test_it_need_not_wait(self) -> None:
        """async."""
        assert self.below(wait=False).todo == ["b"]

    def test_none_at_all_is_through_at_once(self) -> None:
        """An empty list of organisations."""
        case = self.below()
        case.do("children_started", task=case.seen(StartSubflow)[0].key, children=())
        assert case.todo == ["b"]

    def test_one_refused_refuses_the_whole_and_cancels_the_rest_unless_it_goes_on(self) -> None:
        """refused: reject or go_on."""
        for refused, status in (("reject", "rejected"), ("go_on", "running")):
            case = self.below(refused=refused)
            key = case.seen(StartSubflow)[0].key
            case.do("children_started", task=key, children=("c1", "c2"))
            case.do("child_ended", task=key, child="c1", outcome="rejected")
            assert case.state.status == status
            assert case.seen(CancelSubflows) == (
                [CancelSubflows(("c2",))] if refused == "reject" else []
            )

    def test_ending_the_parent_cancels_its_children(self) -> None:
        """No flow below runs on alone."""
        case = self.below()
        case.do("children_started", task=case.seen(StartSubflow)[0].key, children=("c1", "c2"))
        case.do("terminated", "adm", comment="x")
        assert case.seen(CancelSubflows) == [CancelSubflows(("c1", "c2"))]
