"""The roll-up of a dispatch as its page shows it, and what is behind each number."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from admin.views import dispatch_view, table_view, units_view, words
from admin.web.html import text
from engine.access import policy
from engine.dictionary import units
from engine.dictionary.store import Dictionary, dictionary
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work
from forms import masking, rollup, store, versions
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.headings import BETWEEN
from forms.public.lists import MAKE
from forms.rollup import Rollup, RollupColumn
from renderers import contract
from workflows.dispatches import Progress

ROWS = 100
MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked to show: which part, and behind which number to look."""

    part: str | None = None
    organisation: str = ""
    cell: str = ""
    rows: int = ROWS
    below: str = ""
    """Only units below this organisation."""
    after: str = ""
    """Only units after this path: a page of them."""
    units: str = units_view.THEN
    """By the units of then, or of today."""


@dataclass(frozen=True)
class Shown:
    """A roll-up being shown."""

    rollup: Rollup
    progress: Progress
    part: str
    dictionary: Dictionary
    language: str
    listed: Rollup
    """The same by the units that were asked for."""
    spans: bool = False
    """Whether units changed since, so that the two differ."""

    @property
    def address(self) -> str:
        """Of the page."""
        return f"/dispatches/{self.progress.dispatch.id}/rollup"

    def value(self, column: RollupColumn, value: Json) -> str:
        """A value as it is read."""
        if column.item is None or isinstance(value, int | Decimal):
            return "" if value is None else words.number(value)
        return words.shown(column.item, value, self.dictionary, self.language)

    def behind(self, column: RollupColumn, organisation: str = "", **more: Any) -> str:
        """The address of what a number is made of."""
        asked = {"table": self.part, "org": organisation, "cell": column.path, **more}
        return f"{self.address}?{urlencode({key: v for key, v in asked.items() if v})}#drill"


def collected(
    work: Work, found: Progress, part: str | None, language: str, units: str = units_view.THEN
) -> Shown:
    """The roll-up of one part of a dispatch's form. Raises RollupTableUnknown."""
    dispatch = found.dispatch
    form = store.published(work.connection, dispatch.form_code, dispatch.form_version)
    records = versions.read_as(work, form, [one.document for one in found.standings])
    names = units_view.then(work, records)
    chosen = part if part is not None else rollup.parts(form)[0]
    rolled = rollup.roll_up(form, records, names, chosen)
    now = units_view.by_today(work, rolled)
    listed = now if now is not None and units == units_view.TODAY else rolled
    known = dictionary(work.connection)
    return Shown(rolled, found, chosen, known, language, listed, spans=now is not None)


def _publish(work: Work, shown: Shown, organisation: str) -> str:
    """Where the list in view is made public; empty for what is no list, and for whoever may not."""
    found, form = shown.rollup.table, shown.rollup.form
    if found is None or found.kind != "floating" or not shown.rollup.counted:
        return ""
    if not policy.covers(work.actor, MAKE, owner=form.owner):
        return ""
    asked = {"table": found.path, **({"org": organisation} if organisation else {})}
    return f"/dispatches/{shown.progress.dispatch.id}/publish?{urlencode(asked)}"


def page(work: Work, shown: Shown, asked: Asked = Asked()) -> dict[str, Any]:
    """The context of rollup.html; what is behind a number comes from `drill_view`.

    More units than a page holds are added up by the level below the one asked for; the lowest level
    is shown unit by unit, a page at a time.
    """
    found, language = shown.progress, shown.language
    rolled, form = shown.rollup, shown.rollup.form
    units = {column.item.unit for column in rolled.columns if column.item and column.item.numeric}
    veil = masking.veil(work, form)
    return {
        "dispatch": {
            "id": found.dispatch.id,
            "title": dispatch_view.title(work, found.dispatch, language),
            "period": words.period(found.dispatch.period, language),
            "total": len(found.standings),
            "done": rolled.counted,
        },
        "downloads": _downloads(shown, asked.units),
        "publish": _publish(work, shown, asked.organisation),
        "switch": units_view.switch(shown.address, asked.units, language, table=shown.part)
        if shown.spans
        else [],
        "maps": {
            name: f"{shown.address}{path}?{urlencode({'table': shown.part, 'units': asked.units})}"
            for name, path in (("list", ""), ("map", "/map"))
        },
        "masked": [one.label(language) for one in veil.fields] if veil.may_lift(work) else [],
        "tabs": [
            {
                "text": _part_title(form, part, language),
                "href": f"{shown.address}?{urlencode({'table': part})}",
                "current": part == shown.part,
            }
            for part in rollup.parts(form)
        ],
        "title": _part_title(form, shown.part, language),
        "unit": units.pop() if len(units) == 1 else None,
        "coverage": coverage(shown),
        "head": heads(shown, with_units=len(units) > 1),
        "stub": text(language, "col.organisation"),
        "total": _total(shown) if rolled.counted else None,
        **_lines(work, shown, asked),
        "drill": None,
    }


