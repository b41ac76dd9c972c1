"""A sheet into a ledger: every effect before it happens, one job, undone as a whole."""

import io
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from litestar import Litestar
from sqlalchemy import select, update

from admin import working
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.jobs import outbox
from engine.jobs.outbox import JOB
from engine.jobs.registry import JOBS
from engine.ledgers import imports, taking
from engine.registers import fields as registers_fields
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from forms.kinds import ledger, ledger_jobs
from tests import factories, installed
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]
OLD, AID = "civil.elderly_ledger", "civil.assistance_ledger"
HEAD = [
    "序号",
    "老人姓名",
    "身份证号",
    "手机号",
    "现住社区",
    "自理能力",
    "走访记录",
    "最近走访日期",
]


@pytest.fixture
def numbers(app: Litestar, system: System) -> list[str]:
    """Three people of 85: two of the first community, one of another street; and a number nobody has."""
    found = [factories.id_number("1941-03-02") for _ in range(4)]

    def command(work: Work) -> None:
        known = dictionary(work.connection)
        origin = registers.add_origin(work, Origin("steward", "人口基础库", work.at))
        places = [installed.COMMUNITIES[0], installed.COMMUNITIES[0], "370676003001"]
        for at, place in enumerate(places):
            facts = {"name": f"老人{at}", "id_number": found[at], "birth_date": "1941-03-02",
                     "residence": place, "phone": "13800138000"}  # fmt: skip
            changes = [Change(f"person.{key}", f"e{at}", value) for key, value in facts.items()]
            registers.set_values(work, known, changes, origin)

    system.write(installed.ANYBODY, command)
    return found


def sheet(*rows: list[Any], head: list[str] = HEAD) -> bytes:
    """A workbook with a title, a head and these rows."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["高龄老人走访表"])
    page.append(head)
    for row in rows:
        page.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def previewed(caller: Caller, content: bytes, code: str = OLD) -> str:
    """Upload a sheet; gives the import's id."""
    answer = caller.send(
        "POST", f"/ledgers/{code}/imports", data={"csrf": caller.token},
        files={"sheet": ("走访.xlsx", content)},
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].rpartition("/")[2])


def lines(system: System, login: str, number: str, code: str = OLD) -> dict[int, tuple[str, Any]]:
    """What each line does: kind and detail by row."""
    with system.read(installed.person(system, login)) as work:
        imports.get(work, ledger.lens(work.connection, ledger.form(work.connection, code)), number)
        return {row["number"]: (row["kind"], detail) for row, detail in imports.lines(work, number)}


def known(system: System, subject: str) -> dict[str, Any]:
    """What the register has of somebody."""
    with system.read(installed.ANYBODY) as work:
        held = dictionary(work.connection)
        fields = [one for one in held.of("person") if not one.compute and not one.periodic]
        found = registers.fetch(work, held, "person", [subject], fields).get(subject, {})
    return {code.partition(".")[2]: value.value for code, value in found.items()}


def act(system: System, caller: Caller, number: str, action: str, code: str = OLD) -> None:
    """Press, and let the job be done."""
    answer = caller.press(f"/ledgers/{code}/imports/{number}", action=action)
    assert answer.status_code == 303, answer.text
    working.runner(system).work_off()


def test_every_effect_is_told_before_it_happens(
    system: System, log_in: LogIn, numbers: list[str]
) -> None:
    """New, changed with old and new, unchanged, rejected with the reason by row and cell; nothing written."""
    fresh = numbers[3]
    content = sheet(
        [
            1,
            "老人0",
            numbers[0].lower(),
            "139 0013 9000",
            "惠安社区",
            "中度失能",
            "身体好",
            "2026年11月2日",
        ],
        [2, "老人1", numbers[1], None, None, None, None, None],
        [3, "新来的", fresh, None, "惠安社区", None, None, None],
        [4, "错号", "370602194103020000", None, None, None, None, None],
        [5, "别处的", numbers[2], None, None, None, None, None],
        [6, "老人0", numbers[0], None, None, None, None, None],
        [7, "电话错", numbers[1], "12x", None, None, None, None],
        ["合计", 7, None, None, None, None, None, None],
    )
    number = previewed(log_in("huian"), content)
    found = lines(system, "huian", number)
    assert {row: kind for row, (kind, _) in found.items()} == {
        3: "changed", 4: "same", 5: "new", 6: "rejected", 7: "rejected", 8: "rejected", 9: "rejected",
    }  # fmt: skip
    changes = {name: (old, new) for name, old, new, _ in found[3][1]["changes"]}
    assert changes == {
        "phone": ("13800138000", "13900139000"),
        "care_level": (None, "3"),
        "visit_note": (None, "身体好"),
        "last_visit": (None, "2026-11-02"),
    }
    assert found[6][1]["problems"][0][0] == "id_number"
    assert "第 3 行" in found[8][1]["problems"][0][1]
    assert found[9][1]["problems"][0][0] == "phone"
    assert known(system, "e0")["phone"] == "13800138000"
    page = log_in("huian").get(f"/ledgers/{OLD}/imports/{number}").text
    assert "惠安社区居民委员会" in page
    assert installed.COMMUNITIES[0] not in page
    assert "「联系电话」" in page
    assert "联系电话：「" not in page
    assert "138****8000" in page
    assert "13900139000" not in page


