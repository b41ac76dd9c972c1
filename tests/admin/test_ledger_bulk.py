"""One column of many rows at once: shown before it happens, applied by a job, undone as a whole."""

from collections.abc import Callable

import pytest

from admin import working
from engine.work import System
from tests.admin.conftest import Caller
from tests.admin.test_ledger_imports import OLD, act, known, lines, numbers

LogIn = Callable[[str], Caller]
__all__ = ["numbers"]  # the fixture: three people of 85, two of the first community
pytestmark = pytest.mark.usefixtures("numbers")


def previewed(caller: Caller, column: str, value: str = "", code: str = OLD, **more: object) -> str:
    """Ask for a preview on the page; gives its id."""
    given = {"column": column, f"v:/{column}": value, **more}
    answer = caller.press(f"/ledgers/{code}/bulk", **given)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].rpartition("/")[2])


def care(system: System) -> list[object]:
    """How the three are able to look after themselves."""
    return [known(system, one).get("care_level") for one in ("e0", "e1", "e2")]


def test_a_column_of_the_rows_in_view_is_set_and_undone(system: System, log_in: LogIn) -> None:
    """Only the rows of the filter and of one's own place; the preview writes nothing; undone, all is as it was."""
    caller = log_in("huian")
    one = previewed(caller, "care_level", "1", f="name:eq:老人0")
    act(system, caller, one, "apply")
    assert care(system) == ["1", None, None]
    page = caller.get(f"/ledgers/{OLD}/bulk?f=care_level:blank:&column=care_level").text
    assert "当前筛选的 1 行" in page
    many = previewed(caller, "care_level", "3", reason="十一月评估")
    assert {number: kind for number, (kind, _) in lines(system, "huian", many).items()} == {
        1: "changed", 2: "changed",
    }  # fmt: skip
    assert care(system) == ["1", None, None]
    shown = caller.get(f"/ledgers/{OLD}/imports/{many}").text
    assert "批量修改：自理能力 十一月评估" in shown
    assert "老人0" in shown
    act(system, caller, many, "apply")
    assert care(system) == ["3", "3", None]
    assert caller.press(f"/ledgers/{OLD}/imports/{many}", action="apply").status_code == 409
    same = previewed(caller, "care_level", "3")
    assert {kind for kind, _ in lines(system, "huian", same).values()} == {"same"}
    act(system, caller, many, "undo")
    assert care(system) == ["1", None, None]
    cleared = previewed(caller, "care_level", clear="1")
    act(system, caller, cleared, "apply")
    assert care(system) == [None, None, None]
    act(system, caller, cleared, "undo")
    assert care(system) == ["1", None, None]


def test_only_ticked_rows_are_changed(system: System, log_in: LogIn) -> None:
    """Whatever is filtered beside; others' rows and made-up ones are passed over; of no tick nothing comes."""
    caller = log_in("huian")
    ticked = {"by": "ticks", "row": ["e1", "e2", "nobody"]}  # e2 lives elsewhere
    page = caller.get(f"/ledgers/{OLD}/bulk", params={**ticked, "column": "care_level"}).text
    assert "会改动勾选的 1 行" in page
    assert "另有 2 行" in page
    number = previewed(caller, "care_level", "2", q="老人0", **ticked)
    assert {kind for kind, _ in lines(system, "huian", number).values()} == {"changed"}
    act(system, caller, number, "apply")
    assert care(system) == [None, "2", None]
    none = previewed(caller, "care_level", "3", by="ticks")
    assert lines(system, "huian", none) == {}
    assert "还没有勾选" in caller.get(f"/ledgers/{OLD}/bulk?by=ticks").text
    asked = {"column": "care_level", "value": "3"}
    for rows, count in ((["e0", "e2"], 1), ([], 0)):
        answer = caller.post(f"/api/ledgers/{OLD}/bulk", {**asked, "rows": rows})
        assert (answer.status_code, answer.json()["total"]) == (201, count)
    assert (
        caller.post(f"/api/ledgers/{OLD}/bulk", {**asked, "rows": ["x"] * 301}).status_code == 400
    )


