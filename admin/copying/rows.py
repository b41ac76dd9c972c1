"""The rows of a copy: opened with the keys of here, disguised, sealed with the keys of there."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Table, select, tuple_

from admin.copying.ids import Ids, row_ids
from engine.absence import kind_of
from engine.dictionary.field import Field
from engine.json_text import Json, dumps, trusted
from engine.privacy.pseudonyms import MARK
from engine.registers.schema import blind_name, column_name
from engine.registers.store import ORIGIN
from engine.storage import sealed
from engine.work import Work
from forms import store as forms
from forms.compiled import CompiledForm
from forms.pseudonymous import Disguise
from forms.sources_once import packed, unpacked
from workflows.retaining import silent
from workflows.store import CASE

Row = Mapping[Any, Any]
LIVE = {"published"}
SEALED = {
    "document": ("contents", "cells", "explanations"),
    "flow_case": ("state",),
    "flow_event": ("document",),
    "task": ("cells",),
}
"""What is sealed already when the ids of a row are replaced."""
SUBJECT = ("id", "subject_id")


@dataclass
class Copy:
    """Where rows come from, where they go, and how they are disguised."""

    here: Work
    there: Work
    disguise: Disguise
    ids: Ids
    password_hash: str
    logins: dict[str, dict[str, str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    """Of documents: a case may be called after a person, its form is not."""
    rows: dict[str, frozenset[str]] = field(default_factory=dict)
    """Of documents: the ids of their rows, which may be of any form."""
    cases: dict[str, str] = field(default_factory=dict)
    """Of cases: their documents."""

    @cached_property
    def origins(self) -> dict[int, int]:
        """Of origins: the numbers that they have there."""
        return self.ids.numbers(self.here.connection.execute(select(ORIGIN.c.id)).scalars())

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Of cases that have one: the number of another case of the same flow."""
        query = select(CASE.c.flow_code, CASE.c.number).where(CASE.c.number.is_not(None))
        by: dict[str, list[str]] = defaultdict(list)
        for flow, number in self.here.connection.execute(query):
            by[flow].append(number)
        return {one: other for own in by.values() for one, other in self.ids.among(own).items()}

    def changed(self, table: str, row: Row) -> dict[str, Any] | None:
        """What becomes of a row of a table, its ids included; None: it is left out."""
        change: Callable[[Row], dict[str, Any] | None] = getattr(self, f"_{table}", dict)
        made = change(row)
        if made is None:
            return None
        done = SEALED.get(table, ())
        kept = {name: one if name in done else self.ids.within(one) for name, one in made.items()}
        if table == "ledger_member":
            kept["subject_id"] = self.ids.own(row["subject_id"])
        return kept

    def _person(self, text: Any) -> str:
        return self.disguise.made.person(str(text)) if text else ""

    def _account(self, row: Row) -> dict[str, Any] | None:
        if row["kind"] != "person" or not row["active"]:
            return None
        login = f"u{len(self.logins) + 1:04d}"
        name = self._person(row["name"])
        self.logins[row["id"]] = {"login": login, "name": name}
        return {
            **row, "login": login, "name": name, "password_hash": self.password_hash, "phone": "",
            "mail": "", "language": "", "failed": 0, "locked_until": None, "password_at": None,
            "password_change": False,
        }  # fmt: skip

    def _position(self, row: Row) -> dict[str, Any] | None:
        return dict(row) if row["account_id"] in self.logins else None

    def _form(self, row: Row) -> dict[str, Any] | None:
        if row["status"] not in LIVE:
            return None
        return {**row, "proposal": None, "template_id": None, "note": ""}

    def _origin(self, row: Row) -> dict[str, Any]:
        names = ("actor_name", "verified_by", "approved_by")
        kept = {**row, **{name: self._person(row[name]) for name in names}}
        return {**kept, "id": self.origins[row["id"]]}

    def _document(self, row: Row) -> dict[str, Any]:
        form = self._published(row["form_code"], row["form_version"])
        self.titles[row["id"]] = form.title()
        opened = sealed.unsealed(
            self.here.connection, row, SEALED["document"], f"document:{row['id']}"
        )
        self.rows[row["id"]] = frozenset(row_ids(opened["contents"]))
        values = {
            "contents": self.disguise.contents(form, opened["contents"]),
            "cells": packed(self.disguise.cells(form, unpacked(opened["cells"]))),
            "explanations": dict.fromkeys(opened["explanations"], MARK),
        }
        place = f"document:{self._other(row['id'])}"
        kept = {
            name: self._seal(self._within(row["id"], one), f"{place}.{name}", "document")
            for name, one in values.items()
        }
        return {**row, **kept, "mark_reason": MARK if row["mark_reason"] else ""}

    def _flow_case(self, row: Row) -> dict[str, Any]:
        title = self.titles.get(row["document_id"], "")
        here, there = (f"flow_case:{one}.state" for one in (row["id"], self._other(row["id"])))
        self.cases[row["id"]] = row["document_id"]
        return {
            **row, **self._course(row, "state", here, there), "title": title,
            "number": self.numbers.get(row["number"]),
        }  # fmt: skip

    def _flow_event(self, row: Row) -> dict[str, Any]:
        cases = (row["case_id"], self._other(row["case_id"]))
        here, there = (f"flow_event:{one}:{row['seq']}.document" for one in cases)
        left = {name: one for name, one in row.items() if name != "id"}
        return {
            **left, **self._course(left, "document", here, there),
            "actor_name": self._person(row["actor_name"]),
        }  # fmt: skip

    def _task(self, row: Row) -> dict[str, Any]:
        place = f"task:{row['id']}.cells"
        cells = sealed.unseal(self.here.connection, row["cells"], place)
        left = self._within(row["document_id"], dict.fromkeys(cells, MARK)) if cells else cells
        return {
            **row,
            "cells": self._seal(left, f"task:{self._other(row['id'])}.cells", "flow"),
            "title": self.titles.get(row["document_id"], ""),
        }

    def _dispatch(self, row: Row) -> dict[str, Any]:
        return {
            **row, "note": "", "reason": "", "created_name": self._person(row["created_name"]),
            "archive": None, "cadence_id": None,
        }  # fmt: skip

    def _ledger_member(self, row: Row) -> dict[str, Any]:
        day = self.disguise.made.day
        return {
            **row, "entered_on": day(row["entered_on"]),
            "left_on": day(row["left_on"]) if row["left_on"] else None,
            "entry_reason": MARK, "exit_reason": MARK if row["exit_reason"] else "",
            "entered_by": self._person(row["entered_by"]), "left_by": self._person(row["left_by"]),
        }  # fmt: skip

    def _course(self, row: Row, column: str, here: str, there: str) -> dict[str, Any]:
        opened = silent(sealed.unseal(self.here.connection, row[column], here))
        if opened.get("number") in self.numbers:
            opened = {**opened, "number": self.numbers[opened["number"]]}
        document = self.cases[row["case_id"] if "case_id" in row else row["id"]]
        return {column: self._seal(self._within(document, opened), there, "flow")}

    def _other(self, id_: str) -> str:
        return str(self.ids.within(id_))

    def _within(self, document: str, value: Json) -> Json:
        return self.ids.within(value, self.rows.get(document, frozenset()))

    def _seal(self, value: Json, place: str, kind: str) -> Json:
        return sealed.seal(self.there.connection, value, place, kind)

    def _published(self, code: str, version: int) -> CompiledForm:
        return forms.published(self.here.connection, code, version)

    def facts(
        self, row: Row, fields: list[Field], place: Callable[[Row, Field], str]
    ) -> dict[str, Any]:
        """A row of a register or of a ledger's own table; `place` tells of a row what seals it."""
        told = {column_name(one) for one in fields} | {blind_name(one) for one in fields}
        made = {name: one if name in told else self.ids.within(one) for name, one in row.items()}
        made |= {name: self.ids.own(row[name]) for name in SUBJECT if name in row}
        made["sources"] = {name: self.origins[one] for name, one in row["sources"].items()}
        for one in fields:
            name = column_name(one)
            if name not in made or made[name] is None:
                continue
            if not one.secret:
                made[name] = self.disguise.value(one, made[name])
                continue
            plain = self.here.vault.open(row[name], place(row, one))
            text = one.schema.get("type") == "string"
            value = self.disguise.value(one, plain if text else trusted(plain))
            if value is None or kind_of(value):
                made[name] = made[blind_name(one)] = None
                continue
            said = value if text else dumps(value)
            made[name] = self.there.vault.seal(said, place(made, one))
            made[blind_name(one)] = self.there.vault.blind(said, one.code)
        return made


def batches(work: Work, table: Table, ids: Ids, *, size: int = 500) -> Iterator[list[Row]]:
    """The rows of a table in an order that tells nothing, some at a time."""
    key = list(table.primary_key)
    keys = sorted((tuple(row) for row in work.connection.execute(select(*key))), key=ids.turn)
    for start in range(0, len(keys), size):
        query = select(table).where(tuple_(*key).in_(keys[start : start + size]))
        rows = {
            tuple(row[one.name] for one in key): dict(row)
            for row in work.connection.execute(query).mappings()
        }
        yield [rows[one] for one in keys[start : start + size]]
