"""One sheet several times in its workbook: each copy with its own drawings, notes, tables and names."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy

from lxml import etree

from renderers.ooxml.book import Book, SheetEntry
from renderers.ooxml.package import (
    Element,
    Package,
    child,
    children,
    local,
    parse,
    relate,
    serialise,
)

LONGEST = 31
_SHARED = ("media/", "theme/")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_TYPES = "[Content_Types].xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORKSHEET = f"{_OFFICE}/worksheet"


def names_for(titles: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Sheet names for titles: allowed characters, at most 31 of them, each once whatever its case."""
    used = {name.casefold() for name in taken}
    found = []
    for title in titles:
        plain = _FORBIDDEN.sub(" ", title).strip().strip("'")[:LONGEST] or "1"
        name, number = plain, 1
        while name.casefold() in used:
            number += 1
            ending = f" ({number})"
            name = plain[: LONGEST - len(ending)] + ending
        used.add(name.casefold())
        found.append(name)
    return found


def multiply(book: Book, entry: SheetEntry, names: Sequence[str]) -> None:
    """Add a copy of the sheet for each name, behind the sheets there are."""
    source = book.package.parts[entry.part]
    for name in names:
        part = book.package.free(entry.part)
        package = book.package
        root = parse(_renamed(source, entry.name, name), part)
        _unselect(root)
        package.put(part, serialise(root))
        _declare(package, entry.part, part)
        _copy_relations(package, entry.part, part, (entry.name, name))
        _list(book, part, name, entry)
    book.sheets = book.list_sheets()
    book.drop_calculation_chain()
    book.calculate_on_load()


def multiply_together(
    book: Book, entries: Sequence[SheetEntry], titles: Sequence[str]
) -> list[str]:
    """Add a copy of all these sheets for each title; formulas between them ask the copies beside them.

    Gives the names of the copies: of the first title all, then of the second.
    """
    found: list[str] = []
    for title in titles:
        taken = [one.name for one in book.sheets]
        names = names_for([f"{title[: LONGEST - len(one.name) - 1]} {one.name}" for one in entries], taken)  # fmt: skip
        for entry, name in zip(entries, names, strict=True):
            multiply(book, entry, [name])
        made = {one.name: one.part for one in book.sheets if one.name in names}
        for name in names:
            data = book.package.parts[made[name]]
            for entry, other in zip(entries, names, strict=True):
                data = _renamed(data, entry.name, other)
            book.package.put(made[name], data)
        found += names
    return found


def _list(book: Book, part: str, name: str, entry: SheetEntry) -> None:
    """The workbook's own list, its relation to the part, and the names that belong to the sheet."""
    package, listed = book.package, child(book.root, "sheets")
    assert listed is not None
    folder, base = posixpath.split(book.part)
    rels = posixpath.join(folder, "_rels", f"{base}.rels")
    relations = package.tree(rels)
    key = relate(relations, posixpath.relpath(part, folder), _WORKSHEET)
    package.touch(rels)
    sheets = children(listed, "sheet")
    position = next(n for n, one in enumerate(sheets) if one.get("sheetId") == entry.sheet_id)
    made = etree.SubElement(listed, sheets[0].tag)
    made.set("name", name)
    made.set("sheetId", str(max(int(one.get("sheetId", "0")) for one in sheets) + 1))
    attribute = next(one for one in sheets[0].attrib if str(one).endswith("}id"))
    made.set(attribute, key)
    for defined in book.names():
        if defined.get("localSheetId") == str(position):
            copied = deepcopy(defined)
            copied.set("localSheetId", str(len(sheets)))
            copied.text = _formula(copied.text or "", entry.name, name)
            defined.getparent().append(copied)
    package.touch(book.part)


def _copy_relations(package: Package, old: str, new: str, names: tuple[str, str]) -> None:
    """What hangs on a part is copied with it; pictures are shared."""
    folder, base = posixpath.split(old)
    rels = posixpath.join(folder, "_rels", f"{base}.rels")
    if rels not in package.parts:
        return
    root = deepcopy(package.tree(rels))
    found = package.relations(old)
    for relation in root:
        kind, target = found.get(relation.get("Id", ""), ("", ""))
        if target not in package.parts or any(word in target for word in _SHARED):
            continue
        copy = package.free(target)
        package.put(copy, _copied(package, target, copy, kind, names))
        _declare(package, target, copy)
        _copy_relations(package, target, copy, names)
        relation.set("Target", posixpath.relpath(copy, posixpath.dirname(new)))
    head, tail = posixpath.split(new)
    package.put(posixpath.join(head, "_rels", f"{tail}.rels"), serialise(root))


def _copied(package: Package, old: str, new: str, kind: str, names: tuple[str, str]) -> bytes:
    """The content of a copied part; a table has to have a name and a number of its own."""
    data = package.parts[old]
    if kind == "table":
        root = parse(data, old)
        number = re.sub(r"\D", "", posixpath.basename(new)) or "1"
        ids = [int(n) for part in package.parts if "/tables/" in part for n in _ids(package, part)]
        root.set("id", str(max(ids, default=0) + 1))
        for attribute in ("name", "displayName"):
            root.set(attribute, f"{root.get(attribute, 'Table')}_{number}")
        return serialise(root)
    return _renamed(data, *names) if old.endswith(".xml") else data


def _ids(package: Package, part: str) -> list[str]:
    return re.findall(r'<(?:\w+:)?table\b[^>]*?\sid="(\d+)"', package.parts[part].decode("utf-8"))


def _declare(package: Package, old: str, new: str) -> None:
    """A copy is of the type of what it is a copy of."""
    types = package.tree(_TYPES)
    known: Mapping[str, Element] = {one.get("PartName", "").lstrip("/"): one for one in types}
    if old in known:
        copied = deepcopy(known[old])
        copied.set("PartName", f"/{new}")
        types.append(copied)
        package.touch(_TYPES)


def _unselect(root: Element) -> None:
    """Two selected sheets would be edited together."""
    views = child(root, "sheetViews")
    for view in [] if views is None else children(views, "sheetView"):
        view.attrib.pop("tabSelected", None)
    for element in [one for one in root.iter() if local(one) == "sheetPr"]:
        element.attrib.pop("codeName", None)


def _renamed(data: bytes, old: str, new: str) -> bytes:
    """A part whose formulas speak of the sheet by its name."""
    if old.encode() not in data or b"!" not in data:
        return data
    return _formula(data.decode("utf-8"), old, new).encode()


def _formula(text: str, old: str, new: str) -> str:
    """`Sheet1!A1` and `'Sheet 1'!A1` as the same cells of the copy."""
    quoted = "'" + new.replace("'", "''") + "'!"
    text = text.replace("'" + old.replace("'", "''") + "'!", quoted)
    return re.sub(rf"(?<![\w'.\]]){re.escape(old)}!", lambda _: quoted, text)