def test_of_two_at_once_the_second_overwrites_nothing(system: System, log_in: LogIn) -> None:
    """Both looked at the same rows; what the first wrote stays, and the second is told."""
    first, second = log_in("huian"), log_in("huian")
    one = previewed(first, "care_level", "1")
    other = previewed(second, "care_level", "3", f="name:eq:老人0")
    act(system, first, one, "apply")
    act(system, second, other, "apply")
    assert care(system) == ["1", "1", None]
    assert "1 格" in second.get(f"/ledgers/{OLD}/imports/{other}").text
    act(system, second, other, "undo")
    assert care(system) == ["1", "1", None]


def test_a_row_without_a_household_is_rejected_with_the_reason(
    system: System, log_in: LogIn
) -> None:
    """There is nothing to write to."""
    number = previewed(log_in("huian"), "household_phone", "13900139000")
    found = lines(system, "huian", number)
    assert {kind for kind, _ in found.values()} == {"rejected"}
    assert "没有地方可写" in found[1][1]["problems"][0][1]


def test_what_another_office_answers_for_is_proposed(system: System, log_in: LogIn) -> None:
    """The preview says so; undone, the proposals are withdrawn."""
    caller = log_in("huian")
    number = previewed(caller, "name", "老人零", f="name:eq:老人0")
    assert "需负责单位同意后生效" in caller.get(f"/ledgers/{OLD}/imports/{number}").text
    act(system, caller, number, "apply")
    assert known(system, "e0")["name"] == "老人0"
    assert "老人零" in log_in("gongan").get("/proposals").text
    act(system, caller, number, "undo")
    assert 'value="accept"' not in log_in("gongan").get("/proposals").text


def test_protected_values_stay_masked(log_in: LogIn) -> None:
    """On the page and over the API."""
    caller = log_in("huian")
    number = previewed(caller, "phone", "13900139000")
    for told in (
        caller.get(f"/ledgers/{OLD}/imports/{number}").text,
        caller.get(f"/api/ledgers/{OLD}/bulk/{number}").text,
    ):
        assert "138****8000" in told
        assert "13800138000" not in told
        assert "13900139000" not in told


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"column": "care_level", "v:/care_level": "99"}, 422),
        ({"column": "care_level"}, 422),
        ({"column": "id_number", "v:/id_number": "x"}, 422),
        ({"column": "age", "v:/age": "3"}, 422),
        ({"column": "nothing", "v:/nothing": "3"}, 404),
        ({"column": "care_level", "v:/care_level": "1", "f": "nothing:eq:1"}, 422),
    ],
)
def test_what_cannot_be_is_refused_with_nothing_kept(
    log_in: LogIn, given: dict[str, str], status: int
) -> None:
    """A wrong value, none, a key, a derived column, none of the ledger, a filter that is none."""
    caller = log_in("huian")
    assert caller.press(f"/ledgers/{OLD}/bulk", **given).status_code == status
    assert "批量修改：" not in caller.get(f"/ledgers/{OLD}/imports").text


def test_it_is_its_makers_own_and_goes_over_the_api(system: System, log_in: LogIn) -> None:
    """Planned, applied and undone by a program; somebody else gets 404."""
    caller = log_in("huian")
    body = {"column": "care_level", "value": "3", "filter": ["name:eq:老人1"]}
    made = caller.post(f"/api/ledgers/{OLD}/bulk", body)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["state"], told["counts"]) == ("previewed", {"changed": 1})
    assert [(one["row"], one["before"], one["after"]) for one in told["lines"]] == [
        ("e1", None, "3")
    ]
    address = f"/api/ledgers/{OLD}/bulk/{told['id']}"
    for login in ("shihuiyao", "luyang"):
        other = log_in(login)
        assert other.get(address).status_code == 404
        assert other.post(address, {"action": "apply"}).status_code == 404
    assert care(system) == [None, None, None]
    for action, value in (("apply", "3"), ("undo", None)):
        assert caller.post(address, {"action": action}).status_code == 200
        working.runner(system).work_off()
        assert care(system) == [None, value, None]
    assert caller.get(address).json()["state"] == "undone"
    bad = caller.post(f"/api/ledgers/{OLD}/bulk", {"column": "care_level", "value": "99"})
    assert (bad.status_code, bad.json()["code"]) == (422, "ledger.bulk-value-invalid")
