"""What a script says of its report: each fault told with its place, before anything is played."""

from pathlib import Path
from typing import Any

import pytest

from tests.workflows.test_simulate import simulated, three

RIGHT: dict[str, Any] = {"period": "2026-11", "deadline": "月后5日前"}


@pytest.mark.parametrize(
    ("report", "where", "part"),
    [
        ({"period": "2026-13"}, "/report/period", "2026-13"),
        ({"period": "2026-Q3"}, "/report/deadline", "月后5日前"),
        ({"deadline": "月后5号"}, "/report/deadline", "月后5号"),
        ({"deadline": "县级 4月31日、市级 4月9日"}, "/report/deadline", "4月31日"),
        ({"deadline": "月后5日前、第五季度免报"}, "/report/deadline", "第五季度免报"),
        ({"deadline": {"day": 40}}, "/report/deadline", "day"),
        ({"deadline": {"days": 3, "often": True}}, "/report/deadline", "often"),
        ({"due": "2026-12-09"}, "/report", "deadline, due"),
        ({"level": "street"}, "/report/level", "street"),
        ({"refused": "no-such"}, "/report/refused", "no-such"),
        ({"hours": -1}, "/report/hours", "-1"),
    ],
)
def test_a_wrong_date_is_told_with_its_place(
    report: dict[str, Any], where: str, part: str, tmp_path: Path
) -> None:
    """Exit code 2, the part of the script, and the words that are not understood."""
    script = {"report": {**RIGHT, **report}, "actions": []}
    printed = simulated(tmp_path, three(), script)
    assert printed.exit_code == 2
    assert where in printed.output
    assert part in printed.output


def test_a_day_that_no_calendar_has_is_told(tmp_path: Path) -> None:
    """The thirtieth of February."""
    script = {"report": {"period": "2026-01", "due": "2026-02-30"}, "actions": []}
    printed = simulated(tmp_path, three(), script)
    assert (printed.exit_code, "/report/due" in printed.output) == (2, True)


def test_without_a_report_there_is_no_date_to_change(tmp_path: Path) -> None:
    """Told, not played."""
    actions = [
        {"do": "extend", "by": "office", "until": "2026-12-01", "comment": "停电", "refused": "simulate.no-report"},
        {"do": "exempt", "by": "office", "comment": "停电", "refused": "simulate.no-report"},
    ]  # fmt: skip
    printed = simulated(tmp_path, three(), {"actions": actions})
    assert printed.exit_code == 0, printed.output


def test_a_period_sent_though_it_should_not_be_is_as_wrong_as_the_other_way(tmp_path: Path) -> None:
    """`refused` is an expectation like any other."""
    script = {"at": "2026-12-01T09:00", "report": {**RIGHT, "refused": True}, "actions": []}
    assert simulated(tmp_path, three(), script).exit_code == 1
    late = {"at": "2026-12-09T09:00", "report": RIGHT, "actions": []}
    assert simulated(tmp_path, three(), late).exit_code == 1
