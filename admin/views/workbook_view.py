"""A filled workbook, read back: its values as a document of the form, and what is wrong, cell by cell."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from admin.views import placing, words
from admin.views.workbook_untaken import CellNote, Protected, untaken
from engine import absence, messages
from engine.dictionary.store import Dictionary
from engine.formats import registry
from engine.json_text import Json
from forms import document, picking, validate
from forms.compiled import CompiledForm, Item, Table
from forms.filing import MAX_CHANGES, Edit
from forms.structure import ROW_ID
from renderers import workbook
from renderers.placements import CellFault, ReadBack, Value

YES = ("是", "有", "yes", "true", "y", "√", "✓", "1")
NO = ("否", "无", "no", "false", "n", "×", "✗", "0")
SHOWN = 500
"""A report names no more cells than this."""


@dataclass(frozen=True)
class Filled:
    """A whole document as the workbook tells it; with faults nothing of it is taken over."""

    contents: Mapping[str, Json] = field(default_factory=dict)
    faults: Sequence[CellNote] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Where each cell of the document stands in the workbook."""
    untaken: Sequence[CellNote] = ()
    """Cells that are computed or locked, and were changed in the workbook."""


def read(
    form: CompiledForm,
    template: bytes,
    content: bytes,
    *,
    base: Mapping[str, Json],
    dictionary: Dictionary,
    language: str,
    fresh: Callable[[], str],
    named: Callable[[Item, str], Sequence[str]] | None = None,
) -> Filled:
    """What a filled workbook says. `base` is the document so far: what has no place on the sheet,
    is computed or locked stays as it is there, and its rows keep their identity. `named` finds the
    values of picked cells by what they are called; without it codes are taken as they are.
    """
    found = workbook.read_back(content, placing.empty_places(form, dictionary), template=template)
    if found.moved:
        return Filled(faults=[_told(one, "", "", language) for one in found.moved[:SHOWN]])
    reader = _Reader(form, found, dictionary, language, named)
    contents = reader.document(base, fresh)
    faults = list(reader.faults)
    if not faults:
        problems = validate.problems(form, contents, language=language, draft=True)
        faults = [
            CellNote(
                reader.addresses.get(one.path, ""),
                one.path,
                form.name_of(one.path, language),
                one.code,
                one.text,
            )
            for one in problems
            if one.path in reader.addresses
        ]
    kept = () if faults else tuple(untaken(form, reader.protected, base, contents, language))
    return Filled(contents, faults[:SHOWN], reader.addresses, kept[:SHOWN])


@dataclass(frozen=True)
class Difference:
    """What a person did in the workbook: edits to be saved, and what is not taken over."""

    edits: Sequence[Edit]
    cells: int
    notes: Sequence[CellNote]


def difference(
    form: CompiledForm,
    base: Mapping[str, Json],
    filled: Filled,
    *,
    revision: int,
    only: Collection[str] | None,
    language: str,
) -> Difference:
    """What differs from the document that the workbook was filled from, as edits of that revision."""
    added: dict[str, list[str]] = {}
    removed: dict[str, list[str]] = {}
    notes: list[CellNote] = list(filled.untaken)
    for table in placing.floating(form):
        old = document.row_ids(base, table.path)
        new = document.row_ids(filled.contents, table.path)
        more, gone = _without(new, old), _without(old, new)
        if only is not None and (more or gone):
            notes.append(_note(form, filled, table.path, "workbook.rows-locked", language))
        else:
            added |= {table.path: more} if more else {}
            removed |= {table.path: gone} if gone else {}
    left = tuple(f"{table}/{row}/" for table, rows in removed.items() for row in rows)
    changes = {}
    for path in document.changed(form, base, filled.contents):
        if path.startswith(left) or path not in filled.addresses:
            continue
        if only is None or path in only:
            changes[path] = document.get(filled.contents, path)
        elif form.item(path) is not None and not _in_new_row(path, base):
            notes.append(_note(form, filled, path, "workbook.locked", language))
    return Difference(_edits(revision, changes, added, removed), len(changes), notes)


def _edits(
    revision: int,
    changes: Mapping[str, Json],
    added: Mapping[str, list[str]],
    removed: Mapping[str, list[str]],
) -> list[Edit]:
    """One edit, or several where there are more cells than a save takes."""
    paths = list(changes)
    if not paths and not added and not removed:
        return []
    parts = [paths[at : at + MAX_CHANGES] for at in range(0, len(paths), MAX_CHANGES)] or [[]]
    edits = [Edit(revision, {path: changes[path] for path in part}) for part in parts]
    return [replace(edits[0], added=added, removed=removed), *edits[1:]]


def _without(rows: Sequence[str], others: Sequence[str]) -> list[str]:
    known = set(others)
    return [row for row in rows if row not in known]


def _in_new_row(path: str, base: Mapping[str, Json]) -> bool:
    return path.count("/") > 1 and document.get(base, path.rpartition("/")[0]) is None


