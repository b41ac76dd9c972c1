"""A document as fill.html, verify.html and record.html show it: sections of cells and tables."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from admin.views import cell_view, table_view
from admin.views.cell_view import ASKING, EMPTY, Reading, cell
from admin.web.html import text
from engine.dictionary.store import Dictionary
from forms import document
from forms.compiled import Section
from forms.conditions import NOTHING, Applied
from forms.filing import Opened
from forms.validate import CellProblem

Context = dict[str, Any]


def sections(
    opened: Opened,
    dictionary: Dictionary,
    *,
    language: str,
    problems: Iterable[CellProblem] = (),
    editable: bool,
    only: Collection[str] | None = None,
    now: datetime | None = None,
    returned_by: str = "",
    told: Applied = NOTHING,
) -> list[Context]:
    """The form's sections with every cell's value, state, source and what is wrong with it.

    `only` are the cells that may be changed after a return, all others are locked; `now` lets
    sources tell their age; `returned_by` names who sent cells back;
    `told` is what the form's conditions say. A reader is not shown what they hide.
    """
    by_path: dict[str, list[CellProblem]] = defaultdict(list)
    for problem in problems:
        by_path[problem.path].append(problem)
    reading = Reading(opened, dictionary, language, editable, only, now, returned_by, by_path, told)
    found = []
    for number, section in enumerate(opened.form.sections, 1):
        items = [one for one in _items(reading, section) if editable or not _hidden(one)]
        if items:
            title = section.label(language) or text(language, "section.other")
            hidden = all(map(_hidden, items))
            found.append({"code": f"s{number}", "title": title, "items": items, "hidden": hidden})
    return found


def _hidden(item: Context) -> bool:
    return bool(item["cell"]["hidden"] if item["kind"] == "cell" else item.get("hidden"))


def counts(
    opened: Opened,
    problems: Iterable[CellProblem] = (),
    *,
    only: Collection[str] | None = None,
    told: Applied = NOTHING,
) -> dict[str, int]:
    """How many cells there are, how many ask nothing, how many need the filler."""
    wrong = {problem.path for problem in problems}
    total = mine = 0
    for path, item in document.cells(opened.form, opened.contents):
        if told.hides(path):
            continue
        total += 1
        known = opened.cells.get(path, EMPTY)
        found, confirmed = cell_view.state(
            known,
            item,
            document.get(opened.contents, path),
            required=item.required or told.requires(path),
        )
        locked = only is not None and path not in only
        waits = found in ASKING and not confirmed and not locked
        mine += waits or path in wrong
    return {"total": total, "known": total - mine, "mine": mine}


def _items(reading: Reading, section: Section) -> Iterator[Context]:
    for name in section.items:
        root = f"/{name}"
        for item in reading.form.items:
            if item.table is None and (item.path == root or item.path.startswith(f"{root}/")):
                value = document.get(reading.opened.contents, item.path)
                yield {"kind": "cell", "cell": cell(reading, item.path, item, value)}
        for one in reading.form.tables:
            if "*" not in one.path and (one.path == root or one.path.startswith(f"{root}/")):
                yield {**table_view.table(reading, one), "hidden": reading.told.hides(one.path)}
