"""A document as fill.html, verify.html and record.html show it: sections of cells and tables."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from admin.views import cell_view, grid_view, table_view, words
from admin.views.cell_view import ASKING, EMPTY, Reading, cell
from admin.web.html import text
from engine.dictionary.store import Dictionary
from forms import document
from forms.compiled import CompiledForm, Item, Section, Table
from forms.conditions import NOTHING, Applied
from forms.filing import Opened
from forms.validate import CellProblem

Context = dict[str, Any]

MOST_BLANKS = 300


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
    sheets: bool = False,
    plain: int | None = None,
    hides: Callable[[str], bool] = lambda _: False,
    files: str = "",
    disputed: Collection[str] = (),
) -> list[Context]:
    """The form's sections with every cell's value, state, source and what is wrong with it.

    `only` are the cells that may be changed after a return, all others are locked; `now` lets
    sources tell their age; `returned_by` names who sent cells back; `told` is what the form's
    conditions say. A reader is not shown what they hide. With `sheets` large tables are shown as
    sheets, or, where the visitor has no scripts, page `plain` of their rows. `files` is the address
    under which the document's files are looked at.
    """
    by_path: dict[str, list[CellProblem]] = defaultdict(list)
    for problem in problems:
        by_path[problem.path].append(problem)
    reading = Reading(
        opened, dictionary, language, editable, only, now, returned_by, by_path, told, plain, sheets
    )
    reading.hides, reading.files = hides, files
    reading.disputed = disputed
    found = []
    for number, section in enumerate(opened.form.sections, 1):
        items = [one for one in _items(reading, section) if editable or not _hidden(one)]
        if items:
            title = section.label(language) or text(language, "section.other")
            hidden = all(map(_hidden, items))
            head = {"code": f"s{number}", "title": title, "page_break": section.page_break}
            found.append({**head, "items": items, "hidden": hidden})
    bare = len(found) == 1 and not any(one.label(language) for one in opened.form.sections)
    return [
        {**one, "bare": bare, **({"title": opened.form.title(language)} if bare else {})}
        for one in found
    ]


def _hidden(item: Context) -> bool:
    return bool(item["cell"]["hidden"] if item["kind"] == "cell" else item.get("hidden"))


def sheets_of(
    opened: Opened, dictionary: Dictionary, language: str, told: Applied = NOTHING
) -> dict[str, Any] | None:
    """What sheets that are only read need beside the page (id `live-form`); None without large tables."""
    reading = Reading(opened, dictionary, language, editable=False, told=told)
    large = [
        one
        for one in opened.form.tables
        if "*" not in one.path and not told.hides(one.path) and grid_view.is_large(reading, one)
    ]
    return grid_view.reading_data(reading, large) if large else None


def counts(
    opened: Opened,
    problems: Iterable[CellProblem] = (),
    *,
    only: Collection[str] | None = None,
    told: Applied = NOTHING,
) -> dict[str, int]:
    """How many cells there are, how many are known, how many need the filler, how many may stay blank and are."""
    wrong = {problem.path for problem in problems}
    touched = {path.rpartition("/")[0].rpartition("/")[0] for path in (*opened.cells, *wrong)}
    total = mine = left = 0
    for item in opened.form.items:
        head, _, tail = item.path.partition("/*/")
        plain = only is None and tail and "*" not in tail and head not in touched
        if plain and not opened.form.conditions:
            rows = document.get(opened.contents, head) or []
            total += len(rows)
            if not item.compute:
                blank = sum(document.blank(row.get(tail)) for row in rows)
                mine, left = (mine + blank, left) if item.required else (mine, left + blank)
            continue
        paths = [one for one in document.expand(opened.contents, item.path) if not told.hides(one)]
        values = document.get_all(opened.contents, paths)
        total += len(paths)
        for path in paths:
            known = opened.cells.get(path, EMPTY)
            required = item.required or told.requires(path)
            found, confirmed = cell_view.state(known, item, values[path], required=required)
            locked = only is not None and path not in only
            asks = (found in ASKING and not confirmed and not locked) or path in wrong
            mine, left = mine + asks, left + (found == "blank" and not asks)
    return {"total": total, "known": total - mine - left, "mine": mine, "left": left}


def blanks(opened: Opened, language: str, told: Applied = NOTHING) -> list[Context]:
    """The cells outside of growing lists that were asked and stayed blank, in page order."""
    asked = [
        path
        for item in opened.form.items
        if not item.compute and "*" not in item.path
        for path in document.expand(opened.contents, item.path)
        if not told.hides(path)
    ]
    values = document.get_all(opened.contents, asked)
    return [
        {"path": path, "label": opened.form.name_of(path, language)}
        for path in asked
        if document.blank(values[path])
    ][:MOST_BLANKS]


def settled(
    form: CompiledForm, counts: Mapping[str, int], problems: Iterable[CellProblem] = ()
) -> bool:
    """One press is enough: nothing asks, and what stays blank the form has said may stay so.

    A form that requires nothing has said nothing about its blank cells: they are what it came for.
    """
    if counts["mine"] or any(problems):
        return False
    says = any(item.required for item in form.items) or bool(form.conditions)
    return counts["known"] > 0 and (says or not counts["left"])


def _items(reading: Reading, section: Section) -> Iterator[Context]:
    roots = _by_root(reading.form)
    title = section.label(reading.language)
    last: tuple[str, ...] = ()
    for name in section.items:
        items, tables = roots.get(name, ((), ()))
        for item in items:
            if not reading.hides(item.path):
                value = document.get(reading.opened.contents, item.path)
                above = words.groups(item, title, reading.language)
                group = None if above == last else _group(reading, item, above, title)
                last = above
                yield {
                    "kind": "cell",
                    "cell": cell(reading, item.path, item, value),
                    "group": group,
                }
        for one in tables:
            if not reading.hides(one.path):
                yield {**_table(reading, one), "hidden": reading.told.hides(one.path)}


def _group(reading: Reading, item: Item, above: tuple[str, ...], section: str) -> Context:
    """The heading where a group begins; after one inside it the section's own again."""
    path = item.path.rpartition("/")[0]
    told = " / ".join(above) or section or text(reading.language, "section.other")
    return {"path": path, "text": told, "hidden": bool(path) and reading.told.hides(path)}


@lru_cache(maxsize=256)
def _by_root(form: CompiledForm) -> Mapping[str, tuple[list[Item], list[Table]]]:
    """Single items and outermost tables by the first name of their path."""
    found: dict[str, tuple[list[Item], list[Table]]] = defaultdict(lambda: ([], []))
    for item in form.items:
        if item.table is None:
            found[item.path.split("/")[1]][0].append(item)
    for one in form.tables:
        if "*" not in one.path:
            found[one.path.split("/")[1]][1].append(one)
    return dict(found)


def _table(reading: Reading, table: Table) -> Context:
    if not reading.sheets or not grid_view.is_large(reading, table):
        return table_view.table(reading, table)
    if reading.plain is None and not grid_view.needs_controls(reading, table):
        return grid_view.sheet(reading, table)
    return grid_view.page_of(reading, table, reading.plain or 1)
