"""Figures are counted from what really happened, and lead to the reports behind them."""

from collections.abc import Callable

from admin import working
from engine.jobs.registry import JOBS
from engine.measures import store as measures
from engine.measures.contract import FACT
from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from workflows import facts

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
        (fact,) = measures.facts(work)
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


def test_nothing_divided_by_nothing_is_no_figure() -> None:
    """An indicator without a denominator shows no number."""
    assert measures.Figure(measures.MEASURES[0], 0, 0).value is None
    assert measures.Figure(measures.MEASURES[0], 3, 4).value == 0.75
    assert len({one.code for one in measures.MEASURES}) == len(measures.MEASURES)
    assert FACT.name == "report_fact"
