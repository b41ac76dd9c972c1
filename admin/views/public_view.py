"""Public lists in words: the list of them, their columns with masks, as a table and on paper."""

from collections.abc import Mapping
from typing import Any

from admin.views import words
from admin.views.ledger_showing import Showing
from admin.web.html import text
from engine.identity import store as identity
from engine.ledgers.ground import Ground
from engine.privacy.hierarchies import ALL
from engine.privacy.public_masks import Mask
from engine.work import Work
from forms.compiled import CompiledForm
from forms.kinds import ledger
from forms.public import open_data
from forms.public.lists import Contents, PublicList
from forms.public.rosters import Roster
from renderers import contract

LEVELS = ("town", "county", "city", "province", "month", "year", "decade", ALL)


def row(work: Work, found: PublicList, language: str) -> dict[str, Any]:
    """One list with its state and days."""
    today = work.today.isoformat()
    state = found.state
    if state == "approved":
        state = "ended" if found.last_day < today else "soon" if found.first_day > today else "open"
    owner = identity.organisation_names(work.connection, [found.owner])
    return {
        "id": found.id,
        "href": f"/public-lists/{found.id}",
        "title": found.title,
        "owner": owner.get(found.owner, ""),
        "about": found.about,
        "contact": found.contact,
        "first": found.first_day,
        "last": found.last_day,
        "state": state,
        "state_text": text(language, f"publish.state.{state}"),
        "address": f"{work.settings.public_url}/open/{found.address}",
        "base": f"/open/{found.address}",
        "digest": found.digest,
        "by": found.made_name,
        "at": words.moment(found.made_at),
        "decided_by": found.decided_name,
        "decided_at": words.moment(found.decided_at),
        "reason": found.reason,
        "withdrawn_by": found.withdrawn_name,
        "withdrawn_at": words.moment(found.withdrawn_at),
    }


def columns(shown: Showing, masks: Mapping[str, Mask], language: str) -> list[dict[str, Any]]:
    """The columns of a ledger with what becomes of each in public."""
    return [
        {
            "name": one.name,
            "label": shown.label(one),
            "refused": bool(mask.refused),
            "told": _told(mask, language),
        }
        for one in shown.lens.columns
        for mask in (masks[one.name],)
    ]


def roster_columns(here: Roster, language: str) -> list[dict[str, Any]]:
    """The columns of a report's list with what becomes of each in public."""
    return [
        {
            "name": one.name,
            "label": one.label(language),
            "refused": bool(mask.refused),
            "told": _told(mask, language),
        }
        for one in here.items
        for mask in (here.mask(one),)
    ]


def _told(mask: Mask, language: str) -> str:
    refused = f"publish.refused.{mask.refused}"
    return text(language, refused if mask.refused else f"publish.rule.{mask.rule}")


def open_columns(form: CompiledForm, here: Ground, language: str) -> list[dict[str, Any]]:
    """The columns of a ledger with what each may be in open data."""
    may = open_data.roles(here)
    return [
        {
            "name": one.name,
            "label": ledger.item(form, one.name).label(language),
            "may": may[one.name],
            "told": text(language, "release.not_open"),
            "bands": "quasi" in may[one.name] and one.numeric and not one.field.codelist,
        }
        for one in here.lens.columns
    ]


def cost(contents: Contents, language: str) -> dict[str, Any] | None:
    """What open data cost, in words; None for a list of people."""
    found: Any = contents.report
    if found is None:
        return None
    judged, demanded = found["judged"], found["demanded"]
    named = dict(zip(found["sensitive"], contents.heads[len(found["columns"]) :], strict=True))
    diverse = [f"{named.get(name, name)} {n}" for name, n in judged["fewest_values"].items()]
    return {
        "given": words.number(found["given"]),
        "released": words.number(found["released"]),
        "left_out": words.number(found["left_out"]),
        "k": f"{judged['smallest_group']} (≥ {demanded['k']})",
        "l": "、".join(diverse) or "—",
        "columns": [
            {
                "label": one["label"],
                "told": _level(one["told"], language),
                "loss": f"{float(one['loss']):.0%}",
            }
            for one in found["columns"]
        ],
        "beside": "、".join(found.get("beside", ())),
        "title": text(language, "release.cost"),
    }


def heads(contents: Contents, language: str) -> list[dict[str, str]]:
    """The headings with the mask under each; of open data how exactly it is told."""
    levels = [_level(one["told"], language) for one in (contents.report or {}).get("columns", ())]
    plain = [text(language, f"publish.rule.{rule}") for rule in contents.rules]
    return [
        {"label": label, "rule": rule}
        for label, rule in zip(contents.heads, [*levels, *plain[len(levels) :]], strict=True)
    ]


def _level(told: str, language: str) -> str:
    """How exactly a column is told, in words."""
    if told == "exact":
        return text(language, "publish.rule.plain")
    if told.isdecimal():
        return text(language, "release.band", n=told)
    if told.startswith("level "):
        return text(language, "release.level.n", n=told.removeprefix("level "))
    return text(language, f"release.level.{told}") if told in LEVELS else told


def table(found: PublicList, contents: Contents) -> contract.Table:
    """The list as files take it."""
    return contract.Table(
        tuple(contract.Column((label,)) for label in contents.heads),
        tuple(contract.Row(tuple(contract.Cell(one) for one in line)) for line in contents.rows),
        title=found.title,
    )


def document(work: Work, found: PublicList, contents: Contents) -> contract.Document:
    """The list for paper."""
    owner = identity.organisation(work.connection, found.owner).name
    about = [found.about, text("zh", "publish.contact_is", contact=found.contact)]
    return contract.Document(
        title=found.title,
        organisation=owner,
        period=text("zh", "publish.days", first=found.first_day, last=found.last_day),
        sections=(contract.Section(tables=(table(found, contents),)),),
        blocks={"notes": "　".join(part for part in about if part)},
    )
