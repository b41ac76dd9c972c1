"""A ledger's map: its points, groups and areas, GeoJSON out and in again."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select

from admin.working import runner
from engine.audit.trail import AUDIT
from engine.dictionary.store import dictionary
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from tests import factories, installed
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]
LEDGER = "emergency.evacuation_ledger"
BASE = f"/ledgers/{LEDGER}"
NUMBERS = [factories.id_number("1950-03-02") for _ in range(3)]
PHONE = "13800138000"


@pytest.fixture
def people(app: Litestar, system: System) -> None:
    """Three to be helped out of danger, in the first community; nobody knows yet where they live."""

    def command(work: Work) -> None:
        known = dictionary(work.connection)
        origin = registers.add_origin(work, Origin("steward", "人口基础库", work.at))
        for at, number in enumerate(NUMBERS):
            facts = {
                "name": f"甲{at}", "id_number": number, "evacuation": "1", "phone": PHONE,
                "residence": installed.COMMUNITIES[0],
            }  # fmt: skip
            changes = [Change(f"person.{key}", f"p{at}", value) for key, value in facts.items()]
            registers.set_values(work, known, changes, origin)

    assert app
    system.write(installed.ANYBODY, command)


def features(*places: Any) -> bytes:
    """A collection with a point for each of the three, by their ID numbers."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": place,
                    "properties": {"id_number": number, "shelter": "小学"},
                }
                for number, place in zip(NUMBERS, places, strict=True)
            ],
        }
    ).encode()


def point(longitude: float, latitude: float) -> dict[str, Any]:
    """A GeoJSON point."""
    return {"type": "Point", "coordinates": [longitude, latitude]}


def bring(who: Caller, content: bytes) -> Any:
    """Give a file to the ledger, as the page does."""
    return who.send(
        "POST", f"{BASE}/imports", data={"csrf": who.token},
        files={"sheet": ("点.geojson", content, "application/geo+json")},
    )  # fmt: skip


def test_points_come_in_are_drawn_filtered_and_go_out(
    system: System, log_in: LogIn, people: None
) -> None:
    """GeoJSON is previewed and written like a sheet; the map shows it; the export says the same."""
    staff = log_in("huian")
    assert "没有可以画出的位置" in staff.get(f"{BASE}/map").text
    sent = bring(
        staff, features(point(121.3912345678, 37.53), point(121.4, 37.54), {"type": "Polygon"})
    )
    address = sent.headers["location"]
    preview = staff.get(address).text
    assert "37.53,121.3912346" in preview
    assert staff.press(address, action="apply").status_code == 303
    runner(system).work_off()
    shown = staff.get(f"{BASE}/map").text
    assert shown.count('class="map-one"') == 2
    assert f'href="{BASE}/rows/p0"' in shown
    inside = {"f": "position:within:37.5,121.39|37.535,121.395"}
    assert staff.get(f"{BASE}/map", params=inside).text.count('class="map-one"') == 1
    listed = staff.get(f"/api{BASE}/rows", params={"filter": inside["f"]}).json()["rows"]
    assert [one["id"] for one in listed] == ["p0"]
    out = staff.press(f"{BASE}/export", kind="geojson").json()
    told = {one["id"]: one for one in out["features"]}
    assert told["p0"]["geometry"]["coordinates"] == [121.3912346, 37.53]
    assert told["p2"]["geometry"] is None
    assert told["p1"]["properties"]["shelter"] == "小学"
    assert PHONE not in json.dumps(out)
    assert NUMBERS[0] not in json.dumps(out)
    with system.read(installed.ANYBODY) as work:
        found = select(AUDIT.c.detail).where(AUDIT.c.action == "ledger.exported")
        assert [one["kind"] for one in work.connection.execute(found).scalars()] == ["geojson"]


def test_what_is_no_geojson_is_told_so(system: System, log_in: LogIn, people: None) -> None:
    """Cut off, another kind of JSON, empty, for a ledger without positions: nothing is planned."""
    staff = log_in("huian")
    whole = features(*[point(121.4, 37.5)] * 3)
    for content in (
        whole[:-20],
        b'{"type": "Feature"}',
        b'{"type": "FeatureCollection", "features": []}',
    ):
        refused = bring(staff, content)
        assert refused.status_code == 422, refused.text
        assert "GeoJSON" in refused.text
    elsewhere = staff.send(
        "POST", "/ledgers/civil.elderly_ledger/imports", data={"csrf": staff.token},
        files={"sheet": ("点.geojson", whole, "application/json")},
    )  # fmt: skip
    assert elsewhere.status_code == 422
    assert staff.get("/ledgers/civil.elderly_ledger/map").status_code == 404
    assert staff.press("/ledgers/civil.elderly_ledger/export", kind="geojson").status_code == 422
    wrong = staff.get(f"{BASE}/map", params={"f": "position:within:x|y"})
    assert wrong.status_code == 422
