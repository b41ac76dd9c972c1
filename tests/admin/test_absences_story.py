"""不详, 不适用 and 拒答 from the cell they are pressed beside to the register, the workbook and the file."""

import io
from typing import Any

import openpyxl
import pytest

from engine.absence import absent
from engine.dictionary.store import dictionary
from engine.registers import store as registers
from engine.work import System
from forms import documents
from tests import installed
from tests.admin import reports
from tests.admin.test_task_workbook import address, brought, edited, taken, task_of

NOT_APPLICABLE, UNKNOWN, REFUSED = map(absent, ("inapplicable", "unknown", "refused"))
ELDER = {"name": "张桂英", "id_number": "370602194103021523", "phone": REFUSED}


@pytest.fixture
def dispatch(system: System) -> Any:
    return reports.sent(system)


def contents(system: System, record: str) -> dict[str, Any]:
    with system.read(installed.person(system, "huian")) as work:
        return dict(documents.get(work.connection, record).contents)


def record_of(system: System, task: str) -> str:
    with system.read(installed.person(system, "huian")) as work:
        return reports.store.task(work, task).document_id


def test_the_page_offers_one_press_and_takes_it_without_scripts(system, log_in, dispatch) -> None:
    """Posted as a form; a value typed over it wins, and pressing nothing leaves the cell blank."""
    caller, task = log_in("huian"), task_of(system, "huian")
    page = caller.get(f"/tasks/{task}").text
    assert 'name="absent:/meal_points" value="inapplicable"' in page
    assert 'name="absent:/grids"' not in page
    record = record_of(system, task)
    for fields, kept in (
        ({"v:/meal_points": "", "absent:/meal_points": "inapplicable"}, NOT_APPLICABLE),
        ({"v:/meal_points": "2", "absent:/meal_points": "inapplicable"}, 2),
        ({"v:/meal_points": "不详"}, UNKNOWN),
        ({"v:/meal_points": ""}, None),
    ):
        revision = caller.get(f"/api/documents/{record}").json()["revision"]
        answer = caller.press(f"/tasks/{task}", action="save", revision=revision, **fields)
        assert answer.status_code in (200, 303), answer.text
        assert contents(system, record).get("meal_points") == kept
    shown = caller.get(f"/tasks/{task}").text
    assert "不适用" in shown


def test_a_cell_that_does_not_take_it_says_so(system, log_in, dispatch) -> None:
    """Over the API too; nothing is handed in with it."""
    caller, task = log_in("huian"), task_of(system, "huian")
    record = record_of(system, task)
    caller.get(f"/tasks/{task}")
    body = {"revision": 1, "changes": {"/grids": UNKNOWN}}
    found = caller.patch(f"/api/documents/{record}/cells", body).json()
    assert [one["text"] for one in found["problems"] if one["path"] == "/grids"] == [
        "「网格数」不能填“不详”，请填写实际的值。"
    ]


def test_a_final_report_brings_it_to_the_register_and_to_the_next_report(system, dispatch) -> None:
    """Kept as what it is with its origin; the next month is offered it."""
    bands = ("population", "population_female", "elderly_60", "elderly_65", "elderly_80")
    record = reports.final(
        system,
        dispatch,
        elders=[{**ELDER, "sex": "2"}],
        meal_points=NOT_APPLICABLE,
        migrants_in=UNKNOWN,
        elder_beds=0,
        **dict.fromkeys((*bands, "elderly_80_89"), 1),
    )
    who = installed.person(system, "huian")
    with system.read(who) as work:
        known = dictionary(work.connection)
        fields = [known.field(f"org.{name}") for name in ("meal_points", "elder_beds")]
        code = documents.get(work.connection, record).organisation_code
        found = registers.fetch(work, known, "org", [code], fields)[code]
        assert found["org.meal_points"].value == NOT_APPLICABLE
        assert found["org.elder_beds"].value == 0
        assert found["org.meal_points"].origin.document_id == record
        person = registers.find(work, known, known.field("person.id_number"), [ELDER["id_number"]])
        phone = known.field("person.phone")
        ids = list(person.values())
        assert registers.fetch(work, known, "person", ids, [phone])[ids[0]]["person.phone"].value == REFUSED  # fmt: skip


def test_workbooks_carry_the_words_and_bring_them_back(system, log_in, dispatch) -> None:
    """Written as 不适用 into a column of numbers; read back as what it was; refused where not allowed."""
    caller, task = log_in("huian"), task_of(system, "huian")
    at, other = address(system, "/meal_points"), address(system, "/grids")
    assert brought(caller, task, edited(taken(caller, task), **{at: "不适用"})).status_code == 303
    record = record_of(system, task)
    assert contents(system, record)["meal_points"] == NOT_APPLICABLE
    again = openpyxl.load_workbook(io.BytesIO(taken(caller, task))).worksheets[0]
    assert again[at].value == "不适用"
    refused = brought(caller, task, edited(taken(caller, task), **{other: "不详"}))
    assert refused.status_code == 422
    assert contents(system, record)["meal_points"] == NOT_APPLICABLE
