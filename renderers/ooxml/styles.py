"""Cell formats: read what a format shows, add a copy that shows a date or text."""

from copy import deepcopy

from renderers.ooxml.package import Element, Package, child, children, local

_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_TEXT = 49
_DATE_CODE = "yyyy-mm-dd"
_FIRST_CUSTOM = 164


class StyleSheet:
    """`xl/styles.xml`; untouched until a format is really missing."""

    def __init__(self, package: Package, part: str | None) -> None:
        self._package, self._part = package, part
        self._root = package.tree(part) if part else None
        self._formats: list[Element] = []
        self._codes: dict[int, str] = {}
        self._copies: dict[tuple[int, int], int] = {}
        if self._root is not None:
            self._read(self._root)

    def _read(self, root: Element) -> None:
        cell_formats = child(root, "cellXfs")
        self._formats = [] if cell_formats is None else children(cell_formats, "xf")
        codes = child(root, "numFmts")
        for item in [] if codes is None else children(codes, "numFmt"):
            self._codes[int(item.get("numFmtId", "0"))] = item.get("formatCode", "")

    def shows_date(self, style: int) -> bool:
        """Whether a number in this format is read as a date."""
        number = self._number(style)
        from openpyxl.styles.numbers import is_date_format  # heavy: only for workbooks

        return number in _DATES or bool(is_date_format(self._codes.get(number, "")))

    def look(self, style: int) -> tuple[float, str]:
        """The size of the type in points, where the format says one, and how the text is aligned."""
        if self._root is None or not 0 <= style < len(self._formats):
            return 0.0, ""
        align = child(self._formats[style], "alignment")
        fonts = child(self._root, "fonts")
        listed = [] if fonts is None else children(fonts, "font")
        index = int(self._formats[style].get("fontId", "0"))
        size = child(listed[index], "sz") if index < len(listed) else None
        told = "0" if size is None else size.get("val", "0")
        return float(told), "" if align is None else align.get("horizontal", "")

    def dated(self, style: int) -> int:
        """The same format if it shows a date, else a copy that does."""
        return style if self.shows_date(style) else self._copy(style, self._date_number())

    def texted(self, style: int) -> int:
        """The same format as text, so that a later key press does not turn an ID into a number."""
        return style if self._number(style) == _TEXT else self._copy(style, _TEXT)

    def _number(self, style: int) -> int:
        if 0 <= style < len(self._formats):
            return int(self._formats[style].get("numFmtId", "0"))
        return 0

    def _copy(self, style: int, number: int) -> int:
        if not 0 <= style < len(self._formats):
            return style
        if (style, number) not in self._copies:
            copy = deepcopy(self._formats[style])
            copy.set("numFmtId", str(number))
            copy.set("applyNumberFormat", "1")
            self._formats[0].getparent().append(copy)
            self._formats.append(copy)
            self._formats[0].getparent().set("count", str(len(self._formats)))
            self._copies[(style, number)] = len(self._formats) - 1
            self._save()
        return self._copies[(style, number)]

    def _date_number(self) -> int:
        for number, code in self._codes.items():
            if code == _DATE_CODE:
                return number
        number = max([_FIRST_CUSTOM - 1, *self._codes]) + 1
        root = self._root
        assert root is not None
        codes = child(root, "numFmts")
        namespace = root.tag[: -len(local(root))]
        if codes is None:
            codes = root.makeelement(f"{namespace}numFmts", {})
            root.insert(0, codes)
        codes.append(
            root.makeelement(
                f"{namespace}numFmt", {"numFmtId": str(number), "formatCode": _DATE_CODE}
            )
        )
        codes.set("count", str(len(children(codes, "numFmt"))))
        self._codes[number] = _DATE_CODE
        self._save()
        return number

    def _save(self) -> None:
        assert self._part is not None
        self._package.touch(self._part)
