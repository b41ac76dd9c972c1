"""Leave and deputies on their page."""

from typing import Any

from engine.identity import store as identity
from engine.work import System
from tests import installed


def test_a_leave_is_told_with_its_last_day(system: System, log_in: Any) -> None:
    """Typed as until the 30th with that day, it was shown as until midnight of the 1st."""
    with system.read(installed.ANYBODY) as work:
        deputy = identity.actor_by_login(work.connection, "shihuiyao", now=work.now)
    leader = log_in("lingdao")
    gone = leader.press(
        "/account/away", action="away", starts="2026-11-23", ends="2026-11-30", person=deputy.id
    )
    assert gone.status_code == 303
    page = leader.get("/account/away").text
    assert (deputy.name in page, "2026-11-30" in page, "2026-12-01" in page) == (True, True, False)
