"""Alerts as the auditor reads them."""

from collections.abc import Mapping, Sequence
from typing import Any

from admin.views import audit_view, words
from admin.web.html import text, texts
from engine.alerts import watch
from engine.alerts.rule import ACTOR, SUBJECT, Rule
from engine.alerts.store import CLOSED, Alert
from engine.identity import store as identity
from engine.work import Work

MOST_ENTRIES = 200


def rows(work: Work, found: Sequence[Alert], language: str) -> list[dict[str, Any]]:
    """Alerts as the rows of the list."""
    rules = {one.code: one for one in watch.declared(work.settings)}
    names = _names(work, found, rules)
    return [_row(one, rules.get(one.rule), names, language) for one in found]


def page(work: Work, found: Alert, language: str) -> dict[str, Any]:
    """One alert with the entries that it is about."""
    [row] = rows(work, [found], language)
    entries = watch.entries(work, found)
    return {
        "alert": row,
        "entries": audit_view.rows(work, entries[-MOST_ENTRIES:], language),
        "left_out": max(0, len(entries) - MOST_ENTRIES),
    }


def _names(work: Work, found: Sequence[Alert], rules: Mapping[str, Rule]) -> dict[str, str]:
    """Accounts by name; whom else an alert is about goes by number, since a trail holds no names of residents."""
    ids = [one.about for one in found if _by(rules.get(one.rule)) == ACTOR]
    return identity.account_names(work.connection, sorted(set(ids)))


def _by(rule: Rule | None) -> str:
    return rule.by if rule else ACTOR


def _row(one: Alert, rule: Rule | None, names: Mapping[str, str], language: str) -> dict[str, Any]:
    by = _by(rule)
    known = texts(language)
    about = names.get(one.about, one.about)
    if by == SUBJECT:
        about = text(language, "alerts.resident", id=one.about)
    return {
        "id": one.id,
        "href": f"/alerts/{one.id}",
        "rule": known.get(f"alerts.rule.{one.rule}", one.rule),
        "why": _why(one, rule, language),
        "about": about or text(language, "alerts.everywhere"),
        "first": words.moment(one.first_at),
        "last": words.moment(one.last_at),
        "state": one.state,
        "state_text": text(language, f"alerts.state.{one.state}"),
        "open": one.state != CLOSED,
        "handled_by": one.handled_by,
        "handled_at": words.moment(one.handled_at),
        "reason": one.reason,
    }


def _why(one: Alert, rule: Rule | None, language: str) -> str:
    """What was counted, how much of it, and from how much on it is told."""
    if rule is None:
        return text(language, "alerts.why_old", n=words.number(one.number))
    unit = rule.distinct or ("rows" if rule.sum else "times")
    return text(
        language,
        "alerts.why",
        n=text(language, f"alerts.unit.{unit}", n=words.number(one.number)),
        least=text(language, f"alerts.unit.{unit}", n=words.number(rule.at_least)),
        span=_span(rule, language),
    )


def _span(rule: Rule, language: str) -> str:
    minutes = int(rule.window.total_seconds() // 60)
    if minutes % 60:
        return text(language, "alerts.minutes", n=minutes)
    return text(language, "alerts.hours", n=minutes // 60)
