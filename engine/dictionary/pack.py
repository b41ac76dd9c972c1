"""The dictionary section of a pack: code lists, kinds of subject, fields."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.dictionary import store
from engine.dictionary.field import read_field
from engine.registers import schema
from engine.work import Work


def load_codelists(work: Work, documents: Iterable[Mapping[str, Any]]) -> int:
    """Add or replace code lists."""
    return len([store.save_codelist(work, document) for document in documents])


def load_fields(work: Work, documents: Iterable[Mapping[str, Any]]) -> int:
    """Add or renew fields with their kinds of subject, and bring the registers to them."""
    count = 0
    for document in documents:
        subject = store.save_subject(work, document["subject"])
        for one in document["fields"]:
            store.save_field(work, read_field(one, subject.code))
            count += 1
    schema.migrate(work.connection, store.dictionary(work.connection))
    return count
