"""Likely duplicates, merges and splits as their pages show them: two cards side by side."""

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from admin.views import words
from admin.web.html import text
from engine import absence
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.identity import store as identity
from engine.json_text import Json
from engine.privacy import masks
from engine.registers import acts, joining, store
from engine.registers.acts import Join
from engine.registers.duplicates import Search
from engine.registers.joins import STANDING, Kept
from engine.registers.likeness import ADDRESSES, BIRTHS, NAMES, PHONES
from engine.registers.pairs import Pair
from engine.registers.store import Origin
from engine.registers.variants import canonical_key
from engine.registers.whole import Register, Whole
from engine.work import Work
from forms import following
from forms.prefill import naming, resolve

DIVISION = "division-code"


def subject_name(known: Dictionary, code: str, language: str) -> str:
    """What a register is called."""
    labels = known.subjects[code].labels
    return labels.get(language) or labels.get("zh", code)


def pairs(work: Work, found: Sequence[Pair], language: str) -> list[dict[str, Any]]:
    """Rows of the list: who with whom, and why."""
    known = dictionary(work.connection)
    told = []
    for one in found:
        both = Register(work, known, one.subject).read([one.first_id, one.second_id])
        told.append(
            {
                "id": one.id,
                "names": [
                    title(work, known, one.subject, both.get(own), language)
                    for own in (one.first_id, one.second_id)
                ],
                "score": one.score,
                "why": why(known, one, language),
                "state": one.state,
                "by": one.decided_by_name,
                "reason": one.reason,
            }
        )
    return told


def title(work: Work, known: Dictionary, subject: str, one: Whole | None, language: str) -> str:
    """A name and a place by which people recognise a subject."""
    if one is None:
        return text(language, "joins.gone")
    facts = one.state[STANDING]
    shown = []
    for name in (*NAMES, "birth_date", known.subjects[subject].home or ""):
        field = known.fields.get(f"{subject}.{name}")
        if field is not None and name in facts:
            shown.append(display(work, known, field, facts[name].value, language))
    return " ".join(part for part in shown if part) or text(language, "joins.nameless")


def why(known: Dictionary, one: Pair, language: str) -> list[dict[str, Any]]:
    """By which fields two are alike, the likest first."""
    told = []
    for name, alike in sorted(one.why.items(), key=lambda item: -item[1]):
        field = known.fields.get(f"{one.subject}.{name}")
        if field is not None:
            label = field.label(language)
            told.append({"label": label, "alike": alike, "kind": _kind(alike)})
    return told


def cards(work: Work, subject: str, both: Sequence[Whole], language: str) -> list[dict[str, Any]]:
    """Every field that either knows: both values with where they came from, and which is offered;
    those to be chosen first.
    """
    known = dictionary(work.connection)
    origins = _origins(work, both)
    rows = []
    for field in known.of(subject):
        if field.periodic or field.compute or field.code in work.rules.withheld():
            continue
        held = [one.state[STANDING].get(field.name) for one in both]
        values = [one.value if one else None for one in held]
        if all(value is None for value in values):
            continue
        rows.append(
            {
                "name": field.name,
                "label": words.with_unit(field.label(language), field.unit, language),
                "choice": len(both) > 1 and None not in values and values[0] != values[-1],
                "offered": _offered(field, held, origins),
                "cells": [
                    {
                        "display": display(work, known, field, value, language),
                        "empty": value is None,
                        "source": _source(work, origins.get(one.origin) if one else None, language)
                        if value is not None
                        else None,
                    }
                    for one, value in zip(held, values, strict=True)
                ],
            }
        )
    first = _first(known, subject)
    return sorted(rows, key=lambda row: (not row["choice"], first.get(row["name"], len(first))))


def _first(known: Dictionary, subject: str) -> dict[str, int]:
    """The fields by which people recognise a subject, in the order in which they look."""
    kind = known.subjects[subject]
    names = (*NAMES, *kind.keys, *BIRTHS, "sex", *ADDRESSES, *PHONES, kind.home or "")
    return {name: at for at, name in reversed([*enumerate(names)])}


def attached(work: Work, subject: str, ids: Sequence[str], language: str) -> list[list[str]]:
    """In which ledgers kept by hand each of them stands: what goes along."""
    return [
        [
            f"{lens.title(language)}（{since}）"
            if language == "zh"
            else f"{lens.title(language)} ({since})"
            for lens, since in following.stays(work, subject, own)
        ]
        for own in ids
    ]


