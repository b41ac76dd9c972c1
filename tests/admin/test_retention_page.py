"""The page of retention periods: set, told, held; what is missing is said and what was typed stays."""

from typing import Any

from engine.work import System
from tests.admin.reports import FORM

BASIS = "档案管理规定：短期保管"


def test_the_page_tells_asks_and_decides(system: System, log_in: Any) -> None:
    """Set on the page, seen on the page; what is missing is told and what was typed stands there again."""
    security = log_in("anquan")
    page = security.get("/retention")
    assert "还没有定留存期限" in page.text
    refused = security.press("/retention", what=f"form:{FORM}", years="三", months="", basis=BASIS)
    assert (refused.status_code, BASIS in refused.text) == (422, True)
    made = security.press("/retention", what=f"form:{FORM}", years="5", months="", basis=BASIS)
    assert made.status_code == 303
    page = security.get("/retention").text
    assert "5 年" in page
    assert BASIS in page
    assert security.press("/retention/ask").status_code == 409
    held = security.press("/retention", what=f"form:{FORM}", basis="审计署现场审计", action="hold")
    assert held.status_code == 303
    assert "审计署现场审计" in log_in("shenji").get("/retention").text
    assert log_in("huian").get("/retention").status_code == 403
