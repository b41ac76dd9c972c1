"""The pack in an installation: it loads, and the registers answer what its forms ask."""

import shutil
from collections import defaultdict
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from admin import packs
from admin.demo import population
from engine.dictionary import store as dictionaries
from engine.identity import store as identity
from engine.identity.actor import system_actor
from engine.periods import Period
from engine.registers import bulk
from engine.registers import store as registers
from engine.registers.store import Origin
from engine.settings import Settings
from engine.work import System
from forms import store as forms
from forms import surroundings
from forms.checks import run
from forms.prefill import prefill

PACK = Path(__file__).parents[2] / "packs" / "yantai"
NOW = datetime(2026, 11, 28, 1, tzinfo=UTC)
PERIODS = {"month": "2026-11", "quarter": "2026-Q4", "half": "2026-H2", "year": "2026"}
TESTER = system_actor("test")


def _load_registers(work):
    """All synthetic rows, by origin of their stewards; gives how many."""
    dictionary = dictionaries.dictionary(work.connection)
    numbers = count(1)
    places = population.places(PACK)
    origin = registers.add_origin(work, Origin(source="steward", title="基础库", at=work.at))
    loaded = defaultdict(int)
    for subject, batch in population.registers(places):
        rows = [{"id": f"{subject}{next(numbers)}", **row} for row in batch]
        loaded[subject] += bulk.load(work, dictionary, subject, rows, origin)
    for one in population.org_values(places):
        rows = [{"id": one.code, **one.values}]
        bulk.load(work, dictionary, "org", rows, origin, period=one.period)
    return dict(loaded)


@pytest.fixture(scope="module")
def story(sqlite_template, tmp_path_factory):
    """An installation with the pack and the registers of both streets."""
    folder = tmp_path_factory.mktemp("story")
    shutil.copy(sqlite_template, folder / "yibiao.db")
    system = System(Settings(data_dir=str(folder)), now=lambda: NOW)
    done = packs.load(system, PACK)
    loaded = system.write(TESTER, _load_registers)
    yield system, done, loaded
    system.close()


def _prefilled(system, code, street="370602011"):
    """A form as it opens for each community of a street, and the checks that do not hold."""
    with system.read(TESTER) as work:
        form = forms.published(work.connection, code)
        places = [one.code for one in population.places(PACK) if one.code.startswith(street)]
        codes = places if code != "stats.town_basic" else [street]
        organisations = [identity.organisation(work.connection, one) for one in codes]
        period = Period.parse(PERIODS[form.period])
        opened = prefill.prefill(work, form, organisations, str(period))
        failed = []
        for organisation, filled in opened.items():
            env = surroundings.formulas(work, form, organisation, period, filled.contents)
            failed += [(organisation, one) for one in run.failures(form, env)]
        return form, opened, failed


def test_the_pack_loads_and_loading_again_changes_nothing(story):
    """Twelve forms published, 6,683 organisations and their offices, accounts with passwords."""
    system, done, loaded = story
    assert done.counts["forms"] == 12
    assert done.counts["organisations"] == 6683 + 36
    assert len(done.passwords) == done.counts["accounts"] >= 27
    assert loaded["person"] == 20_000
    assert packs.load(system, PACK).passwords == {}


FORMS = sorted(path.stem for path in (PACK / "forms").glob("*.json"))


@pytest.mark.parametrize("street", [population.CITY_STREET, population.RURAL_STREET])
@pytest.mark.parametrize("code", FORMS)
def test_a_form_as_it_opens_breaks_no_hard_check(story, code, street):
    """What the registers know adds up, in the town and in the villages."""
    _, opened, failed = _prefilled(story[0], code, street)
    assert opened
    assert [(place, one.text("zh")) for place, one in failed if one.severity != "explain"] == []


@pytest.mark.parametrize("code", ["civil.community_monthly", "emergency.community_monthly"])
def test_nearly_all_of_the_monthly_reports_is_known_before_anybody_types(story, code):
    """Cells known or worked out, of all cells that can be filled."""
    form, opened, _ = _prefilled(story[0], code)
    for filled in opened.values():
        asked = known = 0
        for item in form.items:
            if item.table is None and item.path != "/remark":
                asked += 1
                known += item.path in filled.cells
        assert known / asked >= 0.9


def test_each_community_has_a_roster_of_its_very_old(story):
    """And the number told is that of the rows."""
    _, opened, _ = _prefilled(story[0], "civil.community_monthly")
    assert len(opened) == 10
    for filled in opened.values():
        assert len(filled.contents["elders"]) == filled.contents["elderly_80"] > 0
