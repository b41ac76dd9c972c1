"""The only clock. Everybody else is handed `work.now`, so that a year can be tested in a second.

Moments are kept in UTC. "Today", due dates and whatever people read go by the office's wall clock:
a process has one, set when its installation is opened, as a machine has one time zone.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from engine.errors import Problem

OFFICE = "Asia/Shanghai"
DAY = timedelta(days=1)
SKEW = timedelta(minutes=5)
"""What is dated so much later than now was written while the machine's clock was wrong."""
_zone: list[tzinfo] = [ZoneInfo(OFFICE)]


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def keep_zone(name: str) -> None:
    """Let the office's wall clock be in a time zone. ValueError for one that is not known."""
    _zone[0] = zone_of(name)


def zone_of(name: str) -> tzinfo:
    """A time zone by its IANA name. ValueError for one that is not known."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise ValueError(name) from error


def zone() -> tzinfo:
    """The time zone of the office's wall clock."""
    return _zone[0]


def local(moment: datetime) -> datetime:
    """A moment by the office's wall clock."""
    return moment.astimezone(_zone[0])


def day(moment: datetime) -> date:
    """The office's day in which a moment lies."""
    return local(moment).date()


def stamp(moment: datetime) -> str:
    """A moment as it is kept: text order is time order, so every one has its microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def today() -> date:
    """The office's day now."""
    return day(now())


def begin(of: date) -> datetime:
    """The first moment of an office's day, in UTC."""
    return datetime.combine(of, time(), _zone[0]).astimezone(UTC)


def end(of: date) -> datetime:
    """The last second of an office's day, in UTC: what `4月9日24时` says."""
    return begin(of + DAY) - timedelta(seconds=1)


class DayInvalid(Problem):
    """What should be a day is none: `2026-11-31`, a word."""

    code, status = "clock.day-invalid", 422
    given: str


def asked_day(text: str) -> date | None:
    """The day that somebody asks for, as `2026-11-05`; None where nothing is asked. Raises DayInvalid."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise DayInvalid(given=text[:40]) from error
