"""留存期限: a period set, what is due told, asked by one, approved by another, gone everywhere, certified."""

import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from admin import packs, working
from admin.cli import backup as commands_of_backup
from engine import rotation
from engine.audit import trail
from engine.crypto import keys
from engine.crypto.vault import witnessed
from engine.dictionary.store import dictionary
from engine.erasure import store as erasures
from engine.errors import Forbidden, NotFound
from engine.identity import store as identity
from engine.json_text import dumps
from engine.ledgers import local, members
from engine.ledgers.schema import local_table
from engine.registers import schema
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.retention import holds, store, sweep, totals
from engine.retention.store import RetentionNothingDue, RetentionOpen, RetentionWrong
from engine.settings import ROOT
from engine.storage import backups, sealed
from engine.storage.backups import Head
from engine.work import System
from forms import documents, rollup
from forms import store as forms
from forms.kinds import ledger
from tests import factories, installed
from tests.admin import reports
from workflows import commands

FORM = reports.FORM
PHONE, NOTE, SAID, REMARK = "13964591111", "钱三多卧床", "请核对钱三多的电话", "钱家的事另报"
LEDGER = "civil.assistance_ledger"
BASIS = "档案管理规定：短期保管"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest) -> System:
    """The pack on either database."""
    opened: System = request.getfixturevalue(f"{request.param}_system")
    packs.load(opened, installed.PACK)
    working.load()
    return opened


def _person(system: System, **given: Any) -> dict[str, Any]:
    who = factories.person(residence=installed.COMMUNITIES[0], residency="1", phone=PHONE, **given)
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    factories.load_people(system, known, [who])
    return who


def _archived(system: System, login: str = "huian", sent: Any = None) -> tuple[Any, str]:
    """A final report in whose roster the person stands, sent back once with words about them."""
    sent = sent or reports.sent(system)
    record = reports.handed_in(system, sent, login, remark=REMARK)
    with system.read(installed.ANYBODY) as work:
        rows = documents.get(work.connection, record).contents.get("elders", [])
    if rows:
        path = f"/elders/{rows[0]['_id']}/note"
        task = reports.waiting(system, sent, "shenhe", "verify", record)
        system.write(
            installed.person(system, "shenhe"),
            lambda work: commands.return_(work, task, {path: SAID}),
        )
        reports.again(system, sent, login, {path: NOTE})
    for person, kind in (("shenhe", "verify"), ("lingdao", "approve")):
        task = reports.waiting(system, sent, person, kind, record)
        who = installed.person(system, person)
        system.write(who, lambda work, one=task: commands.pass_(work, one))
    return sent, record


def _everything(system: System, *tables: str) -> str:
    """All that is sealed in some tables, opened."""
    found = []
    with system.read(installed.ANYBODY) as work:
        for one in rotation.columns(work.connection):
            if one.form == "file" or one.table.name not in tables:
                continue
            for row in work.connection.execute(select(one.table)).mappings():
                if (stored := row[one.column]) is None:
                    continue
                if one.form == "text":
                    found.append(work.vault.open(stored, one.place(row)))
                else:
                    found.append(dumps(sealed.unseal(work.connection, stored, one.place(row))))
    return "\n".join(found)


def _set(system: System, kind: str, code: str, months: int, login: str = "anquan") -> str:
    who = installed.person(system, login)
    return system.write(who, lambda work: store.set_period(work, kind, code, months, BASIS))


def _run(system: System, *chosen: str) -> str:
    asker, second = (installed.person(system, one) for one in ("anquan", "xitong"))
    own = system.write(asker, lambda work: store.ask(work, list(chosen)))
    system.write(second, lambda work: store.decide(work, own, agreed=True))
    installed.work_until(system, lambda work: store.get(work, own).state == store.DONE)
    return own


DOCUMENTS = ("document", "cell_change", "flow_event", "flow_case", "task")