def display(work: Work, known: Dictionary, field: Field, value: Json, language: str) -> str:
    """A value as it is read; one that is protected only in part."""
    if value is None:
        return ""
    if (gone := absence.shown(value, language)) is not None:
        return gone
    if masks.is_masked(field):
        part = masks.masked(field, value)
        return str(part) if part is not None else text(language, "joins.hidden")
    if isinstance(value, list):
        return "、".join(display(work, known, field, one, language) for one in value)
    if isinstance(value, bool):
        return text(language, "cell.yes" if value else "cell.no")
    if field.codelist:
        return words.code_label(field.codelist, str(value), known, language)
    if field.schema.get("format") == DIVISION:
        return identity.organisation_names(work.connection, [str(value)]).get(
            str(value), str(value)
        )
    return str(value) if isinstance(value, str) else words.number(value)


def act(work: Work, one: Join, language: str) -> dict[str, Any]:
    """A merge or split in a list and on its page."""
    known = dictionary(work.connection)
    found = Register(work, known, one.subject).read([one.kept_id, one.other_id])
    labels = [
        known.fields[code].label(language)
        for name in one.taken
        if (code := f"{one.subject}.{name}") in known.fields
    ]
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state,
        "title": title(
            work, known, one.subject, found.get(one.kept_id) or found.get(one.other_id), language
        ),
        "other": _other(work, known, one, found.get(one.other_id), language),
        "register": subject_name(known, one.subject, language),
        "subject": one.subject,
        "fields": labels,
        "reason": one.reason,
        "by": one.by_name,
        "at": words.moment(one.at),
        "decided_by": one.decided_by_name,
        "decided_at": words.moment(one.decided_at),
        "answer": one.answer,
        "href": f"/registers/acts/{one.id}",
    }


def _other(work: Work, known: Dictionary, one: Join, there: Whole | None, language: str) -> str:
    """Who went into the one that stayed, or came out of it: as it is now, or as it was then."""
    if there is None:
        was = acts.detail(work, one.id)
        said = was.get("other") or was.get("begun")
        there = Whole.from_json(said) if said else None
    return title(work, known, one.subject, there, language) if there else ""


def search(found: Search | None) -> dict[str, Any] | None:
    """How far the last search is."""
    if found is None:
        return None
    return {
        "state": found.state,
        "percent": found.percent,
        "rows": words.number(found.rows),
        "found": words.number(found.found),
        "crowded": words.number(found.crowded) if found.crowded else "",
        "begun": words.moment(found.begun_at),
        "ended": words.moment(found.ended_at),
        "by": found.begun_by_name,
    }


def seen(work: Work, both: Sequence[Whole]) -> str:
    """The stamp that a decision must carry."""
    return joining.stamp(work, *both)


def _kind(alike: int) -> str:
    return "same" if alike == 100 else "near" if alike else "other"


def _origins(work: Work, both: Sequence[Whole]) -> dict[int, Origin]:
    wanted = {kept.origin for one in both for kept in one.state[STANDING].values()}
    return store.origins_by_id(work.connection, wanted)


def _offered(field: Field, held: Sequence[Kept | None], origins: dict[int, Origin]) -> int:
    """Which value is offered: the only one, a valid key before an old one, one that is told before one
    that is not, then by authority as in a report that is filled in advance, then the newer.
    """
    filled = [at for at, one in enumerate(held) if one is not None and one.value is not None]
    if len(filled) < 2:
        return filled[0]
    shape = field.schema.get("format")
    values = [one.value if one else None for one in held]
    normal = [at for at in filled if canonical_key(shape, str(values[at])) == values[at]]
    if shape and len(normal) == 1:
        return normal[0]
    came = [
        (at, origins[one.origin]) for at, one in enumerate(held) if one is not None and at in filled
    ]
    came.sort(key=lambda one: one[1].at, reverse=True)
    came.sort(key=lambda one: (absence.silent(values[one[0]]), resolve.rank(field, one[1].source)))
    return came[0][0]


def _source(work: Work, origin: Origin | None, language: str) -> dict[str, Any] | None:
    if origin is None:
        return None
    facts = structs.asdict(origin)
    if origin.form_code:
        facts["titles"] = naming.titles(work.connection, origin)
    return words.source(facts, language, now=work.now)
