"""Outlines of divisions over the API: brought, read as they came, replaced, refused whole, taken away."""

import json
from typing import Any

from tests.engine.identity.test_boundaries import RING, feature, file

ADDRESS = "/api/boundaries"


def test_outlines_come_and_go_over_the_api(log_in: Any) -> None:
    """What is read can be brought again; a wrong area changes nothing; others may look or not even that."""
    system = log_in("xitong")
    brought = system.send("PUT", ADDRESS, content=file(feature(), feature("370602001000")))
    assert (brought.status_code, brought.json()) == (200, {"changed": 2, "outlines": 2})
    found = system.get(f"{ADDRESS}/370602001").json()
    assert found["geometry"] == {"type": "MultiPolygon", "coordinates": [[RING]]}
    assert found == system.get(f"{ADDRESS}/370602001000").json()
    again = system.send("PUT", ADDRESS, content=file(found))
    assert again.json() == {"changed": 1, "outlines": 2}
    street = [one for one in system.get(ADDRESS).json()["places"] if one["kind"] == "town"]
    assert street[0]["known"] == 1
    for content, code in ((file(feature("x")), "boundaries.wrong"), (b"[]", "boundaries.wrong")):
        refused = system.send("PUT", ADDRESS, content=content)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert system.get(f"{ADDRESS}/3701").status_code == 404
    auditor, staff = log_in("shenji"), log_in("huian")
    assert auditor.get(ADDRESS).json()["outlines"] == 2
    assert auditor.send("PUT", ADDRESS, content=file(feature())).status_code == 403
    assert staff.get(ADDRESS).status_code == 403
    assert log_in("xitong").delete(ADDRESS).json() == {"changed": 2, "outlines": 0}
    assert json.loads(log_in("xitong").get(ADDRESS).content)["outlines"] == 0
