"""The table of a Word document (.docx), with its merged cells, as a grid."""

from typing import Any

from forms.importers.excel.files.grid import Cell, Grid, Span, make_grid
from forms.importers.excel.files.guard import Package, WorkbookUnsafe, parse_xml
from forms.importers.excel.files.trim import trim

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PART = "word/document.xml"
_MAX_CELLS = 60_000
_MAX_PART = 64 * 1024 * 1024


def read(package: Package) -> Grid:
    """The largest table; the paragraphs right above and below it stand as rows over its whole width."""
    body = parse_xml(package.bytes(_PART, _MAX_PART), _PART).find(f"{_W}body")
    blocks = [] if body is None else list(body)
    tables = [n for n, block in enumerate(blocks) if block.tag == f"{_W}tbl"]
    if not tables:
        return make_grid("", [], sheets=("",))
    place = max(tables, key=lambda n: sum(1 for _ in blocks[n].iter(f"{_W}tc")))
    before = [block for block in blocks[:place] if block.tag == f"{_W}p"][-6:]
    after = [block for block in blocks[place + 1 :] if block.tag == f"{_W}p"][:12]
    above = [text for block in before if (text := _text(block))]
    below = [text for block in after if (text := _text(block))]
    cells, merges = _table(blocks[place], len(above))
    width = max((cell.col for cell in cells), default=1)
    width = max([width, *(span.right for span in merges)])
    last = max([len(above), *(cell.row for cell in cells), *(span.bottom for span in merges)])
    for row, text in [*enumerate(above, 1), *enumerate(below, last + 1)]:
        cells.append(Cell(row, 1, text, text, "text"))
        if width > 1:
            merges.append(Span(row, 1, row, width))
    kept, warnings = trim(cells, merges)
    return make_grid("", kept, sheets=("",), warnings=tuple(warnings))


def _table(table: Any, shift: int) -> tuple[list[Cell], list[Span]]:
    cells: list[Cell] = []
    merges: list[Span] = []
    open_: dict[int, Span] = {}
    for row, line in enumerate(table.iterfind(f"{_W}tr"), shift + 1):
        col = 1 + _number(line.find(f"{_W}trPr/{_W}gridBefore"))
        for one in line.iterfind(f"{_W}tc"):
            width = max(_number(one.find(f"{_W}tcPr/{_W}gridSpan")), 1)
            merge = one.find(f"{_W}tcPr/{_W}vMerge")
            begins = merge is None or merge.get(f"{_W}val") == "restart"
            if begins or col not in open_:
                open_[col] = Span(row, col, row, col + width - 1)
                merges.append(open_[col])
                text = _text(one)
                cells.append(Cell(row, col, text, text or None, "text" if text else "blank"))
            else:
                longer = Span(open_[col].top, col, row, open_[col].right)
                merges[merges.index(open_[col])] = open_[col] = longer
            col += width
        if len(cells) > _MAX_CELLS:
            raise WorkbookUnsafe(reason="merges-many", where=str(_MAX_CELLS))
    return cells, [span for span in merges if span.area > 1]


def _text(element: Any) -> str:
    paragraphs = element.iter(f"{_W}p") if element.tag != f"{_W}p" else [element]
    lines = ("".join(run.text or "" for run in one.iter(f"{_W}t")) for one in paragraphs)
    return "\n".join(line for line in lines if line.strip())


def _number(element: Any) -> int:
    text = (element.get(f"{_W}val") if element is not None else None) or "0"
    return min(int(text), 500) if text.isdigit() else 0
