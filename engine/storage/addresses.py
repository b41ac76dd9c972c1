"""The address of a database, as the office wrote it."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.errors import Problem


class DatabaseUrlWrong(Problem):
    """The address of the database is none, or that of a kind of database that we do not know."""

    code, status = "storage.url-wrong", 422


def url_of(address: str) -> URL:
    """The address of a database, SQLite or PostgreSQL. Raises DatabaseUrlWrong."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        raise DatabaseUrlWrong from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseUrlWrong
    return url
