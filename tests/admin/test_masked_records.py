"""Reports as those see them who do not fill them in: masks on every page and file, lifted for a purpose."""

import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from admin import working
from engine.dictionary.store import dictionary
from engine.work import System, Work
from forms import documents, publish
from forms import store as forms
from tests import factories, installed
from tests.admin import reports
from tests.admin.conftest import Caller
from workflows import store
from workflows.dispatch import DispatchRecord

LogIn = Callable[[str], Caller]
PHONE, MASKED = "13800138000", "138****8000"
NUMBER = factories.id_number("1941-03-02", sex="2")
ELDER: dict[str, Any] = {"name": "王秀英", "sex": "2", "id_number": NUMBER, "phone": PHONE}
COUNTS = dict.fromkeys(
    (
        "population",
        "population_male",
        "elderly_60",
        "elderly_65",
        "elderly_80",
        "elderly_80_89",
    ),
    1,
)
PURPOSE = {"purpose": "核发高龄津贴", "for": "report"}


@pytest.fixture
def sent(system: System) -> DispatchRecord:
    """A report that was sent to two communities."""
    return reports.sent(system)


@pytest.fixture
def record(system: System, sent: DispatchRecord) -> str:
    """The first one's, final, with somebody of 85 on its list."""
    return reports.final(system, sent, elders=[ELDER], **COUNTS)


def texts(content: bytes) -> str:
    """What stands in a workbook, or in every workbook of an archive."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inner = [one for one in archive.namelist() if one.endswith(".xlsx")]
            if inner:
                return " ".join(texts(archive.read(one)) for one in inner)
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row)
    return " ".join(str(one) for one in cells if one is not None)


def clear(text: str) -> bool:
    """Whether protected values stand in it whole."""
    assert "王秀英" in text
    return PHONE in text or NUMBER in text


def test_whoever_fills_it_in_sees_it_whole_and_others_see_masks(log_in: LogIn, record: str) -> None:
    """On the page, with its history; in the workbook, in JSON and over the API."""
    for login, whole in (
        ("huian", True),
        ("shenhe", False),
        ("lingdao", False),
        ("minzheng", False),
    ):
        caller = log_in(login)
        assert clear(caller.get(f"/records/{record}").text) == whole, login
        assert clear(texts(caller.get(f"/records/{record}/workbook").content)) == whole
        assert clear(caller.get(f"/records/{record}/json").text) == whole
        assert clear(caller.get(f"/api/documents/{record}").text) == whole
        assert clear(caller.get(f"/api/records/{record}/history").text) == whole
        assert caller.get(f"/records/{record}/pdf").status_code == 200
    assert MASKED in log_in("shenhe").get(f"/records/{record}").text


def test_who_has_the_task_in_hand_sees_what_they_answer_for(
    log_in: LogIn, system: System, sent: DispatchRecord
) -> None:
    """The verifier while verifying; masked again when the task is done."""
    record = reports.handed_in(system, sent, elders=[ELDER], **COUNTS)
    verifier = log_in("shenhe")
    assert clear(verifier.get(f"/records/{record}").text)
    assert not clear(log_in("minzheng").get(f"/records/{record}").text)


def test_a_purpose_lifts_the_mask_once_and_is_told_to_the_steward(
    log_in: LogIn, record: str
) -> None:
    """This view only, on the trail, on the steward's page and by one notice a day."""
    caller = log_in("minzheng")
    assert caller.press(f"/records/{record}/whole", purpose=" ").status_code == 422
    page = caller.press(f"/records/{record}/whole", **PURPOSE)
    assert page.status_code == 200
    assert clear(page.text)
    assert not clear(caller.get(f"/records/{record}").text)
    again = caller.press(f"/records/{record}/whole", **PURPOSE, **{"as": "workbook"})
    assert clear(texts(again.content))
    api = caller.get(f"/api/documents/{record}?purpose=%E6%A0%B8%E5%8F%91&for=report")
    assert clear(api.text)
    listed = log_in("shenji").get("/lifts").text
    assert "核发高龄津贴" in listed
    assert "公民身份号码" in listed


