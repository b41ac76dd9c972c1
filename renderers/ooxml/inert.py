"""What a workbook would do by itself is taken out before it is handed on: it came from outside, and goes
to every office under our name.

Macros, links to other files and to programs, old embedded objects and controls, queries, pictures that are
fetched from elsewhere. A formula that fetches something keeps its last value. A link that somebody must
press stays where it leads to a page or a mail. Where there is nothing of it no part is touched.
"""

import posixpath
import re
from collections.abc import Collection, Iterator

from renderers.ooxml.package import Element, Package, WorkbookUnreadable, local

ACTING = {
    "attachedtoolbars", "connections", "control", "customui", "externallink", "extensibility",
    "oleobject", "querytable", "vbaproject", "webextension", "webextensiontaskpanes", "wordvbadata",
    "xmlmaps",
}  # fmt: skip
"""The last words of kinds of relations, in small letters."""
MACRO_SHEETS = {"xlmacrosheet", "xlintlmacrosheet"}
PRESSED = ("http://", "https://", "mailto:", "#")
HOLDERS = {
    "oleObjects", "controls", "externalReferences", "hyperlinks", "AlternateContent", "Choice",
    "Fallback", "dataValidations", "conditionalFormatting", "definedNames",
}  # fmt: skip
"""Elements that may not stand there empty."""
WHOLE = {"dataValidation", "cfRule", "sparkline"}
"""They are nothing without their formula."""
PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TYPES = "[Content_Types].xml"
_OUTSIDE = re.compile(r"\[\d+\][^\[\]]*!")
_FETCHES = re.compile(
    r"\b(?:WEBSERVICE|RTD|CALL|REGISTER(?:\.ID)?|EXEC|IMAGE)\s*\(|\|\s*'", re.IGNORECASE
)
_HINTS = re.compile(rb"WEBSERVICE|RTD|CALL|REGISTER|EXEC|IMAGE|\|", re.IGNORECASE)
_RELATED = ("/officeDocument/2006/relationships}", "/officeDocument/relationships}")


def still(package: Package) -> None:
    """Let a package do nothing by itself. Raises WorkbookUnreadable for sheets that are programs."""
    dropped: list[str] = []
    for rels in [name for name in package.parts if name.endswith(".rels")]:
        dropped += _relations(package, rels)
    for part in dropped:
        folder, base = posixpath.split(part)
        package.drop(part)
        package.drop(posixpath.join(folder, "_rels", f"{base}.rels"))
    linked = any("externallink" in part.lower() for part in dropped)
    changed = [part for part in _sheets(package) if _formulas(package, part, linked=linked)]
    if linked:
        _names(package)
    if changed:
        for rels in [name for name in package.parts if name.endswith(".rels")]:
            for part in _relations(package, rels, {"calcchain"}):
                package.drop(part)
    if TYPES in package.parts:
        _types(package)


def _relations(package: Package, rels: str, kinds: Collection[str] = ACTING) -> list[str]:
    """Take the relations of these kinds out, with what speaks of them; gives the parts they led to."""
    folder = posixpath.dirname(posixpath.dirname(rels))
    owner = posixpath.join(folder, posixpath.basename(rels).removesuffix(".rels"))
    tree, gone, parts = package.tree(rels), set(), []
    for one in [one for one in tree if isinstance(one.tag, str)]:
        kind = one.get("Type", "").rsplit("/", 1)[-1].lower()
        target, outside = one.get("Target", ""), one.get("TargetMode") == "External"
        if kind in MACRO_SHEETS:
            raise WorkbookUnreadable(reason="not-a-workbook", part=target)
        pressed = kind == "hyperlink" and target.strip().lower().startswith(PRESSED)
        if kind not in kinds and not (outside and kinds is ACTING and not pressed):
            continue
        gone.add(one.get("Id", ""))
        tree.remove(one)
        if not outside:
            parts.append(posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
    if gone:
        package.touch(rels)
        if owner in package.parts and owner.endswith((".xml", ".vml")):
            _forget(package, owner, gone)
    return parts


def _forget(package: Package, part: str, gone: Collection[str]) -> None:
    """Elements that name a relation which is not there any more."""
    victims = []
    for element in package.tree(part).iter():
        if not isinstance(element.tag, str):
            continue
        for name, value in list(element.attrib.items()):
            if value not in gone or not any(mark in name for mark in _RELATED):
                continue
            if name.endswith("}link"):  # a picture may be kept beside the place it is fetched from
                del element.attrib[name]
            else:
                victims.append(element)
    for element in victims:
        _remove(element)
    package.touch(part)


def _remove(element: Element) -> None:
    """An element, the alternatives to it, and what held nothing else."""
    around = [one for one in element.iterancestors() if local(one) == "AlternateContent"]
    found = around[0] if around else element
    parent = found.getparent()
    while parent is not None:
        parent.remove(found)
        parent.attrib.pop("count", None)
        if len(parent) or local(parent) not in HOLDERS:
            break
        found, parent = parent, parent.getparent()


def _sheets(package: Package) -> Iterator[str]:
    for part in list(package.parts):
        if re.fullmatch(r"xl/(?:worksheets|chartsheets)/[^/]+\.xml", part):
            yield part


def _formulas(package: Package, part: str, *, linked: bool) -> bool:
    """Formulas that fetch keep their value alone; gives whether there were any."""
    if not linked and not _HINTS.search(package.parts[part]):
        return False
    tree, shared = package.tree(part), set()
    victims: list[Element] = []
    for one in tree.iter():
        name = local(one)
        if name in ("f", "formula", "formula1", "formula2") and _fetches(
            one.text or "", linked=linked
        ):
            victims.append(next((up for up in one.iterancestors() if local(up) in WHOLE), one))
            shared.add(one.get("si") if one.get("t") == "shared" else None)
    shared.discard(None)
    victims += [one for one in tree.iter() if local(one) == "f" and one.get("si") in shared]
    for one in dict.fromkeys(victims):
        if one.getparent() is not None:
            _remove(one)
    if victims:
        package.touch(part)
    return bool(victims)


def _fetches(formula: str, *, linked: bool) -> bool:
    return bool(_FETCHES.search(formula) or (linked and _OUTSIDE.search(formula)))


def _names(package: Package) -> None:
    """Names that stand for a place in another file."""
    for part in [one for one in package.parts if re.fullmatch(r"xl/workbook[^/]*\.xml", one)]:
        for one in [one for one in package.tree(part).iter() if local(one) == "definedName"]:
            if _OUTSIDE.search(one.text or ""):
                _remove(one)
                package.touch(part)


def _types(package: Package) -> None:
    """No part is declared that is not there, and no workbook as one with macros."""
    tree = package.tree(TYPES)
    for one in [one for one in tree if local(one) == "Override"]:
        if one.get("PartName", "").lstrip("/") not in package.parts:
            tree.remove(one)
            package.touch(TYPES)
        elif "macroenabled" in one.get("ContentType", "").lower():
            one.set("ContentType", PLAIN)
            package.touch(TYPES)
