"""Entries of the audit trail in the words people read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from admin.views import words
from admin.web.html import text, texts
from engine.audit.checks import Check
from engine.audit.reading import Written
from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.work import Work
from forms import documents
from forms import store as forms
from workflows import dispatches
from workflows.dispatch import DISPATCH

DID = "audit.did."
PAGES = {
    "document": "/records/",
    "flow": "/records/",
    "dispatch": "/dispatches/",
    "form": "/forms/",
    "dictionary": "/dictionary/",
}
"""Where the object of an act is looked at, by the first word of the act."""
UNSHOWN = {
    ("form", "drafted"),
    ("flow", "saved"),
    ("flow", "moved"),
    ("flow", "draft-started"),
    ("flow", "draft-discarded"),
}
"""Acts whose object is no page that the auditor may open."""


def rows(work: Work, found: Sequence[Written], language: str) -> list[dict[str, Any]]:
    """Entries as rows of the table, their objects by name: one query for each kind of object."""
    names = _names(work, found, language)
    return [_row(one, names, language) for one in found]


def _row(one: Written, names: Mapping[str, str], language: str) -> dict[str, Any]:
    own = one.target == one.actor_id or one.target in ("account", "audit")
    return {
        "number": one.seq,
        "at": words.moment(one.at),
        "who": _who(one, language),
        "action": did(one.action, language),
        "object": "" if own else names.get(one.target, one.target),
        "href": _page(one),
        "detail": _detail(one, language),
    }


def did(action: str, language: str) -> str:
    """An act in words; one without words shows its code."""
    known = texts(language).get(DID + action)
    return known or action


def actions(language: str) -> list[dict[str, str]]:
    """The acts one may filter by."""
    return [
        {"value": key.removeprefix(DID), "text": value}
        for key, value in texts(language).items()
        if key.startswith(DID)
    ]


def chain(last: Check | None) -> dict[str, Any] | None:
    """What the last verification found; nothing if there was none yet."""
    if last is None:
        return None
    return {
        "whole": last.verdict.whole,
        "count": words.number(last.verdict.entries),
        "broken_at": last.verdict.broken_at,
        "checked_at": words.moment(last.at),
    }


def _names(work: Work, found: Sequence[Written], language: str) -> dict[str, str]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in found:
        wanted[PAGES.get(one.action.partition(".")[0], "")].add(one.target)
    names: dict[str, str] = {}
    if records := wanted.get("/records/"):
        names |= _documents(work, sorted(records), language)
    if sent := wanted.get("/dispatches/"):
        chosen = dispatches.listed(work, DISPATCH.c.id.in_(sorted(sent)))
        names |= {one.id: one.title for one in chosen}
    if versions := wanted.get("/forms/"):
        titles = {one.code: one.title for one in forms.newest(work.connection)}
        for target in versions:
            code, _, version = target.partition("@")
            number = f" {text(language, 'form.version', n=version)}" if version else ""
            names[target] = f"{titles.get(code, code)}{number}"
    if codes := wanted.get("/dictionary/"):
        known = dictionary(work.connection).fields
        names |= {code: known[code].label(language) for code in codes if code in known}
    return names


def _documents(work: Work, ids: Sequence[str], language: str) -> dict[str, str]:
    found = documents.several(work.connection, ids)
    places = identity.organisation_names(
        work.connection, sorted({one.organisation_code for one in found})
    )
    return {
        one.id: " · ".join(
            (
                forms.published(work.connection, one.form_code, one.form_version).title(language),
                words.period(one.period, language),
                places.get(one.organisation_code, one.organisation_code),
            )
        )
        for one in found
    }


def _who(one: Written, language: str) -> str:
    if one.actor_id.startswith("system:"):
        known = texts(language).get(f"audit.part.{one.actor_name}")
        return text(language, "audit.system", part=known or one.actor_name)
    return one.actor_name


def _page(one: Written) -> str | None:
    kind, _, act = one.action.partition(".")
    if kind not in PAGES or (kind, act) in UNSHOWN:
        return None
    return PAGES[kind] + one.target.partition("@")[0]


def _detail(one: Written, language: str) -> str | None:
    if not one.detail:
        return None
    known = texts(language)
    parts = [
        f"{known.get(f'audit.detail.{name}', name)} {_value(value, language)}"
        for name, value in one.detail.items()
        if value not in (None, "")
    ]
    return " · ".join(parts) or None


def _value(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return text(language, "cell.yes" if value else "cell.no")
    told = str(value)
    return told if len(told) <= 40 else f"{told[:12]}…"
