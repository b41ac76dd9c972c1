"""Insert rows into a sheet: copies of a template row come in as text, what is below moves down."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from renderers.ooxml.addresses import MAX_ROW, Area, Insertion, RowMap, join, split
from renderers.ooxml.formulas import Place, Shift
from renderers.ooxml.package import Element, child, local, serialise
from renderers.ooxml.sheet import Sheet

RowText = Callable[[int, int], str]
"""(how many rows below the copied one, row number) -> XML of the row."""


@dataclass(slots=True)
class Splices:
    """Rows as text, to be put where their marks stand once the tree is text itself."""

    texts: dict[str, str] = field(default_factory=dict)

    def mark(self, text: str) -> Element:
        """A mark for the tree."""
        key = str(len(self.texts))
        self.texts[key] = text
        return etree.ProcessingInstruction("yibiao-rows", key)

    def apply(self, root: Element) -> bytes:
        """The whole sheet; ten thousand rows never become a tree."""
        data = serialise(root)
        for key, text in self.texts.items():
            data = data.replace(f"<?yibiao-rows {key}?>".encode(), text.encode())
        return data


def expand_shared(sheet: Sheet) -> None:
    """A shared formula is written once and read relative to its cell; give each cell its own."""
    masters: dict[str, tuple[str, str]] = {}
    shared = [item for item in sheet.data.iter(sheet.tag("f")) if item.get("t") == "shared"]
    for formula in shared:
        address = formula.getparent().get("r")
        key = formula.get("si", "")
        if formula.text:
            masters[key] = ("=" + formula.text, address)
        elif key in masters:
            text, origin = masters[key]
            from openpyxl.formula.translate import Translator  # heavy: only for workbooks

            formula.text = Translator(text, origin).translate_formula(address)[1:]
    for formula in shared:
        for name in ("t", "si", "ref"):
            formula.attrib.pop(name, None)


def shift_formulas(sheet: Sheet, shift: Shift) -> None:
    """Every formula of the grown sheet, read with its own row in mind."""
    for formula in sheet.data.iter(sheet.tag("f")):
        row = split(formula.getparent().get("r"))[0]
        relocate(formula, shift, Place(sheet.name, row, shift.rows.start(row)))


def relocate(formula: Element, shift: Shift, place: Place) -> None:
    """One formula element, with the range it is an array over."""
    if formula.text:
        formula.text = shift.formula(formula.text, place)
    for name in ("ref", "r1", "r2"):
        if formula.get(name):
            area = Area.parse(formula.get(name))
            moved = place.target - place.row
            inside = shift.rows.block_of(area.top)
            if inside and area.bottom <= inside.last:
                area = Area(area.top + moved, area.left, area.bottom + moved, area.right)
            else:
                area = shift.rows.area(area)
            formula.set(name, str(area))


def renumber(sheet: Sheet, rows: RowMap) -> None:
    """Give the rows below each insertion their new numbers."""
    for old, row in sheet.rows.items():
        new = rows.start(old)
        if new == old:
            continue
        if new > MAX_ROW:
            row.getparent().remove(row)
            continue
        row.set("r", str(new))
        for cell in row:
            if local(cell) == "c":
                cell.set("r", join(new, split(cell.get("r"))[1]))


def place_copies(sheet: Sheet, insertion: Insertion, text: RowText, at: int, out: Splices) -> None:
    """Put the text of the inserted rows behind the row they are copies of; `at` is its new number."""
    made = "".join(text(index, at + index) for index in range(1, insertion.count + 1))
    mark = out.mark(made)
    anchor = sheet.rows.get(insertion.after)
    if anchor is not None:
        anchor.addnext(mark)
        return
    later = [row for number, row in sheet.rows.items() if number > insertion.after]
    if later:
        min(later, key=lambda row: int(row.get("r"))).addprevious(mark)
    else:
        sheet.data.append(mark)


def merge_copies(sheet: Sheet, rows: RowMap) -> None:
    """Merged areas move; one that lies in the copied row alone is copied with it."""
    merges = child(sheet.root, "mergeCells")
    if merges is None:
        return
    for item in list(merges):
        if local(item) != "mergeCell":
            continue
        area = Area.parse(item.get("ref"))
        grown = rows.area(area)
        if area.top != area.bottom:
            item.set("ref", str(grown))
            continue
        top = rows.start(area.top)
        item.set("ref", str(Area(top, area.left, top, area.right)))
        for insertion in rows.insertions:
            if insertion.after == area.top:
                _copy_merge(merges, sheet, Area(top, area.left, top, area.right), insertion.count)
    merges.set("count", str(sum(1 for item in merges if local(item) == "mergeCell")))


def _copy_merge(merges: Element, sheet: Sheet, area: Area, count: int) -> None:
    for step in range(1, count + 1):
        copy = Area(area.top + step, area.left, area.bottom + step, area.right)
        etree.SubElement(merges, sheet.tag("mergeCell"), {"ref": str(copy)})