def _lines(work: Work, shown: Shown, asked: Asked) -> dict[str, Any]:
    """The rows of the page: levels while there are more units than it holds, then units."""
    _, here, levels = area(work, shown, asked.below, ROWS)
    found = crumbs(work, shown, asked.below, shown.address)
    if levels:
        rows = [_row(work, shown, line, level=True) for line in here]
        return {"rows": rows, "crumbs": found, "more": None}
    following = [line for line in here if line.organisation.path > asked.after]
    shown_ones = following[:ROWS]
    more = ""
    if len(following) > ROWS:
        last = shown_ones[-1].organisation.path
        question = {"table": shown.part, "below": asked.below, "after": last, "units": asked.units}
        more = f"{shown.address}?{urlencode({key: v for key, v in question.items() if v})}"
    return {
        "rows": [_row(work, shown, line) for line in shown_ones],
        "crumbs": found,
        "more": more or None,
    }


def area(
    work: Work, shown: Shown, below: str, most: int
) -> tuple[str, Sequence[rollup.Line], bool]:
    """What lies below an organisation: the path it is below, its lines, and whether they are levels added
    up, as more units than `most` are.
    """
    above = _above(shown, below)
    here = [line for line in shown.listed.lines if line.organisation.path.startswith(above)]
    codes = _children(here, above)
    while len(codes) == 1 and len(here) > most:
        above += f"{codes[0]}/"
        codes = _children(here, above)
    if len(here) <= most or len(codes) >= len(here):
        return above, here, False
    known = identity.organisations(work.connection, codes)
    return above, rollup.by_level(shown.listed, known, above), True


def _above(shown: Shown, below: str) -> str:
    """The path of the organisation asked for; of everything if no unit lies below it."""
    for line in shown.listed.lines if below else ():
        at = line.organisation.path.find(f"/{below}/")
        if at >= 0:
            return line.organisation.path[: at + len(below) + 2]
    return "/"


def _children(lines: Sequence[rollup.Line], above: str) -> list[str]:
    codes = (
        line.organisation.path[len(above) :].partition("/")[0] or line.organisation.code
        for line in lines
    )
    return list(dict.fromkeys(codes))


def crumbs(work: Work, shown: Shown, below: str, address: str, **more: str) -> list[dict[str, str]]:
    """From the top down to the organisation asked for."""
    codes = [code for code in _above(shown, below).split("/") if code]
    names = identity.organisation_names(work.connection, codes)
    return [
        {
            "name": names.get(code, code),
            "href": f"{address}?{urlencode({'table': shown.part, **more, 'below': code})}",
        }
        for code in codes
    ]


def header(shown: Shown, column: RollupColumn, *, with_units: bool = True) -> tuple[str, ...]:
    """The header path of a column: section, row and column of the form."""
    language, item = shown.language, column.item
    if item is None:
        return (text(language, "rollup.rows"),)
    label = item.label(language)
    label = words.with_unit(label, item.unit if with_units else None, language)
    if item.row_titles:
        row = item.row_titles.get(language) or item.row_titles.get("zh", "")
        path = tuple(row.split(BETWEEN))
        return (*path, label) if item.column else path
    if item.table is not None:
        return (*item.header[:-1], label)
    for section in shown.rollup.form.sections:
        if item.path.split("/")[1] in section.items and section.label(language):
            return (section.label(language), label)
    return (label,)


def heads(shown: Shown, *, with_units: bool = True) -> list[list[dict[str, Any]]]:
    """The header lines without the first column."""
    paths = [header(shown, one, with_units=with_units) for one in shown.rollup.columns]
    return table_view.merged(paths)


