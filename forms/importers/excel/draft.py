"""From a proposal to a form document that the designer then edits."""

import re
from dataclasses import replace
from typing import Any

from engine.json_text import Json
from forms.importers.excel.bindings import BIND_FROM
from forms.importers.excel.figures import figure
from forms.importers.excel.files.grid import parse_address
from forms.importers.excel.printed_rules.drafted_checks import draft_checks
from forms.importers.excel.printed_rules.formulas import Places, Sheets, between, translated
from forms.importers.excel.proposal import Item, Proposal, Table

DIALECT = "urn:yibiao:dialect:form:1"
_KEYS = ("id_number", "credit_code", "uscc", "code")
_PERIODS = (("month", "月"), ("quarter", "季"), ("half", "半年"), ("year", "年"))
_ROLES = frozenset(
    [
        "title",
        "reporting_unit",
        "period",
        "unit",
        "preparer",
        "verifier",
        "leader",
        "phone",
        "date",
        "legal_number",
        "legal_issuer",
        "legal_approval",
        "legal_valid",
        "seal",
        "notes",
    ]
)
_LEGAL = {
    "legal_number": "number",
    "legal_issuer": "issuer",
    "legal_approval": "approval",
    "legal_valid": "valid_until",
}


_FILE_NAME = re.compile(r"[A-Za-z0-9_.-]+")
"""What a pack may call its workbook; a department's 统计表.xlsx is kept under the form's code."""


def to_form(
    proposal: Proposal,
    *,
    code: str,
    owner: str,
    kind: str = "report",
    subject: str = "org",
    period: str | None = None,
    flow: str = "fill_verify_approve",
    template: str | None = None,
    bind_from: float = BIND_FROM,
    sheets: Sheets | None = None,
) -> dict[str, Json]:
    """A form document: every item where the sheet has it, bound where the match is sure enough.

    `sheets` are all those of a form of several, so that formulas can ask the others.
    """
    drafted = _Drafted(proposal, bind_from, sheets)
    title = (proposal.title or proposal.sheet or code)[:200]
    form: dict[str, Json] = {
        "code": code,
        "kind": kind,
        "owner": owner,
        "subject": subject,
        "period": period or _period(proposal),
        "flow": flow,
        "template": {
            "file": template
            if template and _FILE_NAME.fullmatch(template)
            else f"templates/{code}.xlsx",
            **({"sheet": proposal.sheet[:100]} if proposal.sheet else {}),
        },
        "legal": {
            _LEGAL[block.role]: block.text[:200]
            for block in proposal.blocks
            if block.role in _LEGAL and block.text
        },
        "blocks": _blocks(proposal),
        "notes": proposal.notes[:20000],
        "unit": (proposal.unit or "")[:40],
        "checks": draft_checks(proposal, drafted.tables),
        "sections": drafted.sections,
    }
    document: dict[str, Json] = {
        "$schema": DIALECT,
        "$id": f"urn:yibiao:form:{code}",
        "title": title,
        "type": "object",
        "form": {name: value for name, value in form.items() if value not in ("", [], {})},
        "properties": drafted.properties,
    }
    if drafted.defs:
        document["$defs"] = drafted.defs
    return document


