"""A page of a ledger, beside the same SQL written by hand on the same connection's driver.

Fifty rows of the ledger of the old with two filters and a sort, for a village and for a district, and
two letters looked for; opened, with their origins, as the page needs them.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from admin import migrate, packs
from bench import world
from bench.registers import Ratio, Say, load_people, villages_of
from bench.scratch import databases
from engine.json_text import Json
from engine.ledgers import page
from engine.ledgers.filters import Ask, Filter
from engine.ledgers.ground import Ground, ground
from engine.registers.schema import column_name
from engine.work import System, Work
from forms.kinds import ledger

LEDGER = "civil.elderly_ledger"
ROUNDS = 150
TWO_FILTERS = (Filter("sex", "eq", ("2",)), Filter("living_alone", "eq", ("1",)))
ASKS = {
    "two_filters_and_a_sort": Ask(filters=TWO_FILTERS, sort="name"),
    "plain_page": Ask(),
    "two_letters": Ask(words="王英"),
}


def measure(
    url: str, folder: Path, sizes: Sequence[int], say: Say = lambda _: None
) -> dict[str, Json]:
    """Measure on databases of our own: `sqlite`, or a PostgreSQL server's URL."""
    found: dict[str, Any] = {"database": "sqlite" if url == "sqlite" else "postgresql", "sizes": {}}
    with databases(url, folder) as scratch:
        prepared = scratch.fresh()
        system = world.opened(prepared, folder)
        migrate.upgrade(system.database)
        packs.load(system, world.PACK)
        villages = villages_of(system)
        system.close()
        for size in sizes:
            say(f"{size}: 装载 · load")
            system = world.opened(scratch.copy(prepared), folder)
            try:
                load_people(system, villages, size)
                say(f"{size}: 翻页 · pages")
                found["sizes"][str(size)] = _of_size(system, villages)
            finally:
                system.close()
    smallest, largest = (found["sizes"][str(pick(sizes))] for pick in (min, max))
    found["largest_to_smallest"] = {
        name: round(largest[name]["p99_ms"] / smallest[name]["p99_ms"], 2) for name in largest
    }
    return found


def _of_size(system: System, villages: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for where, code in (("village", villages[0]), ("district", "370602")):
        who = _staff(code)
        with system.read(who) as work:
            here = ground(work, ledger.lens(work.connection, ledger.form(work.connection, LEDGER)))
            for name, ask in ASKS.items():
                found[f"{where}_{name}"] = _ratio(work, here, ask, code).to_json()
    return found


def _ratio(work: Work, here: Ground, ask: Ask, code: str) -> Ratio:
    ratio = Ratio()
    hand = _by_hand(work, here, ask, code)
    for _ in range(ROUNDS):
        found, same = ratio.both(partial(page.page, work, here, ask), hand)
        if [row.id for row in found.rows] != same:
            raise AssertionError(f"the pages differ: {ask}")
    return ratio


def _by_hand(work: Work, here: Ground, ask: Ask, code: str) -> Callable[[], list[str]]:
    """The same as somebody would write it who knows the tables, seals opened and origins fetched."""
    raw: Any = work.connection.connection.driver_connection
    own = [one for one in here.lens.columns if one.kind == "own" and not one.computed]
    columns = ", ".join(f"r.{column_name(one.field)}" for one in own)
    local = ", ".join(f"l.{column_name(one.field)}" for one in here.lens.local())
    today = work.today
    born = today.replace(year=today.year - 80).isoformat()
    where = (
        f"r.f_residence >= '{code}' AND r.f_residence < '{code}:' AND r.f_birth_date <= '{born}'"
    )
    order = "r.f_residence, r.f_name, r.id"
    if ask.filters:
        where += " AND r.f_sex = '2' AND r.f_living_alone = '1'"
        order = "r.f_name, r.id"
    if ask.words:
        texts = ("f_name", "f_address", "f_guardian_name")
        where += " AND (" + " OR ".join(f"r.{one} LIKE '%{ask.words}%'" for one in texts) + ")"
    if work.connection.dialect.name == "postgresql":
        where = where.replace("%", "%%")
    statement = (
        f"SELECT r.id, r.sources, {columns}, l.sources, {local}, h.id, h.sources, h.f_address, h.f_phone"
        f" FROM reg_person r LEFT JOIN {here.lens.table_name} l ON l.subject_id = r.id"
        " LEFT JOIN reg_household h ON h.f_number = r.f_household_number"
        f" WHERE {where} ORDER BY {order} LIMIT 51"
    )
    sealed = [(at, one.field.code) for at, one in enumerate(own, 2) if one.field.secret]
    opened = work.vault.open

    def ask_it() -> list[str]:
        rows = raw.execute(statement).fetchall()[:50]
        ids = {number for row in rows for number in json.loads(row[1]).values()}
        if ids:
            raw.execute(f"SELECT * FROM origin WHERE id IN ({','.join(map(str, ids))})").fetchall()
        for row in rows:
            for at, field in sealed:
                if row[at] is not None:
                    opened(row[at], f"{field}:{row[0]}")
        return [str(row[0]) for row in rows]

    return ask_it


def _staff(code: str) -> Any:
    from engine.identity.actor import Actor, Post

    return Actor("bench", "bench", "bench", (Post("staff", code, code, f"/{code}/"),))
