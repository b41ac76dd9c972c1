"""Rotation: everything is sealed anew in turns, cut off anywhere, and the old key can then be destroyed."""

import pytest

from engine import rotation
from engine.crypto import keyfile, keys
from engine.crypto.vault import KeyUnavailable
from engine.identity.store import OrganisationValue
from engine.jobs.registry import JOBS
from engine.registers import store as registers
from engine.work import System
from forms import documents
from tests import factories
from tests.factories import TESTER
from workflows import store as flows

FORM = {"code": "civil.monthly", "version": 1, "owner": "370602-mzj"}
MARKED = {"elders": [{"_id": "1", "phone": "13864598765"}]}


def _filled(system: System) -> tuple[str, dict]:
    """A register with people, a document with a change; its id and a person."""
    dictionary = factories.load_dictionary(system)
    wang = factories.person(phone="13864598765")
    factories.load_people(system, dictionary, [wang, factories.person(), factories.person()])

    def command(work) -> str:
        place = OrganisationValue("370602011001", "惠安社区", "village", None, "/370602011001/")
        (made,) = documents.new_documents(work, FORM, [place], "2026-11", None).values()
        record = documents.get(work.connection, made)
        change = documents.CellChange("/elders/1/phone", None, "13864598765")
        documents.save(work, record, MARKED, {}, [change])
        return made

    assert flows.CASE is not None  # loaded, so that it has told of its columns
    return system.write(TESTER, command), wang


def _rotated(system: System) -> None:
    settings = system.settings
    keyfile.rotate(keys.key_file(settings), keys.service(settings), suite="sm")
    system.vault.refresh(2)


def _turns(system: System) -> int:
    """All turns of the job, each in a transaction of its own; gives how many."""
    count = 1
    payload = {"generation": system.vault.generation}
    handler = JOBS.kind(rotation.KIND).handler
    while system.write(TESTER, lambda work: handler(work, payload))["rows"]:
        count += 1
    return count


def test_everything_is_sealed_anew_in_turns(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From AES to SM4, two rows a turn; then nothing needs the old key any more."""
    record, wang = _filled(system)
    with system.read(TESTER) as work:
        before = rotation.progress(work.connection, system.vault)
    _rotated(system)
    monkeypatch.setattr(rotation, "BATCH", 2)
    with system.read(TESTER) as work:
        left = {one.name: one.left for one in rotation.progress(work.connection, system.vault)}
    assert left["reg_person.f_id_number"] == 3
    assert left["document.contents"] == left["cell_change.after"] == 1
    assert _turns(system) > 3
    with system.read(TESTER) as work:
        after = rotation.progress(work.connection, system.vault)
        assert [one.left for one in after] == [0] * len(after)
        assert {one.name: one.rows for one in after} == {one.name: one.rows for one in before} | {
            "job.payload": next(one.rows for one in after if one.name == "job.payload")
        }
        assert sum(rotation.examine(work.connection, system.vault).values()) > 5
    settings = system.settings
    keyfile.forget(keys.key_file(settings), keys.service(settings), 1)
    system.vault.ring = keys.ring(settings)
    with system.read(TESTER) as work:
        assert documents.get(work.connection, record).contents == MARKED
        known = rotation.dictionary(work.connection)
        field = known.fields["person.id_number"]
        assert registers.find(work, known, field, [wang["id_number"]]) == {
            wang["id_number"]: wang["id"]
        }


def test_another_process_takes_the_new_keys_by_itself(system: System, again) -> None:
    """A server that runs meanwhile opens what the new generation has sealed."""
    other = again()
    _rotated(system)
    sealed = system.vault.seal("x", "place")
    assert sealed.startswith("2:")
    assert other.vault.open(sealed, "place") == "x"
    assert other.vault.generation == 2


def test_a_moved_value_is_found_by_the_drill(system: System) -> None:
    """Somebody copies one document's contents over another's."""
    record, _ = _filled(system)
    with system.read(TESTER) as work:
        rotation.examine(work.connection, system.vault)
    table = documents.DOCUMENT

    def swapped(work) -> None:
        stored = work.connection.execute(
            table.select().with_only_columns(table.c.contents).where(table.c.id == record)
        ).scalar_one()
        work.connection.execute(table.update().values(cells=stored))

    system.write(TESTER, swapped)
    with system.read(TESTER) as work, pytest.raises(KeyUnavailable):
        rotation.examine(work.connection, system.vault)
