"""The workbook around its sheets: their names, defined names, and when it is to calculate."""

from dataclasses import dataclass

from lxml import etree

from engine.errors import Problem
from renderers.ooxml.package import Element, Package, WorkbookUnreadable, child, children, local
from renderers.ooxml.styles import StyleSheet
from renderers.ooxml.values import Strings

_BEFORE_NAMES = {
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets",
    "functionGroups", "externalReferences",
}  # fmt: skip
_BEFORE_CALCULATION = {*_BEFORE_NAMES, "definedNames"}


class SheetMissing(Problem):
    """The workbook has no sheet of that name."""

    code, status = "render.sheet-missing", 422
    sheet: str
    available: str


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A worksheet as the workbook lists it."""

    name: str
    part: str
    sheet_id: str


class Book:
    """`xl/workbook.xml` and what it leads to."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = self._leads_to("", "officeDocument")
        self.root = package.tree(self.part)
        self.sheets = self.list_sheets()
        properties = child(self.root, "workbookPr")
        self.since_1904 = properties is not None and properties.get("date1904") in {"1", "true"}

    @property
    def styles(self) -> StyleSheet:
        """The formats of the cells."""
        return StyleSheet(self.package, self._related("styles"))

    @property
    def strings(self) -> Strings:
        """The shared strings."""
        return Strings(self.package, self._related("sharedStrings"))

    def sheet(self, name: str) -> SheetEntry:
        """By name; no name means the first."""
        found = [item for item in self.sheets if not name or item.name == name]
        if not found:
            raise SheetMissing(sheet=name, available="、".join(item.name for item in self.sheets))
        return found[0]

    def _leads_to(self, source: str, kind: str) -> str:
        for found, part in self.package.relations(source).values():
            if found == kind and part in self.package.parts:
                return part
        raise WorkbookUnreadable(reason="not-a-workbook")

    def _related(self, kind: str) -> str | None:
        relations = self.package.relations(self.part).values()
        return next(
            (part for found, part in relations if found == kind and part in self.package.parts),
            None,
        )

    def list_sheets(self) -> list[SheetEntry]:
        """The worksheets, in order. Raises WorkbookUnreadable where there is none."""
        relations = self.package.relations(self.part)
        listed = child(self.root, "sheets")
        found = []
        for item in [] if listed is None else children(listed, "sheet"):
            key = next((value for name, value in item.attrib.items() if name.endswith("}id")), "")
            kind, part = relations.get(key, ("", ""))
            if kind == "worksheet":
                found.append(SheetEntry(item.get("name", ""), part, item.get("sheetId", "")))
        if not found:
            raise WorkbookUnreadable(reason="no-cells", part=self.part)
        return found

    def names(self) -> list[Element]:
        """The defined names."""
        listed = child(self.root, "definedNames")
        return [] if listed is None else children(listed, "definedName")

    def name(self, name: str) -> str | None:
        """What a defined name stands for."""
        return next((item.text or "" for item in self.names() if item.get("name") == name), None)

    def define(self, name: str, text: str) -> None:
        """Set a defined name that people do not see; it survives editing in any office program."""
        listed = self._element("definedNames", _BEFORE_NAMES)
        for item in self.names():
            if item.get("name") == name:
                listed.remove(item)
        made = etree.SubElement(listed, self._tag("definedName"), {"name": name, "hidden": "1"})
        made.text = text
        self.package.touch(self.part)

    def calculate_on_load(self) -> None:
        """Results of formulas are stale: whoever opens the workbook calculates first."""
        self._element("calcPr", _BEFORE_CALCULATION).set("fullCalcOnLoad", "1")
        self.package.touch(self.part)

    def drop_calculation_chain(self) -> None:
        """It lists formula cells by address; without it the program makes a new one."""
        part = self._related("calcChain")
        if part is None:
            return
        self.package.drop(part)
        folder, _, base = self.part.rpartition("/")
        rels = f"{folder}/_rels/{base}.rels"
        for relation in list(self.package.tree(rels)):
            if relation.get("Type", "").endswith("/calcChain"):
                relation.getparent().remove(relation)
        types = self.package.tree("[Content_Types].xml")
        for item in list(types):
            if item.get("PartName", "").lstrip("/") == part:
                types.remove(item)
        self.package.touch(rels)
        self.package.touch("[Content_Types].xml")

    def _tag(self, name: str) -> str:
        return f"{self.root.tag[: -len(local(self.root))]}{name}"

    def _element(self, name: str, before: set[str]) -> Element:
        found = child(self.root, name)
        if found is not None:
            return found
        made = etree.Element(self._tag(name))
        position = sum(1 for item in self.root if local(item) in before)
        self.root.insert(position, made)
        return made
