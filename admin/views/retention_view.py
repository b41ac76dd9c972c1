"""Retention periods and their carrying out in the words people read."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from admin.views import words
from admin.web.html import text
from engine.access import policy
from engine.crypto.vault import witnessed
from engine.errors import NotFound
from engine.identity import store as identity
from engine.json_text import Json
from engine.retention import holds, parts, store, totals
from engine.retention.store import ASKED, DONE, REFUSED, RUNNING, Run
from engine.work import Work

MARKS = {ASKED: "soon", RUNNING: "soon", DONE: "ok", REFUSED: "late"}
MOST_TOTALS = 500


def thing(given: str) -> tuple[str, str]:
    """The kind and code of a choice, `form:<code>`. Raises RetentionWrong."""
    kind, _, code = given.partition(":")
    if kind not in parts.kinds() or not code:
        raise store.RetentionWrong(reason="what")
    return kind, code


def page(work: Work, language: str) -> dict[str, Any]:
    """The periods, the choices, the runs and the holds of retention.html."""
    found = store.due(work)
    mine = bool(policy.reaches(work.actor, store.ASK))
    return {
        "rows": [
            {
                "id": one.rule.id,
                "what": _titled(one.titles, one.rule.code, language),
                "kind": text(language, f"retention.kind.{one.rule.kind}"),
                "kept": kept_for(one.rule.months, language),
                "basis": one.rule.basis,
                "by": one.rule.made_name,
                "at": words.moment(one.rule.made_at),
                "now": words.number(one.now) if one.now else "",
                "month": words.number(one.month) if one.month else "",
                "unit": text(language, f"retention.unit.{one.rule.kind}"),
                "mine": policy.covers(work.actor, store.SET, owner=one.rule.owner),
            }
            for one in found
        ],
        "due": sum(one.now for one in found),
        "groups": _groups(work, language) if mine else [],
        "may_ask": mine,
        "runs": [_run(one, language) for one in store.runs(work)],
        "holds": [
            {"id": one.id, "what": name(work, one.subject, one.subject_id, language),
             "kind": text(language, f"retention.kind.{one.subject}"), "matter": one.matter,
             "by": one.placed_by_name, "at": words.moment(one.placed_at)}
            for one in holds.listed(work)
        ],
        "may_hold": bool(policy.reaches(work.actor, holds.CHANGE)),
    }  # fmt: skip


def run(work: Work, one: Run, language: str) -> dict[str, Any]:
    """One carrying out, for retention_run.html."""
    done = one.state == DONE
    kept = totals.kept(work, one.id, most=MOST_TOTALS) if done else []
    return {
        "row": _run(one, language),
        "parts": [
            {
                "what": name(work, part["kind"], part["code"], language),
                "kind": text(language, f"retention.kind.{part['kind']}"),
                "kept": kept_for(part["months"], language),
                "before": words.moment(part["before"]),
                "due": words.number(part["due"]),
                "unit": text(language, f"retention.unit.{part['kind']}"),
                "changed": part.get("changed"),
                "held": part.get("kept", 0),
                "stopped": bool(part.get("held")),
            }
            for part in one.parts
        ],
        "may_decide": one.state == ASKED
        and one.asked_by != work.actor.id
        and bool(policy.reaches(work.actor, store.DECIDE)),
        "may_withdraw": one.state == ASKED and one.asked_by == work.actor.id,
        "certificate": one.certificate() if done else "",
        "signature": one.signature,
        "fits": done and witnessed(one.certificate(), one.signature, work.vault.public_key()),
        "totals": _totals(work, kept, language),
    }


def kept_for(months: int, language: str) -> str:
    """A period as people say it: 5 years, 1 year 6 months."""
    years, rest = divmod(months, 12)
    said = [text(language, "retention.years", n=years)] if years else []
    said += [text(language, "retention.months", n=rest)] if rest else []
    return " ".join(said)


def _groups(work: Work, language: str) -> list[dict[str, Any]]:
    """What the actor may set a period for, by kind."""
    found: list[dict[str, Any]] = []
    for kind in parts.kinds():
        options: list[dict[str, str]] = []
        for code in parts.part(kind).codes(work):
            titles, owner = parts.part(kind).about(work, code)
            if policy.covers(work.actor, store.SET, owner=owner):
                said = _titled(titles, code, language)
                options.append({"value": f"{kind}:{code}", "text": f"{said}  {code}"})
        if options:
            label = text(language, f"retention.kind.{kind}")
            found.append({"label": label, "options": sorted(options, key=lambda one: one["text"])})
    return found


def _run(one: Run, language: str) -> dict[str, Any]:
    changed = sum(part.get("changed", 0) for part in one.parts)
    return {
        "id": one.id,
        "href": f"/retention/runs/{one.id}",
        "due": sum(part["due"] for part in one.parts),
        "changed": changed if one.state in (RUNNING, DONE) else None,
        "asked_by": one.asked_by_name,
        "asked_at": words.moment(one.asked_at),
        "decided_by": one.decided_by_name,
        "decided_at": words.moment(one.decided_at),
        "answer": one.answer,
        "done_at": words.moment(one.done_at),
        "state": one.state,
        "state_text": text(language, f"retention.state.{one.state}"),
        "mark": MARKS.get(one.state, ""),
    }


def _totals(work: Work, rows: Sequence[Any], language: str) -> list[dict[str, Json]]:
    """What each total is of, in words: the thing, the place, the column, the code that was counted."""
    places = identity.organisation_names(work.connection, sorted({row["place"] for row in rows}))
    things = {(row["kind"], row["code"]) for row in rows}
    titles = {one: name(work, *one, language) for one in things}
    found: list[dict[str, Json]] = []
    for row in rows:
        title = titles[row["kind"], row["code"]]
        column = "" if row["kind"] == "field" else row["name"]
        told = (title, places.get(row["place"], row["place"]), row["period"], column, row["value"])
        found.append(
            {
                "place": " · ".join(one for one in told if one),
                "number": words.number(row["number"]),
                "total": words.number(Decimal(row["total"])) if row["total"] else "",
            }
        )
    return found


def name(work: Work, kind: str, code: str, language: str) -> str:
    """What a thing that has a period is called; its code where it is not there any more."""
    try:
        titles, _ = parts.part(kind).about(work, code)
    except NotFound:
        return code
    return _titled(titles, code, language)


def _titled(titles: Any, code: str, language: str) -> str:
    return str(titles.get(language) or titles.get("zh") or code)
