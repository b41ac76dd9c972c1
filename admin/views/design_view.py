"""A draft form as the designer's island shows it: the sheet beside its items, what may be wrong."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from admin.views import condition_values, formula_view, outline_view, sheet_view, words
from admin.views.condition_view import Calling
from admin.web.html import text
from engine import messages
from engine.dictionary import units
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.json_text import Json
from engine.work import Work
from forms import publish, store
from forms.compiled import CompiledForm, Item
from forms.designing import palette
from forms.designing import store as design_store
from forms.designing.store import Step
from forms.importers.excel.files.grid import parse_address
from forms.store import Draft

MOST_ITEMS = 600
PERIODS = ("month", "quarter", "half", "year", "once")
KINDS = ("report", "ledger", "application")
TYPES = ("string", "integer", "number", "boolean")
SIDES = ("mine", "theirs")


@dataclass(frozen=True)
class Proposed:
    """What was recognised for an item."""

    confidence: Json
    field: str | None
    candidates: tuple[Mapping[str, Any], ...]
    samples: tuple[str, ...]
    cell: str


def design(work: Work, draft: Draft, language: str) -> dict[str, Any]:
    """The whole of GET /api/designs/{id}."""
    form = publish.compiled_now(work.connection, draft.document)
    known = dictionary(work.connection)
    proposal = draft.proposal or {}
    head = draft.document["form"]
    return {
        "id": draft.code,
        "revision": draft.revision,
        "form": {
            "title": draft.document.get("title", ""),
            "title_en": head.get("titles", {}).get("en", ""),
            "kind": head.get("kind", "report"),
            "period": head.get("period", "once"),
            "subject": head.get("subject", "org"),
            "nil": head.get("nil", False),
            "print": asdict(form.printing),
            "headings": {
                heading: told.get("en", "") for heading, told in head.get("headings", {}).items()
            },
            "version": draft.version,
        },
        **sheet_view.sheets(work, draft, form, proposal),
        "blocks": _around(proposal),
        "outline": outline_view.outline(draft.document, form, language),
        **standing(work, draft, language),
        "tables": [
            {
                "path": table.path,
                "title": table.label(language),
                "kind": table.kind,
                "rows": len(table.rows),
            }
            for table in form.tables
        ],
        "items": items(form, known, proposal, language, condition_values.calling(work)),
        "checks": [
            {
                "code": check["code"],
                "formula": check["formula"],
                "words": formula_view.words(
                    form, known, check["formula"], check.get("over"), language
                ),
                "severity": check.get("severity", "error"),
                "text": check.get("text", ""),
                "text_en": check.get("texts", {}).get("en", ""),
                "over": check.get("over"),
            }
            for check in head.get("checks", ())
        ],
        "problems": _warnings(proposal, language),
        "choices": _choices(known, language),
    }


def items(
    form: CompiledForm,
    known: Dictionary,
    proposal: Mapping[str, Any],
    language: str,
    calling: Calling,
) -> list[dict[str, Any]]:
    """The items of a form with what was recognised for each; what was put there by hand is sure."""
    recognised = {part.get("sheet", ""): _recognised(part) for part in parts_of(proposal)}
    main = str(proposal.get("sheet", ""))
    confirmed = set(proposal.get("confirmed", ()))
    return [
        {
            **_item(item, found, known, language, item.path in confirmed or not (found or item.at)),
            **outline_view.settings(item),
            "said": outline_view.said(form, known, item, language, calling),
        }
        for item in form.items[:MOST_ITEMS]
        for found in (_found(recognised.get(item.sheet or main, {}), item),)
    ]


def parts_of(proposal: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was recognised, sheet by sheet."""
    return proposal.get("parts") or [proposal]


def field_hit(
    field: Field, language: str, confidence: Json = None, reason: str = ""
) -> dict[str, Any]:
    """A field as the search shows it."""
    hit = {
        "code": field.called,
        "label": field.label(language),
        "definition": field.definition,
        "unit": units.in_language(field.unit, language),
        "type": text(language, f"designer.type.{field.schema.get('type', 'string')}"),
    }
    if confidence is not None:
        hit |= {"confidence": confidence, "reason": reason}
    return hit


def standing(work: Work, draft: Draft, language: str) -> dict[str, Any]:
    """What the reader can undo and do again, in words, and the newest step of all."""
    undo, redo = design_store.standing(work.connection, draft, work.actor.id)
    return {
        "undo": did(undo[-1], language) if undo else None,
        "redo": did(redo[-1], language) if redo else None,
        "last": design_store.last(work.connection, draft),
    }


def news(work: Work, code: str, since: int, tab: str, language: str) -> dict[str, Any]:
    """Who else has a draft open, and what others did since a step."""
    draft = store.draft(work.connection, code)
    own = (work.actor.id, tab)
    steps = design_store.since(work.connection, draft, since)
    return {
        "revision": draft.revision,
        "last": max((one.id for one in steps), default=since),
        "people": [
            {"name": one.name, "item": one.item}
            for one in design_store.present(work.connection, code, work.now)
            if (one.account_id, one.tab) != own
        ],
        "steps": [
            {
                "id": one.id,
                "kind": one.kind,
                "who": one.actor_name,
                "text": did(one, language),
                "at": one.at,
            }
            for one in steps
            if (one.actor_id, one.tab) != own and _concerns(one, work.actor.name)
        ],
    }


