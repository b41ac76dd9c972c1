"""The dictionary section of a pack: code lists, kinds of subject, fields."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.dictionary import store
from engine.dictionary.field import Field, read_field
from engine.registers import schema
from engine.work import Work


def load_codelists(work: Work, documents: Iterable[Mapping[str, Any]]) -> int:
    """Add or replace code lists."""
    return len([store.save_codelist(work, document) for document in documents])


def load_fields(work: Work, documents: Iterable[Mapping[str, Any]]) -> int:
    """Add or renew fields with their kinds of subject, and bring the registers to them."""
    count = 0
    known = store.dictionary(work.connection)
    for document in documents:
        subject = store.save_subject(work, document["subject"])
        for one in document["fields"]:
            store.save_field(work, _as_kept(read_field(one, subject.code), known))
            count += 1
    schema.migrate(work.connection, store.dictionary(work.connection))
    return count


def _as_kept(field: Field, known: store.Dictionary) -> Field:
    """A declared field under the code it is kept by here: it may have been renamed since, here or in
    the pack.
    """
    here = known.fields.get(field.code)
    if here is None:
        return field
    renamed = dict.fromkeys((*here.renamed, *field.renamed))
    return replace(field, code=here.code, renamed=tuple(renamed))