def _note(form: CompiledForm, filled: Filled, path: str, code: str, language: str) -> CellNote:
    label = form.name_of(path, language)
    return CellNote(
        filled.addresses.get(path, ""), path, label, code, messages.text(code, language)
    )


def _told(fault: CellFault, path: str, label: str, language: str) -> CellNote:
    text = messages.text(fault.code, language, {"text": fault.text})
    return CellNote(fault.address, path, label, fault.code, text)


class _Reader:
    """Turns what stands in cells into values of the form's kinds."""

    def __init__(
        self,
        form: CompiledForm,
        found: ReadBack,
        dictionary: Dictionary,
        language: str,
        named: Callable[[Item, str], Sequence[str]] | None,
    ) -> None:
        self._form, self._found, self._named = form, found, named
        self._dictionary, self._language = dictionary, language
        self._codes: dict[str, dict[str, Json]] = {}
        self._wrong = {fault.address: fault for fault in found.faults}
        self.faults: list[CellNote] = []
        self.protected: list[Protected] = []
        self.addresses: dict[str, str] = {}

    def document(self, base: Mapping[str, Json], fresh: Callable[[], str]) -> dict[str, Json]:
        """The document: `base` with everything that the sheet has a place for as it is there."""
        changes = {}
        for item in placing.single(self._form):
            key = placing.place(item, self._dictionary)
            address = self._found.addresses[key]
            self.addresses[item.path] = address
            value, fault = self._value(item, self._found.cells[key], address)
            if _ours(item):
                if not self._unsaid(address, value, fault):
                    changes[item.path] = value
                self._note(fault, item.path)
            else:
                self._protect(item.path, item, address, value, fault)
        contents = document.put_all(self._form, base, changes)
        for number, table in enumerate(placing.floating(self._form)):
            rows = self._rows(table, number, document.get(base, table.path) or [], fresh)
            contents = _with_rows(contents, table.path, rows)
        for address in sorted(set(self._wrong) - set(self.addresses.values())):
            self.faults.append(_told(self._wrong[address], "", "", self._language))
        return contents

    def _rows(
        self, table: Table, number: int, before: Sequence[Json], fresh: Callable[[], str]
    ) -> list[Json]:
        items = placing.column_items(self._form, table)
        ours = {name: item for name, item in items.items() if _ours(item)}
        others = {name: item for name, item in items.items() if name not in ours}
        lines, ahead = self._found.rows[number], self._found.ahead[number]
        read_ = [
            {
                name: self._value(item, said.get(str(item.at)), f"{ahead}{item.at}{line}")
                for name, item in ours.items()
            }
            for said, line in zip(self._found.blocks[number], lines, strict=True)
        ]
        wanted = [
            {
                name: value
                for name, (value, fault) in row.items()
                if not self._unsaid(f"{ahead}{items[name].at}{line}", value, fault)
            }
            for row, line in zip(read_, lines, strict=True)
        ]
        found: list[Json] = []
        for at, old in enumerate(matched(table.key, before, wanted)):
            row_id = str(old[ROW_ID]) if old and ROW_ID in old else fresh()
            merged = {**(old or {}), **wanted[at], ROW_ID: row_id}
            found.append({name: one for name, one in merged.items() if not document.blank(one)})
            for name, item in items.items():
                self.addresses[f"{table.path}/{row_id}/{name}"] = f"{ahead}{item.at}{lines[at]}"
            for name, (_, fault) in read_[at].items():
                self._note(fault, f"{table.path}/{row_id}/{name}")
            for name, item in others.items():
                path, address = f"{table.path}/{row_id}/{name}", f"{ahead}{item.at}{lines[at]}"
                said = self._found.blocks[number][at].get(str(item.at))
                self._protect(path, item, address, *self._value(item, said, address))
        return found

    def _unsaid(self, address: str, value: Json, fault: CellFault | None) -> bool:
        """Whether the sheet's own formula came without a result: that tells nothing of the value."""
        return value is None and fault is None and address in self._found.reckoned

    def _protect(
        self, path: str, item: Item, address: str, value: Json, fault: CellFault | None
    ) -> None:
        """Remember what stands in a cell that is not the filler's, where no formula answers for it."""
        hidden = item.present == "masked" or item.attachment or item.widget in picking.WIDGETS
        if hidden or address in self._found.reckoned:
            return
        typed = words.typed(value)
        said = "、".join(typed) if isinstance(typed, list) else typed
        self.protected.append(Protected(path, item, address, value, fault.text if fault else said))

    def _note(self, fault: CellFault | None, path: str) -> None:
        if fault is not None:
            label = self._form.name_of(path, self._language)
            self.faults.append(_told(fault, path, label, self._language))

    def _value(self, item: Item, said: Value, address: str) -> tuple[Json, CellFault | None]:
        """The value as the form keeps it, or why it cannot be read."""
        if item.absences and (gone := self._absence(item, said, address)) is not None:
            return gone, None
        if address in self._wrong or said is None:
            return None, self._wrong.get(address)
        return self._as_kept(item, said, address)

    def _absence(self, item: Item, said: Value, address: str) -> Json:
        """不详 in a cell that takes it: also where the sheet complains that it is no number."""
        wrong = self._wrong.get(address)
        text = wrong.text if wrong is not None else said
        if not isinstance(text, str) or _plain(text) in self._labels(item):
            return None
        return absence.read(text, item.absences)

    def _as_kept(self, item: Item, said: Value, address: str) -> tuple[Json, CellFault | None]:
        if item.type == "boolean":
            text = _plain(str(said))
            if text in (*YES, *NO):
                return text in YES, None
            return None, CellFault(address, "workbook.not-yes-or-no", str(said))
        if item.widget in picking.WIDGETS and self._named is not None:
            return _picked(self._named(item, str(said)), str(said), address)
        if item.options or item.codelist:
            return self._code(item, str(said), address)
        if isinstance(said, Decimal):
            return (int(said) if said == said.to_integral_value() else said), None
        if isinstance(said, date):
            return said.isoformat(), None
        return registry.normalised(item.format, str(said)), None

    def _code(self, item: Item, text: str, address: str) -> tuple[Json, CellFault | None]:
        """A label or code as its code; several of them apart by commas."""
        known = self._labels(item)
        if item.type != "array":
            found = known.get(_plain(text))
            missing = CellFault(address, "workbook.not-an-option", text)
            return (None, missing) if found is None else (found, None)
        values = []
        for part in re.split("[、,，;；]", text):
            if _plain(part):
                value = known.get(_plain(part))
                if value is None:
                    return None, CellFault(address, "workbook.not-an-option", part)
                values.append(value)
        return values, None

    def _labels(self, item: Item) -> Mapping[str, Json]:
        key = item.codelist or item.path
        if key not in self._codes:
            found: dict[str, Json] = {}
            for option in item.options:
                for language in messages.LANGUAGES:
                    label = words.shown(item, option.value, self._dictionary, language)
                    found.setdefault(_plain(label), option.value)
            for option in item.options:
                found.setdefault(_plain(str(option.value)), option.value)
            self._codes[key] = found
        return self._codes[key]


