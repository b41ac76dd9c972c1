"""Files of ledger rows on both databases: put in, opened by who sees the row, followed through a merge."""

from typing import Any

import pytest

from engine.attachments import store as files
from engine.attachments.problems import AttachmentsFull
from engine.attachments.store import Home, content
from engine.dictionary.store import dictionary
from engine.errors import NotFound
from engine.identity.actor import Actor
from engine.ledgers import local, page
from engine.ledgers.ground import ground
from engine.ledgers.rows import Row
from engine.registers import store as registers
from engine.registers.acts import Wish
from engine.registers.store import Change
from engine.retention.parts import Held, Turn
from engine.work import System, Work
from forms import joining, publish, store
from forms.kinds import ledger, ledger_files
from forms.kinds.ledger_files import Spot
from forms.retaining.ledgers import Ledgers
from tests import factories
from tests.engine.attachments import samples
from tests.engine.ledgers.ground import prepared, staff

FORM: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": "urn:yibiao:form:civil.visits",
    "title": "走访台账",
    "type": "object",
    "form": {"code": "civil.visits", "kind": "ledger", "period": "once", "owner": "370602-mzj",
             "subject": "person", "members": "person where age >= 80"},
    "properties": {
        "name": {"$ref": "field:person.name"},
        "shots": {"type": "array", "title": "照片", "attachment": {"kind": "photo"}, "maxItems": 1},
        "note": {"type": "string", "title": "备注", "maxLength": 60},
    },
}  # fmt: skip


@pytest.fixture
def visits(system: System) -> System:
    """The ledger with two old people in the first village."""
    known = prepared(system)
    people = [
        factories.person(name=name, birth_date="1940-01-01", residence="370602011001")
        for name in ("王秀英", "王秀瑛")
    ]
    factories.load_people(system, known, people)
    system.write(factories.TESTER, lambda work: store.insert_draft(work, FORM))
    system.write(factories.TESTER, lambda work: publish.publish(work, "civil.visits", note="测试"))
    return system


def rows(system: System, who: Actor) -> dict[str, Row]:
    """The rows that somebody sees, by name."""
    with system.read(who) as work:
        form = ledger.form(work.connection, "civil.visits")
        here = ground(work, ledger.lens(work.connection, form))
        found = page.page(work, here, page.Ask()).rows
    return {str(one.cell("name").value): one for one in found}


def attach(system: System, row: str, color: str = "teal") -> str:
    """A photo put in by the village's staff; its id."""

    def command(work: Any) -> str:
        form = ledger.form(work.connection, "civil.visits")
        spot = Spot(row, "shots")
        clean = files.cleaned(
            ledger_files.rule(work, form, spot), samples.photo(color=color), "门前.jpg"
        )
        done = ledger_files.attach(work, form, spot, clean)
        cell: Any = done.outcomes[0].cell.value
        return str(cell[0])[:24]

    return system.write(staff(), command)


def opened(system: System, who: Actor, row: str, mark: str) -> bytes:
    """The bytes, as somebody gets them by the row."""
    with system.read(who) as work:
        form = ledger.form(work.connection, "civil.visits")
        here = ground(work, ledger.lens(work.connection, form))
        home = ledger_files.opened(work, here, page.one(work, here, row), mark)
        return content(work.connection, home, mark)


def test_only_who_sees_the_row_opens_its_files(visits: System) -> None:
    """Another row's address or another village leads nowhere; a second one where one may be is refused."""
    found = rows(visits, staff())
    first, second = found["王秀英"].id, found["王秀瑛"].id
    mark = attach(visits, first)
    assert opened(visits, staff(), first, mark)[:2] == b"\xff\xd8"
    with pytest.raises(NotFound):
        opened(visits, staff(), second, mark)
    with pytest.raises(NotFound):
        opened(visits, staff(2), first, mark)
    with pytest.raises(AttachmentsFull):
        attach(visits, first, "red")


def test_files_stay_with_whom_two_become(visits: System) -> None:
    """The row that was made one with another is shown under the id that stays, with its photo."""
    found = rows(visits, staff())
    kept, other = found["王秀英"].id, found["王秀瑛"].id
    mark = attach(visits, other)
    visits.write(
        factories.TESTER,
        lambda work: joining.merge(work, Wish("person", kept, other, (), (), "同一人")),
    )
    assert mark in str(rows(visits, staff())["王秀英"].cell("shots").value)
    assert opened(visits, staff(), kept, mark)[:2] == b"\xff\xd8"


def test_whoever_left_long_ago_takes_their_files_along(visits: System) -> None:
    """What the ledger knew of them is deleted when its period is over, pictures taken out before too;
    whoever is still there keeps theirs.
    """
    found = rows(visits, staff())
    gone, stays = found["王秀英"].id, found["王秀瑛"].id
    old = attach(visits, gone)
    kept = attach(visits, stays)

    def replaced(work: Work) -> None:
        form = ledger.form(work.connection, "civil.visits")
        ledger_files.detach(work, form, Spot(gone, "shots"), old)
        known = dictionary(work.connection)
        young = [Change("person.birth_date", gone, "2000-01-01")]
        registers.set_values(work, known, young, factories.origin(work))

    visits.write(staff(), replaced)
    with visits.read(factories.TESTER) as work:
        assert len(files.several(work.connection, Home("ledger", gone))) == 1
    turn = Turn("run", "civil.visits", "2999-01-01T00:00:00.000000+00:00", None, 100, Held())
    visits.write(factories.TESTER, lambda work: _fill(work, gone))
    done = visits.write(factories.TESTER, lambda work: Ledgers().turn(work, turn))
    assert done.changed == 1
    with visits.read(factories.TESTER) as work:
        assert files.several(work.connection, Home("ledger", gone)) == []
        assert [one.ref[:24] for one in files.several(work.connection, Home("ledger", stays))] == [
            kept
        ]


def _fill(work: Work, own: str) -> None:
    """Something that the ledger still says of somebody, so that they are looked at."""
    lens = ledger.lens(work.connection, ledger.form(work.connection, "civil.visits"))
    local.set_values(work, lens, {own: {"note": "走访过"}}, factories.origin(work))
