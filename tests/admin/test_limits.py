"""How often something may be done in a minute."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar

from admin.web import limits
from admin.web.limits import Limits, TooOften
from tests.admin.test_routes import addresses


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 20), max_size=40), st.integers(1, 5))
def test_never_more_than_so_many_in_any_minute(gaps: list[int], limit: int) -> None:
    """Whenever they come; and who waits as long as told is let in."""
    counted, at, let_in = Limits(), 1000.0, []
    for gap in gaps:
        at += gap
        try:
            counted.take("search", "yu", limit, now=at)
            let_in.append(at)
        except TooOften as told:
            assert let_in[-limit] > at - limits.WINDOW
            Limits.take(_copy(counted), "search", "yu", limit, now=at + told.seconds)
    for first in let_in:
        assert sum(first <= one < first + limits.WINDOW for one in let_in) <= limit


def _copy(known: Limits) -> Limits:
    made = Limits()
    made._done.update({key: type(done)(done) for key, done in known._done.items()})
    return made


def test_nobody_pays_for_somebody_else() -> None:
    """By kind and by key; nought and no key are no limit."""
    counted = Limits()
    counted.take("search", "yu", 1, now=0)
    counted.take("search", "li", 1, now=0)
    counted.take("export", "yu", 1, now=0)
    for _ in range(5):
        counted.take("search", "yu", 0, now=0)
        counted.take("search", "", 1, now=0)
    with pytest.raises(TooOften):
        counted.take("search", "yu", 1, now=0)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood from many addresses does not fill the memory."""
    monkeypatch.setattr(limits, "MOST_KEYS", 100)
    counted = Limits()
    for number in range(1000):
        counted.take("login", str(number), 1, now=0)
    assert len(counted._done) == 100


def test_every_limited_address_is_there(app: Litestar) -> None:
    """A route that is renamed takes its limit along, or this fails."""
    known = {(address.method, address.path) for address in addresses(app)}
    assert known >= limits.LOGIN | limits.SEARCH | limits.COUNT | limits.EXPORT | limits.OPEN
