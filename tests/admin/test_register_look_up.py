"""Looking one subject up over the API: within reach, masked, and on the trail."""

from typing import Any

import pytest

from engine.audit import reading
from engine.audit.reading import Wanted, Written
from engine.dictionary.store import dictionary
from engine.formats import resident_id
from engine.registers import bulk, store
from engine.registers.store import Origin
from engine.work import System, Work
from tests import installed

FIRST17 = "37060219480317002"
NUMBER = FIRST17 + resident_id.check_digit(FIRST17)
HOME = "370602011001"
PATH = f"/api/registers/person?key=id_number&value={NUMBER}"


@pytest.fixture
def somebody(system: System) -> str:
    """A person who lives in the first community."""

    def inside(work: Work) -> str:
        known = dictionary(work.connection)
        origin = store.add_origin(work, Origin("entered", "试验", work.at))
        values = {"id_number": NUMBER, "name": "王秀英", "sex": "2", "residence": HOME}
        bulk.load(work, known, "person", [{"id": "p1", **values}], origin)
        return "p1"

    return system.write(installed.ANYBODY, inside)


def _noted(system: System) -> list[Written]:
    with system.read(installed.ANYBODY) as work:
        return reading.entries(work.connection, Wanted(action="register.looked-up"), limit=10)


@pytest.mark.parametrize("login", ["huian", "shenhe", "lingdao", "shenji"])
def test_who_answers_for_the_place_finds_the_person_masked(
    log_in: Any, somebody: str, login: str
) -> None:
    """Number and name are not whole; what is open is."""
    answer = log_in(login).get(PATH)
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == somebody
    values = {one["field"]: one for one in answer.json()["values"]}
    assert NUMBER not in answer.text
    assert values["person.id_number"]["masked"] is True
    assert values["person.id_number"]["value"] == resident_id.mask(NUMBER)
    assert (values["person.sex"]["value"], values["person.sex"]["masked"]) == ("2", False)
    assert values["person.sex"]["source"] == "entered"


def test_a_number_is_found_however_it_was_typed(log_in: Any, somebody: str) -> None:
    """With spaces, in full width, with a small x."""
    spaced = NUMBER[:6] + " " + NUMBER[6:]
    answer = log_in("huian").get(
        "/api/registers/person", params={"key": "id_number", "value": spaced}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("login", ["shangyao", "djjshenhe", "djjlingdao"])
def test_out_of_reach_is_as_if_not_there(
    log_in: Any, system: System, somebody: str, login: str
) -> None:
    """The answers are the same but for the request's id; both looks are on the trail."""
    other = log_in(login)
    theirs, nobody = other.get(PATH), other.get(PATH.replace(NUMBER, "370602194803170000"))
    assert theirs.status_code == nobody.status_code == 404
    assert theirs.json() | {"request_id": ""} == nobody.json() | {"request_id": ""}
    assert [(one.detail or {})["found"] for one in _noted(system)] == [False, False]


@pytest.mark.parametrize("login", ["minzheng", "designer", "anquan"])
def test_without_the_duty_nobody_looks(log_in: Any, somebody: str, login: str) -> None:
    """A department gets its figures from reports, not from people's rows."""
    assert log_in(login).get(PATH).status_code == 403


def test_every_look_is_on_the_trail_without_the_key(
    log_in: Any, system: System, somebody: str
) -> None:
    """Who looked and at whom by the row's id: the ID number itself is nowhere on the trail."""
    log_in("huian").get(PATH)
    [noted] = _noted(system)
    assert noted.target == "person"
    assert noted.detail == {"key": "id_number", "found": True, "id": somebody}
    assert noted.actor_name == installed.person(system, "huian").name
    with system.read(installed.ANYBODY) as work:
        everything = reading.entries(work.connection, Wanted(), limit=10_000)
    assert NUMBER not in str(everything)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/registers/person?key=name&value=王秀英", 422, "api.not-a-key"),
        ("/api/registers/ghost?key=id_number&value=1", 404, "not-found"),
        ("/api/registers/person?key=id_number", 400, "api.parameter-invalid"),
        ("/api/registers/person?key=id_number&value=", 400, "api.parameter-invalid"),
    ],
)
def test_a_subject_is_found_by_its_natural_keys_only(
    log_in: Any, somebody: str, path: str, status: int, code: str
) -> None:
    """Nobody is looked for by name."""
    answer = log_in("huian").get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