def test_a_report_keeps_its_figures_and_loses_its_people(
    town: System, clock: Any, tmp_path: Path
) -> None:
    """Names, numbers, words and what was said go after three years; figures and roll-ups stay."""
    who = _person(town, name="钱三多", birth_date="1931-04-02")
    sent, record = _archived(town)
    rule = _set(town, "form", FORM, 36)
    security = installed.person(town, "anquan")
    clock.forward(days=3 * 365)
    with town.read(security) as work:
        assert [(one.now, one.month) for one in store.due(work)] == [(0, 1)]
    old = tmp_path / "old.backup"
    backups.write(
        town.settings.url, town.vault, old, Head("2029-11-22T01:30:00", "", "", 0, "", "")
    )
    clock.forward(days=10)
    texts = (who["id_number"], PHONE, NOTE, SAID, REMARK)
    before = _everything(town, *DOCUMENTS)
    assert [one for one in texts if one not in before] == []
    was = _rolled(town, sent)
    own = _run(town, rule)

    after = _everything(town, *DOCUMENTS)
    assert [one for one in texts if one in after] == []
    assert _rolled(town, sent) == was
    with town.read(installed.ANYBODY) as work:
        kept = documents.get(work.connection, record)
        done = store.get(work, own)
        assert trail.verify(work.connection).whole
        assert store.due(work)[0].now == 0
        form = forms.published(work.connection, kept.form_code, kept.form_version)
        assert rollup.parts(form)
    (row,) = kept.contents["elders"]
    assert (row["name"], row["phone"], row["note"]) == ("（已依法删除）",) * 3
    assert (done.state, done.parts[0]["changed"]) == (store.DONE, 1)
    assert witnessed(done.certificate(), done.signature, town.vault.public_key())
    with pytest.raises(RetentionNothingDue):
        town.write(security, lambda work: store.ask(work, [rule]))
    if town.database.is_sqlite:
        _restored_forgets_again(town, old, texts, tmp_path)


def _rolled(system: System, sent: Any) -> Any:
    with system.read(installed.ANYBODY) as work:
        found = documents.of_dispatch(work.connection, sent.id)
        form = forms.published(work.connection, found[0].form_code, found[0].form_version)
        codes = [one.organisation_code for one in found]
        places = identity.organisations(work.connection, codes)
        return [rollup.roll_up(form, found, places, part).totals for part in rollup.parts(form)]


def _restored_forgets_again(
    system: System, old: Path, texts: tuple[str, ...], tmp_path: Path
) -> None:
    place = replace(system.settings, data_dir=str(tmp_path / "back"), database_url="")
    backups.restore(old, system.vault, place.url)
    for path in (keys.key_file(system.settings), keys.kek_file(system.settings)):
        (place.data_path / path.name).write_bytes(path.read_bytes())
    raw = System(place)
    assert texts[0] in _everything(raw, *DOCUMENTS)
    raw.close()
    assert commands_of_backup._forgotten_anew(system.settings, place) == 1
    again = System(place)
    assert [one for one in texts if one in _everything(again, *DOCUMENTS)] == []
    again.close()


def test_a_legal_hold_keeps_a_report_and_a_whole_form(town: System, clock: Any) -> None:
    """A held person's document stays as it is and is named by its id; a held form stays whole."""
    who = _person(town, name="钱三多", birth_date="1931-04-02")
    _, record = _archived(town)
    rule = _set(town, "form", FORM, 1)
    clock.forward(days=90)
    security = installed.person(town, "anquan")
    hold = town.write(
        security, lambda work: erasures.place_hold(work, "person", who["id"], "（2026）民初12号")
    )
    with town.read(security) as work:
        was = documents.get(work.connection, record)
    own = _run(town, rule)
    with town.read(security) as work:
        assert documents.get(work.connection, record) == was
        done = store.get(work, own)
        assert (done.parts[0].get("changed"), done.progress["kept"]) == (0, [record])
        assert holds.listed(work) == []
    town.write(security, lambda work: erasures.lift_hold(work, hold))
    whole = town.write(security, lambda work: holds.place(work, "form", FORM, "审计署现场审计"))
    own = _run(town, rule)
    with town.read(security) as work:
        assert documents.get(work.connection, record) == was
        assert store.get(work, own).parts[0]["held"] is True
        assert [one.subject_id for one in holds.listed(work)] == [FORM]
        assert erasures.holds(work) == []
    town.write(security, lambda work: holds.lift(work, whole))
    _run(town, rule)
    assert PHONE not in _everything(town, *DOCUMENTS)


