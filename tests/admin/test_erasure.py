"""Somebody's data are deleted at their lawful request: asked by one, approved by another, gone everywhere."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from admin import packs
from admin.cli import backup as commands_of_backup
from admin.working import runner
from engine import rotation
from engine.audit import trail
from engine.crypto import keyfile, keys
from engine.crypto.vault import KeyUnavailable, Vault, witnessed
from engine.dictionary.store import dictionary
from engine.erasure import store
from engine.erasure.store import ErasureNeedsReason, ErasureOpen, SubjectHeld
from engine.errors import Forbidden
from engine.json_text import dumps
from engine.registers import schema
from engine.storage import backups, sealed
from engine.storage.backups import BackupInvalid, Head
from engine.work import System
from forms import documents
from tests import factories, installed
from tests.admin import reports
from workflows import commands
from workflows import store as flows

CARD, ILLNESS, PHONE, SHARED = "6222020200112233445", "阿尔茨海默病早期", "13964591111", "13964592222"  # fmt: skip
WHY = "本人持身份证到窗口申请，已核实"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest) -> System:
    """The pack, with a person, a neighbour and a child in one community."""
    opened: System = request.getfixturevalue(f"{request.param}_system")
    packs.load(opened, installed.PACK)
    return opened


@pytest.fixture
def people(town: System) -> tuple[dict[str, Any], dict[str, Any]]:
    """Who is deleted, and a neighbour who has one of the phones as a guardian's."""
    common = {"residence": installed.COMMUNITIES[0], "residency": "1"}
    who = factories.person(
        **common, name="钱三多", phone=PHONE, bank_card=CARD, chronic_illness=ILLNESS,
        disability_kind="4", guardian_phone=SHARED, annual_income=12345,
    )  # fmt: skip
    other = factories.person(
        **common, name="孙又新", phone=SHARED, chronic_illness="高血压二级稳定"
    )
    with town.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    factories.load_people(town, known, [who, other])
    return who, other


def _report(system: System, who: dict[str, Any]) -> str:
    """A final report in whose roster the person stands, changed on the way, with their number in a reason."""
    sent = reports.sent(system)
    task = _tasks(system, "huian", "fill", sent.id)
    staff = installed.person(system, "huian")
    record = system.write(staff, lambda work: commands.open_task(work, task)).record.id
    with system.read(installed.ANYBODY) as work:
        rows = documents.get(work.connection, record).contents["elders"]
    row = next(one for one in rows if one["id_number"] == who["id_number"])
    reports.handed_in(system, sent)
    path = f"/elders/{row['_id']}"
    said = f"身份证号{who['id_number']}请核对"
    system.write(
        installed.person(system, "shenhe"),
        lambda work: commands.return_(work, _mine(work), {f"{path}/phone": said, f"{path}/note": said}),
    )  # fmt: skip
    changed = {f"{path}/phone": "13964593333", f"{path}/note": f"卡号{CARD}"}
    reports.again(system, sent, "huian", changed)
    for login in ("shenhe", "lingdao"):
        system.write(
            installed.person(system, login), lambda work: commands.pass_(work, _mine(work))
        )
    return record


def _tasks(system: System, login: str, kind: str, dispatch: str) -> str:
    with system.read(installed.person(system, login)) as work:
        return next(
            one.id
            for one in flows.tasks_of(work, flows.TASK.c.kind == kind)
            if one.dispatch_id == dispatch
        )


def _mine(work: Any) -> str:
    return flows.tasks_of(work, flows.TASK.c.status == "open")[0].id


def _everything(system: System) -> str:
    """All that is sealed in the database, opened; and every register and history besides."""
    found = []
    with system.read(installed.ANYBODY) as work:
        for one in rotation.columns(work.connection):
            for row in work.connection.execute(select(one.table)).mappings():
                stored = row[one.column]
                if stored is None or one.form == "file":
                    continue
                if one.form == "text":
                    found.append(work.vault.open(stored, one.place(row)))
                else:
                    found.append(dumps(sealed.unseal(work.connection, stored, one.place(row))))
    return "\n".join(found)


def _delete(system: System, subject_id: str) -> str:
    asker, second = (installed.person(system, one) for one in ("anquan", "xitong"))
    request = system.write(
        asker,
        lambda work: store.ask(work, "person", subject_id, basis="consent-withdrawn", reason=WHY),
    )
    system.write(second, lambda work: store.decide(work, request, agreed=True))
    installed.work_until(system, lambda work: store.get(work, request).state == store.DONE)
    return request