def did(step: Step, language: str) -> str:
    """What a step did, in words: the first thing, and how many more."""
    if not step.told:
        return text(language, "designer.did.settings", label="")
    first = step.told[0]
    values = {"label": first.get("label", ""), **{key: first.get(key, "") for key in SIDES}}
    values["who"] = step.actor_name
    said = text(language, f"designer.did.{first['did']}", **values)
    more = len(step.told) - 1
    return text(language, "designer.did.more", first=said, n=more) if more else said


def _concerns(step: Step, name: str) -> bool:
    """A clash is told to those whose value was contested."""
    named = {who for one in step.told for who in one.get("who", "").split("、")}
    return step.kind != "clash" or name in named


def _item(
    item: Item,
    found: Proposed | None,
    known: Dictionary,
    language: str,
    confirmed: bool,
) -> dict[str, Any]:
    field = known.fields.get(item.field) if item.field else None
    same = found is not None and found.field == item.field and item.field is not None
    return {
        "path": item.path,
        "label": item.full_label(language),
        "header": list(item.header),
        "at": found.cell if found else item.at or "",
        "table": item.table,
        "type": item.type,
        "unit": item.unit,
        "unit_said": units.in_language(item.unit, language),
        "required": item.required,
        "absences": words.absences(item, language),
        "compute": item.compute,
        "sample": found.samples[0] if found and found.samples else None,
        "field": field.called if field else item.field,
        "field_label": field.label(language) if field else None,
        "confidence": found.confidence if found and same else (1 if field else 0),
        "reason": _reason(found, item.field, language),
        "candidates": [
            field_hit(
                known.fields[one["field"]], language, one["confidence"], _words(one, language)
            )
            for one in (found.candidates if found else ())
            if one["field"] in known.fields
        ],
        "confirmed": confirmed,
    }


def _recognised(proposal: Mapping[str, Any]) -> dict[str, Proposed]:
    """What was recognised on one sheet, by the place on it: a cell, or a column's letter."""
    found: dict[str, Proposed] = {}
    for one in proposal.get("items", ()):
        value = Proposed(
            one.get("confidence", 0),
            one.get("field"),
            tuple(one.get("candidates", ())),
            tuple(one.get("samples", ())),
            one["cell"],
        )
        if one["axis"] == "cell":
            found[one.get("value_cell") or one["cell"]] = value
        elif one["axis"] == "column":
            for letter in one.get("columns", ()):
                found.setdefault(letter, value)
        elif one["axis"] == "row" and (
            place := parse_address(one.get("value_cell") or one["cell"])
        ):
            found.setdefault(f"#{place[0]}", value)
    return found


def _spot(item: Item) -> str:
    """Where an item's recognition is kept: its cell, its column, or its row in a fixed table."""
    at = item.at or ""
    if item.table and "*" not in item.path and (place := parse_address(at)):
        return f"#{place[0]}"
    return at


def _found(recognised: Mapping[str, Proposed], item: Item) -> Proposed | None:
    """What was recognised for an item; a cell of a fixed table may be what its column was taken for."""
    found = recognised.get(_spot(item))
    column = recognised.get((item.at or "").rstrip("0123456789"))
    if found and column and not found.candidates and item.row and item.column:
        return replace(found, candidates=column.candidates, samples=column.samples)
    return found


def _reason(found: Proposed | None, field: str | None, language: str) -> str:
    for one in found.candidates if found else ():
        if one["field"] == field:
            return _words(one, language)
    return ""


def _words(candidate: Mapping[str, Any], language: str) -> str:
    said = []
    for reason in candidate.get("reasons", ()):
        key = f"designer.reason.{reason}"
        told = text(language, key)
        said.append(reason if told == key else told)
    return "、".join(said) if language == "zh" else ", ".join(said)


def _around(proposal: Mapping[str, Any]) -> list[dict[str, str]]:
    """What stands around the table: what the sheet prints there, or the cell that will hold it."""
    parts = parts_of(proposal)
    ahead = {id(part): f"{part['sheet']}!" if len(parts) > 1 else "" for part in parts}
    return [
        {
            "role": one["role"],
            "at": ahead[id(part)] + one.get("label_cell", ""),
            "text": one.get("text") or ahead[id(part)] + one.get("value_cell", ""),
        }
        for part in parts
        for one in part.get("blocks", ())
        if one["role"] not in ("title", "notes")  # both stand in full elsewhere on the page
    ]


def _warnings(proposal: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """What the recogniser saw and could not use; the code tells printed rules from the rest."""
    return [
        {
            "path": None,
            "severity": "warning",
            "code": one["code"],
            "text": messages.text(
                one["code"], language, {"cell": one.get("cell", ""), "text": one.get("text", "")}
            ),
        }
        for one in proposal.get("warnings", ())[:50]
    ]


def _choices(known: Dictionary, language: str) -> dict[str, list[dict[str, str]]]:
    def named(prefix: str, codes: tuple[str, ...]) -> list[dict[str, str]]:
        return [{"code": code, "text": text(language, f"{prefix}.{code}")} for code in codes]

    return {
        "subjects": [
            {
                "code": kind.code,
                "text": kind.labels.get(language) or kind.labels.get("zh", kind.code),
            }
            for kind in known.subjects.values()
        ],
        "periods": named("designer.period", PERIODS),
        "kinds": named("designer.kind", KINDS),
        "types": named("designer.type", TYPES),
        "kinds_of_items": named("designer.item", tuple(palette.KINDS)),
        "codelists": [
            {
                "code": code,
                "text": f"{one.labels.get(language) or one.labels.get('zh', '')} {code}",
                "tree": "1" if one.is_tree else "",
            }
            for code, one in known.codelists.items()
        ],
    }
