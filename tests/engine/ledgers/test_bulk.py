"""A column of many rows set at once, where the change itself moves rows out of the ledger."""

import pytest

from engine.ledgers import bulk, edit, imports, page
from engine.ledgers.edit import Edit, NotEditable
from engine.ledgers.filters import Ask
from engine.ledgers.ground import ground
from engine.ledgers.lens import Lens
from engine.work import System, Work
from tests import factories
from tests.engine.ledgers.ground import lens, prepared, staff

WHO = staff()


@pytest.fixture
def paid(system: System) -> Lens:
    """A ledger of whoever is paid at least 100; two are, in the first village."""
    known = prepared(system)
    people = [
        factories.person(id=one, name=one, id_number=factories.id_number("1940-01-01"), allowance=200)
        for one in ("ann", "bao")
    ]  # fmt: skip
    factories.load_people(system, known, people)
    return lens(system, known, rule="person where allowance >= 100")


def planned(system: System, paid: Lens, column: str, value: object) -> str:
    """Plan and keep; gives the id."""

    def command(work: Work) -> str:
        wish = bulk.Wish(column, value)
        effects = bulk.plan(work, paid, Ask(), wish, title="name", nobody="none")
        return imports.keep(work, paid, file="x", blob="", columns=[], effects=effects)

    return system.write(WHO, command)


def done(system: System, paid: Lens, number: str, *, undo: bool = False) -> dict[str, int]:
    """Start, and take all turns; gives what became of the cells."""
    system.write(WHO, lambda work: imports.start(work, paid, number, undo=undo))
    while system.write(WHO, lambda work: imports.turn(work, paid, number)):
        pass
    with system.read(WHO) as work:
        return imports.outcome(work, number)


def rows(system: System, paid: Lens) -> list[str]:
    """Who is in the ledger."""
    with system.read(WHO) as work:
        return sorted(one.id for one in page.every(work, ground(work, paid), Ask()))


def test_what_put_rows_out_of_the_ledger_is_undone_too(system: System, paid: Lens) -> None:
    """They come back with what they had, whoever left since a preview is left alone."""
    stale = planned(system, paid, "phone", "13900139000")
    out = planned(system, paid, "allowance", 50)
    assert done(system, paid, out)["saved"] == 2
    assert rows(system, paid) == []
    assert done(system, paid, stale) == {"clash": 2, "kept": 0}
    assert done(system, paid, out, undo=True)["kept"] == 0
    assert rows(system, paid) == ["ann", "bao"]


def test_an_edit_of_a_row_that_leaves_by_it_tells_its_stamp(system: System, paid: Lens) -> None:
    """So that whoever looks at it still can go on from there."""
    with system.read(WHO) as work:
        seen = page.one(work, ground(work, paid), "ann").cell("allowance").stamp
    [one] = system.write(
        WHO, lambda work: edit.save(work, paid, [Edit("ann", "allowance", 1, seen)])
    )
    assert (one.kind, one.cell.value) == ("saved", 1)
    assert one.cell.stamp > seen


@pytest.mark.parametrize("column", ["id_number", "age"])
def test_keys_and_derived_columns_are_not_set_for_many(
    system: System, paid: Lens, column: str
) -> None:
    """One number for many people is nobody's number."""
    with pytest.raises(NotEditable):
        planned(system, paid, column, "1")


def test_more_rows_than_one_change_takes_are_refused(
    system: System, paid: Lens, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the limit, and nothing kept."""
    monkeypatch.setattr(bulk, "MOST_LINES", 1)
    with pytest.raises(bulk.BulkTooLarge):
        planned(system, paid, "phone", "13900139000")
