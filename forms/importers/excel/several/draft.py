"""One form of several sheets: each is a section of it, and every item knows on which one it stands."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from engine.json_text import Json
from forms.complaints import Complaint
from forms.importers.excel.draft import to_form
from forms.importers.excel.files.grid import column_number, parse_address
from forms.importers.excel.printed_rules.drafted_checks import draft_checks
from forms.importers.excel.printed_rules.formulas import Sheets, between
from forms.importers.excel.proposal import Proposal, Warning_
from forms.importers.excel.several.recognise import Several

_PLAIN_NAME = re.compile(r"sheet\s*\d*|工作表\s*\d*", re.IGNORECASE)
_COVER_ROLES = ("cover",)
_MOST = {"checks": 1000, "blocks": 100, "sections": 200, "notes": 20_000}
"""As the meta-schema of forms allows."""


def to_one_form(
    found: Several, *, code: str, owner: str, asking: bool = True, **more: Any
) -> dict[str, Json]:
    """The form document of all these sheets; its template's sheet is the first that is no cover.

    Without `asking` no formula asks another sheet.
    """
    roles = {one.name: one.role for one in found.seen}
    forms = [one for one in found.proposals if roles.get(one.sheet) not in _COVER_ROLES]
    main = (forms or list(found.proposals))[0]
    if len(found.proposals) == 1:
        return _with_notes(to_form(main, code=code, owner=owner, **more), found.notes)
    sheets = Sheets(found.proposals) if asking else None
    parts = [
        (one, to_form(one, code=code, owner=owner, sheets=sheets, **more))
        for one in found.proposals
    ]
    first: dict[str, Any] = dict(next(document for one, document in parts if one is main))
    covers = [one for one in found.proposals if roles.get(one.sheet) in _COVER_ROLES]
    titles = [one.title for one in covers if one.title and one.title != one.sheet]
    units = {str(one["form"].get("unit", "")) for _, one in parts if one["properties"]}
    if len(units) > 1:
        parts = [(one, _each_in_unit(document)) for one, document in parts]
    documents = [document for _, document in parts]
    head = {
        **first["form"],
        "period": next((p for one in documents if (p := one["form"]["period"]) != "once"), "once"),
        "unit": units.pop() if len(units) == 1 else "",
        "legal": next((one["form"]["legal"] for one in documents if one["form"].get("legal")), {}),
        "blocks": list(_blocks(parts, main))[: _MOST["blocks"]],
        "notes": _notes(parts, found.notes),
        "checks": _checks(documents, found.between),
        "sections": list(_sections(parts))[: _MOST["sections"]],
    }
    return {
        **{name: value for name, value in first.items() if name != "$defs"},
        "title": (titles[0] if titles else first["title"])[:200],
        "form": {name: value for name, value in head.items() if value not in ("", [], {})},
        "properties": {
            name: node for one, document in parts for name, node in _standing(one, document, main)
        },
        **_definitions(documents),
    }


def without_faulty(document: dict[str, Any], complaints: Sequence[Complaint]) -> dict[str, Json]:
    """The form without the formulas and checks between sheets that it cannot hold (a circle, a text
    in a sum), so that one of them does not keep the whole workbook out. The same where none is at fault.
    """
    faulty = {one.pointer for one in complaints}
    circle = {name for one in complaints for name in str(one.details.get("names", "")).split(" → ")}

    def told(node: Any, pointer: str) -> Any:
        if not isinstance(node, dict):
            return node
        return {
            key: told(inner, f"{pointer}/{key}")
            for key, inner in node.items()
            if key != "compute"
            or not (f"{pointer}/compute" in faulty or _dotted(pointer) in circle)
        }

    form = document["form"]
    kept = [
        one
        for n, one in enumerate(form.get("checks", ()))
        if not any(pointer.startswith(f"/form/checks/{n}/") for pointer in faulty)
    ]
    made = told(document, "")
    return {**made, "form": {**form, **({"checks": kept} if "checks" in form else {})}}


def _dotted(pointer: str) -> str:
    """`/properties/crops/properties/r01` as formulas call it."""
    return ".".join(step for step in pointer.split("/")[1:] if step not in ("properties", "items"))


def unresolved(found: Several) -> list[Warning_]:
    """Formulas that ask another sheet for what became no item: they are shown, not dropped."""
    if len(found.proposals) == 1:
        return []
    sheets = Sheets(found.proposals)
    told = []
    for one in found.proposals:
        places = _asked(one)
        for formula in one.formulas:
            open_ = parse_address(formula.cell) in places and between(formula.text)
            if open_ and sheets.said(one.sheet, formula.text) is None:
                text = formula.text
                told.append(Warning_("sheet.formula-other-sheet", f"{one.sheet}!{formula.cell}", text))  # fmt: skip
    return told


def warnings(found: Several) -> list[dict[str, Json]]:
    """What was seen and not understood on all the sheets, each cell told with its sheet."""
    told = [
        {"code": one.code, "cell": f"{part.sheet}!{one.cell}", "text": one.text}
        for part in found.proposals
        for one in part.warnings
    ]
    return [*told, *(_told(one) for one in unresolved(found))]


def _told(one: Warning_) -> dict[str, Json]:
    return {"code": one.code, "cell": one.cell, "text": one.text}


def _asked(proposal: Proposal) -> set[tuple[int, int] | None]:
    """The cells that hold a value of the form."""
    cards = {parse_address(i.value_cell) for i in proposal.items if i.axis == "cell"}
    rows = {
        (place[0], column_number(letter))
        for n in range(len(proposal.tables))
        for row in proposal.rows(n)
        for column in proposal.columns(n)
        for letter in column.columns
        if (place := parse_address(row.place))
    }
    return {*cards, *rows}


def _with_notes(document: dict[str, Any], notes: str) -> dict[str, Json]:
    said = "\n".join(one for one in (document["form"].get("notes", ""), notes) if one)
    form = {**document["form"], **({"notes": said[: _MOST["notes"]]} if said else {})}
    return {**document, "form": form}


def _each_in_unit(document: dict[str, Any]) -> dict[str, Any]:
    """Where sheets count in different units, every figure says its own."""
    unit = document["form"].get("unit")

    def told(node: Any) -> Any:
        if not isinstance(node, dict):
            return node
        if node.get("type") in ("number", "integer"):
            return {"unit": unit, **node}
        inner = {key: told(node[key]) for key in ("items",) if key in node}
        if isinstance(node.get("properties"), dict):
            inner["properties"] = {name: told(one) for name, one in node["properties"].items()}
        return {**node, **inner}

    if not unit:
        return document
    named = {name: told(one) for name, one in document["properties"].items()}
    defined = {name: told(one) for name, one in document.get("$defs", {}).items()}
    return {**document, "properties": named, **({"$defs": defined} if defined else {})}


Parts = Sequence[tuple[Proposal, dict[str, Any]]]


def _standing(
    proposal: Proposal, document: dict[str, Any], main: Proposal
) -> Iterator[tuple[str, dict[str, Json]]]:
    for name, node in document["properties"].items():
        yield name, (node if proposal is main else {**node, "sheet": proposal.sheet[:100]})


def _blocks(parts: Parts, main: Proposal) -> Iterator[dict[str, Json]]:
    for proposal, document in parts:
        for one in document["form"].get("blocks", ()):
            yield one if proposal is main else {**one, "sheet": proposal.sheet[:100]}


def _notes(parts: Parts, more: str) -> str:
    said = [str(document["form"].get("notes", "")) for _, document in parts]
    return "\n".join(one for one in (*said, more) if one)[: _MOST["notes"]]


def _checks(documents: Sequence[dict[str, Any]], between_: Proposal) -> list[dict[str, Json]]:
    tables = {n: table.name for n, table in enumerate(between_.tables)}
    own = [one for document in documents for one in document["form"].get("checks", ())]
    every = [*own, *draft_checks(between_, tables)][: _MOST["checks"]]
    return [{**one, "code": f"c{n}"} for n, one in enumerate(every, 1)]


def _sections(parts: Parts) -> Iterator[dict[str, Json]]:
    """A section for each sheet, with those of its cards behind; on paper each sheet begins a page."""
    begun = False
    for proposal, document in parts:
        inner = document["form"].get("sections", [])
        named = {name for one in inner for name in one["items"]}
        loose = [name for name in document["properties"] if name not in named]
        title = _title(proposal)
        told = [{"title": title, "items": loose}] if loose else []
        told += [{**one, "title": one["title"] if loose or n else f"{title} · {one['title']}"[:200]} for n, one in enumerate(inner)]  # fmt: skip
        for n, one in enumerate(told):
            yield {**one, "page_break": True} if begun and not n else one
        begun = begun or bool(told)


def _title(proposal: Proposal) -> str:
    """`表二 农业生产条件`; a sheet that nobody named goes by what is printed on it."""
    if _PLAIN_NAME.fullmatch(proposal.sheet.strip()) or proposal.sheet in proposal.title:
        return proposal.title[:200]
    if not proposal.title or proposal.title in proposal.sheet:
        return proposal.sheet[:200]
    return f"{proposal.sheet} {proposal.title}"[:200]


def _definitions(documents: Sequence[dict[str, Any]]) -> dict[str, Json]:
    found = {name: one for document in documents for name, one in document.get("$defs", {}).items()}
    return {"$defs": found} if found else {}