def table(shown: Shown) -> contract.Table:
    """The roll-up as a plain table: for a workbook, CSV or PDF."""
    language, rolled = shown.language, shown.rollup
    columns = [contract.Column((text(language, "col.organisation"),))]
    for one in rolled.columns:
        path = header(shown, one, with_units=False)
        unit = units.in_language(one.item.unit, language) if one.item else ""
        columns.append(contract.Column(path, unit, "right" if one.numeric else "left"))
    rows = [
        contract.Row((contract.Cell(_name(shown, line)), *cells))
        for line in shown.listed.lines
        for cells in [_cells(shown, line.values)]
    ]
    total = contract.Cell(text(language, "rollup.total", n=rolled.counted))
    return contract.Table(
        tuple(columns),
        tuple(rows),
        (contract.Row((total, *_cells(shown, rolled.totals)), emphasis=True),),
        title=_part_title(rolled.form, shown.part, language),
        note=coverage(shown),
    )


def coverage(shown: Shown) -> str:
    """Which documents are in the totals, and whose are missing."""
    missing = [line.organisation.name for line in shown.rollup.lines if line.missing]
    language = shown.language
    told = text(
        language, "rollup.coverage", done=shown.rollup.counted, total=len(shown.rollup.lines)
    )
    for mark in ("zero", "exempt"):
        count = sum(1 for line in shown.rollup.lines if line.mark == mark)
        if count:
            told += " " + text(language, f"rollup.coverage_{mark}", n=count)
    if not missing:
        return told
    joined = ("、" if language == "zh" else ", ").join(missing[:20])
    more = "…" if len(missing) > 20 else ""
    return f"{told} {text(language, 'rollup.coverage_missing', names=joined + more)}"


def _cells(shown: Shown, values: Sequence[Json]) -> list[contract.Cell]:
    return [
        contract.Cell(
            shown.value(column, value),
            value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None,
        )
        for column, value in zip(shown.rollup.columns, values, strict=True)
    ]


def _name(shown: Shown, line: rollup.Line) -> str:
    mark = _mark(shown, line)
    return f"{line.organisation.name}（{mark}）" if mark else line.organisation.name


def _mark(shown: Shown, line: rollup.Line) -> str:
    """未报, 零报告 and 免报 are three different things."""
    if line.missing:
        return text(shown.language, "rollup.missing")
    return text(shown.language, f"progress.mark.{line.mark}") if line.mark else ""


def _part_title(form: CompiledForm, part: str, language: str) -> str:
    found = form.table_by_path.get(part)
    return found.label(language) if found else text(language, "rollup.scalars")


def _downloads(shown: Shown, units: str) -> list[dict[str, str]]:
    base = f"/dispatches/{shown.progress.dispatch.id}"
    part = f"?{urlencode({'table': shown.part, 'units': units})}"
    found = [
        ("download.original", f"{base}/workbook", "xlsx"),
        ("download.by_organisation", f"{base}/workbook?what=organisations", "xlsx"),
        ("download.pdf", f"{base}/pdf", "pdf"),
        ("download.csv", f"{base}/csv{part}", "csv"),
    ]
    return [
        {"text": text(shown.language, key), "href": href, "kind": kind} for key, href, kind in found
    ]


def _total(shown: Shown) -> dict[str, Any]:
    rolled = shown.rollup
    return {
        "title": text(shown.language, "rollup.total", n=rolled.counted),
        "cells": [
            {
                "display": shown.value(column, total),
                "href": shown.behind(column) if total is not None else None,
            }
            for column, total in zip(rolled.columns, rolled.totals, strict=True)
        ],
    }


def _row(work: Work, shown: Shown, line: rollup.Line, *, level: bool = False) -> dict[str, Any]:
    """One line: a unit, leading to its report; or a level, leading to what is below it."""
    code = line.was[0].organisation.code if len(line.was) == 1 else line.organisation.code
    href = record_address(work, line.record) if len(line.was) < 2 else None
    leads = not level and len(line.was) < 2
    if level:
        href = f"{shown.address}?{urlencode({'table': shown.part, 'below': code})}"
    return {
        "title": line.organisation.name,
        "was": units_view.told(line, shown.language),
        "href": href,
        "indent": 0,
        "missing": line.missing,
        "mark": "" if level else _mark(shown, line),
        "apart": not line.counted,
        "cells": [
            {
                "display": shown.value(column, value),
                "href": shown.behind(column, code) if value is not None and leads else None,
                "late": False,
            }
            for column, value in zip(shown.rollup.columns, line.values, strict=True)
        ],
    }


def record_address(work: Work, record: DocumentRecord | None, path: str = "") -> str | None:
    """The address of a record, at a cell; nothing for one the visitor may not see."""
    if record is None or not policy.covers(
        work.actor, "document.read", path=record.organisation_path, owner=record.owner
    ):
        return None
    anchor = f"#v{path.replace('/', '.')}" if path else ""
    return f"/records/{record.id}{anchor}"