class _Drafted:
    """The properties of a form, put together table by table."""

    def __init__(self, proposal: Proposal, bind_from: float, sheets: Sheets | None) -> None:
        self.proposal = proposal
        self.bind_from = bind_from
        self.properties: dict[str, Json] = {}
        self.defs: dict[str, Json] = {}
        self.sections: list[dict[str, Json]] = []
        cards = [item for item in proposal.items if item.axis == "cell"]
        self.tables = {index: table.name for index, table in enumerate(proposal.tables)}
        self.places = Places(proposal, self.tables, sheets)
        self.sheets = sheets or Sheets((proposal,))
        for item in cards:
            self.properties[item.name] = self._property(item, at=item.value_cell)
        self._card_sections(cards)
        for index, table in enumerate(proposal.tables):
            self._table(index, table)

    def _card_sections(self, cards: list[Item]) -> None:
        found: dict[tuple[str, ...], list[str]] = {}
        for item in cards:
            if len(item.path) > 1:
                found.setdefault(item.path[:-1], []).append(item.name)
        self.sections = [
            {"title": " ".join(path)[:200], "items": items} for path, items in found.items()
        ]

    def _table(self, index: int, table: Table) -> None:
        columns = [i for i in self.proposal.columns(index) if i.role in ("value", "name")]
        title = (table.title or self.proposal.title or self.proposal.sheet)[:200]
        if table.kind == "floating":
            self.properties[self.tables[index]] = self._floating(index, table, title)
        elif columns:
            self._fixed(index, table, title)

    def _floating(self, index: int, table: Table, title: str) -> dict[str, Json]:
        columns = [i for i in self.proposal.columns(index) if i.role not in ("index", "group")]
        properties = {
            item.name: self._property(item, at=item.columns[0] if item.columns else "")
            for item in columns
        }
        bound = [i.field for i in columns if i.field and i.confidence >= self.bind_from]
        subjects = [field.partition(".")[0] for field in bound if field]
        settings: dict[str, Json] = {"kind": "floating"}
        if subjects:
            settings["subject"] = max(sorted(set(subjects)), key=subjects.count)
        key = next((name for name in _KEYS if name in properties), None)
        if key and subjects:
            settings["key"] = key
        first, last = table.body or ((table.header_rows or (1, 1))[1] + 1,) * 2
        totals = [i for i in self.proposal.rows(index) if i.total]
        if totals and parse_address(totals[0].cell):
            last = min(last, (parse_address(totals[0].cell) or (last + 1, 1))[0] - 1)
        if not table.crowded:
            settings["rows"] = [first, max(first, last)]
        return {
            "type": "array",
            "title": title,
            "table": settings,
            "items": {"type": "object", "properties": properties},
        }

    def _fixed(self, index: int, table: Table, title: str) -> None:
        """Rows that compare other rows (增减, 增减%) stand apart: the printed rules do not hold for them."""
        columns = [i for i in self.proposal.columns(index) if i.role == "value"]
        name = self.tables[index]
        rows = [i for i in self.proposal.rows(index) if i.type == "object"]
        if sum(not row.derived for row in rows) > max(table.panels, 1):
            # one fact of the unit cannot stand in every row: the rows tell it apart, the column alone does not
            columns = [replace(item, field=None) for item in columns]
        for panel in range(max(table.panels, 1)):
            suffix = "_row" if panel == 0 else f"_row_{panel + 1}"
            self.defs[f"{name}{suffix}"] = {
                "type": "object",
                "properties": {
                    item.name: self._property(item, at=item.columns[panel])
                    for item in columns
                    if panel < len(item.columns)
                },
            }
        changes = [row for row in rows if row.derived]
        for property_, part in (
            (name, [r for r in rows if not r.derived]),
            (f"{name}_change", changes),
        ):
            if part:
                self.properties[property_] = {
                    "type": "object",
                    "title": title,
                    "table": {"kind": "fixed"},
                    "properties": {row.name: self._row(name, row, columns) for row in part},
                }

    def _row(self, table: str, row: Item, columns: list[Item]) -> dict[str, Json]:
        suffix = "_row" if row.panel == 0 else f"_row_{row.panel + 1}"
        place = parse_address(row.place) or (1, 1)
        letters = {
            item.columns[row.panel]: item.name for item in columns if row.panel < len(item.columns)
        }
        found: dict[str, Json] = {
            "$ref": f"#/$defs/{table}{suffix}",
            "title": row.path[-1][:200],
            "at": place[0],
        }
        if len(row.path) > 1:
            found["header"] = [part[:500] for part in row.path[:16]]
        if row.code:
            found["row_code"] = row.code[:40]
        if row.indent:
            found["indent"] = min(row.indent, 12)
        if row.unit:
            found["unit"] = row.unit[:40]
        closed = [letters[c] for ref in row.closed if (c := ref.rstrip("0123456789")) in letters]
        if closed:
            found["closed"] = closed
        own = {
            name: {"compute": said}
            for letter, name in letters.items()
            if name not in closed and (said := self._reckoned(f"{letter}{place[0]}"))
        }
        if own:
            found["properties"] = own
        held = figure(row, columns)
        sure = row.field is not None and row.confidence >= self.bind_from
        if held and sure and held.name not in (*closed, *own):
            found["bind"] = {held.name: row.field}
        return found

    def _reckoned(self, cell: str) -> str | None:
        """What one cell of a fixed row is reckoned from: other cells of its sheet, or of another."""
        text = self.places.formulas.get(cell, "")
        if not text or (self.places.sheets is None and between(text)):
            return None
        return self.sheets.said(self.proposal.sheet, text)

    def _property(self, item: Item, *, at: str) -> dict[str, Json]:
        bound = item.field is not None and item.confidence >= self.bind_from
        found: dict[str, Json] = {"$ref": f"field:{item.field}"} if bound else _type(item)
        # a heading that a formula writes may be empty in the file: the column then goes by its letter
        found["title"] = item.path[-1][:500] or f"（{at or item.name}）"
        if at:
            found["at"] = at
        if item.prefix:
            found["prefix"] = item.prefix[:100]
        if len(item.path) > 1:
            found["header"] = [part[:500] for part in item.path[:16]]
        if item.unit:
            found["unit"] = item.unit[:40]
        computed = translated(self.proposal, self.places, item)
        if computed:
            found["compute"] = computed
        return found


def _type(item: Item) -> dict[str, Json]:
    if item.choices:
        return {"type": "string", "enum": list(dict.fromkeys(item.choices))}
    if item.type == "string" and item.format is None:
        return {"type": "string", "maxLength": 500}
    found: dict[str, Json] = {"type": item.type if item.type != "object" else "string"}
    if item.format:
        found["format"] = item.format
    return found


def _blocks(proposal: Proposal) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = []
    for block in proposal.blocks:
        if block.role not in _ROLES:
            continue
        one: dict[str, Any] = {"role": block.role, "cell": block.value_cell}
        if block.value_cell == block.label_cell and block.label:
            one["prefix"] = block.label[:100]
        elif block.role == "period" and block.value_cell == block.label_cell and block.text:
            one["instead"] = block.text[:100]
        found.append(one)
    return found[:100]


def _period(proposal: Proposal) -> str:
    """How often: from the period line, else from the title, else once."""
    texts = [block.text for block in proposal.blocks if block.role == "period"]
    for text in (*texts, proposal.title):
        if "半年" in text:
            return "half"
        for code, mark in _PERIODS:
            if mark in text and mark != "年":
                return code
    return "year" if texts or "年报" in proposal.title or "年度" in proposal.title else "once"
