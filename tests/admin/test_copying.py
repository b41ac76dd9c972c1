"""A pseudonymised copy: no real value is left in it anywhere, and it still works and adds up."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import inspect, select, text
from sqlmodel import SQLModel

from admin import packs, working
from admin.app import create_app
from admin.copying import run, tables
from admin.copying.ids import OURS
from admin.copying.run import CopyPlaceTaken
from engine import rotation
from engine.dictionary.store import dictionary
from engine.formats import resident_id
from engine.identity import store as identity
from engine.json_text import dumps
from engine.registers import schema
from engine.registers import store as registers
from engine.storage import sealed
from engine.work import System
from forms import documents, rollup
from forms import store as forms
from tests import factories, installed, postgres
from tests.admin import reports
from tests.admin.conftest import Caller
from workflows import commands, store
from workflows import packs as flow_pack

PHONE, CARD, NAME, ADDRESS = "13964591111", "6222020200112233445", "钱三多", "惠安里五号楼二单元"
ILLNESS, REMARK, SAID = "阿尔茨海默病早期", "钱家的事另报", "请核对钱三多的电话"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[System, System]]:
    """An installation with a report about somebody, and an empty place of the same database."""
    source: System = request.getfixturevalue(f"{request.param}_system")
    packs.load(source, installed.PACK)
    working.load()
    folder = tmp_path / "copy"
    folder.mkdir()
    if request.param == "postgres":
        server: postgres.Server = request.getfixturevalue("postgres_server")
        url = server.fresh_database()
    else:
        url = ""
    target = System(replace(source.settings, data_dir=str(folder), database_url=url), now=source.now)  # fmt: skip
    yield source, target
    target.close()
    if url:
        server.drop_database(url)


def _told(system: System) -> tuple[dict[str, Any], Any, str]:
    """Somebody in the register, in a ledger and in a report that was sent back with words."""
    who = factories.person(
        residence=installed.COMMUNITIES[0], residency="1", name=NAME, birth_date="1931-04-02",
        phone=PHONE, bank_card=CARD, chronic_illness=ILLNESS, address=ADDRESS, annual_income=12345,
    )  # fmt: skip
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    factories.load_people(system, known, [who])
    flow = json.loads(next((installed.PACK / "flows").glob("*.json")).read_text("utf-8"))
    numbered = {**flow, "version": 2, "number": {"template": "民报{seq:04}"}}
    system.write(installed.ANYBODY, lambda work: flow_pack.load_flow(work, numbered))
    sent = reports.sent(system)
    record = reports.handed_in(system, sent, remark=REMARK)
    with system.read(installed.ANYBODY) as work:
        (row,) = documents.get(work.connection, record).contents["elders"]
    path = f"/elders/{row['_id']}/note"
    task = reports.waiting(system, sent, "shenhe", "verify", record)
    verifier = installed.person(system, "shenhe")
    system.write(verifier, lambda work: commands.return_(work, task, {path: SAID}))
    reports.again(system, sent, "huian", {path: f"卡号{CARD}"})
    return who, sent, record


def _all_of(system: System) -> str:
    """Everything in a database: every column of every table as text, and what is sealed opened."""
    found = []
    with system.read(installed.ANYBODY) as work:
        for name in inspect(work.connection).get_table_names():
            rows = work.connection.execute(text(f'SELECT * FROM "{name}"'))
            found.extend("\t".join(map(str, row)) for row in rows)
        found.extend(
            _plain(work, one, row[one.column], one.place(row))
            for one in rotation.columns(work.connection)
            for row in work.connection.execute(select(one.table)).mappings()
            if row[one.column] is not None
        )
    return "\n".join(found)


def _plain(work: Any, one: rotation.SealedColumn, stored: Any, place: str) -> str:
    if one.form == "file":
        return str(work.vault.open_file(stored, place))
    if one.form == "text":
        return str(work.vault.open(stored, place))
    return dumps(sealed.unseal(work.connection, stored, place))


def _totals(system: System, sent: str) -> Any:
    with system.read(installed.ANYBODY) as work:
        found = documents.of_dispatch(work.connection, sent)
        form = forms.published(work.connection, found[0].form_code, found[0].form_version)
        places = identity.organisations(work.connection, [one.organisation_code for one in found])
        return [rollup.roll_up(form, found, places, part).totals for part in rollup.parts(form)]


def test_nobody_real_is_left_and_it_still_works(both: tuple[System, System]) -> None:
    """No planted value stands in any column, sealed or not; reports add up, forms and ledgers open."""
    source, target = both
    who, sent, record = _told(source)
    planted = (who["id_number"], PHONE, CARD, NAME, ADDRESS, ILLNESS, REMARK, SAID, "江晚晴")
    before = _all_of(source)
    assert [one for one in planted if one not in before] == []
    counts = run.pseudonymised(source, target)
    assert (counts["reg_person"], counts["document"]) == (1, 2)

    after = _all_of(target)
    assert [one for one in planted if one in after] == []
    assert set(OURS.findall(before)) & set(OURS.findall(after)) == set()
    for path in target.settings.data_path.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert [one for one in planted if one.encode() in raw] == [], path.name
    report, dispatch = _the_same(source, target, record)
    assert _totals(target, dispatch) == _totals(source, sent.id)
    _one_person_throughout(target, who, report)
    _people_work_with_it(target, report)
    assert _origins(target) == _origins(source)
    assert sorted(_numbers(target)) == sorted(_numbers(source)) == ["民报0001", "民报0002"]
    with pytest.raises(CopyPlaceTaken):
        run.pseudonymised(source, target)


def _origins(system: System) -> dict[str, tuple[str, str]]:
    """Where each value of the one person came from, in words."""
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        fields = [one for one in known.of("person") if not one.periodic]
        own = work.connection.execute(select(schema.table(known, "person").c.id)).scalar_one()
        (values,) = registers.fetch(work, known, "person", [own], fields).values()
    return {code: (one.origin.source, one.origin.title) for code, one in values.items()}


def _numbers(system: System) -> list[str]:
    """The numbers of cases, which their state and their events say as well."""
    with system.read(installed.ANYBODY) as work:
        ids = work.connection.execute(select(store.CASE.c.id)).scalars().all()
        cases = [store.get_case(work.connection, one) for one in ids]
        told = [
            event["document"]["number"]
            for one in ids
            for event in store.events(work.connection, one)
            if event["kind"] == "numbered"
        ]
    assert sorted(told) == sorted(one.state.number for one in cases)
    assert all(one.state.number == one.number for one in cases)
    return [str(one.number) for one in cases]


def _the_same(source: System, target: System, record: str) -> tuple[str, str]:
    """The report in the copy, and its dispatch: found by what it says, since its id tells nothing."""
    with source.read(installed.ANYBODY) as work:
        place = documents.get(work.connection, record).organisation_code
    table = documents.DOCUMENT
    query = select(table.c.id, table.c.dispatch_id).where(table.c.organisation_code == place)
    with target.read(installed.ANYBODY) as work:
        (found,) = work.connection.execute(query).all()
    return found.id, found.dispatch_id


def _one_person_throughout(target: System, who: dict[str, Any], record: str) -> None:
    """The register and the report tell of the same person, whose number is valid and found."""
    with target.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        fields = [known.field(f"person.{name}") for name in ("id_number", "name", "phone", "birth_date", "annual_income")]  # fmt: skip
        own = work.connection.execute(select(schema.table(known, "person").c.id)).scalar_one()
        (values,) = registers.fetch(work, known, "person", [own], fields).values()
        (row,) = documents.get(work.connection, record).contents["elders"]
        number = values["person.id_number"].value
        assert resident_id.fault(number) is None
        assert resident_id.birth(number).isoformat() == values["person.birth_date"].value
        assert resident_id.sex(number) == who["sex"]
        assert values["person.annual_income"].value == 12345
        for name in ("id_number", "name", "phone"):
            assert row[name] == values[f"person.{name}"].value
        by = known.field("person.id_number")
        assert registers.find(work, known, by, [number]) == {number: own}
        assert schema.table(known, "person").name == "reg_person"


def _people_work_with_it(target: System, record: str) -> None:
    """Whoever has a demo account logs in; their tasks, the report, a ledger and a form open."""
    logins = json.loads((target.settings.data_path / run.LOGINS).read_text(encoding="utf-8"))
    staff = next(
        login for login, one in logins.items() if "惠安" in one["about"] and "staff" in one["about"]
    )
    office = next(
        login
        for login, one in logins.items()
        if "民政" in one["about"] and "department" in one["about"]
    )
    with TestClient(create_app(target.settings, target)) as client:
        caller = Caller(client, staff, logins[staff]["password"])
        for path in ("/", f"/records/{record}", "/ledgers", "/ledgers/civil.elderly_ledger"):
            assert caller.get(path).status_code == 200, path
        caller = Caller(client, office, logins[office]["password"])
        for path in ("/forms", "/forms/civil.community_monthly", "/dispatches"):
            assert caller.get(path).status_code == 200, path


def test_every_table_says_what_becomes_of_it() -> None:
    """A new table is not copied by chance, nor forgotten."""
    left = {name for names in tables.LEFT_OUT.values() for name in names}
    told = [*tables.WHOLE, *tables.CHANGED, *left]
    assert sorted(told) == sorted(set(told))
    assert sorted(told) == sorted(SQLModel.metadata.tables)
    assert set(run.ORDER) == {*tables.WHOLE, *tables.CHANGED}


COLUMNS = {
    "account": "active created_at failed id kind language locked_until login mail name password_at password_change password_hash phone",
    "position": "account_id id organisation_code role valid_from valid_to",
    "form": "bundle code created_at created_by digest document kind note owner proposal published_at revision status template_id title version",
    "origin": "actor_id actor_name approved_by at document_id form_code form_version id organisation period source task_id title verified_by",
    "document": "case_id cells contents created_at dispatch_id due_at explanations final_at form_code form_version id mark mark_reason opened_at organisation_code organisation_path owner period revision status submitted_at",
    "flow_case": "document_id due_at ended_at flow_code flow_version id number parent_id parent_key revision started_at state status title",
    "flow_event": "actor_id actor_name at case_id document id kind seq",
    "task": "account_id case_id cells closed_at closed_by closed_for created_at dispatch_id document_id due_at id key kind opened_at organisation_code outcome returned role status step subject_code title urged_at",
    "dispatch": "archive cadence_id chosen created_at created_by created_name due_at due_by_level form_code form_version id nil_allowed note owner period reason status targets title urgent",
    "ledger_member": "entered_at entered_by entered_on entry_reason exit_reason id ledger left_at left_by left_on subject_id",
}  # fmt: skip
"""What stands in the tables that are copied row by row, as it was when somebody looked at each of them."""


def test_a_new_column_of_a_copied_table_is_looked_at() -> None:
    """Free words in a new column would go along; whoever adds one says in `rows.py` what becomes of it."""
    now = {name: " ".join(sorted(one.name for one in SQLModel.metadata.tables[name].c)) for name in tables.CHANGED}  # fmt: skip
    assert now == COLUMNS
