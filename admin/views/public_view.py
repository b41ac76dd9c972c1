"""Public lists in words: the list of them, their columns with masks, as a table and on paper."""

from collections.abc import Mapping
from typing import Any

from admin.views import words
from admin.views.ledger_view import Showing
from admin.web.html import text
from engine.identity import store as identity
from engine.privacy.public_masks import Mask
from engine.work import Work
from forms.public_lists import Contents, PublicList
from forms.public_rosters import Roster
from renderers import contract


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


def heads(contents: Contents, language: str) -> list[dict[str, str]]:
    """The headings with the mask under each."""
    return [
        {"label": label, "rule": text(language, f"publish.rule.{rule}")}
        for label, rule in zip(contents.heads, contents.rules, strict=True)
    ]


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
