"""Sheets in a notation people read: rows of `|`, `>>` for "merged with the cell at the left", `^^` for above."""

from forms.importers.excel.files.grid import Cell, Grid, make_grid


def sheet(text: str, name: str = "Sheet1") -> Grid:
    """A grid from its drawing; `\\n` in a cell is a line break, `·` a blank kept at its ends."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    table = [[part.strip() for part in line.strip("|").split("|")] for line in lines]
    cells: dict[tuple[int, int], list[int]] = {}
    texts: dict[tuple[int, int], str] = {}
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for row, parts in enumerate(table, 1):
        for col, part in enumerate(parts, 1):
            if part == ">>":
                owner[row, col] = owner[row, col - 1]
            elif part == "^^":
                owner[row, col] = owner[row - 1, col]
            else:
                owner[row, col] = (row, col)
                texts[row, col] = part.replace("·", " ").replace("\\n", "\n")
    for place, anchor in owner.items():
        cells.setdefault(anchor, [0, 0])
        cells[anchor] = [max(cells[anchor][0], place[0]), max(cells[anchor][1], place[1])]
    return make_grid(
        name,
        [
            _cell(row, col, texts[row, col], bottom - row + 1, right - col + 1)
            for (row, col), (bottom, right) in cells.items()
        ],
        sheets=(name,),
    )


def _cell(row: int, col: int, text: str, rows: int, cols: int) -> Cell:
    if (
        text
        and text.lstrip("-").isdigit()
        and (text == "0" or not text.startswith("0"))
        and len(text) < 10
    ):
        return Cell(row, col, text, int(text), "number", rows, cols)
    return Cell(row, col, text, text or None, "text" if text.strip() else "blank", rows, cols)
