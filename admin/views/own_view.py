"""What a resident reads of their own, and what the counter sees of the slips it handed out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from admin.views import erasure_view, words
from admin.web.html import text
from engine import clock
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.erasure.copy import Copy, Look, Told
from engine.json_text import Json
from engine.privacy import masks
from engine.residents import store as residents
from engine.residents.store import PERSON, Found, Visit
from engine.work import Work
from forms import own_facts
from renderers import contract

UNTOLD = ("oversight",)
"""Purposes whose looker is not named: an inspection or a case may depend on it (PIPL, articles 18 and 35)."""
FIX = "/mine/fix"
OPTIONS = 400
"""A longer list of codes is typed, not picked."""


def page(
    work: Work, visit: Visit, found: Copy, language: str, *, whole: bool = False
) -> dict[str, Any]:
    """All that is shown of somebody to themselves, masked unless they pressed for the whole."""
    known = dictionary(work.connection)
    values = [(one.field, one.value) for one in found.values]
    asked = own_facts.asked(work, visit)
    places = erasure_view.places_of(
        work,
        [*values, *((known.field(one.field), two) for one in asked for two in (one.shown, one.claimed))],
    )  # fmt: skip
    open_ = {(one.field, one.period) for one in asked if one.status == "open"}
    told = sorted(found.values, key=lambda one: _first(one.field, known))
    rows = [_row(one, known, places, language, whole=whole) for one in told]
    return {
        "name": next((row["value"] for row in rows if row["code"] == f"{PERSON}.name"), ""),
        "values": [
            {**row, "asked": (row["code"], one.period) in open_}
            for row, one in zip(rows, told, strict=True)
        ],
        "looks": [look(one, language) for one in found.looks],
        "asks": [
            {
                "label": known.field(one.field).label(language),
                "claimed": _value(known.field(one.field), one.claimed, known, places, language, whole=whole),
                "at": words.moment(one.raised_at),
                "status": one.status,
                "decided_at": words.moment(one.decided_at),
                "answer": one.answer,
            }
            for one in asked
        ],
        "whole": whole,
        "masked": any(row["masked"] for row in rows),
        "kiosk": visit.place == residents.KIOSK,
        "at": words.moment(found.at),
    }  # fmt: skip


def copied(work: Work, found: Copy, language: str) -> dict[str, Any]:
    """The copy that is taken along: everything whole, and the looks as far as they are told."""
    told = erasure_view.copied(work, found, language)
    return {**told, "looks": [look(one, language) for one in found.looks]}


def document(work: Work, found: Copy, language: str) -> contract.Document:
    """The same for paper."""
    told = copied(work, found, language)
    tables = (
        _table(text(language, "mine.held"), told["values"], ("label", "value", "period", "source", "by", "since"), language),
        _table(text(language, "mine.looks"), told["looks"], ("at", "by", "what", "purpose"), language),
    )  # fmt: skip
    return contract.Document(
        title=text(language, "mine.title"),
        organisation="",
        period=str(told["at"]),
        sections=(contract.Section(tables=tables),),
        blocks={"notes": text(language, "mine.rights")},
    )


def look(one: Look, language: str) -> dict[str, Any]:
    """A look as the person is told it."""
    untold = one.kind in UNTOLD
    return {
        "at": words.moment(one.at),
        "by": text(language, "mine.untold") if untold else one.by,
        "what": text(language, f"audit.did.{one.action}"),
        "purpose": text(language, "mine.untold_why") if untold else one.purpose,
    }


def fix(work: Work, visit: Visit, code: str, period: str, language: str) -> dict[str, Any]:
    """The page on which one fact is said to be wrong. Raises NotFound."""
    known = dictionary(work.connection)
    field, shown = own_facts.fact(work, visit, code, period)
    places = erasure_view.places_of(work, [(field, shown)])
    codes = known.codelists[field.codelist].values if field.codelist else ()
    return {
        "field": {"code": code, "period": period, "label": words.with_unit(field.label(language), field.unit, language)},
        "period_text": words.period(period, language) if period else "",
        "value": _value(field, shown, known, places, language, whole=False),
        "options": [
            {"value": one.code, "text": words.code_label(field.codelist or "", one.code, known, language)} for one in codes
        ] if len(codes) <= OPTIONS else [],
        "kind": _kind(field),
    }  # fmt: skip


def found(work: Work, one: Found) -> dict[str, Any]:
    """Somebody at the counter: enough to see that it is the right one."""
    known = dictionary(work.connection)
    key = known.field(f"{PERSON}.{known.subjects[PERSON].keys[0]}")
    return {"id": one.id, "name": one.name, "key": masks.masked(key, one.key), "place": one.place}


def slips(work: Work, language: str) -> list[dict[str, Any]]:
    """What the office handed out."""
    rows = residents.listed(work)
    named = [Named(row["subject_id"]) for row in rows]
    people = erasure_view.who(work, named)
    return [
        {
            "id": row["id"],
            "who": people.get(row["subject_id"], "—"),
            "by": row["made_by_name"],
            "at": words.moment(row["made_at"]),
            "place": text(language, f"slip.place.{row['place']}"),
            "proof": text(language, f"slip.proof.{row['proof']}"),
            "state": row["state"],
            "state_text": text(language, f"slip.state.{_ended(row)}"),
        }
        for row in rows
    ]


class Named:
    """A person by id, for those who only want the name."""

    subject = PERSON

    def __init__(self, subject_id: str) -> None:
        self.subject_id = subject_id


def until(slip: residents.Slip) -> str:
    """By the office's clock, when a slip is over."""
    return clock.local(datetime.fromisoformat(slip.until)).strftime("%H:%M")


