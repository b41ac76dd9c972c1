"""How much of a drawn sheet a proposal has right."""

from collections import Counter
from collections.abc import Collection

from forms.importers.excel.files.grid import Grid, parse_address
from forms.importers.excel.labels import words
from forms.importers.excel.proposal import Proposal
from tests.forms.importers.excel.drawn_cells import Drawn, Place


def flat(path: tuple[str, ...]) -> tuple[str, ...]:
    """A path without the spaces that people type into labels."""
    return tuple("".join(part.split()) for part in path)


def score(sheet: Drawn, found: Proposal, tally: Counter[str]) -> list[str]:
    """Count header cells, leaf paths, printed rows and answers; what is wrong comes back in words."""
    wrong: list[str] = []
    labels = {parse_address(one.cell) for one in found.header.cells}
    missed, invented = sheet.labels - labels, sheet.values & labels
    tally["tp"] += len(sheet.labels) - len(missed)
    tally["fn"] += len(missed)
    tally["fp"] += len(invented)
    wrong += [f"missed label {one}" for one in sorted(missed)]
    wrong += [f"took for a label {one}" for one in sorted(invented)]
    paths: dict[Place | None, tuple[str, ...]] = {}
    rows: dict[Place | None, str | None] = {}
    answers: dict[Place | None, str] = {}
    for item in found.items:
        if item.axis == "column":
            paths |= {parse_address(cell): flat(item.path) for cell in (item.cell, *item.repeats)}
        elif item.axis == "row":
            rows[parse_address(item.cell)] = item.code
        else:
            answers[parse_address(item.value_cell)] = flat(item.path)[-1]
    for place, path in sheet.paths.items():
        got, wanted = paths.get(place, ()), flat(path)
        right = got[-len(wanted) :] == wanted and len(got) <= len(wanted) + 1
        tally["leaves"] += 1
        tally["leaves right"] += right
        if not right:
            wrong.append(f"path {place} {wanted} read as {got}")
    for place, code in sheet.rows.items():
        right = place in rows and rows[place] == code
        tally["rows"] += 1
        tally["rows right"] += right
        if not right:
            wrong.append(f"row {place} code {code} read as {rows.get(place, 'no row')}")
    for place, label in sheet.pairs.items():
        right = answers.get(place) == flat((label,))[0]
        tally["answers"] += 1
        tally["answers right"] += right
        if not right:
            wrong.append(f"answer {place} {label} read as {answers.get(place)}")
    blocks = {(parse_address(one.label_cell), one.role) for one in found.blocks}
    for one in sheet.blocks.items():
        tally["blocks"] += 1
        tally["blocks right"] += one in blocks
        if one not in blocks:
            wrong.append(f"block {one}")
    if sheet.title:
        tally["titles"] += 1
        tally["titles right"] += found.title == sheet.title
        if found.title != sheet.title:
            wrong.append(f"title {sheet.title} read as {found.title}")
    return wrong


def f1(tally: Counter[str]) -> float:
    """Header cells found, as F1."""
    return 2 * tally["tp"] / (2 * tally["tp"] + tally["fp"] + tally["fn"])


def shown(grid: Grid, labels: Collection[Place] = ()) -> str:
    """A sheet in rows of text, for whoever looks into a failure."""
    return "\n".join(
        f"{row:3} | "
        + " | ".join(
            f"{'*' if (c.row, c.col) in labels else ''}{words.label(c.text)[:14]}"
            + (f"<{c.rows}x{c.cols}>" if c.rows * c.cols > 1 else "")
            for c in grid.row(row)
            if c.row == row
        )
        for row in range(1, grid.rows + 1)
    )
