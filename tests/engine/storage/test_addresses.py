"""A wrong address of the database is told at once, without what may be a password in it."""

import pytest

from engine.storage.addresses import DatabaseUrlWrong, url_of
from engine.storage.database import Database

SECRET = "hunter2"


@pytest.mark.parametrize(
    "address",
    [
        "foo", "mysql://a/b", f"postgresql://x:{SECRET}@h:port/z", "://", "sqlite", "oracle:///x",
        f"postgresql+psycopg//x:{SECRET}@h/z",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    """With what one looks like."""
    with pytest.raises(DatabaseUrlWrong) as refused:
        Database(address)
    for language in ("zh", "en"):
        told = refused.value.text(language)
        assert "postgresql+psycopg://" in told
        assert SECRET not in told


@pytest.mark.parametrize(
    "address",
    ["sqlite:////data/yibiao.db", "postgresql+psycopg://a:b@h:5432/z", "postgresql://h/z"],
)
def test_an_address_is_read(address: str) -> None:
    """Both databases, with or without the driver's name."""
    assert url_of(address).database in {"/data/yibiao.db", "z"}
