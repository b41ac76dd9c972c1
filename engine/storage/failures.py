"""A database that is full or cannot be reached, as problems that people are told."""

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from engine.errors import Conflict, Problem

SQLITE_FULL = 13
SQLITE_UNAVAILABLE = {5, 6, 7, 8, 10, 11, 14, 26}
"""Busy, locked, no memory, read-only, disk error, damaged, cannot open, no database."""
POSTGRES_FULL = "53100"
POSTGRES_UNAVAILABLE = ("08", "25006", "40", "53", "55P03", "57", "58")
"""Connection, read-only, deadlock, resources, lock not available, shutting down, system error."""


SQLITE_TAKEN = {1555, 2067}
POSTGRES_TAKEN = "23505"


class StorageFull(Problem):
    """The disk that holds the database is full; nothing of the request was written."""

    code, status = "storage.full", 507


class StorageUnavailable(Problem):
    """The database cannot be written or reached just now; nothing of the request was written."""

    code, status = "storage.unavailable", 503
    reason: str = ""


def as_problem(error: SQLAlchemyError) -> Problem | None:
    """A full disk or an unreachable database as a problem; any other database error is a defect.

    Told by the databases' own codes, since their messages quote our names and values.
    """
    if isinstance(error, PoolExhausted):
        return StorageUnavailable(reason="no free connection")
    if not isinstance(error, DBAPIError):
        return None
    number = getattr(error.orig, "sqlite_errorcode", None)
    state = getattr(error.orig, "sqlstate", None)
    if state == POSTGRES_FULL or (number is not None and number & 0xFF == SQLITE_FULL):
        return StorageFull()
    if number is not None and number & 0xFF in SQLITE_UNAVAILABLE:
        return StorageUnavailable(reason=f"sqlite {number}")
    if state is not None and state.startswith(POSTGRES_UNAVAILABLE):
        return StorageUnavailable(reason=f"postgresql {state}")
    unreachable = isinstance(error, OperationalError) and state is None and number is None
    if error.connection_invalidated or unreachable:
        return StorageUnavailable(reason="unreachable")
    return None


def is_taken(error: DBAPIError) -> bool:
    """Whether it says that there is such a row already, which only one of two at once can have added."""
    number = getattr(error.orig, "sqlite_errorcode", None)
    return number in SQLITE_TAKEN or getattr(error.orig, "sqlstate", None) == POSTGRES_TAKEN


def is_overtaken(error: Conflict | IntegrityError) -> bool:
    """Whether of two at once somebody else was faster: begun anew, the command would see what they did."""
    return isinstance(error, Conflict) or is_taken(error)


def told(error: BaseException) -> BaseException:
    """What the caller of a command is told of its failure, where another thread ran it."""
    problem = as_problem(error) if isinstance(error, SQLAlchemyError) else None
    if problem is None:
        return error
    problem.__cause__ = error
    return problem
