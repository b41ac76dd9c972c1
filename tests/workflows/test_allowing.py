"""准强制: such a check holds a report up until whoever verifies allows it, for the values they saw."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.working import runner
from engine.settings import ROOT
from engine.work import System, Work
from forms import documents, filing
from forms import packs as form_packs
from forms.filing import Edit
from forms.validate import CellProblem
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.case import made, one, person
from tests.workflows.town_case import TownCase
from workflows import allowing, bulk, checking, commands, flow, store
from workflows.allowing import AllowanceUnknown, ChecksNotAllowed

KEY = "check.g1:/count"
SAID = "三户在外务工，已电话核对"
WHY = "已看过流动登记，予以通过"
CHECK = {"code": "g1", "formula": "count <= 5", "severity": "gated", "text": "人数一般不超过五人"}
FILL = one("fill", "fill", "verify")
APPROVE = one("approve", "approve", "end", assign=person("leader", "parent"))


@pytest.fixture
def town(system: System) -> TownCase:
    """A street whose report has a check that the verifier must allow."""
    found = TownCase(system)
    form: dict[str, Any] = deepcopy(small_town.REPORT)
    form["form"]["checks"] = [CHECK]
    system.write(TESTER, lambda work: form_packs.load_form(work, form, ROOT))
    return found


def fill(town: TownCase, count: int, login: str = "ann") -> None:
    """Somebody reports so many, explains it and hands in."""
    task = town.task(login)

    def inside(work: Work) -> None:
        held = commands.open_task(work, task.id)
        edit = Edit(held.record.revision, {"/count": count}, explanations={KEY: SAID})
        commands.save_cells(work, held.record.id, edit, language="zh")
        commands.submit(work, task.id, confirm=True)

    town.as_(login, inside)


def allow(town: TownCase, login: str, allowed: dict[str, str]) -> None:
    """Somebody passes it and allows what does not hold."""
    task = town.task(login)
    town.as_(login, lambda work: commands.pass_(work, task.id, allow=allowed))


def passed(town: TownCase) -> Any:
    """The latest passing."""
    with town.system.read(TESTER) as work:
        return store.passes(work.connection, town.document)[-1]["document"]


def test_the_verifier_must_allow_and_the_record_says_so(town: TownCase) -> None:
    """Refused without a real reason; allowed it is signed; another value must be allowed anew."""
    town.send()
    fill(town, 7)
    for given_ in ({}, {KEY: "核实无误"}, {KEY: "同意"}, {KEY: "  "}):
        with pytest.raises(ChecksNotAllowed) as refused:
            allow(town, "vera", given_)
        assert [allowing.key_of(each) for each in refused.value.problems] == [KEY]
    with pytest.raises(AllowanceUnknown):
        allow(town, "vera", {KEY: WHY, "check.g9:/count": WHY})
    allow(town, "vera", {KEY: WHY})
    kept, vera = passed(town), small_town.person(town.system, "vera")
    assert kept["allowed"][KEY]["reason"] == WHY
    with town.system.read(TESTER) as work:
        record = documents.get(work.connection, town.document)
        form = filing.opened(work, record).form
        plain = documents.signed_digest(form.content_hash, record)
        assert kept["signature"] == commands.signature(work, record, kept["allowed"]) != plain
    with town.system.read(small_town.person(town.system, "office")) as work:
        (failed,) = checking.check(work, record.dispatch_id or "", "en").failed
        assert (failed.allowed[KEY].reason, failed.allowed[KEY].by) == (WHY, vera.id)
    lea = town.task("lea")
    town.as_("lea", lambda work: commands.return_(work, lea.id, {"/count": "请再核对"}))
    fill(town, 8)
    with pytest.raises(ChecksNotAllowed):
        allow(town, "vera", {})
    allow(town, "vera", {KEY: WHY})
    allow(town, "lea", {})
    assert town.status == "done"


@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        ("", "请写明原因。"),
        ("核实无误", "只写“核实无误”不够，请写清实际情况（至少 5 个字，“核实无误”之类不算）。"),
    ],
)
def test_a_reason_that_is_none_is_refused_and_said_to_be(
    town: TownCase, reason: str, ends: str
) -> None:
    """Whoever wrote 核实无误 is told that this is not enough, not only that the check fails."""
    town.send()
    task = town.task("ann")

    def inside(work: Work) -> list[CellProblem]:
        held = commands.open_task(work, task.id)
        edit = Edit(held.record.revision, {"/count": 7}, explanations={KEY: reason})
        commands.save_cells(work, held.record.id, edit, language="zh")
        return filing.obstacles(work, documents.get(work.connection, held.record.id))[1]

    (problem,) = (each for each in town.as_("ann", inside) if each.code == "check.g1")
    assert problem.text.endswith(ends)


def test_what_comes_back_unchanged_stays_allowed(town: TownCase) -> None:
    """Returned for a question and handed in with the same value: nobody is asked twice."""
    town.send()
    fill(town, 7)
    allow(town, "vera", {KEY: WHY})
    lea = town.task("lea")
    town.as_("lea", lambda work: commands.return_(work, lea.id, {"/count": "请再核对"}))
    fill(town, 7)
    allow(town, "vera", {})
    allow(town, "lea", {})
    assert town.status == "done"


def test_without_a_verifier_the_last_to_approve_must_allow(town: TownCase) -> None:
    """Of many at once it alone is refused, and told why."""
    town.flow(one("fill", "fill", "approve"), APPROVE).send()
    fill(town, 7)
    task = town.task("lea")
    ((_, problem),) = town.as_("lea", lambda work: bulk.pass_each(work, [task.id]))
    assert isinstance(problem, ChecksNotAllowed)
    assert town.status == "running"
    allow(town, "lea", {KEY: WHY})
    assert town.status == "done"


def test_time_alone_allows_nothing(town: TownCase, clock: Clock) -> None:
    """Where a step passes by itself after a day, the office is told instead; the verifier still can."""
    due = {"after": 1, "unit": "days", "then": "pass"}
    verify = one("verify", "verify", "approve", assign=person("verifier", "parent"), due=due)
    town.flow(FILL, verify, APPROVE).send()
    fill(town, 7)
    clock.forward(days=2)
    works = runner(town.system)
    works.work_off()
    works.stop()
    assert town.incidents() == ["verify: timer"]
    task, vera = town.task("vera"), small_town.person(town.system, "vera")
    town.system.write(vera, lambda work: commands.pass_(work, task.id, allow={KEY: WHY}))
    assert "lea" in town.todo()


NOBODY = person("secretary", "parent")
EMPTY = one("verify", "verify", "end", assign=NOBODY, empty="pass")
OWN = one("verify", "verify", "end", assign=person("leader"), own="skip")


@pytest.mark.parametrize(("step", "reason"), [(EMPTY, "unassigned"), (OWN, "own-work")])
def test_no_empty_chair_and_no_own_work_lets_it_slip(
    town: TownCase, step: dict[str, Any], reason: str
) -> None:
    """What would pass by itself to the end waits for a person; where nothing stands it still passes."""
    town.flow(one("fill", "fill", "verify", assign=person("leader")), step).send()
    fill(town, 7, "solo")
    assert (town.status, town.incidents()) == ("running", [f"verify: {reason}"])
    town.send("2026-12")
    fill(town, 5, "solo")
    assert town.status == "done"


def test_an_empty_chair_before_somebody_who_decides_is_passed(town: TownCase) -> None:
    """Whoever is the last to decide is asked in its place."""
    verify = one("verify", "verify", "approve", assign=NOBODY, empty="pass")
    town.flow(FILL, verify, APPROVE).send()
    fill(town, 7)
    with pytest.raises(ChecksNotAllowed):
        allow(town, "lea", {})
    allow(town, "lea", {KEY: WHY})
    assert town.status == "done"


def test_who_has_just_allowed_it_is_not_asked_again(town: TownCase) -> None:
    """One person verifies and approves: one allowance is enough for both."""
    steps = [
        one("verify", "verify", "approve", assign=person("leader")),
        one("approve", "approve", "end", assign=person("leader")),
    ]
    town.flow(FILL, *steps, repeat="once").send()
    fill(town, 7)
    allow(town, "solo", {KEY: WHY})
    assert town.status == "done"


numbers = st.integers(0, 9)


@given(numbers, numbers, st.sampled_from(["", "左 7 右 5", "左 8 右 5"]), numbers)
def test_an_allowance_is_of_what_was_seen(count: int, later: int, text: str, other: int) -> None:
    """The same values and sides are the same; another value of the check or side is another, a foreign cell is not."""
    before = CellProblem("/count", "gated", "左 7 右 5", "check.g1", ("/count",))
    after = replace(before, text=text)
    same = count == later and text == before.text
    first = allowing.seen({"count": count, "other": 0}, before)
    assert (first == allowing.seen({"count": later, "other": other}, after)) is same


kinds = st.lists(st.sampled_from(["fill", "verify", "approve"]), min_size=1, max_size=6)


@given(kinds, st.data())
def test_no_way_to_the_end_goes_round_it(steps: list[str], data: st.DataObject) -> None:
    """On every way on which anybody decides somebody must allow; a verifier always must."""
    routes = []
    for number, kind in enumerate(steps):
        later = [f"s{n}" for n in range(number + 1, len(steps))]
        targets = data.draw(
            st.lists(st.sampled_from([*later, "end"]), min_size=1, max_size=3, unique=True)
        )
        routes.append(one(f"s{number}", kind, [{"to": target} for target in targets]))
    found = flow.load({**made(*routes), "version": 1})
    asks = {step.code for step in found.steps if allowing.asks(found, step)}
    assert asks >= {step.code for step in found.steps if step.kind == "verify"}
    assert not asks & {step.code for step in found.steps if step.kind == "fill"}

    def walk(code: str, decided: bool, asked: bool) -> None:
        if code == "end":
            assert asked or not decided
            return
        step = found.by_code[code]
        for route in step.next:
            walk(route.to, decided or step.kind != "fill", asked or code in asks)

    walk("s0", False, False)