def test_a_roll_up_masks_rows_and_gives_them_whole_for_a_purpose(
    log_in: LogIn, record: str, sent: DispatchRecord
) -> None:
    """Its workbook, and the rows behind its numbers."""
    caller = log_in("minzheng")
    base = f"/dispatches/{sent.id}"
    assert not clear(texts(caller.get(f"{base}/workbook").content))
    behind = caller.get(f"{base}/rollup?table=/elders&cell=/elders").text
    assert not clear(behind)
    assert MASKED in behind
    assert clear(texts(caller.press(f"{base}/whole", **PURPOSE).content))


@pytest.mark.parametrize("whole", [False, True])
def test_all_workbooks_are_packed_with_masks_and_whole_only_for_who_asked(
    log_in: LogIn, system: System, record: str, sent: DispatchRecord, whole: bool
) -> None:
    """A whole archive is its asker's alone, and others who may see the dispatch do not find it."""
    caller = log_in("minzheng")
    fields: dict[str, Any] = {"kind": "zip", **({"whole": "1", **PURPOSE} if whole else {})}
    at = caller.press(f"/dispatches/{sent.id}/exports", **fields).headers["location"]
    working.runner(system).work_off()
    assert clear(texts(caller.get(f"{at}/file").content)) == whole
    assert log_in("shenji").get(f"{at}/file").status_code == (404 if whole else 200)
    assert log_in("lingdao").get(f"{at}/file").status_code == 404  # of one area among several
    bare = caller.press(f"/dispatches/{sent.id}/exports", kind="zip", whole="1")
    assert bare.status_code == 422


def withhold_phones(log_in: LogIn) -> None:
    """From now on whoever fills in sees no phone numbers."""
    rule = {
        "effect": "withhold-field",
        "field": "person.phone",
        "role": "staff",
        "reason": "专项保护要求",
    }
    assert log_in("anquan").press("/access-rules", **rule).status_code == 303


def test_a_field_withheld_from_staff_is_neither_shown_nor_saved(
    log_in: LogIn, system: System, record: str
) -> None:
    """Not on the record, not at the task, not in the file; what cannot be seen cannot be overwritten."""
    withhold_phones(log_in)
    staff = log_in("huian")
    for path in (f"/records/{record}", f"/records/{record}/json", f"/api/documents/{record}"):
        text = staff.get(path).text
        assert "王秀英" in text
        assert PHONE not in text
        assert MASKED not in text
    source = f"/records/{record}/source?path=/elders/e0/phone"
    assert staff.get(source).status_code == 404
    assert staff.get(f"/documents/{record}/why?path=/elders/e0/phone").status_code == 404


def test_what_is_withheld_is_not_saved(log_in: LogIn, system: System, sent: DispatchRecord) -> None:
    """At a task the cell is locked, over the API as on the page."""
    rule = {
        "effect": "withhold-field",
        "field": "org.population",
        "role": "staff",
        "reason": "专项保护要求",
    }
    assert log_in("anquan").press("/access-rules", **rule).status_code == 303
    staff = log_in("huian")
    document = reports.document_of(system, sent, installed.COMMUNITIES[0])
    staff.get(f"/api/documents/{document}")
    answer = staff.patch(
        f"/api/documents/{document}/cells", {"revision": 1, "changes": {"/population": 7}}
    )
    assert answer.status_code in {409, 422}, answer.text
    assert json.loads(answer.text)["code"] == "document.cell-locked"


GONE = {"name": "寿百龄", "id_number": factories.id_number("1920-03-02"), "phone": "13911112222"}


