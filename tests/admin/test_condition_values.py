"""Organisations and people that a designer's condition may name: found by name, said by name, nobody out of reach."""

from typing import Any

import pytest

from engine.identity import store as identity
from engine.work import System
from forms import publish, store
from tests import installed
from tests.admin.test_flow_design_pages import DRAFT, FLOW
from workflows import packs

FIND = "/api/conditions/values"


def labels(found: Any) -> list[str]:
    assert found.status_code == 200, found.text
    return [one["label"] for one in found.json()["candidates"]]


def test_by_name_and_level(log_in: Any) -> None:
    """Everything at first for offices, nobody for staff; only offices of the levels that the item takes."""
    designer = log_in("designer")
    some = {"pick": "organisation", "q": "惠安"}
    (one, *_) = designer.get(FIND, params=some).json()["candidates"]
    assert (one["label"], one["value"]) == ("惠安社区居民委员会", installed.COMMUNITIES[0])
    assert labels(designer.get(FIND, params={**some, "levels": "town"})) == []
    assert labels(designer.get(FIND, params={"pick": "organisation"})) != []
    assert labels(designer.get(FIND, params={"pick": "account"})) == []
    assert labels(designer.get(FIND, params={"pick": "account", "q": "qzy"})) == ["秦致远"]
    assert designer.get(FIND, params={"pick": "house", "q": "1"}).status_code in (400, 422)
    assert log_in("lingdao").get(FIND, params=some).status_code == 403


@pytest.fixture
def asking(system: System) -> None:
    """A form in force whose items are an office, a clerk and somebody of the register."""
    properties = {
        name: {"type": "string", "title": title, "widget": name, "scope": {"within": "all"}}
        for name, title in (("organisation", "单位"), ("account", "经办人"), ("person", "对象"))
    }
    head = {
        "code": "test.case",
        "kind": "report",
        "period": "once",
        "owner": "370602-mzj",
        "flow": FLOW,
    }
    form = {
        "$schema": "urn:yibiao:dialect:form:1", "$id": "urn:yibiao:form:test.case", "title": "登记",
        "type": "object", "form": head, "properties": properties,
    }  # fmt: skip
    who = installed.person(system, "designer")
    system.write(who, lambda work: store.insert_draft(work, form))
    system.write(who, lambda work: publish.publish(work, "test.case"))


@pytest.mark.usefixtures("asking")
def test_a_formula_of_codes_is_said_by_name(system: System, log_in: Any) -> None:
    """Lines name offices and clerks; a number of somebody out of the designer's reach stays a number."""
    designer = log_in("designer")
    assert designer.press(f"/flows/{FLOW}/design").status_code == 303
    with system.read(installed.ANYBODY) as work:
        clerk = identity.actor_by_login(work.connection, "lingdao", now=work.now)
    assert clerk
    place, other = installed.COMMUNITIES[:2]
    formula = f'organisation in ("{place}", "{other}") and account = "{clerk.id}" and person = "p1"'
    told = designer.post(f"{DRAFT}/condition", {"formula": formula}).json()
    assert told["called"][place] == "惠安社区居民委员会"
    assert told["called"][clerk.id] == clerk.name
    assert "p1" not in told["called"]
    assert "惠安社区居民委员会" in told["words"]
    assert f"经办人 是 {clerk.name} 且 对象 是 p1" in told["words"]
    kinds = {one["name"]: one["ops"] for one in told["asked"]}
    assert "contains" not in kinds["organisation"]


def test_a_flow_in_force_names_people_and_offices(system: System, log_in: Any) -> None:
    """Its page told the log-in of somebody and the code of an office."""
    flow: dict[str, Any] = {
        "code": FLOW, "version": 2, "start": "fill", "titles": {"zh": "指定"},
        "steps": [
            {"code": "fill", "kind": "fill", "titles": {"zh": "填报"}, "next": [{"to": "one"}],
             "assign": {"rule": "position", "role": "staff", "at": "same"}},
            {"code": "one", "kind": "verify", "titles": {"zh": "一核"}, "next": [{"to": "two"}],
             "assign": {"rule": "person", "person": "lingdao"}},
            {"code": "two", "kind": "verify", "titles": {"zh": "二核"}, "next": [{"to": "three"}],
             "assign": {"rule": "position", "role": "leader", "at": "370602-mzj"}},
            {"code": "three", "kind": "approve", "titles": {"zh": "三核"}, "next": [{"to": "end"}],
             "assign": {"rule": "chosen", "step": "two"}},
        ],
    }  # fmt: skip
    who = installed.person(system, "designer")
    system.write(who, lambda work: packs.load_flow(work, flow))
    page = log_in("designer").get(f"/flows/{FLOW}").text
    assert ("秦致远" in page, "lingdao" in page) == (True, False)
    assert ("芝罘区民政局的" in page, "370602-mzj" in page) == (True, False)
    assert "由办“二核”的人选定" in page
