"""The self-assessment measures what is there: each clause turns when what it speaks of turns."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from admin import compliance, stored
from admin.compliance import MEASURES
from admin.proofs import MET, OPERATOR, WANTING
from engine.audit import checks
from engine.dictionary.store import FIELD
from engine.errors import Forbidden
from engine.identity.store import ACCOUNT
from engine.privacy.lifts import LIFT
from engine.retention import store
from engine.settings import Settings
from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]
EMPTY = "DROP TRIGGER {0};;CREATE TRIGGER {0} BEFORE {1} BEGIN SELECT 1; END"
"""A guard of the right name that lets everything through."""
AUDITOR = "SELECT account_id FROM position WHERE role = 'auditor'"
SAFE = {
    "base_url": "https://yibiao.example",
    "secure_cookies": True,
    "kek": "ab" * 32,
    "session_idle_minutes": 30,
}


def states(system: System) -> dict[str, str]:
    """How every clause stands now."""
    with system.read(installed.ANYBODY) as work:
        return {one.code: one.proof.state for one in compliance.clauses(work)}


def test_the_page_tells_every_clause_and_only_the_security_administrator(log_in: LogIn) -> None:
    """With its figures filled in; what is wanting says what to do."""
    for language in ("zh", "en"):
        caller = log_in("anquan")
        caller.cookies.set("lang", language)
        page = caller.get("/compliance").text
        for code in MEASURES:
            assert f'id="{code}"' in page
        assert "compliance." not in page.replace("/compliance", "")
        assert "{" not in page.split("<main", 1)[1].split("</main", 1)[0]
    for login in ("huian", "shenji", "xitong"):
        assert log_in(login).get("/compliance").status_code == 403


def test_a_clause_turns_with_the_settings(system: System, tmp_path) -> None:
    """Weak settings are wanting, strong ones are in force; nothing else changes with them."""
    weak = states(system)
    for code in (
        "no-clear-credentials",
        "in-transit",
        "two-factors",
        "backed-up",
        "kept",
        "audited",
    ):
        assert weak[code] == WANTING, code
    assert weak["surroundings"] == weak["minimal"] == OPERATOR
    for code in ("unique-names", "passwords", "least", "labels", "watched", "purposes"):
        assert weak[code] == MET, code
    for name, value, code in (
        ("password_days", 0, "passwords"),
        ("session_idle_minutes", 0, "failures"),
        ("logins_per_minute", 0, "failures"),
        ("demo", True, "no-defaults"),
    ):
        changed = System(
            Settings(data_dir=system.settings.data_dir, **{name: value}), now=system.now
        )
        found = states(changed)
        changed.close()
        assert {one for one in found if found[one] != weak[one]} == {code}, name


def test_a_clause_turns_with_the_data(system: System) -> None:
    """Acts on the trail, a password in the clear, a guard that somebody took away."""
    system.write(installed.ANYBODY, checks.run_check)
    system.write(installed.ANYBODY, lambda work: work.note("backup.made", "x"))
    assert states(system)["backed-up"] == WANTING, (
        "a backup that nobody has restored proves nothing"
    )
    system.write(installed.ANYBODY, lambda work: work.note("backup.verified", "x"))
    system.write(installed.ANYBODY, lambda work: work.note("audit.exported", "x"))
    found = states(system)
    assert [found[one] for one in ("audited", "backed-up", "kept", "separated")] == [MET] * 4
    system.write(
        installed.ANYBODY,
        lambda work: work.note("ledger.revealed", "s1", ledger="l", column="phone"),
    )
    assert states(system)["purposes"] == WANTING
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit', 'position')"

    def spoil(work) -> None:
        for name in work.connection.execute(text(triggers)).scalars().all():
            work.connection.execute(text(f"DROP TRIGGER {name}"))
        work.connection.execute(update(ACCOUNT).values(password_hash="plain"))

    system.write(installed.ANYBODY, spoil)
    later = states(system)
    assert [later[one] for one in ("audited", "separated", "no-clear-credentials")] == [WANTING] * 3


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("DROP TRIGGER position_apart_insert", "separated"),
        (EMPTY.format("position_apart_update", "UPDATE ON position"), "separated"),
        (EMPTY.format("position_apart_update", "UPDATE ON position WHEN 0"), "separated"),
        ("UPDATE position SET role = 'king' WHERE role = 'staff'", "least"),
        (f"UPDATE position SET account_id = ({AUDITOR}) WHERE role = 'leader'", "least"),
    ],
)  # fmt: skip
def test_what_somebody_breaks_in_the_database_is_told(
    system: System, broken: str, code: str
) -> None:
    """A guard that is gone, a role that is none, an administrator who also approves: that clause and no other."""
    before = states(system)

    def spoil(work) -> None:
        for statement in broken.split(";;"):
            work.connection.execute(text(statement))

    system.write(installed.ANYBODY, spoil)
    later = states(system)
    assert (before[code], later[code]) == (MET, WANTING)
    assert {one for one in later if later[one] != before[one]} == {code}


@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("audit_delete", "DELETE ON audit"),
        ("history_update", "UPDATE OF id ON history WHEN 0"),
        ("flow_event_delete", "DELETE ON flow_event"),
    ],
)
def test_a_guard_that_refuses_nothing_is_no_guard(system: System, name: str, on: str) -> None:
    """Its name and its place prove nothing: what it does is looked at."""
    system.write(installed.ANYBODY, checks.run_check)
    assert states(system)["audited"] == MET

    def spoil(work) -> None:
        for statement in EMPTY.format(name, on).split(";;"):
            work.connection.execute(text(statement))

    system.write(installed.ANYBODY, spoil)
    assert states(system)["audited"] == WANTING


def test_a_value_that_somebody_wrote_past_the_program_is_told(tmp_path: Path) -> None:
    """The values themselves are looked at: one in the clear in a register, or in a report, is told."""
    for statement in (
        "UPDATE reg_person SET f_phone = '13800138000' WHERE id = (SELECT max(id) FROM reg_person)",
        "UPDATE history SET before = '{\"phone\": 1}' WHERE id = (SELECT max(id) FROM history)",
    ):
        place = tmp_path / str(len(statement))
        apart = tmp_path / f"kek{len(statement)}"
        apart.mkdir(mode=0o700)
        key = Path(shutil.copy2(installed.with_people().folder / "kek.key", apart))
        system = installed.with_people().copy(place, kek_file=str(key))
        with system.read(installed.ANYBODY) as work:
            before = stored.at_rest(work)
        assert before.facts["looked"] > 1_000
        assert (before.state, before.facts["clear"]) == (MET, 0)
        system.write(
            installed.ANYBODY, lambda work, one=statement: work.connection.exec_driver_sql(one)
        )
        with system.read(installed.ANYBODY) as work:
            after = stored.at_rest(work)
        system.close()
        assert (after.state, after.facts["clear"]) == (WANTING, 1)


def test_a_look_without_a_purpose_is_told_wherever_it_was(system: System) -> None:
    """In a report or a file as in a ledger: what was lifted is asked, not only what a ledger noted."""
    row = {
        "id": "l1", "steward": "370602-mzj", "at": "", "account_id": "a", "name": "于", "organisation": "370602",
        "place": "form:x", "target": "r", "rows": 1, "fields": ["person.phone"], "purpose": "other",
    }  # fmt: skip

    def look(work, words: str) -> None:
        fresh = {**row, "id": work.new_id(), "at": work.at, "words": words}
        work.connection.execute(insert(LIFT).values(fresh))

    system.write(installed.ANYBODY, lambda work: look(work, "核发津贴"))
    with system.read(installed.ANYBODY) as work:
        (found,) = [one for one in compliance.clauses(work) if one.code == "purposes"]
    assert (found.proof.state, found.proof.facts["shown"]) == (MET, 1)
    system.write(installed.ANYBODY, lambda work: look(work, ""))
    assert states(system)["purposes"] == WANTING


def test_an_id_number_below_its_level_is_told(system: System) -> None:
    """Every field has a level; whether it is high enough for what it holds is asked too."""
    assert states(system)["labels"] == MET
    number = FIELD.c.code == "person.id_number", FIELD.c.current.is_(True)

    def lower(work) -> None:
        document = work.connection.execute(select(FIELD.c.document).where(*number)).scalar_one()
        lowered = {"document": {**document, "sensitivity": "L2"}, "changed_at": work.at}
        work.connection.execute(update(FIELD).where(*number).values(lowered))

    system.write(installed.ANYBODY, lower)
    assert states(system)["labels"] == WANTING


def test_what_was_done_long_ago_is_no_proof(sqlite_system: System, clock) -> None:
    """A backup of last month and a check of the day before yesterday prove nothing."""
    sqlite_system.write(installed.ANYBODY, checks.run_check)
    sqlite_system.write(installed.ANYBODY, lambda work: work.note("backup.made", "x"))
    sqlite_system.write(installed.ANYBODY, lambda work: work.note("backup.verified", "x"))
    assert states(sqlite_system)["audited"] == states(sqlite_system)["backed-up"] == MET
    clock.at += timedelta(days=8)
    assert states(sqlite_system)["audited"] == states(sqlite_system)["backed-up"] == WANTING


@pytest.mark.postgres
def test_the_guards_of_postgresql_are_counted(postgres_system: System) -> None:
    """As those of SQLite are."""
    postgres_system.write(installed.ANYBODY, checks.run_check)
    with postgres_system.read(installed.ANYBODY) as work:
        found = {one.code: one.proof for one in compliance.clauses(work)}
    assert found["audited"].state == MET
    assert found["separated"].facts["guards"] > 0
    assert found["standby"].facts["possible"] == "yes"


def test_nobody_else_may_ask(system: System) -> None:
    """The measuring itself asks the policy."""
    with system.read(installed.person(system, "huian")) as work, pytest.raises(Forbidden):
        compliance.clauses(work)


def test_a_program_reads_it(system: System) -> None:
    """Plain JSON: codes, chapters, states, figures."""
    with system.read(installed.ANYBODY) as work:
        answer = json.loads(json.dumps(compliance.told(compliance.clauses(work))))
    assert len(answer["clauses"]) == len(MEASURES)
    assert answer["wanting"] > 0


def test_periods_of_keeping_are_set_and_what_is_over_goes(system: System) -> None:
    """Without a period it is wanting; what is over for more than a month and still there is, too."""
    assert states(system)["published"] == MET
    assert states(system)["retention"] == WANTING
    who = installed.person(system, "anquan")
    form = "civil.community_monthly"
    system.write(who, lambda work: store.set_period(work, "form", form, 12, "短期保管期限"))
    assert states(system)["retention"] == MET
    reports.final(system, reports.sent(system))
    began = system.now
    system.now = lambda: began() + timedelta(days=380)
    assert states(system)["retention"] == MET, "over, but not for a month"
    system.now = lambda: began() + timedelta(days=430)
    assert states(system)["retention"] == WANTING