def _picked(values: Sequence[str], text: str, address: str) -> tuple[Json, CellFault | None]:
    """Exactly one is called so; or it has to be picked on the page."""
    if len(values) == 1:
        return values[0], None
    code = "workbook.picked-several" if values else "workbook.picked-nobody"
    return None, CellFault(address, code, text)


def matched(
    key: str | None, before: Sequence[Json], after: Sequence[Mapping[str, Json]]
) -> list[Mapping[str, Any] | None]:
    """Which row of the document each row of the workbook is: the same in all cells, of the same key,
    or, in a table without a key, the next one that is left; None for a new one.
    """
    left = {number: row for number, row in enumerate(before) if isinstance(row, Mapping)}
    found: list[Mapping[str, Any] | None] = [None] * len(after)
    _by(left, found, after, lambda row, names: tuple([str(row.get(one)) for one in names]))
    if key:
        _by(left, found, after, lambda row, _: row.get(key) or None)
    else:
        rest = iter(sorted(left))
        for number, row in enumerate(found):
            if row is None and (next_left := next(rest, None)) is not None:
                found[number] = left.pop(next_left)
    return found


def _by(
    left: dict[int, Mapping[str, Any]],
    found: list[Mapping[str, Any] | None],
    after: Sequence[Mapping[str, Json]],
    sign: Callable[[Mapping[str, Any], Sequence[str]], Any],
) -> None:
    names = tuple(after[0]) if after else ()
    waiting: dict[Any, list[int]] = {}
    for number, row in left.items():
        waiting.setdefault(sign(row, names), []).append(number)
    for number, row in enumerate(after):
        told = sign(row, names)
        if found[number] is None and told is not None and waiting.get(told):
            found[number] = left.pop(waiting[told].pop(0))


def _with_rows(contents: Mapping[str, Json], path: str, rows: list[Json]) -> dict[str, Json]:
    """The document with these rows; tables stand at the root or inside groups."""
    steps = path.split("/")[1:]

    def put(node: Mapping[str, Json], at: int) -> dict[str, Json]:
        if at == len(steps) - 1:
            return {**node, steps[at]: rows}
        inner = node.get(steps[at])
        return {**node, steps[at]: put(inner if isinstance(inner, Mapping) else {}, at + 1)}

    return put(contents, 0) if rows else document.remove(contents, path)


def _ours(item: Item) -> bool:
    """Whether a person may write the cell, and what stands there tells the whole value."""
    return not item.readonly and item.present != "masked" and item.attachment is None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()
