"""Figures are counted from what really happened, and lead to the reports behind them."""

from collections.abc import Callable
from datetime import timedelta

from admin import working
from engine.jobs.registry import JOBS
from engine.measures import store as measures
from engine.measures.contract import FACT
from engine.work import System
from forms import disputes
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from tests.admin.test_disputes import known_beds
from workflows import dispatches, facts

LogIn = Callable[[str], Caller]


def counted(system: System) -> None:
    """What the job does every ten minutes."""
    kind = JOBS.kind(facts.KIND)
    assert kind.look is not None
    with system.read(working.ACTOR) as work:
        seen = kind.look(work, {})
    system.write(working.ACTOR, lambda work: kind.handler(work, {"seen": seen}))


def figures(system: System, login: str = "minzheng") -> dict[str, dict[str, tuple[int, int]]]:
    """By organisation and indicator, both sides."""
    with system.read(installed.person(system, login)) as work:
        return {
            line.key: {f.measure.code: (f.numerator, f.denominator) for f in line.figures}
            for line in measures.lines(work, "organisation")
        }


def test_a_report_handed_in_is_counted_once(system: System) -> None:
    """Cells, a return, in time; counted again when it is final, never twice."""
    assert figures(system) == {}
    sent = reports.sent(system)
    record = reports.handed_in(system, sent, births=2)
    counted(system)
    first = figures(system)[installed.COMMUNITIES[0]]
    assert first["returns"] == (0, 1)
    assert first["late"] == (0, 1)
    assert first["autofill"][1] > 0
    assert first["autofill"][0] <= first["autofill"][1]
    reports.returned(system, sent, record, "/births")
    reports.again(system, sent, "huian", {"/births": 3})
    counted(system)
    with system.read(installed.ANYBODY) as work:
        (fact,) = measures.reports(work)
    assert (fact["document_id"], fact["returns"], fact["late"]) == (record, 1, 0)
    assert fact["submitted"] <= fact["asked"]
    assert fact["accepted"] <= fact["prefilled"] <= fact["asked"]


def test_whoever_may_not_read_a_report_sees_no_figure_of_it(system: System, log_in: LogIn) -> None:
    """Another office sees none; the street sees its own; the page leads to the reports."""
    record = reports.handed_in(system, reports.sent(system))
    counted(system)
    assert figures(system, "tongji") == {}
    assert set(figures(system, "shenhe")) == {installed.COMMUNITIES[0]}
    page = log_in("minzheng").get(f"/measures?org={installed.COMMUNITIES[0]}")
    assert page.status_code == 200
    assert f"/records/{record}" in page.text
    assert "自动填报率" in page.text
    for by in ("month", "form", "nonsense"):
        assert log_in("minzheng").get(f"/measures?by={by}").status_code == 200
    assert log_in("huian").get("/measures").status_code == 403


def test_a_value_taken_over_by_two_reports_is_reused_twice(system: System, log_in: LogIn) -> None:
    """Huian takes its 26 beds over in November and December; Nanyao writes another number than its own."""
    huian, nanyao = installed.COMMUNITIES[:2]
    for place in (huian, nanyao):
        known_beds(system, organisation=place)
    november = reports.sent(system)
    reports.handed_in(system, november)
    reports.handed_in(system, november, "nanyao", elder_beds=27)
    december = system.write(
        installed.person(system, "minzheng"),
        lambda work: dispatches.create(
            work, reports.FORM, [huian], "2026-12", work.now + timedelta(days=5)
        ),
    )
    last = reports.handed_in(system, december)
    counted(system)
    counted(system)
    assert figures(system)[huian]["reuse"] == (2, 1)
    assert figures(system)[nanyao]["reuse"] == (0, 0)
    with system.read(installed.person(system, "minzheng")) as work:
        used = measures.reuses(work, {"organisation": huian})
        (month,) = measures.lines(work, "month")
        assert measures.reuses(work, {"month": "1999-01"}) == []
    assert [(one["field"], one["values"]) for one in used] == [("org.elder_beds", 1)] * 2
    assert last in {one["document_id"] for one in used}
    assert {one["period"] for one in used} == {"2026-11", "2026-12"}
    assert {f.measure.code: f.value for f in month.figures}["reuse"] == 2.0
    assert figures(system, "tongji") == {}
    page = log_in("minzheng").get(f"/measures?org={huian}").text
    assert "2 / 1" in page
    assert "哪些数据被哪些报表复用" in page


def test_a_dispute_is_verified_when_the_steward_decided_it(system: System, log_in: LogIn) -> None:
    """Three are raised about Huian's beds: one corrects them, one confirms them, one waits: 2 of 3."""
    huian = installed.COMMUNITIES[0]
    known_beds(system)
    sent = reports.sent(system)
    record = reports.document_of(system, sent, huian)
    filler, steward = (installed.person(system, one) for one in ("huian", "minzheng"))
    assert log_in("huian").get(f"/tasks/{reports.waiting(system, sent, 'huian', 'fill')}").status_code == 200  # fmt: skip

    def raised(claimed: int) -> str:
        return system.write(
            filler,
            lambda work: disputes.begin(work, record, "/elder_beds", claimed, "上周新添了床位"),
        )

    def decided(number: str, *, upheld: bool) -> None:
        system.write(
            steward, lambda work: disputes.decide(work, number, upheld=upheld, answer="到现场核实")
        )

    first = raised(30)
    counted(system)
    assert figures(system)[huian]["verified"] == (0, 1)
    decided(first, upheld=True)
    decided(raised(31), upheld=False)
    raised(32)
    counted(system)
    counted(system)
    assert figures(system)[huian]["verified"] == (2, 3)
    with system.read(steward) as work:
        kept = measures.disputes(work, {"organisation": huian})
        (line,) = measures.lines(work, "organisation")
    assert sorted((one["corrected"], one["confirmed"]) for one in kept) == [(0, 0), (0, 1), (1, 0)]
    assert line.reports == 0
    assert figures(system, "tongji") == {}
    page = log_in("minzheng").get(f"/measures?org={huian}").text
    for said in ("更新核准率", "2 / 3", "已更正", "确认保留", "待核实", f"/records/{record}"):
        assert said in page


def test_nothing_divided_by_nothing_is_no_figure() -> None:
    """An indicator without a denominator shows no number."""
    assert measures.Figure(measures.MEASURES[0], 0, 0).value is None
    assert measures.Figure(measures.MEASURES[0], 3, 4).value == 0.75
    assert len({one.code for one in measures.MEASURES}) == len(measures.MEASURES)
    assert FACT.name == "report_fact"