def test_a_field_goes_where_nobody_needs_it_any_more(town: System, clock: Any) -> None:
    """Sums and counts by place are kept; who stands in a ledger with the field keeps the value."""
    old = _person(town, name="钱三多", birth_date="1931-04-02", annual_income=12345)
    young = _person(town, name="孙又新", birth_date="1990-04-02", annual_income=2000)
    assert old["id"] != young["id"]
    phones = _set(town, "field", "person.phone", 24)
    incomes = _set(town, "field", "person.annual_income", 24)
    clock.forward(days=800)
    with town.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        assert {one.rule.code: one.now for one in store.due(work)} == {
            "person.phone": 1, "person.annual_income": 2,
        }, "the older one's phone stands in the ledger of people of 80 and over"  # fmt: skip
    own = _run(town, phones, incomes)
    target = schema.table(known, "person")
    columns = (target.c.id, target.c.f_phone, target.c.b_phone, target.c.f_annual_income)
    with town.read(installed.ANYBODY) as work:
        rows = {row[0]: tuple(row[1:]) for row in work.connection.execute(select(*columns))}
        kept = totals.kept(work, own)
    assert rows[young["id"]] == (None, None, None)
    assert rows[old["id"]][0] is not None
    (sum_,) = [one for one in kept if one["name"] == "annual_income"]
    assert (sum_["place"], sum_["number"], sum_["total"]) == (
        installed.COMMUNITIES[0], 2, "14345",
    )  # fmt: skip
    with pytest.raises(RetentionWrong):
        _set(town, "field", "person.id_number", 24)


def test_a_ledger_forgets_who_left_it(town: System, clock: Any) -> None:
    """What only the ledger knows of those who left it goes; those who are in it, and the register, stay."""
    gone, stays = (_person(town, name=name, birth_date="1961-04-02") for name in ("钱三多", "孙又新"))  # fmt: skip
    office = installed.person(town, "minzheng")
    with town.read(office) as work:
        lens = ledger.lens(work.connection, ledger.form(work.connection, LEDGER))
    for one in (gone, stays):
        town.write(
            office, lambda work, one=one: members.enter(work, lens, one["id"], on="2026-11-01", reason="钱家申请")
        )  # fmt: skip
    town.write(
        office, lambda work: members.leave(work, lens, gone["id"], on="2026-12-01", reason="病故")
    )
    rule = _set(town, "ledger", LEDGER, 12, "minzheng")
    clock.forward(days=500)
    own = _run(town, rule)
    with town.read(installed.ANYBODY) as work:
        (left,) = members.stays(work, lens, gone["id"])
        (here,) = members.stays(work, lens, stays["id"])
        assert store.get(work, own).parts[0]["changed"] == 1
    assert (left.left_on, left.exit_reason, left.entry_reason) == (
        "2026-12-01", "（已依法删除）", "（已依法删除）",
    )  # fmt: skip
    assert here.entry_reason == "钱家申请"


def test_a_ledger_by_rule_forgets_whoever_fits_no_more(town: System, clock: Any) -> None:
    """Who fits the rule keeps the remark; who fits no more loses it, a year after it was written."""
    code = "civil.elderly_ledger"
    gone, stays = (_person(town, name=name, birth_date="1931-04-02") for name in ("钱三多", "孙又新"))  # fmt: skip
    with town.read(installed.ANYBODY) as work:
        lens = ledger.lens(work.connection, ledger.form(work.connection, code))

    def command(work: Any) -> None:
        known = dictionary(work.connection)
        origin = registers.add_origin(work, Origin("entered", "走访", work.at))
        notes = {gone["id"]: {"visit_note": NOTE}, stays["id"]: {"visit_note": "孙家平安"}}
        local.set_values(work, lens, notes, origin)
        change = Change("person.birth_date", gone["id"], "1990-04-02")
        registers.set_values(work, known, [change], origin)

    town.write(installed.ANYBODY, command)
    rule = _set(town, "ledger", code, 12)
    clock.forward(days=300)
    with town.read(installed.ANYBODY) as work:
        assert [one.now for one in store.due(work)] == [0]
    clock.forward(days=100)
    _run(town, rule)
    target = local_table(lens)
    with town.read(installed.ANYBODY) as work:
        query = select(target.c.subject_id, target.c.f_visit_note)
        kept = {row[0]: row[1] for row in work.connection.execute(query)}
    assert kept == {gone["id"]: None, stays["id"]: "孙家平安"}
    assert NOTE not in _everything(town, "history")


