"""Changes of organisations in the words people read: what is to happen, what happened, and to what."""

from collections.abc import Mapping, Sequence
from typing import Any

from admin.views import words
from admin.web.html import text
from engine import messages
from engine.dictionary.store import dictionary
from engine.identity import lineage, store
from engine.identity.accounts import find_organisation
from engine.identity.division_list import Listed, Proposal, proposals
from engine.identity.lineage import Change
from engine.identity.reform import LEVELS, Part, Step, Wish
from engine.work import Work
from forms.compiled import in_language
from workflows.reforming import commands
from workflows.reforming.commands import Preview

SHOWN = 60
"""So many units and proposals are shown; of more the number is told."""
ENDINGS = ("居民委员会", "村民委员会", "街道办事处", "人民政府", "居委会", "村委会")


def wish(work: Work, given: Mapping[str, str]) -> Wish:
    """What was typed on the page. Raises ReformInvalid, OrganisationUnclear, and for parts a line that
    is not `code name` or `code name｜rule`.
    """
    kind = given.get("kind", "")
    typed = [one for one in given.get("units", "").replace("、", "\n").splitlines() if one.strip()]
    told: dict[str, Any] = {
        "kind": kind,
        "units": [_code(work, one) for one in typed] if kind != "found" else [],
        "effective": given.get("effective", "").strip(),
        "number": given.get("number", "").strip(),
    }
    for name in ("parent", "into"):
        if _asks(kind, name):
            told[name] = _code(work, given.get(name, ""))
    for name in ("name", "code", "level"):
        if _asks(kind, name):
            told[name] = given.get(name, "").strip()
    if kind == "split":
        told["parts"] = [_part(one) for one in given.get("parts", "").splitlines() if one.strip()]
    return Wish.read(told)


FIELDS: Mapping[str, tuple[str, ...]] = {
    "rename": ("units", "name"),
    "recode": ("units", "code", "name"),
    "move": ("units", "parent", "code"),
    "merge": ("units", "into", "name"),
    "split": ("units", "parts"),
    "abolish": ("units",),
    "found": ("name", "code", "level", "parent"),
}
"""What each kind of change asks for, in the order of the page."""
OPTIONAL = {("recode", "name"), ("merge", "name"), ("move", "code")}


def _asks(kind: str, name: str) -> bool:
    return name in FIELDS.get(kind, ())


def _code(work: Work, words_: str) -> str:
    return find_organisation(work.connection, words_).code if words_.strip() else ""


def _part(line: str) -> dict[str, str]:
    head, _, rule = line.replace("|", "｜").partition("｜")
    code, _, name = head.strip().partition(" ")
    return {"code": code, "name": name.strip(), "rule": rule.strip()}


def typed(found: Wish) -> dict[str, str]:
    """A wish as the page's fields have it."""
    lines = [_part_line(one) for one in found.parts]
    return {
        "kind": found.kind, "units": "\n".join(found.units), "effective": found.effective,
        "number": found.number, "name": found.name, "code": found.code, "level": found.level,
        "parent": found.parent, "into": found.into, "parts": "\n".join(lines),
    }  # fmt: skip


def _part_line(one: Part) -> str:
    return f"{one.code} {one.name}" + (f"｜{one.rule}" if one.rule else "")


def fields(kind: str, language: str) -> list[dict[str, Any]]:
    """The fields of a kind of change, for the page."""
    return [
        {
            "name": name,
            "label": text(language, f"orgs.field.{name}"),
            "hint": text(language, f"orgs.hint.{kind}.{name}"),
            "long": name == "parts" or (name == "units" and kind == "merge"),
            "needed": (kind, name) not in OPTIONAL,
            "choices": [(one, text(language, f"orgs.level.{one}")) for one in LEVELS]
            if name == "level"
            else [],
        }
        for name in FIELDS[kind]
    ]


