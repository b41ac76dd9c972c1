"""Filling the registers with the synthetic population, through the same door as everything else."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from admin.demo import people, population
from admin.demo.people import Place, Row
from engine.dictionary.store import Dictionary, dictionary
from engine.identity.actor import system_actor
from engine.json_text import Json
from engine.ledgers import local, page
from engine.ledgers.filters import Ask
from engine.ledgers.ground import ground
from engine.registers import bulk, store
from engine.registers.schema import table
from engine.registers.store import Change, Origin
from engine.work import System, Work, new_id
from forms.kinds import ledger

LOADER = system_actor("demo")
EVACUATION = "emergency.evacuation_ledger"
BASES = {
    "person": "人口基础库",
    "household": "家庭基础库",
    "enterprise": "法人基础库",
    "house": "房屋基础库",
    "building": "楼栋基础库",
}


def load_population(
    system: System, pack: Path, *, say: Callable[[str], None] = lambda _: None
) -> dict[str, int]:
    """Load persons, households, enterprises, houses and what communities are, once.

    Gives how many of each were loaded; nothing if the register of persons is not empty.
    """
    with system.read(LOADER) as work:
        known = dictionary(work.connection)
        register = table(known, "person")
        if work.connection.execute(select(func.count()).select_from(register)).scalar_one():
            return {}
    places = population.places(pack)
    counts: dict[str, int] = {}
    origins: dict[str, Origin] = {}
    for subject, rows in population.registers(places):
        loaded = system.write(LOADER, _batch(subject, rows, origins))
        counts[subject] = counts.get(subject, 0) + loaded
    for subject, count in counts.items():
        say(f"{BASES[subject]}: {count}")
    system.write(LOADER, _positions)
    counts["org"] = system.write(LOADER, lambda work: _organisations(work, places))
    return counts


def _batch(subject: str, rows: list[Row], origins: dict[str, Origin]) -> Callable[[Work], int]:
    def inside(work: Work) -> int:
        if subject not in origins:
            origins[subject] = store.add_origin(work, _origin(BASES[subject], work.at))
        known = dictionary(work.connection)
        named = [{"id": new_id(), **row} for row in rows]
        if subject == "person":
            _month(work, known, named)
        return bulk.load(work, known, subject, named, origins[subject])

    return inside


def _month(work: Work, known: Dictionary, named: Sequence[Row]) -> None:
    """What grid workers and the bureau noted of people for the month under way."""
    rng = Random(f"{population.SEED}:{named[0]['id_number']}:month")
    rows = [
        {"id": row["id"], **noted} for row in named if (noted := people.month(rng, row)) is not None
    ]
    if rows:
        came = store.add_origin(work, _origin("网格走访和津贴发放记录", work.at))
        bulk.load(work, known, "person", rows, came, period=population.MONTH)


def _positions(work: Work) -> None:
    """Where those live who are to be helped out of danger: each near the middle of their community."""
    lens = ledger.lens(work.connection, ledger.form(work.connection, EVACUATION))
    here = ground(work, lens)
    values: dict[str, dict[str, Json]] = {}
    for row in page.every(work, here, Ask()):
        place = str(row.cell("residence").value)
        middle, own = (
            Random(f"{population.SEED}:{place}"),
            Random(f"{population.SEED}:{row.cell('id_number').value}"),
        )
        north = 37.49 + middle.random() * 0.06 + own.gauss(0, 0.0015)
        east = 121.30 + middle.random() * 0.16 + own.gauss(0, 0.002)
        if own.random() < 0.9:  # of some nobody has taken it yet
            values[row.id] = {"position": f"{north:.6f},{east:.6f}"}
    if values:
        came = store.add_origin(work, _origin("应急局走访", work.at))
        local.set_values(work, lens, values, came)


def _organisations(work: Work, places: tuple[Place, ...]) -> int:
    """What communities and villages are, and what they reported for last month."""
    known = dictionary(work.connection)
    origin = store.add_origin(work, _origin("组织基础库", work.at))
    reported = store.add_origin(work, _origin("上月台账", _month_end(work)))
    count = 0
    for one in population.org_values(places):
        changes = [
            Change(f"org.{name}", one.code, value, one.period) for name, value in one.values.items()
        ]
        store.set_values(work, known, changes, origin if one.period is None else reported)
        count += len(changes)
    return count


def _origin(title: str, at: str) -> Origin:
    return Origin(source="steward", title=title, at=at, actor_id=LOADER.id, actor_name=title)


def _month_end(work: Work) -> str:
    day = population.AS_OF
    return datetime(day.year, day.month, day.day, 18, tzinfo=work.now.tzinfo).isoformat()
