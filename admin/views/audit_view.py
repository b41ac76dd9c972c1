"""Entries of the audit trail in the words people read."""

from typing import Any

from admin.views import words
from admin.web.html import text, texts
from engine.audit.checks import Check
from engine.audit.reading import Written

DID = "audit.did."
PAGES = {
    "document": "/records/",
    "flow": "/records/",
    "dispatch": "/dispatches/",
    "form": "/forms/",
    "dictionary": "/dictionary/",
}
"""Where the object of an act is looked at, by the first word of the act."""


def row(one: Written, language: str) -> dict[str, Any]:
    """One entry as a row of the table."""
    return {
        "number": one.seq,
        "at": words.moment(one.at),
        "who": _who(one, language),
        "action": did(one.action, language),
        "object": one.target,
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


def _who(one: Written, language: str) -> str:
    if one.actor_id.startswith("system:"):
        return text(language, "audit.system", part=one.actor_name)
    return one.actor_name


def _page(one: Written) -> str | None:
    kind, _, act = one.action.partition(".")
    if kind not in PAGES or (kind, act) in (("flow", "saved"), ("form", "drafted")):
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
