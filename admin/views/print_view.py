"""A document for paper and for the department's own sheet: what the renderers take."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from admin.views import table_view, words
from admin.web.html import text
from engine.dictionary import units
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from forms import attached, document
from forms.compiled import Column, CompiledForm, Item, Row, Section, Table
from forms.filing import Opened
from renderers import contract, glyphs

CELL_STATES = {
    "known": "prefilled",
    "stale": "prefilled",
    "carried": "carried",
    "typed": "typed",
    "confirmed": "confirmed",
    "returned": "disputed",
}
"""The states of cells as the renderers call them."""
NOTES = re.compile(r"^\s*(填报)?说明[：:]\s*")
"""The heading that the notes of a sheet bring along; the page has its own."""
SIGNED = {"fill": "preparer", "verify": "verifier", "approve": "leader"}
"""Whose place on the sheet is whose at a step of this kind."""
SHORT = 18
"""A longer text takes a line of its own on paper."""


@dataclass(frozen=True)
class Frame:
    """What stands around the values: who, for when, who answered for it, how to check it."""

    organisation: str
    period: str
    language: str = "zh"
    number: str = ""
    """What the case is called."""
    sign_offs: Sequence[Mapping[str, Any]] = ()
    """As on the record page, with `kind` of the step: fill, verify, approve."""
    record_id: str = ""
    version: int = 0
    verify_url: str = ""
    digest: str = ""
    final: bool = True
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """Photos and signatures of the document, by how its values and its sign-offs name them."""
    remarks: tuple[contract.Remark, ...] = ()
    """Checks that do not hold, where paper shows them."""
    blocks: Mapping[str, str] = field(default_factory=dict)
    """Texts by role that are told instead of those from the sign-offs."""

    def told(self) -> dict[str, str]:
        """Texts by the role of a block: who filled, verified, approved, and when."""
        found = {"reporting_unit": self.organisation, "period": self.period}
        for sign in self.sign_offs:
            if sign["kind"] in SIGNED:
                found[SIGNED[sign["kind"]]] = str(sign["by"])
                found["date"] = str(sign.get("dated") or words.moment(sign["at"]) or "")[:10]
        return {**found, **self.blocks}

    def hands(self) -> dict[str, bytes]:
        """What was drawn by hand, by the role of the block where it goes; a typed name is words."""
        found: dict[str, bytes] = {}
        for sign in self.sign_offs:
            role, hand = SIGNED.get(sign["kind"]), sign.get("hand")
            found.pop(role or "", None)
            if role and hand and not hand["typed"] and self.pictures.get(hand["ref"]):
                found[role] = self.pictures[hand["ref"]]
        return {role: found[role] for role in found if role not in self.blocks}


def printed(opened: Opened, dictionary: Dictionary, frame: Frame) -> contract.Document:
    """A document as paper shows it."""
    form, language = opened.form, frame.language
    page = _Page(opened, dictionary, language, frame.pictures)
    told = frame.told()
    return contract.Document(
        title=form.title("zh"),
        titles=dict(form.titles),
        organisation=frame.organisation,
        period=frame.period,
        unit=form.unit or "",
        number=frame.number,
        sections=tuple(page.sections()),
        sign_offs=tuple(_signs(frame)),
        remarks=frame.remarks,
        blocks={
            **_legal(form),
            **{
                role: told[role]
                for role in ("preparer", "verifier", "leader", "date")
                if role in told
            },
            "notes": NOTES.sub("", form.notes),
        },
        form_code=form.code,
        form_version=form.version,
        record_id=frame.record_id,
        record_version=frame.version,
        verify_url=frame.verify_url,
        content_hash=frame.digest,
        final=frame.final,
        setup=contract.PageSetup(**asdict(form.printing)),
    )


def _legal(form: CompiledForm) -> dict[str, str]:
    names = {
        "number": "legal_number",
        "issuer": "legal_issuer",
        "approval": "legal_approval",
        "valid_until": "legal_valid",
    }
    return {names[key]: str(value) for key, value in form.legal.items() if key in names}


def _signs(frame: Frame) -> Iterator[contract.SignOff]:
    for sign in frame.sign_offs:
        hand = sign.get("hand")
        image = frame.pictures.get(hand["ref"], b"") if hand else b""
        at = datetime.fromisoformat(sign["at"])
        dated = sign.get("dated") or ""
        yield contract.SignOff(sign["step"], sign["by"], at, image, dated)


def _align(item: Item) -> contract.Align:
    return "right" if item.numeric else "left"


def _stub(cells: Sequence[Mapping[str, Any]], depth: int) -> list[contract.Cell]:
    """A row's headings, one for each column of the stub; what merged cells cover is left empty."""
    found = [contract.Cell(rows=0)] * depth
    for one in cells:
        found[one["level"]] = contract.Cell(
            one["text"], rows=one["rowspan"], columns=one["colspan"]
        )
    return found


