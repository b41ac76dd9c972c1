"""Adding and changing fields of the dictionary together with the registers that keep their values."""

from dataclasses import replace

from engine.dictionary.field import Field, FieldInvalid
from engine.dictionary.store import Dictionary, dictionary, save_field
from engine.errors import Conflict
from engine.registers import schema
from engine.work import Work


def add(work: Work, field: Field) -> Field:
    """Add a field; the register of its subject gets a column. Raises Forbidden, FieldInvalid."""
    known = dictionary(work.connection)
    _refuse_unknown(known, field)
    if field.code in known.fields:
        raise FieldInvalid(where=field.code, reason="duplicate")
    saved = save_field(work, field)
    schema.migrate(work.connection, dictionary(work.connection))
    return saved


def change(work: Work, field: Field, seen: int) -> Field:
    """Give a field a new version, if it still has the version that was seen.

    Raises Forbidden, FieldUnknown, Conflict, and FieldInvalid if kept values would mean something else.
    """
    known = dictionary(work.connection)
    now = known.field(field.code)
    if now.version != seen:
        raise Conflict(what=now.label())
    _refuse_unknown(known, field)
    return save_field(work, field)


def retire(work: Work, code: str, seen: int) -> Field:
    """Close a field for new forms, or open a closed one again; published forms go on with it."""
    now = dictionary(work.connection).field(code)
    status = "standard" if now.status == "retired" else "retired"
    return change(work, replace(now, status=status), seen)


def _refuse_unknown(known: Dictionary, field: Field) -> None:
    if field.subject not in known.subjects:
        raise FieldInvalid(where=field.code, reason="subject")
    if field.codelist and field.codelist not in known.codelists:
        raise FieldInvalid(where=field.code, reason="codelist")
