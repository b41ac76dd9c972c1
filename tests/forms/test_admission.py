"""Admission: what a report would ask, measured by filling it beforehand for those it goes to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from forms import store
from forms.admission import Admission, admission
from tests import installed

FORM, OTHER, PERIOD = "civil.community_monthly", "emergency.community_monthly", "2026-11"
FIRST, SECOND = installed.COMMUNITIES[:2]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """The Yantai pack with empty registers."""
    opened = installed.pack_only().copy(tmp_path / "data")
    yield opened
    opened.close()


def admitted(system: System, *codes: str, form: str = FORM, period: str = PERIOD) -> Admission:
    """The admission of a form for some organisations."""
    with system.read(installed.ANYBODY) as work:
        places = list(identity.organisations(work.connection, codes).values()) if codes else []
        return admission(work, store.published(work.connection, form), places, period)


def known(system: System, field: str, code: str, value: int, source: str = "steward") -> None:
    """A value in the register of organisations."""

    def command(work: Work) -> None:
        origin = registers.add_origin(work, Origin(source, "组织基础库", work.at, form_code="x.y"))
        change = Change(field, code, value, PERIOD)
        registers.set_values(work, dictionary(work.connection), [change], origin)

    system.write(installed.ANYBODY, command)


def of(found: Admission, path: str) -> tuple[str, int, int]:
    """What is told of one item."""
    one = next(one for one in found.items if one.item.path == path)
    return one.known, one.filled, one.cells


def test_known_cells_are_counted_over_the_organisations_chosen(system: System) -> None:
    """An item known of one of two organisations fills one cell of two."""
    assert of(admitted(system, FIRST, SECOND), "/grids") == ("new", 0, 2)
    known(system, "org.grids", FIRST, 6)
    assert of(admitted(system, FIRST, SECOND), "/grids") == ("register", 1, 2)
    assert of(admitted(system, SECOND), "/grids") == ("new", 0, 1)


def test_the_source_says_how_an_item_is_known(system: System) -> None:
    """What another report brought is told apart from a register's own, and from what is counted."""
    known(system, "org.grids", FIRST, 6, source="verified")
    found = admitted(system, FIRST)
    assert of(found, "/grids")[0] == "form"
    assert of(found, "/households") == ("computed", 1, 1)
    one = next(one for one in found.items if one.item.path == "/grids")
    assert one.source == {"source": "verified", "title": "组织基础库"}


def test_figures_are_the_sums_of_the_items(system: System) -> None:
    """What the page shows on top is what its list adds up to; nothing is known of nobody."""
    known(system, "org.grids", FIRST, 6)
    found = admitted(system, FIRST)
    assert found.cells == sum(one.cells for one in found.items)
    assert found.filled == sum(one.filled for one in found.items)
    assert found.known == sum(1 for one in found.items if one.known != "new")
    assert 0 < found.filled < found.cells
    nobody = admitted(system)
    assert (nobody.cells, nobody.filled, nobody.generated) == (0, 0, 0)


def test_other_reports_that_ask_the_same_are_named(system: System) -> None:
    """The emergency office's monthly shares most; each shared item names it, others do not."""
    found = admitted(system, FIRST)
    assert found.repeats[0].code == OTHER
    assert found.repeats[0].shared > 20
    shared = {one.item.field for one in found.items if any(o.code == OTHER for o in one.also_in)}
    with system.read(installed.ANYBODY) as work:
        other = {item.field for item in store.published(work.connection, OTHER).items}
    assert shared == {one.item.field for one in found.items if one.item.field} & other
    assert FORM not in {one.code for one in found.repeats}
