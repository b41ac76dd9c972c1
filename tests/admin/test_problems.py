"""What a page answers with when it cannot do what was pressed."""

from collections.abc import Callable

import pytest

from tests.admin.conftest import Caller

HOST = "http://testserver.local"


@pytest.mark.parametrize(
    ("referer", "to"),
    [
        (f"{HOST}/records?q=a", "/login?next=/records%3Fq%3Da"),
        (f"{HOST}/login?next=/ledgers", "/login?next=/ledgers"),
        ("https://elsewhere.example/records", "/login"),
        ("", "/login"),
    ],
)
def test_a_press_after_the_log_in_ended_leads_to_the_door_and_back(
    log_in: Callable[[str], Caller], referer: str, to: str
) -> None:
    """Told that nothing was done, back at their page afterwards; only a page of ours is gone back to."""
    caller = log_in("huian")
    caller.cookies.clear()
    told = caller.send("POST", "/notices/read", data={}, headers={"referer": referer})
    assert (told.status_code, told.headers["location"]) == (303, to)
    assert "没有执行" in caller.get("/login").text


def test_logging_out_twice_is_no_fault(log_in: Callable[[str], Caller]) -> None:
    """Who is out already is at the door, and nothing more is said."""
    caller = log_in("huian")
    caller.cookies.clear()
    assert caller.send("POST", "/logout", data={}).headers["location"] == "/login"
    assert "没有执行" not in caller.get("/login").text