def test_nothing_of_a_deleted_person_opens_any_more(
    town: System, people: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    """Register, look-up, history, report, changes, reasons of the flow, jobs; totals and neighbours stay."""
    who, other = people
    record = _report(town, who)
    secrets = (who["id_number"], PHONE, CARD, ILLNESS, "13964593333")
    before = _everything(town)
    assert [one for one in secrets if one not in before] == []
    with town.read(installed.ANYBODY) as work:
        was = documents.get(work.connection, record).contents
    old = tmp_path / "old.backup"
    backups.write(
        town.settings.url, town.vault, old, Head("2026-11-23T01:30:00", "", "", 0, "", "")
    )
    request = _delete(town, who["id"])

    after = _everything(town)
    assert [one for one in secrets if one in after] == []
    assert SHARED in after, "a phone that a neighbour has too is theirs"
    with town.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        with pytest.raises(store.NobodyFound):
            store.find(work, "person", who["id_number"])
        assert store.find(work, "person", other["id_number"]) == other["id"]
        target = schema.table(known, "person")
        row = (
            work.connection.execute(select(target).where(target.c.id == who["id"])).mappings().one()
        )
        gone = ("f_id_number", "b_id_number", "f_phone", "b_phone", "f_bank_card", "f_name", "f_disability_kind", "f_annual_income", "f_guardian_phone", "b_guardian_phone")  # fmt: skip
        assert {row[name] for name in gone} == {None}
        assert (row["f_birth_date"], row["f_residence"]) == (who["birth_date"], who["residence"])
        now = documents.get(work.connection, record).contents
        done = store.get(work, request)
        assert trail.verify(work.connection).whole
        assert work.connection.execute(select(store.ERASURE.c.texts)).scalar_one() is None
    assert len(now["elders"]) == len(was["elders"])
    theirs = [one for one in now["elders"] if one["name"] == "（已依法删除）"]
    assert [one["phone"] for one in theirs] == ["（已依法删除）"]
    assert {name: one for name, one in now.items() if name != "elders"} == {name: one for name, one in was.items() if name != "elders"}  # fmt: skip
    neighbour = next(one for one in now["elders"] if one["name"] == "孙又新")
    assert neighbour == next(one for one in was["elders"] if one["name"] == "孙又新")
    assert done.progress["changed"] >= 4
    assert witnessed(done.certificate(), done.signature, town.vault.public_key())
    assert who["id_number"] not in dumps(done.progress)
    _old_backups_give_nothing_back(town, old, secrets, tmp_path)


def _old_backups_give_nothing_back(
    system: System, old: Path, secrets: tuple[str, ...], tmp_path: Path
) -> None:
    """One restored by our command is swept again; and none opens once the key of then is destroyed."""
    if system.database.is_sqlite:
        place = replace(system.settings, data_dir=str(tmp_path / "back"), database_url="")
        backups.restore(old, system.vault, place.url)
        for path in (keys.key_file(system.settings), keys.kek_file(system.settings)):
            (place.data_path / path.name).write_bytes(path.read_bytes())
        raw = System(place)
        assert secrets[0] in _everything(raw), "as any program with the keys could read it"
        raw.close()
        assert commands_of_backup._forgotten_anew(system.settings, place) == 1
        again = System(place)
        assert [one for one in secrets if one in _everything(again)] == []
        again.close()
    file, service = keys.key_file(system.settings), keys.service(system.settings)
    keyfile.rotate(file, service, suite="intl")
    system.vault.ring = keys.ring(system.settings)
    system.write(installed.ANYBODY, rotation.begin)
    works = runner(system)
    with system.read(installed.ANYBODY) as work:
        while sum(one.left for one in rotation.progress(work.connection, system.vault)):
            break
    for _ in range(50):
        works.work_off()
    works.stop()
    with system.read(installed.ANYBODY) as work:
        assert sum(one.left for one in rotation.progress(work.connection, system.vault)) == 0
    keyfile.forget(file, service, 1)
    vault = Vault(keys.ring(system.settings))
    with pytest.raises((BackupInvalid, KeyUnavailable)):
        backups.unpack(old, vault, tmp_path / "never")


def test_two_people_a_reason_and_no_open_matter(
    sqlite_system: System, request: pytest.FixtureRequest
) -> None:
    """Nobody deletes alone, without telling why, twice at once, or what a matter needs."""
    packs.load(sqlite_system, installed.PACK)
    system = sqlite_system
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    who = factories.person(residence=installed.COMMUNITIES[0], phone=PHONE)
    factories.load_people(system, known, [who])
    security, other, staff = (
        installed.person(system, one) for one in ("anquan", "xitong", "huian")
    )

    def ask(actor: Any, reason: str = WHY) -> str:
        return system.write(
            actor,
            lambda work: store.ask(work, "person", who["id"], basis="unlawful", reason=reason),
        )

    for wrong, error in ((staff, Forbidden), (other, Forbidden)):
        with pytest.raises(error):
            ask(wrong)
    with pytest.raises(ErasureNeedsReason):
        ask(security, "x")
    hold = system.write(
        security, lambda work: store.place_hold(work, "person", who["id"], "（2026）鲁0602民初12号")
    )
    with pytest.raises(SubjectHeld) as held:
        ask(security)
    assert "鲁0602民初12号" in held.value.text()
    system.write(security, lambda work: store.lift_hold(work, hold))
    number = ask(security)
    with pytest.raises(ErasureOpen):
        ask(security)
    with pytest.raises(Forbidden):
        system.write(security, lambda work: store.decide(work, number, agreed=True))
    system.write(
        security, lambda work: store.place_hold(work, "person", who["id"], "审计署现场审计")
    )
    with pytest.raises(SubjectHeld):
        system.write(other, lambda work: store.decide(work, number, agreed=True))
    with pytest.raises(ErasureNeedsReason):
        system.write(other, lambda work: store.decide(work, number, agreed=False))
    system.write(other, lambda work: store.decide(work, number, agreed=False, answer="审计未结束"))
    with system.read(installed.ANYBODY) as work:
        assert store.find(work, "person", who["id_number"]) == who["id"]


def test_the_person_is_told_all_and_who_looked(system: System, log_in: Any) -> None:
    """Every value whole, with its source; who looked, for what; the copy itself is the next look."""
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    who = factories.person(residence=installed.COMMUNITIES[0], phone=PHONE, name="钱三多")
    other = factories.person(residence=installed.COMMUNITIES[0], phone=SHARED, name="孙又新")
    factories.load_people(system, known, [who, other])
    ledger = "/ledgers/civil.elderly_ledger"
    log_in("huian").press(f"{ledger}/rows/{who['id']}/reveal", column="phone", purpose="核对津贴")
    security = log_in("anquan")
    asked = {"key": who["id_number"], "reason": "本人到窗口查阅"}
    page = security.press("/erasures/copy", **asked)
    assert page.status_code == 200
    for text in (who["id_number"], PHONE, "钱三多", "户籍库", "惠安社区"):
        assert text in page.text
    assert SHARED not in page.text
    file = security.press("/erasures/copy", **asked, **{"as": "json"})
    assert file.headers["content-disposition"].startswith("attachment")
    looks = file.json()["looks"]
    assert looks[0]["what"] == "取出本人数据"
    assert looks[0]["purpose"] == "本人到窗口查阅"
    refused = security.press("/erasures/copy", key=who["id_number"], reason="")
    assert (refused.status_code, PHONE in refused.text) == (422, False)
    assert log_in("minzheng").press("/erasures/copy", **asked).status_code == 404, (
        "another office's"
    )
    assert log_in("huian").press("/erasures/copy", **asked).status_code == 403


def test_the_second_person_is_told_and_led_there(system: System, log_in: Any) -> None:
    """Administrators have no to-do list: what waits for them stands on their account's page."""
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    who = factories.person(residence=installed.COMMUNITIES[0])
    factories.load_people(system, known, [who])
    security, other = log_in("anquan"), log_in("xitong")
    asked = {"key": who["id_number"], "basis": "unlawful", "reason": WHY}
    assert security.press("/erasures/ask", **asked).status_code == 303
    with system.read(installed.ANYBODY) as work:
        (request,) = store.listed(work)
    assert f"/erasures/{request.id}" in other.get("/account").text
    assert "等您审批" not in security.get("/account").text
    unknown = {"action": "aprove", "answer": "不是哪个按钮"}  # a word misspelt decides nothing
    assert other.press(f"/erasures/{request.id}", **unknown).status_code == 404
    assert other.press(f"/erasures/{request.id}", action="refuse").status_code == 422
    assert other.press(f"/erasures/{request.id}", action="approve").status_code == 303
    assert "已批准" in security.get("/account").text