def test_two_people_each_in_their_own_place(sqlite_system: System, clock: Any) -> None:
    """Only the steward or security sets; nobody decides alone; the same thing is not asked twice."""
    system = sqlite_system
    packs.load(system, installed.PACK)
    working.load()
    _person(system, name="钱三多", birth_date="1931-04-02")
    _archived(system)
    with pytest.raises(NotFound):
        _set(system, "form", FORM, 1, "yingji")
    with pytest.raises(Forbidden):
        _set(system, "form", FORM, 1, "huian")
    for months, basis in ((0, BASIS), (1201, BASIS), (12, "x")):
        with pytest.raises(RetentionWrong):
            system.write(
                installed.person(system, "anquan"),
                lambda work, m=months, b=basis: store.set_period(work, "form", FORM, m, b),
            )
    first = _set(system, "form", FORM, 24, "minzheng")
    rule = _set(system, "form", FORM, 1)
    with system.read(installed.person(system, "anquan")) as work:
        assert [one.id for one in store.rules(work)] == [rule] != [first]
    clock.forward(days=60)
    office, second = (installed.person(system, one) for one in ("minzheng", "anquan"))
    own = system.write(office, lambda work: store.ask(work, [rule]))
    with pytest.raises(RetentionOpen):
        system.write(second, lambda work: store.ask(work, [rule]))
    with pytest.raises(Forbidden):
        system.write(office, lambda work: store.decide(work, own, agreed=True))
    with pytest.raises(RetentionWrong):
        system.write(second, lambda work: store.decide(work, own, agreed=False))
    system.write(second, lambda work: store.decide(work, own, agreed=False, answer="审计未结束"))
    with pytest.raises(NotFound):
        system.write(second, lambda work: store.decide(work, own, agreed=True))


CUT_OFF = """
import sys, time
from admin import working
from engine.identity.actor import system_actor
from engine.retention import sweep
from engine.settings import Settings
from engine.work import System
working.load()
sweep.BATCH = 1
folder, run = sys.argv[1:]
system = System(Settings(data_dir=folder))
who = system_actor("test")
system.write(who, lambda work: sweep.turn(work, run))
def half(work):
    sweep.turn(work, run)
    print("half", flush=True)
    time.sleep(600)
system.write(who, half)
"""


def test_killed_in_the_middle_it_goes_on(
    sqlite_system: System, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 within the second turn: the first stands, the second is undone, nothing is left at the end."""
    system = sqlite_system
    packs.load(system, installed.PACK)
    working.load()
    _person(system, name="钱三多", birth_date="1931-04-02")
    sent, _ = _archived(system)
    _archived(system, "nanyao", sent)
    rule = _set(system, "form", FORM, 1)
    clock.forward(days=60)
    asker, second = (installed.person(system, one) for one in ("anquan", "xitong"))
    own = system.write(asker, lambda work: store.ask(work, [rule]))
    system.write(second, lambda work: store.decide(work, own, agreed=True))
    script = [sys.executable, "-c", CUT_OFF, system.settings.data_dir, own]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    with system.read(asker) as work:
        assert store.get(work, own).parts[0]["changed"] == 1
    monkeypatch.setattr(sweep, "BATCH", 1)
    while system.write(installed.ANYBODY, partial(sweep.turn, own=own)):
        pass
    with system.read(asker) as work:
        done = store.get(work, own)
    assert (done.state, done.parts[0]["changed"]) == (store.DONE, 2)
    assert REMARK not in _everything(system, *DOCUMENTS)
