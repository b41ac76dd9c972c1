"""One sheet's XML: find or make a cell, write into it, keep everything that is not the value."""

from bisect import bisect_left
from datetime import date
from xml.sax.saxutils import escape

from lxml import etree

from renderers.ooxml import values
from renderers.ooxml.addresses import Area, join, split
from renderers.ooxml.package import Element, WorkbookUnreadable, child, children, local, parse
from renderers.ooxml.styles import StyleSheet
from renderers.ooxml.values import Strings
from renderers.placements import Kind, Value


class CellText:
    """Writes the XML of cells; used for cells in the tree and for the text of inserted rows."""

    def __init__(self, prefix: str, styles: StyleSheet, *, since_1904: bool) -> None:
        self.prefix, self._styles, self._since_1904 = prefix, styles, since_1904

    def cell(
        self,
        address: str,
        style: int,
        value: Value,
        kind: Kind,
        *,
        formula: str = "",
        open_: str = "c",
    ) -> str:
        """A whole cell. `formula` is the XML of a formula that stays; the value is then its result."""
        p = self.prefix
        form, inner, style = self._content(address, style, value, kind, formula=bool(formula))
        attributes = f' r="{address}"' + (f' s="{style}"' if style else "")
        attributes += f' t="{form}"' if form else ""
        if not formula and not inner:
            return f"<{p}{open_}{attributes}/>"
        return f"<{p}{open_}{attributes}>{formula}{inner}</{p}{open_}>"

    def _content(
        self, address: str, style: int, value: Value, kind: Kind, *, formula: bool
    ) -> tuple[str, str, int]:
        p = self.prefix
        if value is None or value == "":
            return "", "", style
        if isinstance(value, bool) and kind != "text":
            return "b", f"<{p}v>{int(value)}</{p}v>", style
        if kind == "number":
            found = values.number_of(value)
            if found is not None:
                return "", f"<{p}v>{found:f}</{p}v>", style
        if kind == "date" or isinstance(value, date):
            day = values.date_of(value)
            serial = values.serial(day, since_1904=self._since_1904) if day else None
            if serial is not None:
                return "", f"<{p}v>{serial}</{p}v>", style if formula else self._styles.dated(style)
        text = values.encoded(_plain(value), address)
        if formula:
            return "str", f"<{p}v>{text}</{p}v>", style
        if kind == "id":
            style = self._styles.texted(style)
        return "inlineStr", f'<{p}is><{p}t xml:space="preserve">{text}</{p}t></{p}is>', style


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else str(value)