def test_whom_a_rule_withholds_is_in_no_report_either(
    log_in: LogIn, system: System, sent: DispatchRecord
) -> None:
    """Not on the record, in its files, behind a roll-up or at a task: the row is not there, the total is."""
    factories.load_people(
        system, _known(system), [factories.person(**GONE, birth_date="1920-03-02", residence=installed.COMMUNITIES[0])]
    )  # fmt: skip
    rows = [ELDER, {**ELDER, **GONE}]
    counts = {**dict.fromkeys(COUNTS, 2), "elderly_80_89": 1, "elderly_100": 1}
    record = reports.handed_in(system, sent, elders=rows, explain="人数已核对", **counts)
    rule = {
        "effect": "withhold-rows",
        "condition": "person where age >= 100",
        "reason": "专项保护要求",
    }
    assert log_in("anquan").press("/access-rules", **rule).status_code == 303
    base, cell = f"/records/{record}", "/elders/e1/name"
    seen = 0
    for login, paths in {
        "huian": (base, f"{base}/json", f"{base}/pdf", f"{base}/workbook", f"/api/documents/{record}", f"/api/records/{record}/changes", f"{base}/source?path={cell}", f"/documents/{record}/why?path={cell}"),
        "shenhe": (base, f"/api/documents/{record}", f"{base}/json", f"{base}/workbook", *_tasks(system, "shenhe")),
        "minzheng": (base, f"{base}/workbook", f"/dispatches/{sent.id}/rollup?table=/elders&cell=/elders", f"/dispatches/{sent.id}/workbook", f"/api/documents/{record}"),
    }.items():  # fmt: skip
        for path in paths:
            reply = log_in(login).get(path)
            assert reply.status_code in (200, 404), (login, path, reply.status_code)
            told = _told(reply)
            assert [one for one in GONE.values() if one in told] == [], (login, path)
            seen += reply.status_code == 200 and "王秀英" in told
    assert seen >= 8
    reports.returned(system, sent, record, "/elders/e0/phone")
    staff = log_in("huian")
    (task,) = [one for one in _tasks(system, "huian") if record in staff.get(one).text]
    assert GONE["name"] not in staff.get(task).text
    changes = {"revision": 9, "changes": {cell: "改了"}}
    assert staff.patch(f"/api/documents/{record}/cells", changes).status_code in (409, 422)
    with system.read(installed.ANYBODY) as work:
        kept = documents.get(work.connection, record).contents["elders"]
    assert [one["name"] for one in kept] == ["王秀英", GONE["name"]]


def _known(system: System) -> Any:
    with system.read(installed.ANYBODY) as work:
        return dictionary(work.connection)


def _tasks(system: System, login: str) -> list[str]:
    with system.read(installed.person(system, login)) as work:
        found = store.tasks_of(work, store.TASK.c.status == "open")
    return [f"/tasks/{one.id}" for one in found]


def _told(reply: Any) -> str:
    if "html" in reply.headers["content-type"] or "json" in reply.headers["content-type"]:
        return str(reply.text)
    if reply.content.startswith(b"%PDF"):
        done = subprocess.run(["pdftotext", "-", "-"], input=reply.content, capture_output=True, check=True)  # fmt: skip
        return done.stdout.decode()
    return texts(reply.content)


@pytest.fixture
def telling(system: System) -> str:
    """A final report whose form makes something of protected values: in each row, and of a row above."""

    def publish_it(work: Work) -> None:
        form = forms.document_of(work.connection, reports.FORM, 1)
        row = form["properties"]["elders"]["items"]["properties"]
        row["tail"] = {"type": "string", "title": "尾号", "compute": 'phone & "号"'}
        row["told"] = {"type": "string", "title": "摘记", "compute": 'name & "：" & tail'}
        rule = {
            "code": "own",
            "severity": "explain",
            "text": "不应是值班电话",
            "over": "elders:rows",
        }
        form["form"]["checks"].append({**rule, "formula": f'phone <> "{PHONE}"'})
        forms.insert_draft(work, form)
        publish.publish(work, reports.FORM, note="尾号")

    system.write(installed.person(system, "designer"), publish_it)
    return reports.final(
        system, reports.sent(system), elders=[ELDER], explain="是家属的电话，已核实", **COUNTS
    )


