"""When a document is final its shared facts go back to the registers, in the same transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import absence
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.json_text import Json
from engine.registers import converting
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import Work
from forms import document
from forms.compiled import CompiledForm, TablePlan
from forms.documents import DocumentRecord
from forms.prefill.offer import THEN
from forms.structure import ROW_ID

REGISTERS = ("steward", "verified", "entered", "connector", THEN)
"""The sources whose values stand in a register."""


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Who stands behind the values: names by step."""

    filled: str = ""
    verified: str = ""
    approved: str = ""


def write_back(work: Work, record: DocumentRecord, form: CompiledForm, signed: SignedBy) -> int:
    """Set what the form may set, with the document as origin; gives how many values changed."""
    known = dictionary(work.connection)
    origin = registers.add_origin(work, _origin(work, record, form, signed))
    changes = [*_root(known, record, form), *_tables(work, known, record, form)]
    changed = registers.set_values(work, known, changes, origin, reason=form.title())
    work.note("register.written", record.id, values=len(changes), changed=changed)
    return changed


def _origin(work: Work, record: DocumentRecord, form: CompiledForm, signed: SignedBy) -> Origin:
    return Origin(
        source="verified",
        title=form.title(),
        at=work.at,
        actor_id=work.actor.id,
        actor_name=signed.filled,
        verified_by=signed.verified,
        approved_by=signed.approved,
        organisation=record.organisation_code,
        form_code=form.code,
        form_version=form.version,
        document_id=record.id,
        task_id=work.task_id,
        period=record.period,
    )


def _may_set(known: Dictionary, form: CompiledForm, code: str) -> Field | None:
    field = known.fields.get(code)
    if field is None or code not in form.sets or field.status == "retired":
        return None
    return field


def _echoed(record: DocumentRecord, path: str, value: Json) -> bool:
    """Whether a cell only says again what a register said when it was prefilled."""
    kept: Any = record.cells.get(path) or {}
    source = str((kept.get("source") or {}).get("source", ""))
    return source.partition(":")[0] in REGISTERS and document.same(value, kept.get("known"))


def _root(known: Dictionary, record: DocumentRecord, form: CompiledForm) -> Iterator[Change]:
    for binding in form.plan.root.get(form.subject, ()):
        value = document.get(record.contents, binding.path)
        if _may_set(known, form, binding.field.code) and not document.blank(value):
            yield Change(
                binding.field.code,
                record.organisation_code,
                converting.into(known, binding.field, value),
                record.period or None,
                yields=True,
                echoes=_echoed(record, binding.path, value),
            )


def _tables(
    work: Work, known: Dictionary, record: DocumentRecord, form: CompiledForm
) -> Iterator[Change]:
    for plan in form.plan.tables:
        if plan.subject is None:
            continue
        rows: Any = document.get(record.contents, plan.table) or []
        settable = {
            binding.path.rpartition("/")[2]: binding.field
            for binding in plan.bindings.get(plan.subject, ())
            if _may_set(known, form, binding.field.code)
        }
        ids = _subjects(work, known, plan, rows)
        for row in rows:
            subject = ids.get(row[ROW_ID])
            if subject is None:
                continue
            for name, field in settable.items():
                if not document.blank(row.get(name)):
                    path = f"{plan.table}/{row[ROW_ID]}/{name}"
                    yield Change(
                        field.code,
                        subject,
                        converting.into(known, field, row[name]),
                        record.period or None,
                        yields=True,
                        echoes=_echoed(record, path, row[name]),
                    )


def _subjects(
    work: Work, known: Dictionary, plan: TablePlan, rows: list[Mapping[str, Json]]
) -> dict[str, str]:
    """The register's subject of each row: by natural key, else by the row's own identity if the
    register knows it, else a new one. A row without its key sets nothing.
    """
    kind = known.subjects[plan.subject or ""]
    key = plan.key or (kind.keys[0] if kind.keys else "")
    field = known.fields.get(f"{plan.subject}.{key}")
    if field is None:
        return {}
    bound = {
        b.field.code: b.path.rpartition("/")[2] for b in plan.bindings.get(plan.subject or "", ())
    }
    name = bound.get(field.code, key)
    keys = {row[ROW_ID]: row.get(name) for row in rows}
    values = {
        row: str(key)
        for row, key in keys.items()
        if not document.blank(key) and absence.kind_of(key) is None
    }
    found = registers.find(work, known, field, sorted(set(values.values())))
    return {row: found.get(value) or work.new_id() for row, value in values.items()}
