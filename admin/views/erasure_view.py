"""Deletions and holds in the words people read; a person is shown by name and a masked number only."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from admin.views import words
from admin.web.html import text
from engine import absence
from engine.access import policy
from engine.crypto.vault import witnessed
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.erasure import store
from engine.erasure.copy import Copy
from engine.erasure.store import ASKED, BASES, DONE, REFUSED, SWEEPING, Erasure
from engine.identity import store as identity
from engine.json_text import Json, dumps
from engine.privacy import masks
from engine.registers import store as registers
from engine.work import Work

MARKS = {ASKED: "soon", SWEEPING: "soon", DONE: "ok", REFUSED: "late"}


def listing(work: Work, language: str) -> dict[str, Any]:
    """The page's rows, and what the visitor may do."""
    found, holds = store.listed(work), store.holds(work)
    people = who(work, [*found, *holds])
    return {
        "rows": [_row(one, people, language) for one in found],
        "holds": [
            {"id": one.id, "who": people.get(one.subject_id, "—"), "matter": one.matter,
             "at": words.moment(one.placed_at), "by": one.placed_by_name}
            for one in holds
        ],
        "bases": [{"value": one, "text": text(language, f"erasure.basis.{one}")} for one in BASES],
        "may_ask": bool(policy.reaches(work.actor, "erasure.ask")),
        "may_hold": bool(policy.reaches(work.actor, "hold.change")),
    }  # fmt: skip


def page(work: Work, one: Erasure, language: str) -> dict[str, Any]:
    """One request with its certificate."""
    done = one.state == DONE
    return {
        "row": _row(one, who(work, [one]), language),
        "may_decide": one.state == ASKED
        and one.asked_by != work.actor.id
        and bool(policy.reaches(work.actor, "erasure.decide")),
        "may_withdraw": one.state == ASKED and one.asked_by == work.actor.id,
        "certificate": one.certificate() if done else "",
        "signature": one.signature,
        "fits": done and witnessed(one.certificate(), one.signature, work.vault.public_key()),
        "facts": {
            name: words.number(len(value) if isinstance(value, list) else value)
            for name, value in one.progress.items()
            if name in ("rows", "history", "opened", "changed", "beside", "files", "unreadable")
        },
        "files": one.progress.get("files", []),
        "key_left": done and one.generation in work.vault.ring.roots,
        "generation": one.generation,
    }


def copied(work: Work, found: Copy, language: str) -> dict[str, Any]:
    """A person's copy in words, for the page and for the file."""
    known = dictionary(work.connection)
    places = places_of(work, [(one.field, one.value) for one in found.values])
    return {
        "at": words.moment(found.at),
        "values": [
            {
                "label": words.with_unit(one.field.label(language), one.field.unit, language),
                "value": value_text(one.field, one.value, known, places, language),
                "period": words.period(one.period, language) if one.period else "",
                "source": one.origin.title if one.origin else "",
                "by": " ".join(filter(None, (one.origin.actor_name, one.origin.verified_by))) if one.origin else "",
                "since": words.moment(one.origin.at) if one.origin else "",
            }
            for one in found.values
        ],
        "looks": [
            {"at": words.moment(one.at), "by": one.by, "what": text(language, f"audit.did.{one.action}"), "purpose": one.purpose}
            for one in found.looks
        ],
    }  # fmt: skip


def places_of(work: Work, values: Iterable[tuple[Field, Json]]) -> dict[str, str]:
    """What the communities among some values are called."""
    codes = {str(value) for field, value in values if field.schema.get("format") == "division-code"}
    return identity.organisation_names(work.connection, sorted(codes))


def value_text(
    field: Field, value: Json, known: Dictionary, places: Mapping[str, str], language: str
) -> str:
    """As people read it: a code by its label, a community by its name."""
    if value is None:
        return ""
    if (gone := absence.shown(value, language)) is not None:
        return gone
    if isinstance(value, bool):
        return text(language, "cell.yes" if value else "cell.no")
    if isinstance(value, int | Decimal):
        return words.number(value)
    if field.codelist:
        return words.code_label(field.codelist, str(value), known, language)
    if isinstance(value, str) and value in places:
        return places[value]
    return value if isinstance(value, str) else dumps(value)


def _row(one: Erasure, people: dict[str, str], language: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "href": f"/erasures/{one.id}",
        "who": people.get(one.subject_id) or text(language, "erasure.gone", n=one.subject_id[-6:]),
        "basis": text(language, f"erasure.basis.{one.basis}"),
        "reason": one.reason,
        "asked_at": words.moment(one.asked_at),
        "asked_by": one.asked_by_name,
        "decided_at": words.moment(one.decided_at),
        "decided_by": one.decided_by_name,
        "done_at": words.moment(one.done_at),
        "state": one.state,
        "state_text": text(language, f"erasure.state.{one.state}"),
        "mark": MARKS.get(one.state, ""),
        "answer": one.answer,
    }


def who(work: Work, found: Sequence[Any]) -> dict[str, str]:
    """Name and masked key of those who are still known."""
    known = dictionary(work.connection)
    told: dict[str, str] = {}
    for subject in {one.subject for one in found}:
        if subject in known.subjects:
            ids = sorted({one.subject_id for one in found if one.subject == subject})
            told |= _told(work, known, subject, ids)
    return told


def _told(work: Work, known: Dictionary, subject: str, ids: list[str]) -> dict[str, str]:
    key = known.field(f"{subject}.{known.subjects[subject].keys[0]}")
    name = known.fields.get(f"{subject}.name")
    fields = [key, name] if name else [key]
    found = registers.fetch(work, known, subject, ids, fields)
    told = {}
    for own, values in found.items():
        parts = [str(values[name.code].value)] if name and name.code in values else []
        if key.code in values:
            parts.append(str(masks.masked(key, values[key.code].value) or ""))
        told[own] = " ".join(part for part in parts if part)
    return told
