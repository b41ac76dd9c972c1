"""The only clock. Everybody else is handed `work.now`, so that a year can be tested in a second."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)
