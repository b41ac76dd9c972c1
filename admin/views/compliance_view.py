"""The self-assessment in the words people read: what is asked, what was measured, what is left to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from admin.compliance import Clause
from admin.proofs import MET, OPERATOR, WANTING
from admin.views import words
from admin.web.html import text

MOMENTS = frozenset(("checked", "first", "shipped", "made", "restored"))
MARKS = {MET: "ok", WANTING: "late", OPERATOR: "soon"}


def page(found: Sequence[Clause], at: str, language: str) -> dict[str, Any]:
    """The page's rows by chapter, and how many stand how."""
    chapters: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        chapters.setdefault(one.chapter, []).append(row(one, language))
    states = [one.proof.state for one in found]
    return {
        "chapters": [
            {"title": text(language, f"compliance.chapter.{chapter}"), "rows": rows}
            for chapter, rows in chapters.items()
        ],
        "counts": {state: states.count(state) for state in MARKS},
        "at": words.moment(at),
    }


def row(one: Clause, language: str) -> dict[str, Any]:
    """One clause in words."""
    facts = _facts(one.proof.facts, language)
    return {
        "code": one.code,
        "title": text(language, f"compliance.clause.{one.code}"),
        "proof": text(language, f"compliance.proof.{one.code}", **facts),
        "todo": "" if one.proof.state == MET else text(language, f"compliance.todo.{one.code}"),
        "state": one.proof.state,
        "state_text": text(language, f"compliance.state.{one.proof.state}"),
        "mark": MARKS[one.proof.state],
    }


def _facts(given: Mapping[str, Any], language: str) -> dict[str, str]:
    return {name: _fact(name, value, language) for name, value in given.items()}


def _fact(name: str, value: Any, language: str) -> str:
    if name in MOMENTS:
        at = words.moment(value or None)
        return at.replace("T", " ") if at else text(language, "compliance.never")
    if value in ("yes", "no"):
        return text(language, f"cell.{value}")
    return words.number(value) if isinstance(value, int) else str(value)