def test_what_was_applied_is_undone_as_a_whole(
    system: System, log_in: LogIn, numbers: list[str]
) -> None:
    """Cells go back, who was brought in goes, and what somebody wrote since stays."""
    caller = log_in("huian")
    content = sheet(
        [1, "老人0", numbers[0], "13900139000", None, "中度失能", "身体好", None],
        [2, "老人1", numbers[1], "13900139001", None, None, None, None],
        [3, "新来的", numbers[3], "13900139003", "惠安社区", None, None, None],
    )
    number = previewed(caller, content)
    act(system, caller, number, "apply")
    assert (known(system, "e0")["phone"], known(system, "e0")["care_level"]) == ("13900139000", "3")
    with system.read(installed.ANYBODY) as work:
        held = dictionary(work.connection)
        key = held.field("person.id_number")
        fresh = registers.find(work, held, key, [numbers[3]])[numbers[3]]
    assert known(system, fresh)["phone"] == "13900139003"

    def later(work: Work) -> None:
        origin = registers.add_origin(work, Origin("entered", "别的表", work.at))
        registers.set_values(work, held, [Change("person.phone", "e1", "13700137000")], origin)

    system.write(installed.ANYBODY, later)
    act(system, caller, number, "undo")
    assert known(system, "e0").get("care_level") is None
    assert [known(system, one).get("phone") for one in ("e0", "e1", fresh)] == [
        "13800138000",
        "13700137000",
        None,
    ]
    page = caller.get(f"/ledgers/{OLD}/imports/{number}").text
    assert "已整批撤销" in page
    assert "撤销“走访.xlsx”" in caller.get(f"/ledgers/{OLD}/rows/e0").text
    assert "1 格" in page
    assert caller.press(f"/ledgers/{OLD}/imports/{number}", action="apply").status_code == 409


def test_somebody_new_stands_in_the_ledger_or_is_counted_as_not(
    system: System, log_in: LogIn, numbers: list[str]
) -> None:
    """Birth and sex come from the ID number, so that the rule takes one of 85 in; one of 36 is told."""
    caller = log_in("huian")
    young = factories.id_number("1990-03-02", "1")
    content = sheet(
        [1, "新来的", numbers[3], None, "惠安社区", None, None, None],
        [2, "年轻的", young, None, "惠安社区", None, None, None],
    )
    number = previewed(caller, content)
    page = f"/ledgers/{OLD}/imports/{number}"
    assert "按身份证号登记" in caller.get(page).text
    act(system, caller, number, "apply")
    told = caller.get(page).text
    assert "新登记的 1 条不符合这本台账的收录条件" in told
    shown = caller.get(f"/ledgers/{OLD}").text
    assert "新来的" in shown
    assert "年轻的" not in shown
    with system.read(installed.ANYBODY) as work:
        held = dictionary(work.connection)
        made = registers.find(work, held, held.field("person.id_number"), [numbers[3], young])
    facts = known(system, made[numbers[3]])
    assert (facts["birth_date"], facts["sex"]) == ("1941-03-02", "2")
    assert known(system, made[young])["sex"] == "1"
    act(system, caller, number, "undo")
    assert known(system, made[numbers[3]]).get("birth_date") is None
    assert "收录条件" not in caller.get(page).text