def _ended(row: Mapping[str, Any]) -> str:
    if row["state"] != "over":
        return str(row["state"])
    if row["ended_how"]:
        return str(row["ended_how"])
    return "used" if row["opened_at"] else "unused"


def _first(field: Field, known: Dictionary) -> int:
    """Who it is comes first, then where they live, then the rest as it comes."""
    kind = known.subjects[PERSON]
    order = ("name", *kind.keys, kind.home)
    return order.index(field.name) if field.name in order else len(order)


def _row(
    one: Told, known: Dictionary, places: Mapping[str, str], language: str, *, whole: bool
) -> dict[str, Any]:
    origin = one.origin
    query = urlencode({"field": one.field.code, "period": one.period})
    return {
        "code": one.field.code,
        "label": words.with_unit(one.field.label(language), one.field.unit, language),
        "value": _value(one.field, one.value, known, places, language, whole=whole),
        "masked": masks.is_masked(one.field) and not whole,
        "period": words.period(one.period, language) if one.period else "",
        "source": origin.title if origin else "",
        "since": words.moment(origin.at) if origin else "",
        "fix": f"{FIX}?{query}" if own_facts.correctable(known, one.field) else None,
    }


def _value(
    field: Field, value: Json, known: Dictionary, places: Mapping[str, str], language: str, *, whole: bool
) -> str:  # fmt: skip
    if whole or not masks.is_masked(field):
        return erasure_view.value_text(field, value, known, places, language)
    return str(masks.masked(field, value) or "＊＊＊")


def _kind(field: Field) -> str:
    if field.schema.get("format") == "date":
        return "date"
    kind = field.schema.get("type")
    if kind == "boolean":
        return "boolean"
    if field.schema.get("format") == own_facts.PLACE:
        return "place"
    return "number" if kind in ("integer", "number") and not field.codelist else "text"


def _table(
    title: str, rows: Sequence[Mapping[str, Any]], names: Sequence[str], language: str
) -> contract.Table:
    heads = [text(language, f"mine.col.{one}") for one in names]
    return contract.Table(
        tuple(contract.Column((one,)) for one in heads),
        tuple(contract.Row(tuple(contract.Cell(str(row.get(one) or "")) for one in names)) for row in rows),
        title=title,
    )  # fmt: skip
