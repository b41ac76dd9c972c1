"""Outlines of divisions: what a file must be, and what is kept of it."""

import json
import time
from threading import Event, Thread
from typing import Any

import pytest

from engine.errors import Problem
from engine.identity import boundaries
from engine.work import System

RING = [[121.1, 37.1], [121.2, 37.1], [121.2, 37.2], [121.1, 37.2], [121.1, 37.1]]


def feature(code: Any = "370602", ring: Any = RING, kind: str = "Polygon", **more: Any) -> Any:
    """One area."""
    inside = [ring] if kind == "Polygon" else [[ring]]
    return {
        "type": "Feature",
        "properties": {"adcode": code},
        "geometry": {"type": kind, "coordinates": inside},
        **more,
    }


def file(*features: Any) -> bytes:
    """A file of areas."""
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("370602", "370602"),
        (370600, "3706"),
        ("370000000000", "37"),
        ("370602001000", "370602001"),
        ("370602001001", "370602001001"),
        ("37060200", None),
        ("三七", None),
        ("", None),
    ],
)
def test_codes_are_those_of_our_divisions(given: Any, code: str | None) -> None:
    """Padded or not (GB/T 2260, GB/T 10114); a length that no code has is no code."""
    assert boundaries.division_code(str(given)) == code


def test_the_code_stands_where_files_have_it() -> None:
    """Among the properties by the names in use, or as the feature's id; a height is left out."""
    named = feature(properties={"行政区划代码": "370602001000"})
    numbered = feature(ring=[[*point, 12.5] for point in RING], properties=None, id=370611)
    first, second = boundaries.read(file(named, numbered))
    assert (first.code, second.code) == ("370602001", "370611")
    assert second.polygons == (((
        (12110000, 3710000), (12120000, 3710000), (12120000, 3720000), (12110000, 3720000),
        (12110000, 3710000)),),)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "number", "reason"),
    [
        (b"[]", 0, "collection"),
        (b'{"features": []}', 0, "collection"),
        (file(feature(), feature("x")), 2, "code"),
        (file(feature(), "text"), 2, "collection"),
        (file(feature(), feature("370602000000")), 2, "twice"),
        (file(feature(geometry={"type": "Point", "coordinates": [1, 2]})), 1, "kind"),
        (file(feature(geometry=None)), 1, "kind"),
        (file(feature(ring=RING[:-1])), 1, "coordinates"),
        (file(feature(ring=[])), 1, "coordinates"),
        (file(feature(ring=[[200, 37]] * 4)), 1, "coordinates"),
        (file(feature(ring=[["a", "b"]] * 4)), 1, "coordinates"),
        (file(feature(ring=[[1]] * 4)), 1, "coordinates"),
        (file(feature(kind="MultiPolygon", ring=7)), 1, "coordinates"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(content: bytes, number: int, reason: str) -> None:
    """The feature and why; nothing is taken of such a file."""
    with pytest.raises(boundaries.BoundariesWrong) as told:
        boundaries.read(content)
    assert (told.value.number, told.value.reason) == (number, reason)


def test_text_that_is_no_json_is_refused() -> None:
    """With the words every JSON has."""
    for content in (b"", b"PK\x03\x04", b'{"features": NaN}', b'{"a": ' + b"[" * 100):
        with pytest.raises(Problem):
            boundaries.read(content)


def test_two_files_at_once_follow_each_other(system: System) -> None:
    """The second waits for the first and then replaces what it kept."""
    found = boundaries.read(file(feature("370602"), feature("370611")))
    begun = Event()

    def slowly(connection: Any) -> None:
        boundaries.keep(connection, found, at="2026-11-23")
        begun.set()
        time.sleep(0.5)

    first = Thread(target=system.database.write, args=(slowly,))
    first.start()
    assert begun.wait(20)
    system.database.write(lambda c: boundaries.keep(c, found[:1], at="2026-11-24"))
    first.join(20)
    with system.database.read() as connection:
        kept = connection.execute(boundaries.BOUNDARY.select()).mappings().all()
    assert {one["division_code"]: one["kept_at"] for one in kept} == {
        "370602": "2026-11-24", "370611": "2026-11-23"
    }  # fmt: skip


def test_a_second_file_replaces_its_own_and_keeps_the_rest(system: System) -> None:
    """By code; organisations find theirs by their division."""
    other = [[x + 1, y] for x, y in RING]

    def keep(*features: Any) -> None:
        found = boundaries.read(file(*features))
        system.database.write(lambda c: boundaries.keep(c, found, at="2026-11-23"))

    keep(feature("370602"), feature("370611"))
    keep(feature("370602", other))
    with system.database.read() as connection:
        assert boundaries.count(connection) == 2
        kept = connection.execute(boundaries.BOUNDARY.select()).mappings().all()
    by_code = {one["division_code"]: one["outline"][0][0][0] for one in kept}
    assert by_code == {"370602": [12210000, 3710000], "370611": [12110000, 3710000]}
    assert system.database.write(boundaries.forget) == 2
    with system.database.read() as connection:
        assert boundaries.count(connection) == 0