def test_an_import_cut_off_goes_on_a_minute_later(
    system: System, log_in: LogIn, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker of the second turn dies; the page says that it goes on, and so it does, once."""
    monkeypatch.setattr(imports, "TURN", 2)
    caller = log_in("huian")
    new = [factories.id_number("1940-01-02") for _ in range(5)]
    rows = [
        [at, f"新人{at}", one, None, "惠安社区", None, None, None] for at, one in enumerate(new)
    ]
    number = previewed(caller, sheet(*rows))
    page = f"/ledgers/{OLD}/imports/{number}"
    caller.press(page, action="apply")

    def due() -> str:
        with system.read(installed.ANYBODY) as work:
            query = select(JOB.c.id).where(JOB.c.kind == ledger_jobs.KIND, JOB.c.state == "waiting")
            return str(work.connection.execute(query).scalar_one())

    working.runner(system).run(due())
    lost = due()
    system.write(
        installed.ANYBODY, lambda work: outbox.claim(work.connection, lost, work.now, JOBS)
    )
    working.runner(system).work_off()
    told = caller.get(page).text
    assert "2/5" in told
    assert "自己接着做" in told

    def over(work: Work) -> None:
        held = select(JOB.c.lease_until).where(JOB.c.id == lost)
        until = work.connection.execute(held).scalar_one()
        assert until <= outbox.text(work.now + timedelta(minutes=1))
        work.connection.execute(
            update(JOB).where(JOB.c.id == lost).values(lease_until=outbox.text(work.now))
        )

    system.write(installed.ANYBODY, over)
    working.runner(system).work_off()
    assert "已写入" in caller.get(page).text
    shown = caller.get(f"/ledgers/{OLD}").text
    assert [shown.count(f">新人{at}<") > 0 for at in range(5)] == [True] * 5
    act(system, caller, number, "undo")
    assert "新人" not in caller.get(f"/ledgers/{OLD}").text


def test_a_ledger_kept_by_hand_takes_its_members_from_a_sheet(
    system: System, log_in: LogIn, numbers: list[str]
) -> None:
    """Who is in the register enters; undone, they are out again."""
    caller = log_in("huian")
    number = previewed(caller, sheet([numbers[0], "JZ-1"], head=["身份证号码", "救助证编号"]), AID)
    assert lines(system, "huian", number, AID)[3][0] == "entered"
    act(system, caller, number, "apply", AID)
    assert "JZ-1" in caller.get(f"/ledgers/{AID}").text
    act(system, caller, number, "undo", AID)
    assert "JZ-1" not in caller.get(f"/ledgers/{AID}").text


def test_what_another_office_answers_for_is_proposed(
    system: System, log_in: LogIn, numbers: list[str]
) -> None:
    """A name in a sheet overwrites no name: it goes to the steward."""
    caller = log_in("huian")
    number = previewed(caller, sheet([1, "老人零", numbers[0], None, None, None, None, None]))
    act(system, caller, number, "apply")
    assert known(system, "e0")["name"] == "老人0"
    assert "已写入。 1 格已送责任单位核准。" in caller.get(f"/ledgers/{OLD}/imports/{number}").text
    assert "老人零" in log_in("gongan").get("/proposals").text
    act(system, log_in("huian"), number, "undo")
    assert "已送责任单位" not in log_in("huian").get(f"/ledgers/{OLD}/imports/{number}").text


def test_columns_are_set_right_by_hand(system: System, log_in: LogIn, numbers: list[str]) -> None:
    """A column that nobody recognised is told what it is, and the plan is made anew."""
    caller = log_in("huian")
    content = sheet([numbers[0], "身体好"], head=["身份证号", "说说看"])
    number = previewed(caller, content)
    assert lines(system, "huian", number)[3][0] == "same"
    again = caller.press(
        f"/ledgers/{OLD}/imports/{number}", action="remap", c1="id_number", c2="visit_note"
    )
    number = again.headers["location"].rpartition("/")[2]
    assert lines(system, "huian", number)[3][0] == "changed"


@pytest.mark.parametrize("content", [b"", b"no workbook", sheet(["x"], head=["什么", "哪里"])])
def test_what_is_no_sheet_of_the_ledger_is_refused(
    log_in: LogIn, numbers: list[str], content: bytes
) -> None:
    """Told in words, with nothing kept."""
    caller = log_in("huian")
    answer = caller.send(
        "POST", f"/ledgers/{OLD}/imports", data={"csrf": caller.token},
        files={"sheet": ("x.xlsx", content)},
    )  # fmt: skip
    assert 400 <= answer.status_code < 500


def test_an_import_is_its_makers_own(log_in: LogIn, numbers: list[str]) -> None:
    """Nobody else sees it or presses it."""
    number = previewed(
        log_in("huian"), sheet([1, "老人0", numbers[0], None, None, None, None, None])
    )
    for login in ("shihuiyao", "luyang"):
        other = log_in(login)
        assert other.get(f"/ledgers/{OLD}/imports/{number}").status_code == 404
        assert other.press(f"/ledgers/{OLD}/imports/{number}", action="apply").status_code == 404


def test_a_long_number_typed_as_a_number_is_rejected(
    system: System, log_in: LogIn, numbers: list[str]
) -> None:
    """Its last digits are lost; the reason says so."""
    number = previewed(
        log_in("huian"),
        sheet([1, "老人0", int(numbers[0][:17] + "0"), None, None, None, None, None]),
    )
    [(kind, detail)] = lines(system, "huian", number).values()
    assert (kind, detail["problems"][0][0]) == ("rejected", "id_number")


def test_a_guardians_number_tells_nothing_of_the_ward(system: System) -> None:
    """Birth and sex are read from the subject's own number alone, and never over what the sheet says."""
    guardian = Field("person.guardian_id_number", {"zh": "监护人号码"}, {"type": "string", "format": "resident-id"}, sensitivity="L3")  # fmt: skip
    system.write(installed.ANYBODY, lambda work: registers_fields.add(work, guardian))
    with system.read(installed.ANYBODY) as work:
        here: Any = SimpleNamespace(
            dictionary=dictionary(work.connection), lens=SimpleNamespace(subject="person")
        )
    own = factories.id_number("1941-03-02", "2")
    other = Change("person.guardian_id_number", "p", factories.id_number("1970-05-06", "1"))
    assert taking._told(here, [other]) == {}
    given = [other, Change("person.id_number", "p", own), Change("person.sex", "p", "1")]
    assert taking._told(here, given) == {"person.birth_date": "1941-03-02"}