class Sheet:
    """The tree of one worksheet with its rows by number, in template coordinates."""

    def __init__(self, root: Element, name: str, part: str) -> None:
        data = child(root, "sheetData")
        if local(root) != "worksheet" or data is None:
            raise WorkbookUnreadable(reason="no-cells", part=part)
        self.root, self.name, self.part, self.data = root, name, part, data
        self.namespace = root.tag[1:].split("}")[0]
        prefix = root.prefix
        self.prefix = f"{prefix}:" if prefix else ""
        self.rows: dict[int, Element] = {}
        self._order: list[int] = []
        self._number_rows()
        self._index_merges()
        self._columns = self._column_styles()

    def tag(self, name: str) -> str:
        """The qualified name."""
        return f"{{{self.namespace}}}{name}"

    def _index_merges(self) -> None:
        self.merges: list[Area] = [
            Area.parse(item.get("ref", "")) for item in self._merge_elements()
        ]
        self._flat: dict[int, list[Area]] = {}
        for area in self.merges:
            if area.top == area.bottom:
                self._flat.setdefault(area.top, []).append(area)
        self._tall = [area for area in self.merges if area.top != area.bottom]

    def release(self, areas: set[Area]) -> None:
        """Take merged areas apart."""
        for item in self._merge_elements():
            if Area.parse(item.get("ref", "")) in areas:
                item.getparent().remove(item)
        merges = child(self.root, "mergeCells")
        if merges is not None and not len(merges):
            self.root.remove(merges)
        elif merges is not None:
            merges.set("count", str(len(self._merge_elements())))
        self._index_merges()

    def look_like(self, cell: tuple[int, int], other: tuple[int, int]) -> None:
        """Give a cell without a format of its own the format of another one."""
        target, model = self.cell(*cell), self.find(*other)
        if model is not None and target.get("s", "0") == "0" and model.get("s"):
            target.set("s", model.get("s"))

    def _merge_elements(self) -> list[Element]:
        merges = child(self.root, "mergeCells")
        return [] if merges is None else children(merges, "mergeCell")

    def _number_rows(self) -> None:
        """Row and cell numbers may be left out where they follow on; write them in."""
        last = 0
        for row in children(self.data, "row"):
            last = int(row.get("r") or last + 1)
            row.set("r", str(last))
            self.rows[last] = row
            column = 0
            for cell in row:
                address = cell.get("r")
                column = split(address)[1] if address else column + 1
                if not address:
                    cell.set("r", join(last, column))
        self._order = sorted(self.rows)

    def _column_styles(self) -> list[tuple[int, int, int]]:
        columns = child(self.root, "cols")
        return [
            (int(item.get("min", "0")), int(item.get("max", "0")), int(item.get("style", "0")))
            for item in ([] if columns is None else children(columns, "col"))
        ]

    def default_style(self, row: Element | None, column: int) -> int:
        """What an absent cell looks like: its row's format, else its column's."""
        if row is not None and row.get("customFormat") in {"1", "true"}:
            return int(row.get("s", "0"))
        return next((style for low, high, style in self._columns if low <= column <= high), 0)

    def find(self, row: int, column: int) -> Element | None:
        """The cell's element, if the template has one."""
        element = self.rows.get(row)
        if element is None:
            return None
        address = join(row, column)
        return next((cell for cell in element if cell.get("r") == address), None)

    def cell(self, row: int, column: int) -> Element:
        """The cell's element, made where it is missing, in the look of its row or column."""
        found = self.find(row, column)
        if found is not None:
            return found
        line = self._row(row)
        made = etree.Element(self.tag("c"), {"r": join(row, column)})
        style = self.default_style(line, column)
        if style:
            made.set("s", str(style))
        taken = [split(cell.get("r"))[1] for cell in line]
        line.insert(bisect_left(taken, column), made)
        line.attrib.pop("spans", None)
        return made

    def _row(self, number_: int) -> Element:
        if number_ not in self.rows:
            made = etree.Element(self.tag("row"), {"r": str(number_)})
            at = bisect_left(self._order, number_)
            self._order.insert(at, number_)
            self.data.insert(at, made)
            self.rows[number_] = made
        return self.rows[number_]

    def write(self, text: CellText, row: int, column: int, value: Value, kind: Kind) -> None:
        """Put the value in; the format stays, and so does a formula."""
        target = self.cell(row, column)
        formula = child(target, "f")
        kept = "" if formula is None else self.inner_xml(formula)
        xml = text.cell(join(row, column), int(target.get("s") or 0), value, kind, formula=kept)
        fresh = self._element(xml)
        target.getparent().replace(target, fresh)

    def _element(self, xml: str) -> Element:
        prefix = self.prefix.rstrip(":")
        declared = f'xmlns:{prefix}="{self.namespace}"' if prefix else f'xmlns="{self.namespace}"'
        return parse(f"<{self.prefix}w {declared}>{xml}</{self.prefix}w>".encode(), self.part)[0]

    def inner_xml(self, element: Element) -> str:
        """An element as text to be put back inside this sheet, without repeated namespaces."""
        text: str = etree.tostring(element, encoding="unicode", with_tail=False)
        for prefix, uri in self.root.nsmap.items():
            name = f"xmlns:{prefix}" if prefix else "xmlns"
            text = text.replace(f' {name}="{escape(uri)}"', "")
        return text

    def merged(self, row: int, column: int) -> Area:
        """The merged area around a cell, or the cell itself."""
        for area in self._flat.get(row, ()):
            if area.holds(row, column):
                return area
        for area in self._tall:
            if area.top <= row <= area.bottom and area.holds(row, column):
                return area
        return Area(row, column, row, column)

    def formulas(self) -> dict[tuple[int, int], str]:
        """The formulas by their cells; of one that is written elsewhere for many cells an empty text."""
        return {
            split(one.getparent().get("r")): one.text or "" for one in self.data.iter(self.tag("f"))
        }

    def forget_results(self, written: set[tuple[int, int]], stale: set[tuple[int, int]]) -> None:
        """Drop remembered results of these formulas, except where somebody gave the value."""
        for formula in self.data.iter(self.tag("f")):
            cell = formula.getparent()
            place = split(cell.get("r"))
            if place in written or place not in stale:
                continue
            result = child(cell, "v")
            if result is not None:
                cell.remove(result)
                cell.attrib.pop("t", None)

    def text(self, strings: Strings, row: int, column: int) -> str:
        """What a cell says now."""
        cell = self.find(row, column)
        value = None if cell is None else strings.value(cell)
        return "" if value is None else _plain(value)