def test_what_a_form_makes_of_a_masked_value_is_masked(log_in: LogIn, telling: str) -> None:
    """A computed cell would tell it letter by letter; whoever fills it in, and who has a purpose, sees it."""
    for login, whole in (("huian", True), ("lingdao", False), ("minzheng", False)):
        caller = log_in(login)
        for path in (
            f"/records/{telling}",
            f"/records/{telling}/json",
            f"/api/documents/{telling}",
        ):
            assert (f"{PHONE}号" in caller.get(path).text) == whole, (login, path)
        assert clear(texts(caller.get(f"/records/{telling}/workbook").content)) == whole
    page = log_in("minzheng").press(f"/records/{telling}/whole", **PURPOSE)
    assert f"王秀英：{PHONE}号" in page.text


def test_what_a_form_makes_of_a_withheld_value_is_withheld(
    log_in: LogIn, system: System, telling: str
) -> None:
    """Not even whoever fills it in is told by a formula what a rule keeps from them."""
    withhold_phones(log_in)
    seen = log_in("huian").get(f"/records/{telling}").text
    assert "王秀英" in seen
    assert PHONE not in seen


@pytest.mark.parametrize("login", ["minzheng", "lingdao", "shenji"])
def test_no_door_tells_what_a_computed_cell_was_made_of(
    log_in: LogIn, system: System, telling: str, login: str
) -> None:
    """Where it came from, why it is so, its history, the totals and the rows behind them."""
    with system.read(installed.ANYBODY) as work:
        dispatch = documents.read(work, telling).dispatch_id
    caller, opened = log_in(login), 0
    for path in ("/elders/e0/phone", "/elders/e0/tail", "/elders/e0/told", "/elders"):
        for door in (
            f"/records/{telling}/source?path={path}",
            f"/documents/{telling}/why?path={path}",
            f"/dispatches/{dispatch}/rollup?path={path}",
            f"/api/records/{telling}/history?path={path}",
        ):
            answer = caller.get(door)
            opened += answer.status_code == 200
            assert PHONE not in answer.text, door
            assert NUMBER not in answer.text, door
    assert opened >= 4


def test_a_check_of_a_masked_value_is_told_in_its_own_words(
    log_in: LogIn, system: System, telling: str
) -> None:
    """Both its sides would tell the number to the department that looks through what does not hold."""
    with system.read(installed.ANYBODY) as work:
        dispatch = documents.read(work, telling).dispatch_id
    page = log_in("minzheng").get(f"/dispatches/{dispatch}/checks").text
    assert "不应是值班电话" in page
    assert "是家属的电话" in page
    assert PHONE not in page


def test_a_check_of_a_withheld_value_does_not_tell_it(
    log_in: LogIn, system: System, sent: DispatchRecord
) -> None:
    """Saving and handing in answer with what does not hold: without the number that a rule keeps back."""
    staff = log_in("huian")
    task = reports.waiting(system, sent, "huian", "fill")
    document = reports.document_of(system, sent, installed.COMMUNITIES[0])
    path = f"/api/documents/{document}"
    staff.get(f"/tasks/{task}")
    known = {"revision": staff.get(path).json()["revision"], "changes": {"/population": 7654321}}
    revision = staff.patch(f"{path}/cells", known).json()["revision"]
    rule = {
        "effect": "withhold-field",
        "field": "org.population",
        "role": "staff",
        "reason": "专项保护要求",
    }
    assert log_in("anquan").press("/access-rules", **rule).status_code == 303
    change = {"revision": revision, "changes": {"/population_male": 3, "/population_female": 2}}
    for answer in (
        staff.patch(f"{path}/cells", change),
        staff.post(f"/api/tasks/{task}/submit", {}),
        staff.get(f"/tasks/{task}"),
        staff.press(f"/tasks/{task}/submit"),
    ):
        assert "7654321" not in answer.text
        assert "7654316" not in answer.text, "the difference tells it too"
    assert "常住人口应等于男、女人数之和" in staff.post(f"/api/tasks/{task}/submit", {}).text
