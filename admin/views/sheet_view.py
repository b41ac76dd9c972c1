"""The department's sheets beside a draft: their cells, what each was taken for, which item it became."""

from collections.abc import Mapping
from typing import Any

from engine.work import Work
from forms import store, worksheets
from forms.compiled import CompiledForm, Item
from forms.importers.excel.files import read
from forms.importers.excel.files.grid import Cell, Grid
from forms.importers.excel.files.guard import SheetUnknown
from forms.store import Draft

MOST_ROWS, MOST_COLUMNS = 200, 60


def sheets(
    work: Work, draft: Draft, form: CompiledForm, proposal: Mapping[str, Any]
) -> dict[str, Any]:
    """The sheet of the form's template, and all sheets where the form stands on several."""
    if draft.template_id is None:
        return {"sheet": {"name": "", "rows": []}, "sheets": []}
    content = store.blob(work.connection, draft.template_id).content
    main = str(proposal.get("sheet") or form.template.get("sheet", ""))
    others = [{"sheet": one} for one in worksheets.of(form) if one]
    parts = proposal.get("parts") or [{**proposal, "sheet": main}, *others]
    shown = [_sheet(content, form, one, main) for one in parts]
    first = next((one for one in shown if one["name"] == main), shown[0])
    return {"sheet": first, "sheets": shown if len(shown) > 1 else []}


def _sheet(
    content: bytes, form: CompiledForm, part: Mapping[str, Any], main: str
) -> dict[str, Any]:
    try:
        grid = read.open_sheet(content, part.get("sheet") or None)
    except SheetUnknown:  # a pack names its sheet as it likes: then the first one is meant
        grid = read.open_sheet(content)
    roles = _roles(part)
    here = [one for one in form.items if (one.sheet or main) == (part.get("sheet") or "")]
    paths = {_anchor(item): item.path for item in reversed(here)}
    rows = []
    for number in range(1, min(grid.rows, MOST_ROWS) + 1):
        shown = [
            {
                "at": cell.ref,
                "text": cell.text[:200],
                "colspan": min(cell.right, MOST_COLUMNS) - cell.col + 1,
                "rowspan": cell.bottom - cell.row + 1,
                "role": roles.get(cell.ref, "empty" if cell.blank else "input"),
                "path": paths.get(cell.ref),
            }
            for cell in _starting(grid, number)
        ]
        rows.append(shown)
    return {"name": grid.sheet, "rows": rows}


def _anchor(item: Item) -> str:
    return item.at or item.path


def _starting(grid: Grid, number: int) -> list[Cell]:
    """The cells of a row that begin in it: merged ones once."""
    return [cell for cell in grid.row(number) if cell.row == number and cell.col <= MOST_COLUMNS]


def _roles(proposal: Mapping[str, Any]) -> dict[str, str]:
    told = {
        "column": "header",
        "section": "header",
        "row": "stub",
        "title": "title",
        "block": "sign",
    }
    header = proposal.get("header", {}).get("cells", ())
    found = {one["cell"]: told.get(one["role"], "header") for one in header}
    for block in proposal.get("blocks", ()):
        role = {"title": "title", "unit": "unit", "period": "period", "notes": "note"}
        found[block.get("label_cell", "")] = role.get(block.get("role", ""), "sign")
    return found
