"""A form as it compiles: a keyword that the dialect refuses is taken out again, and told."""

from collections.abc import Mapping
from typing import Any

from engine.json_text import Json
from forms import compile as compiler
from forms.importers.left import Left

ROUNDS = 8


def stood(form: dict[str, Any]) -> list[Left]:
    """Take out of the form what keeps it from being compiled; what was taken out."""
    left: list[Left] = []
    for _ in range(ROUNDS):
        faults = compiler.problems(form, {}, {})
        if not faults:
            break
        backwards = sorted(faults, key=lambda one: _numbered(one.pointer), reverse=True)
        found = [one for fault in backwards if (one := _out(form, fault.pointer)) is not None]
        if not found:
            break
        left += found
    return left


def _out(form: dict[str, Any], pointer: str) -> Left | None:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    if steps[:2] == ["form", "checks"] and len(steps) > 2:
        check = form["form"]["checks"].pop(int(steps[2]))
        return Left(0, "schema-keyword", pointer, str(check["formula"])[:200])
    if pointer == "/properties":  # conditions in a circle
        steps = _condition(form)
    holder: Json = form
    for step in steps[:-1]:
        holder = holder.get(step, {}) if isinstance(holder, Mapping) else {}
    if not steps or not isinstance(holder, dict) or steps[-1] not in holder:
        return None
    code = "schema-default" if steps[-1] == "default" else "schema-keyword"
    gone = holder.pop(steps[-1])
    if steps[-1] == "default" and holder.get("readonly"):
        del holder["readonly"]
    return Left(0, code, pointer, str(gone)[:200])


def _condition(form: Mapping[str, Any]) -> list[str]:
    for name, node in form["properties"].items():
        if "show_when" in node:
            return ["properties", name, "show_when"]
    return []


def _numbered(pointer: str) -> list[str]:
    """A pointer that sorts by number where it has one, so that a list is shortened from its end."""
    return [step.zfill(6) if step.isdecimal() else step for step in pointer.split("/")]
