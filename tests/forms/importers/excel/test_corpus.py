"""Figures on real sheets beside the repository: printed with `-s`, held to what is reached."""

import gc
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Problem
from forms.importers.excel.draft import to_form
from forms.importers.excel.files.grid import Cell, Grid, column_number, make_grid, parse_address
from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.proposal import Proposal
from forms.importers.excel.propose import propose

CORPUS = Path(__file__).parents[5] / "shared" / "corpus"
OPEN = CORPUS / "excel-zh" / "open"
WORKBOOKS = (".xlsx", ".xls", ".ods", ".csv")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not OPEN.is_dir(), reason="the corpus of real sheets is not beside the repository"),
]  # fmt: skip

Place = tuple[int, int]


def report(*words: object) -> None:
    """A figure for whoever runs the test with `-s`."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")


def labelled() -> Iterator[tuple[dict[str, Any], Grid]]:
    """The tables whose every cell somebody labelled, as grids."""
    with (OPEN / "im-tqa-labelled" / "labels.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            table = json.loads(line)
            cells = [
                Cell(c["r"] + 1, c["c"] + 1, c["text"], c["text"] or None, "text" if c["text"].strip() else "blank", c["rs"], c["cs"])
                for c in table["cells"]
            ]  # fmt: skip
            yield table, make_grid("Sheet1", cells)


def flat(path: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple("".join(part.split()) for part in path)


def gold_paths(table: dict[str, Any]) -> dict[Place, set[tuple[str, ...]]]:
    """For every leaf of a column header its path; a label over the whole width may be in it or not."""
    cover = {
        (r, c): cell
        for cell in table["cells"]
        for r in range(cell["r"], cell["r"] + cell["rs"])
        for c in range(cell["c"], cell["c"] + cell["cs"])
    }

    def heads(cell: dict[str, Any] | None) -> bool:
        return bool(cell and cell["role"].startswith("column") and cell["text"].strip())

    def whole(cell: dict[str, Any]) -> bool:
        return cell["cs"] == table["cols"] > 1

    found: dict[Place, set[tuple[str, ...]]] = {}
    for cell in table["cells"]:
        if not heads(cell) or whole(cell):
            continue
        row = cell["r"] + cell["rs"]
        below = [cover.get((row, c)) for c in range(cell["c"], cell["c"] + cell["cs"])]
        if any(heads(one) and one is not None and not whole(one) for one in below):
            continue
        if any(one and one["role"].startswith("row") and one["cs"] < cell["cs"] for one in below):
            continue  # it groups label-value pairs, or two columns of row labels
        path, with_whole = [cell["text"]], [cell["text"]]
        up = cover.get((cell["r"] - 1, cell["c"]))
        while up is not None and heads(up):
            with_whole.insert(0, up["text"])
            if not whole(up):
                path.insert(0, up["text"])
            up = cover.get((up["r"] - 1, cell["c"]))
        full = flat(with_whole)
        found[cell["r"] + 1, cell["c"] + 1] = {flat(path), full, full[1:] or full}
    return found


def score(table: dict[str, Any], found: Proposal, tally: Counter[tuple[str, str]]) -> None:
    """Count header cells and leaf paths of one table, under its kind and over all."""
    labels = {parse_address(one.cell) for one in found.header.cells}
    paths = {
        parse_address(cell): flat(item.path)
        for item in found.items
        if item.axis == "column"
        for cell in (item.cell, *item.repeats)
    }
    for kind in (table["type"], "all"):
        for cell in table["cells"]:
            if cell["text"].strip():
                gold, guess = cell["role"] != "data", (cell["r"] + 1, cell["c"] + 1) in labels
                tally[kind, f"{'t' if gold == guess else 'f'}{'p' if guess else 'n'}"] += 1
        for place, wanted in gold_paths(table).items():
            tally[kind, "leaves"] += 1
            tally[kind, "right"] += paths.get(place) in wanted


def f1(tally: Counter[tuple[str, str]], kind: str) -> float:
    return 2 * tally[kind, "tp"] / (2 * tally[kind, "tp"] + tally[kind, "fp"] + tally[kind, "fn"])


def test_header_cells_and_leaf_paths_of_labelled_tables() -> None:
    """Header cells against every label, column paths against the spans of the labels."""
    tally: Counter[tuple[str, str]] = Counter()
    for table, grid in labelled():
        score(table, propose(grid), tally)
    for kind in ("vertical", "horizontal", "hierarchical", "complex", "all"):
        share = tally[kind, "right"] / tally[kind, "leaves"]
        report(f"{kind:13} header cells F1 {f1(tally, kind):.3f}  leaf paths {share:.3f} of {tally[kind, 'leaves']}")  # fmt: skip
    assert f1(tally, "hierarchical") >= 0.98
    assert tally["hierarchical", "right"] >= 0.985 * tally["hierarchical", "leaves"]
    assert f1(tally, "complex") >= 0.97
    assert tally["complex", "right"] >= 0.955 * tally["complex", "leaves"]
    assert f1(tally, "all") >= 0.979
    assert tally["all", "right"] >= 0.977 * tally["all", "leaves"]


def test_header_rows_and_columns_where_another_program_really_imported_them() -> None:
    """Fourteen official forms: header row, first and last column as a system in use has them."""
    right, all_ = 0, 0
    for sidecar in sorted((OPEN / "tongji-baobiao-zhidu").glob("*.json")):
        hint = json.loads(sidecar.read_text(encoding="utf-8"))["importer_hint"]
        row, first, last = (int(part) for part in hint["text"].split(","))
        found = propose(open_sheet(sidecar.with_suffix(".xlsx")))
        table = max(found.tables, key=lambda one: (one.body or (0, 0))[1] - one.rows[0])
        panel = [
            column_number(item.columns[0]) for item in found.columns(found.tables.index(table))
        ]
        rows, left = table.header_rows or (0, 0), column_number(table.cols[0])
        good = rows[0] <= row + 1 <= rows[1] and left <= first + 1 and max(panel) == last + 1
        right, all_ = right + good, all_ + 1
    report(f"importer hints: {right} of {all_}")
    assert right >= 0.9 * all_


def _answers(found: Proposal, grid: Grid) -> set[Place | None]:
    """Every cell into which the proposal would have somebody write."""
    places: set[Place | None] = {parse_address(block.value_cell) for block in found.blocks}
    for item in found.items:
        if item.axis == "cell":
            places.add(parse_address(item.value_cell))
        table = found.tables[item.table] if item.axis == "column" else None
        if (
            table is None
            or table.body is None
            or (item.role == "name" and table.kind != "floating")
        ):
            continue
        for letters, row in itertools.product(
            item.columns, range(table.body[0], table.body[1] + 1)
        ):
            cell = grid.at(row, column_number(letters))
            places.add((cell.row, cell.col))
    return places


def test_answer_cells_of_application_forms_and_reports() -> None:
    """150 forms whose answer cells carry the name of a field: how many of them are found."""
    for folder, floor in (("zhengwu-shenqing-forms", 0.945), ("dongwu-yibing-reports", 0.99)):
        found_cells, all_cells = 0, 0
        for sidecar in sorted((OPEN / folder).glob("*.json")):
            described = json.loads(sidecar.read_text(encoding="utf-8"))
            grid = open_sheet(sidecar.with_suffix(".xlsx"))
            places = _answers(propose(grid), grid)
            shift = 2 if described["title"] else 1
            for cell in described["sheets"][0]["cells"]:
                if cell["fields"]:
                    all_cells += 1
                    found_cells += (cell["r"] + shift, cell["c"] + 1) in places
        report(f"{folder}: answer cells {found_cells / all_cells:.3f} of {all_cells}")
        assert found_cells >= floor * all_cells


def test_no_workbook_crashes_and_none_takes_long() -> None:
    """Every sheet of every workbook: a proposal, or a reason; the slowest is named."""
    slowest: tuple[float, str] = (0.0, "")
    kinds: Counter[str] = Counter()
    gc.collect()
    gc.freeze()  # or each full collection walks what two thousand earlier tests left, as no import does
    for path in sorted(CORPUS.glob("excel-*/open/*/*")):
        if path.suffix.lower() not in WORKBOOKS:
            continue
        names: tuple[str | None, ...] = (None,)
        try:
            names = open_sheet(path).sheets or (None,)
        except Problem as problem:
            kinds[problem.code] += 1
            continue
        for name in names if len(names) > 1 else (None,):
            started = time.process_time()
            try:
                found = propose(open_sheet(path, name))
                found.to_json()
                to_form(found, code="corpus.sheet", owner="370602-tjj")
                kinds[found.kind] += 1
            except Problem as problem:
                kinds[problem.code] += 1
            slowest = max(slowest, (time.process_time() - started, path.name))
    gc.unfreeze()
    report(dict(kinds), f"slowest {slowest[0]:.2f} s ({slowest[1]})")
    assert slowest[0] < 2