class _Page:
    """The sections of a document for paper."""

    def __init__(
        self,
        opened: Opened,
        dictionary: Dictionary,
        language: str,
        pictures: Mapping[str, bytes],
    ) -> None:
        self.opened, self.dictionary, self.language = opened, dictionary, language
        self.pictures = pictures

    def sections(self) -> Iterator[contract.Section]:
        """Every section that has anything in it."""
        for section in self.opened.form.sections:
            items = tuple(self._items(section))
            tables = tuple(self._tables(section))
            if items or tables:
                title = section.label(self.language)
                yield contract.Section(title, items, tables, section.page_break)

    def _items(self, section: Section) -> Iterator[contract.Item]:
        title = section.label(self.language)
        for item in self.opened.form.items:
            if item.table is None and item.path.split("/")[1] in section.items:
                cell = self._cell(item.path, item, document.get(self.opened.contents, item.path))
                long = item.type in ("string", "array") and len(cell.text) > SHORT
                long = long or item.attachment == "photo"
                label = words.in_groups(item, title, self.language)
                unit = units.in_language(item.unit, self.language)
                yield contract.Item(label, cell, unit, wide=long)

    def _tables(self, section: Section) -> Iterator[contract.Table]:
        for table in self.opened.form.tables:
            if "*" not in table.path and table.path.split("/")[1] in section.items:
                yield self._floating(table) if table.kind == "floating" else self._fixed(table)

    def _floating(self, table: Table) -> contract.Table:
        items = [self.opened.form.by_path[f"{table.path}/*/{one.name}"] for one in table.columns]
        columns = [contract.Column((text(self.language, "table.number"),), align="center")]
        for column, item in zip(table.columns, items, strict=True):
            columns.append(self._column(column, "center" if item.options else _align(item)))
        ids = document.row_ids(self.opened.contents, table.path)
        values = document.get(self.opened.contents, table.path) or []
        rows = []
        for number, (row_id, row) in enumerate(zip(ids, values, strict=True), 1):
            cells = [contract.Cell(str(number))]
            for item in items:
                where = f"{table.path}/{row_id}/{item.name}"
                cells.append(self._cell(where, item, row.get(item.name)))
            rows.append(contract.Row(tuple(cells), key=row_id))
        return contract.Table(tuple(columns), tuple(rows), title=table.label(self.language))

    def _fixed(self, table: Table) -> contract.Table:
        depth = table_view.stub_depth(table.rows, self.language)
        columns = [contract.Column((text(self.language, "table.row"),))] * depth
        coded = any(row.code for row in table.rows)
        if coded:
            columns.append(contract.Column((text(self.language, "table.code"),), align="center"))
        columns += [self._column(column, "right") for column in table.columns]
        if not table.columns:
            columns.append(contract.Column((text(self.language, "table.value"),), align="right"))
        # a column has a unit of its own where all its open rows count in it: the others' is told by the row
        bare = any(not column.unit for column in table.columns)
        stubs = table_view.stub_cells(table.rows, self.language, depth, with_units=bare)
        rows = tuple(
            self._fixed_row(table, row, _stub(stub, depth), coded)
            for row, stub in zip(table.rows, stubs, strict=True)
        )
        title = table.label(self.language)
        return contract.Table(tuple(columns), rows, title=title, stub=depth)

    def _fixed_row(
        self, table: Table, row: Row, stub: list[contract.Cell], coded: bool
    ) -> contract.Row:
        cells = [*stub]
        if coded:
            cells.append(contract.Cell(row.code))
        for name in [column.name for column in table.columns] or [""]:
            where = f"{table.path}/{row.name}/{name}".rstrip("/")
            item = self.opened.form.by_path.get(where)
            if item is None:
                cells.append(contract.Cell("—", state="closed"))
            else:
                value = document.get(self.opened.contents, where)
                cells.append(self._cell(where, item, value))
        return contract.Row(tuple(cells), indent=row.indent, key=row.name)

    def _column(self, column: Column, align: contract.Align) -> contract.Column:
        path = table_view.path_of(column, self.language, with_unit=False)
        return contract.Column(path, units.in_language(column.unit, self.language), align)

    def _cell(self, path: str, item: Item, value: Json) -> contract.Cell:
        known = self.opened.cells.get(path)
        state = "computed" if item.compute else CELL_STATES.get(known.state, "") if known else ""
        source = words.source_text(known.source, self.language) if known and known.source else ""
        labels = self.opened.labels
        shown = words.shown(item, value, self.dictionary, self.language, labels)
        number = value if isinstance(value, int | Decimal) else None
        if document.blank(value):
            return contract.Cell(state="empty")
        if item.attachment:
            return self._files(value, state)
        return contract.Cell(shown, number, source, state)

    def _files(self, value: Json, state: str) -> contract.Cell:
        """Pictures as they are; other files by their names, in what our font can show."""
        listed = value if isinstance(value, list) else []
        images = tuple(self.pictures[one] for one in listed if one in self.pictures)
        names = glyphs.shown("、".join(attached.names(value)))
        return contract.Cell(
            names, state=state, images=images if len(images) == len(listed) else ()
        )
