"""A table that the command hands out counts as public: what comes after is held against it, on pages and here."""

import csv
from pathlib import Path
from typing import Any

import pytest

from engine.dictionary.store import dictionary
from engine.privacy.anonymity import Demand
from engine.registers import schema as registers_schema
from engine.settings import Settings
from engine.work import System
from forms.public import decided as public_data
from forms.public.lists import LIST
from forms.public.lists import Wish as Publication
from forms.public.open_data import Wish
from tests import factories, installed
from tests.admin.cli.conftest import Run

ASKED = ("release", "civil.elderly_ledger", "--as", "minzheng", "--quasi", "age:5,10", "--quasi", "sex", "--sensitive", "living_alone", "-k", 4)  # fmt: skip


def person(number: int) -> dict[str, Any]:
    """Somebody of 80 to 99 in one community."""
    return factories.person(
        name=f"老人{number}", birth_date=f"{1927 + number % 20}-01-01", sex="12"[number % 2],
        residence=installed.COMMUNITIES[0], living_alone="12"[number % 3 == 0],
    )  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with sixty of them."""
    folder = tmp_path / "data"
    system = installed.pack_only().copy(folder)
    _load(system, [person(number) for number in range(60)])
    system.close()
    return folder


def _load(system: System, people: list[dict[str, Any]]) -> None:
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    factories.load_people(system, known, people)


def test_a_second_file_is_held_against_the_first(run: Run, data: Path, tmp_path: Path) -> None:
    """One who came in between is in neither; when one has gone, what would tell them is not handed out, by
    a page either.
    """
    first, second, third = (tmp_path / f"{name}.csv" for name in "abc")
    assert run(*ASKED, "-o", first, data=data).exit_code == 0
    system = System(Settings(data_dir=str(data)))
    more = person(3)
    _load(system, [more])
    assert run(*ASKED, "-o", second, data=data).exit_code == 0
    lines = [list(csv.reader(one.open(encoding="utf-8-sig"))) for one in (first, second)]
    assert sorted(lines[0]) == sorted(lines[1])
    with system.read(installed.ANYBODY) as work:
        kept = work.connection.execute(LIST.select().order_by(LIST.c.made_at)).mappings().all()
        known = dictionary(work.connection)
    assert [one["state"] for one in kept] == ["handed", "handed"]
    assert more["id"] not in kept[1]["contents"]["ids"]

    table = registers_schema.table(known, "person")
    gone = kept[0]["contents"]["ids"][0]
    system.write(
        installed.ANYBODY,
        lambda work: work.connection.execute(table.delete().where(table.c.id == gone)),
    )
    refused = run(*ASKED, "-o", third, data=data)
    assert refused.exit_code != 0
    assert "总有个别人会被认出来" in refused.output
    assert not third.exists()
    asked = Wish(["age", "sex"], ["living_alone"], Demand(4, 2, 0.05), {"age": [5, 10]})
    wish = Publication("一人离开", (), "2026-11-23", "2027-12-31")
    office = installed.person(system, "minzheng")
    with pytest.raises(public_data.open_data.NotApart):
        system.write(
            office, lambda work: public_data.draft(work, "civil.elderly_ledger", asked, wish)
        )
    system.close()
