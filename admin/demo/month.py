"""A month of a street: every monthly report of the pack, sent to its ten communities and carried to
its end by the people whose work it is.

Nobody accepts what they cannot know to be so: what happens anew each month (births, hazards, visits
that no grid worker noted, inspections) is typed, differently from the month before.
"""

from collections.abc import Mapping
from pathlib import Path
from random import Random

from admin.demo.figures import Figures, of_documents
from admin.demo.story import DUE, EXPLANATION, PERIOD, Play, StoryClock, Tell, finish_all
from engine.json_text import Json
from engine.work import System
from forms import document, documents, explaining, filing, store
from forms.filing import Edit, Opened
from workflows import commands, dispatches
from workflows.dispatch import DispatchRecord

REPORTS = {
    "civil.community_monthly": "minzheng",
    "civil.elderly_allowance_roster": "minzheng",
    "emergency.community_monthly": "yingji",
    "emergency.enterprise_inspection": "yingji",
}
"""The monthly reports of the pack, and who sends each."""
INSPECTED = 1 / 3
"""So many enterprises are inspected in a month; of these one in eight has something to put right."""


def play(
    system: System, clock: StoryClock, pack: Path, tell: Tell, *, places: int = 10
) -> dict[str, tuple[str, Figures]]:
    """The month; by form what it is called and what it cost its people."""
    cast = Play(system, clock, pack, tell)
    cast.places = cast.places[:places]
    found = {}
    for code, login in REPORTS.items():
        sent = cast.do(cast.who(login), dispatches.create, code, cast.places, PERIOD, DUE)
        cast.tell("sent", title=sent.title, count=sent.targets, due=DUE.date().isoformat())
        for place in cast.places:
            _fill(cast, sent, place)
        finish_all(cast, sent, login)
        with cast.system.read(cast.who(login)) as work:
            title = store.published(work.connection, code).title()
            records = documents.of_dispatch(work.connection, sent.id)
            found[code] = (title, of_documents(filing.opened(work, one) for one in records))
    return found


def _fill(cast: Play, sent: DispatchRecord, place: str) -> None:
    login = cast.staff[place]
    person, task = cast.who(login), cast.todo(login, sent)[0]
    held = cast.do(person, commands.open_task, task.id)
    opened = cast.opened(held.record.id)
    changes = typed(opened, Random(f"{place}:{sent.form_code}:{PERIOD}"))
    edit = Edit(opened.record.revision, changes)
    cast.do(person, commands.save_cells, held.record.id, edit, language="zh")
    _explain(cast, login, held.record.id)
    cast.do(person, commands.submit, task.id, confirm=True)
    cast.clock.minute()


def _explain(cast: Play, login: str, document_id: str) -> None:
    person, found = cast.who(login), cast.opened(document_id)
    with cast.system.read(person) as work:
        _, left = filing.obstacles(work, found.record)
    reasons = explaining.for_all(left, EXPLANATION)
    if reasons:
        edit = Edit(found.record.revision, {}, explanations=reasons)
        cast.do(person, commands.save_cells, document_id, edit, language="zh")


def typed(found: Opened, chance: Random) -> Mapping[str, Json]:
    """What only the people of the place can know of this month."""
    has = found.form.by_path
    changes: dict[str, Json] = {}
    for path, most in (("/births", 4), ("/deaths", 3), ("/elderly_new", 3)):
        if path in has:
            changes[path] = chance.randint(0, most)
    if "/hazards_found" in has:
        changes["/hazards_found"] = chance.randint(3, 14)
        changes["/hazards_fixed"] = changes["/hazards_found"] - chance.randint(0, 2)
    return {**changes, **_visits(found, chance), **_inspections(found, chance)}


def _visits(found: Opened, chance: Random) -> dict[str, Json]:
    """Visits that no grid worker noted, and the sum of all."""
    if "/elders/*/visits" not in found.form.by_path:
        return {}
    paths = [f"/elders/{row}/visits" for row in document.row_ids(found.contents, "/elders")]
    noted = {path: document.get(found.contents, path) for path in paths}
    made: dict[str, Json] = {
        path: chance.randint(1, 2) for path, value in noted.items() if value is None
    }
    total = sum(value for value in noted.values() if value is not None) + sum(made.values())
    return {**made, "/elderly_visits": total}


def _inspections(found: Opened, chance: Random) -> dict[str, Json]:
    changes: dict[str, Json] = {}
    for row in document.row_ids(found.contents, "/firms"):
        if chance.random() >= INSPECTED:
            continue
        bad = chance.random() < 1 / 8
        changes[f"/firms/{row}/inspected"] = f"2026-11-{chance.randint(2, 24):02d}"
        changes[f"/firms/{row}/result"] = "2" if bad else "1"
        if bad:
            changes[f"/firms/{row}/deadline"] = "2026-12-15"
    return changes