def effects(
    counted: Mapping[tuple[str, str], int], values: Mapping[str, int], work: Work, language: str
) -> list[dict[str, Any]]:
    """Every effect in words with its number."""
    known = dictionary(work.connection)
    found = [
        {"text": text(language, f"orgs.effect.{what}.{cell}"), "count": count}
        for (what, cell), count in sorted(counted.items())
        if not what.startswith("reg_")
    ]
    for code, count in sorted(values.items()):
        field, subject = known.fields.get(code), known.subjects.get(code.partition(".")[0])
        label = field.label(language) if field else code
        kind = in_language(subject.labels, language, "") if subject else ""
        told = text(language, "orgs.effect.values", subject=kind, label=label)
        found.append({"text": told, "count": count})
    return found


def preview(found: Preview, work: Work, language: str) -> dict[str, Any]:
    """What a change would do."""
    told = effects(found.effects, found.values, work, language)
    told += [
        {"text": text(language, f"orgs.effect.{name}"), "count": count}
        for name, count in (
            ("own", found.own),
            ("dispatches", found.dispatches),
            ("final", found.final),
        )
        if count
    ]
    return {
        "steps": [step(one, language) for one in found.reform.steps[:SHOWN]],
        "units": len(found.reform.steps),
        "effects": told,
        "later": found.wish.effective > work.today.isoformat(),
    }


def step(one: Step, language: str) -> dict[str, str]:
    """One unit: what it was, what it becomes."""
    was = f"{one.before.name} {one.before.code}" if one.before else text(language, "orgs.new")
    now = "；".join(f"{unit.name} {unit.code}" for unit in one.after)
    return {"was": was, "now": now or text(language, "orgs.none")}


def row(found: Change, language: str) -> dict[str, Any]:
    """A change in a list."""
    problem = found.problem or {}
    return {
        "id": found.id,
        "href": f"/organisations/{found.id}",
        "title": found.title,
        "kind": text(language, f"orgs.kind.{found.kind}"),
        "state": found.state,
        "state_text": text(
            language, "orgs.state.carrying" if found.carrying else f"orgs.state.{found.state}"
        ),
        "effective": found.effective,
        "number": found.number,
        "by": found.asked_name,
        "problem": messages.text(problem["code"], language, problem) if problem else None,
    }


def detail(work: Work, found: Change, language: str, *, may: bool) -> dict[str, Any]:
    """One change with all it did, and what stands in the way of undoing it."""
    counted = lineage.counted(work.connection, found.id)
    values: dict[str, int] = {}
    own = sum(count for (what, _), count in counted.items() if what == "reg_org")
    for (what, cell), count in counted.items():
        if what.startswith("reg_") and what != "reg_org":
            values[f"{what.removeprefix('reg_')}.{cell}"] = count
    done = found.state == lineage.DONE
    standing = commands.standing(work, found) if done and may else {}
    steps = found.steps
    if found.state == lineage.WAITING and may:
        steps = ()
    return {
        **row(found, language),
        "at": words.moment(found.asked_at),
        "done_at": words.moment(found.done_at) if found.done_at else None,
        "ended_at": words.moment(found.ended_at) if found.ended_at else None,
        "ended_by": found.ended_name,
        "steps": [step(one, language) for one in steps[:SHOWN]],
        "units": len(steps),
        "effects": [
            *effects(counted, values, work, language),
            *([{"text": text(language, "orgs.effect.own"), "count": own}] if own else []),
        ],
        "standing": [
            text(
                language, "orgs.standing", n=count,
                what=messages.text(f"organisation.change-used.{what}", language),
            )
            for what, count in standing.items()
        ],
        "can_undo": done and may and not standing and not found.carrying,
        "carrying": found.carrying,
        "can_cancel": may and found.state in (lineage.WAITING, lineage.FAILED),
    }  # fmt: skip


def compared(work: Work, listed: Sequence[Listed]) -> list[Proposal]:
    """What would make the organisations agree with a list of divisions."""
    tree = lineage.tree(work.connection)
    kept = store.division_names(work.connection)
    endings = {}
    for code, unit in tree.items():
        short = kept.get(code, "")
        if short and unit.name.startswith(short):
            endings[code] = unit.name.removeprefix(short)
        else:
            endings[code] = next((one for one in ENDINGS if unit.name.endswith(one)), "")
    return proposals(tree, listed, endings)
