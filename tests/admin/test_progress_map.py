"""The map of a dispatch: units with their names, areas with their squares, outlines where the office has some."""

import json
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select

from admin.views import map_view
from engine.identity.store import ACCOUNT, ORGANISATION, POSITION
from engine.work import HISTORY, System, Work, new_id
from tests import installed
from tests.admin import reports
from tests.admin.reports import TWO

ADDRESS = "/organisations/boundaries"
RING = [[121.1, 37.1], [121.2, 37.1], [121.2, 37.2], [121.1, 37.2], [121.1, 37.1]]


def outlined(*codes: str) -> bytes:
    """A file of outlines."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [[[x + n, y] for x, y in RING]]},
        }
        for n, code in enumerate(codes)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def brought(admin: Any, *codes: str) -> Any:
    """The answer to uploading a file of outlines."""
    file = {"file": ("a.geojson", outlined(*codes))}
    return admin.send("POST", ADDRESS, data={"csrf": admin.token}, files=file)


def test_units_stand_on_the_map_with_how_far_they_are(system: System, log_in: Any) -> None:
    """Each leads to its place in the list."""
    dispatch = reports.sent(system)
    reports.final(system, dispatch, "huian")
    page = log_in("minzheng").get(f"/dispatches/{dispatch.id}/map").text
    assert re.findall(r'area-map-unit on-(\w+)" href="([^"]+)"', page) == [
        ("done", f"/dispatches/{dispatch.id}?below={TWO[0]}"),
        ("fill", f"/dispatches/{dispatch.id}?below={TWO[1]}"),
    ]
    assert '<svg class="area-map"' not in page


def test_many_units_are_areas_of_squares(system: System, log_in: Any, monkeypatch: Any) -> None:
    """One square a unit under the street it lies in, and a way down to the units."""
    monkeypatch.setattr(map_view, "MOST_NAMED", 3)
    streets = {"370602001": 2, "370602002": 3}
    codes = somebody_in(system, streets)
    dispatch = reports.sent(system, codes)
    office, address = log_in("minzheng"), f"/dispatches/{dispatch.id}/map"
    page = office.get(address).text
    assert re.findall(r'class="area-map-area" href="([^"]+)"', page) == [
        f"{address}?below={street}" for street in streets
    ]
    squares = re.findall(r'<path class="is-fill" d="((?:M\d+ \d+h8v8h-8z)+)"', page)
    assert [path.count("M") for path in squares[1:]] == list(streets.values())  # after the legend
    down = office.get(f"{address}?below=370602002").text
    assert [code for code in codes if f'?below={code}"' in down] == codes[2:]


def somebody_in(system: System, streets: Mapping[str, int]) -> list[str]:
    """The first communities of some streets, each with somebody who fills, verifies and approves."""

    def inside(work: Work) -> list[str]:
        place = ORGANISATION.c
        found: list[str] = []
        for street, number in streets.items():
            query = select(place.code).where(place.parent_code == street, place.kind == "village")
            found += work.connection.execute(query.order_by(place.code).limit(number)).scalars()
        one = work.connection.execute(
            select(ACCOUNT.c.id).where(ACCOUNT.c.login == "huian")
        ).scalar()
        rows = [
            {"id": new_id(), "account_id": one, "role": role, "organisation_code": code,
             "valid_from": "2020-01-01"}
            for code in (*found, *streets)
            for role in ("staff", "verifier", "leader")
        ]  # fmt: skip
        work.connection.execute(insert(POSITION), rows)
        return found

    return system.write(installed.ANYBODY, inside)


def test_outlines_are_brought_used_and_taken_away(system: System, log_in: Any) -> None:
    """By the system administrator; a wrong file changes nothing; units without one are told."""
    dispatch = reports.sent(system)
    admin, office = log_in("xitong"), log_in("minzheng")
    wrong = brought(admin, "370602", "37060")
    assert wrong.status_code == 422
    assert "第 2 个区域" in wrong.text
    assert '<svg class="area-map"' not in office.get(f"/dispatches/{dispatch.id}/map").text
    missing = admin.press(ADDRESS)
    assert missing.status_code == 422
    assert brought(admin, TWO[0]).status_code == 303
    page = office.get(f"/dispatches/{dispatch.id}/map").text
    assert len(re.findall(r'<path class="area is-fill"', page)) == 1
    assert "有 1 个地区没有边界数据" in page
    assert admin.press(ADDRESS, forget="yes").status_code == 303
    assert '<svg class="area-map"' not in office.get(f"/dispatches/{dispatch.id}/map").text
    with system.database.read() as connection:
        query = select(func.count()).where(HISTORY.c.kind == "boundaries")
        assert connection.execute(query).scalar() == 2  # brought once, taken away once


def test_a_column_of_the_roll_up_stands_on_the_map(system: System, log_in: Any) -> None:
    """The item that was chosen, each unit with its value and the way to what it is made of."""
    dispatch = reports.sent(system)
    reports.final(system, dispatch, "huian")
    admin, office = log_in("xitong"), log_in("minzheng")
    assert brought(admin, *TWO).status_code == 303
    address = f"/dispatches/{dispatch.id}/rollup/map"
    page = office.get(address).text
    cells = re.findall(r'<option value="([^"]+)"', page)
    assert len(cells) > 1
    other = office.get(address, params={"cell": cells[1]})
    assert re.search(rf'<option value="{cells[1]}" selected', other.text)
    units = re.findall(r'area-map-unit on-(\S+)" href="([^"]+)"', other.text)
    assert [name for name, _ in units] == ["shade-0", "shade-none"]
    assert f"org={TWO[0]}" in units[0][1]
    assert len(re.findall(r'class="area shade-0"', other.text)) == 1
    assert "没有数值" in other.text
    assert office.get(address, params={"cell": "/nothing"}).status_code == 404
    assert office.get(address, params={"table": "/nothing"}).status_code == 404
