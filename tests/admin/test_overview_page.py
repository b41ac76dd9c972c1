"""Who is late with what: by level and unit, as tiles, sorted, and as a file."""

import csv
import io
from datetime import timedelta
from typing import Any

from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.reports import FORM, TWO
from workflows import dispatches


def test_the_table_the_tiles_and_the_file_say_the_same(system: System, log_in: Any) -> None:
    """A department sees what it sent, unit by unit; a street's leader the same of its communities."""
    first = reports.sent(system)
    reports.final(system, first)
    system.write(
        installed.person(system, "minzheng"),
        lambda work: dispatches.create(work, FORM, TWO, "2026-12", work.now + timedelta(days=9)),
    )
    for login in ("minzheng", "lingdao"):
        visitor = log_in(login)
        page = visitor.get("/progress").text
        assert page.count("惠安社区居民委员会") == 1
        assert "已办结" in page
        assert "2026年12月" in page
        assert "50%" in visitor.get("/progress?view=tiles").text
        only = visitor.get("/progress?period=2026-12").text
        assert "2026年11月</span>" not in only
        answer = visitor.get("/progress/csv")
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [row[2:] for row in rows[1:]] == [["已办结", "待填报"], ["待填报", "待填报"]]
    order = log_in("minzheng").get("/progress?sort=done").text
    assert order.index("南尧社区") < order.index("惠安社区")


def test_others_see_nothing_of_it(system: System, log_in: Any) -> None:
    """Another department's table is empty; a place that is not there is as if none was asked for."""
    reports.sent(system)
    assert "还没有报表" in log_in("tongji").get("/progress").text
    assert log_in("minzheng").get("/progress?below=999999").status_code == 404
    assert log_in("huian").get("/progress").status_code == 403
