"""Access rules and lifted masks in words."""

from collections.abc import Sequence
from typing import Any

from admin.views import words
from admin.web.html import text
from engine.access.rules import EFFECTS, PURPOSES
from engine.dictionary.store import Dictionary, dictionary
from engine.identity import store as identity
from engine.identity.actor import ROLES
from engine.privacy.lifts import Looked
from engine.privacy.rulings import Ruling
from engine.work import Work
from forms import store

PLACES = ("ledger", "form")


def scopes(work: Work, language: str) -> dict[str, str]:
    """The ledgers and forms that a rule may be about, by how rules name them, with their titles."""
    return {
        f"{'ledger' if one.kind == 'ledger' else 'form'}:{one.code}": one.title(language)
        for one in store.published_forms(work.connection)
    }


def field_code(work: Work, given: str) -> str:
    """The code of a field given by its code or by `label code`, as the list of suggestions writes it."""
    known = dictionary(work.connection)
    last = given.rpartition(" ")[2]
    return known.fields[last].code if last in known.fields else given


def page(work: Work, found: Sequence[Ruling], language: str) -> dict[str, Any]:
    """The rows and the choices of access_rules.html."""
    known, places = dictionary(work.connection), scopes(work, language)
    return {
        "rows": [_row(work, one, known, places, language) for one in found],
        "effects": [
            {
                "value": one,
                "text": text(language, f"rules.effect.{one}"),
                "hint": text(language, f"rules.hint.{one}"),
            }
            for one in EFFECTS
        ],
        "roles": [{"value": one, "text": text(language, f"role.{one}")} for one in ROLES],
        "scopes": [
            {"value": code, "text": text(language, _place(code), title=title)}
            for code, title in sorted(places.items())
        ],
        "fields": [
            f"{one.label(language)} {one.called}"
            for one in sorted(known.fields.values(), key=lambda one: one.called)
            if one.status != "retired"
        ],
        "purposes": [{"value": one, "text": text(language, f"purpose.{one}")} for one in PURPOSES],
    }  # fmt: skip


def _place(scope: str) -> str:
    return f"rules.place.{scope.partition(':')[0]}"


def _row(
    work: Work, one: Ruling, known: Dictionary, places: dict[str, str], language: str
) -> dict[str, Any]:
    wish = one.wish
    names = identity.organisation_names(work.connection, [wish.organisation])
    people = identity.account_names(work.connection, {one.made_by, one.ended_by} - {""})
    role = text(language, f"role.{wish.role}") if wish.role else text(language, "rules.any_role")
    return {
        "id": one.id,
        "effect": text(language, f"rules.effect.{wish.effect}"),
        "gives": wish.effect == "clear-field",
        "who": text(
            language,
            "rules.whose",
            place=names.get(wish.organisation) or text(language, "rules.everywhere"),
            role=role,
        ),
        "people": one.people,
        "where": places.get(wish.scope, wish.scope) or text(language, "rules.any_place"),
        "what": _what(one, known, language),
        "since": wish.since,
        "until": wish.until,
        "reason": wish.reason,
        "by": people.get(one.made_by, ""),
        "at": words.moment(one.made_at),
        "ended_by": people.get(one.ended_by, ""),
        "ended_at": words.moment(one.ended_at),
        "open": one.ended_at is None,
    }


def _what(one: Ruling, known: Dictionary, language: str) -> str:
    wish = one.wish
    field = known.fields.get(wish.field)
    named = field.label(language) if field else wish.field
    if wish.purpose:
        purpose = text(language, f"purpose.{wish.purpose}")
        return f"{purpose}（{named}）" if named else purpose
    return wish.condition or named


def looked(work: Work, found: Sequence[Looked], language: str) -> list[dict[str, Any]]:
    """Lifted masks as lifts.html lists them."""
    known, places = dictionary(work.connection), scopes(work, language)
    names = identity.organisation_names(
        work.connection,
        sorted({one.organisation for one in found} | {one.steward for one in found}),
    )
    return [
        {
            "at": words.moment(one.at),
            "name": one.name,
            "organisation": names.get(one.organisation, one.organisation),
            "where": places.get(one.place, one.place),
            "rows": words.number(one.rows),
            "fields": "、".join(
                known.fields[code].label(language) if code in known.fields else code.rpartition(".")[2]
                for code in one.fields
            ),
            "purpose": text(language, f"purpose.{one.purpose}"),
            "words": one.words,
            "steward": names.get(one.steward, one.steward),
        }
        for one in found
    ]  # fmt: skip
