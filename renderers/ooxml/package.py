"""The zip around the parts: read within limits, written back with untouched parts as they were."""

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.errors import Problem

MAX_PARTS = 10_000
MAX_UNPACKED = 256 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_EPOCH = (1980, 1, 1, 0, 0, 0)

Element = Any
"""An lxml element; the library publishes no types we could rely on."""


class WorkbookUnreadable(Problem):
    """The bytes are no workbook that can be filled; `reason` says why."""

    code, status = "render.workbook-unreadable", 422
    reason: str
    part: str = ""


def parse(data: bytes, part: str) -> Element:
    """XML without entities, DTD or network: a workbook needs none of them, an attack does."""
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data[:4096]:
        raise WorkbookUnreadable(reason="entities", part=part)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=False
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise WorkbookUnreadable(reason="xml", part=part) from error


def serialise(root: Element) -> bytes:
    """XML text as a spreadsheet program writes it."""
    text = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + bytes(text)


def local(element: Element) -> str:
    """The name without its namespace; comments and instructions have none."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: Element, name: str) -> list[Element]:
    """Direct children of that local name, whichever of the two namespaces the file is written in."""
    return [child for child in element if local(child) == name]


def child(element: Element, name: str) -> Element | None:
    """The first of them."""
    return next((item for item in element if local(item) == name), None)


def relate(relations: Element, target: str, kind: str) -> str:
    """Add a relation to a list of them; the id it got."""
    taken = {one.get("Id") for one in relations}
    key = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
    made = etree.SubElement(relations, f"{{{_RELATIONS}}}Relationship")
    for attribute, value in (("Id", key), ("Type", kind), ("Target", target)):
        made.set(attribute, value)
    return key


@dataclass(slots=True)
class Package:
    """The parts by name, in their order; a changed part is marked by being replaced."""

    infos: list[zipfile.ZipInfo]
    parts: dict[str, bytes]
    _trees: dict[str, Element] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, data: bytes) -> "Package":
        """Unpack, refusing what no office program writes."""
        if data[:4] == _OLE:
            raise WorkbookUnreadable(reason="legacy-or-encrypted")
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                infos = archive.infolist()
                _refuse_hostile(infos)
                return cls(infos, {info.filename: archive.read(info) for info in infos})
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
            ValueError,
        ) as error:
            raise WorkbookUnreadable(reason="not-a-workbook") from error

    def tree(self, name: str) -> Element:
        """The parsed part; remembered, so that several steps change one tree."""
        if name not in self._trees:
            if name not in self.parts:
                raise WorkbookUnreadable(reason="part-missing", part=name)
            self._trees[name] = parse(self.parts[name], name)
        return self._trees[name]

    def touch(self, name: str) -> None:
        """The tree of this part was changed: write it back in the end."""
        self._changed.add(name)

    def put(self, name: str, data: bytes) -> None:
        """Replace a part, or add one at the end; a tree of what it was is forgotten."""
        self._changed.discard(name)
        self._trees.pop(name, None)
        if name not in self.parts:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            self.infos.append(info)
        self.parts[name] = data

    def drop(self, name: str) -> None:
        """Leave a part out."""
        self.parts.pop(name, None)
        self._trees.pop(name, None)
        self._changed.discard(name)
        self.infos = [info for info in self.infos if info.filename != name]

    def free(self, like: str) -> str:
        """A part's name with the next number that is free."""
        folder, base = posixpath.split(like)
        stem, dot, ending = base.partition(".")
        plain = stem.rstrip("0123456789") or stem
        number = 1
        while f"{folder}/{plain}{number}{dot}{ending}" in self.parts:
            number += 1
        return f"{folder}/{plain}{number}{dot}{ending}"

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Relation id -> (last word of its type, part it leads to), for what lies in the package."""
        folder, base = posixpath.split(name)
        rels = posixpath.join(folder, "_rels", f"{base}.rels")
        if rels not in self.parts:
            return {}
        found = {}
        for relation in self.tree(rels):
            if not isinstance(relation.tag, str) or relation.get("TargetMode") == "External":
                continue
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
            kind = relation.get("Type", "").rsplit("/", 1)[-1]
            found[relation.get("Id", "")] = (kind, target.lstrip("/"))
        return found

    def settle(self) -> None:
        """Write what was changed back into the parts."""
        for name in sorted(self._changed):
            self.parts[name] = serialise(self._trees[name])
        self._changed.clear()

    def to_bytes(self) -> bytes:
        """Zip again; order, dates and attributes of the entries stay."""
        self.settle()
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for info in self.infos:
                entry = zipfile.ZipInfo(info.filename, info.date_time)
                entry.compress_type = (
                    zipfile.ZIP_STORED
                    if info.compress_type == zipfile.ZIP_STORED
                    else zipfile.ZIP_DEFLATED
                )
                entry.external_attr, entry.create_system = info.external_attr, info.create_system
                archive.writestr(entry, self.parts[info.filename])
        return target.getvalue()


def _refuse_hostile(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise WorkbookUnreadable(reason="too-large")
    if len({info.filename for info in infos}) != len(infos):
        raise WorkbookUnreadable(reason="duplicate-parts")
    if any(info.flag_bits & 1 for info in infos):
        raise WorkbookUnreadable(reason="legacy-or-encrypted")
