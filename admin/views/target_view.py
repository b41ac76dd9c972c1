"""Choosing organisations, the same way wherever it is done: by level, group, rule, or in the tree.

What is chosen lives in the page's own fields, so that every press can be answered from them alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from admin.web.html import text
from admin.web.visit import Form
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.identity.store import OrganisationValue
from engine.work import Work
from workflows import dispatches
from workflows.dispatching import targets
from workflows.dispatching.targets import LEVELS, Targets, TargetsInvalid

KINDS = {"org": "picked", "tree": "trees", "without": "without"}
"""Names of fields of the page that hold codes, and the part of the choice they are."""
NAMED, FOUND, SAMPLE = 60, 30, 40
"""So many of those chosen are named, and so many hits shown."""


@dataclass(frozen=True)
class Place:
    """An office that chooses, and whom it may ask."""

    owner: str
    area: str
    able: Sequence[OrganisationValue]

    def below(self, code: str) -> int:
        """How many may be asked at or below an organisation."""
        inside = f"/{code}/"
        return sum(1 for one in self.able if inside in one.path)


def place(work: Work, owner: str) -> Place:
    """Where an office chooses. Raises Forbidden, NotFound."""
    work.require("dispatch.create", owner=owner)
    area = dispatches.area_of(work, owner)
    return Place(owner, area, targets.able(work, area))


def posted(form: Form) -> Targets:
    """The choice that a page posts, with the press of “add” or “take off” carried out.

    Raises TargetsInvalid.
    """
    lists = {part: list(dict.fromkeys(form.all(name))) for name, part in KINDS.items()}
    for code in form.get("add").split():
        name, _, value = code.partition(":")
        if name in KINDS and value not in lists[KINDS[name]]:
            lists[KINDS[name]].append(value)
    for code in form.get("drop").split():
        name, _, value = code.partition(":")
        if name in KINDS and value in lists[KINDS[name]]:
            lists[KINDS[name]].remove(value)
    return Targets.read(
        {
            **lists,
            "levels": form.all("level"),
            "groups": form.all("group"),
            "rule": form.get("rule"),
            "below": form.get("below"),
        }
    )


def asks_again(form: Form) -> bool:
    """Whether the press only changes the choice, and nothing is to be sent or kept yet."""
    return any(form.get(name) for name in ("add", "drop", "look"))


def chooser(
    work: Work, here: Place, chosen: Targets, language: str, *, without_groups: bool = False
) -> dict[str, Any]:
    """Everything that components/targets.html shows."""
    kinds = Counter(one.kind for one in here.able)
    tops = _tops(here)
    names = identity.organisation_names(work.connection, tops)
    groups = [] if without_groups else targets.groups(work, here.owner)
    return {
        "owner": here.owner,
        "levels": [
            {
                "code": level,
                "title": text(language, f"level.{level}"),
                "count": kinds[level],
                "chosen": level in chosen.levels,
            }
            for level in LEVELS
            if kinds[level]
        ],
        "groups": [
            {"id": row["id"], "name": row["name"], "chosen": row["id"] in chosen.groups}
            for row in groups
        ],
        "with_groups": not without_groups,
        "rule": chosen.rule,
        "below": chosen.below,
        "scopes": [{"code": code, "name": names.get(code, code)} for code in tops],
        "tree": branches(work, here, ""),
        **preview(work, here, chosen, language),
    }


def preview(work: Work, here: Place, chosen: Targets, language: str) -> dict[str, Any]:
    """Who is meant: how many, by level, the first names; or why it cannot be told."""
    found: Sequence[OrganisationValue] = ()
    wrong = ""
    try:
        found = targets.resolve(work, here.owner, here.area, chosen, here.able)
    except (TargetsInvalid, NotFound) as problem:
        wrong = _told(problem, language)
    counts = Counter(one.kind for one in found)
    return {
        "count": len(found),
        "by_level": [
            {"title": text(language, f"level.{level}"), "count": counts[level]}
            for level in (*LEVELS, "other")
            if counts[level]
        ],
        "names": [one.name for one in found[:NAMED]],
        "more_names": max(len(found) - NAMED, 0),
        "wrong": wrong,
        "chips": _chips(work, here, chosen),
    }


def sample(work: Work, here: Place, chosen: Targets) -> list[OrganisationValue]:
    """Some of those chosen, evenly over the tree: what is known beforehand is counted for these."""
    try:
        found = targets.resolve(work, here.owner, here.area, chosen, here.able)
    except (TargetsInvalid, NotFound):
        return []
    step = max(len(found) / SAMPLE, 1.0)
    return [found[int(number * step)] for number in range(min(len(found), SAMPLE))]


def _told(problem: Problem, language: str) -> str:
    return problem.text(language)


def _chips(work: Work, here: Place, chosen: Targets) -> list[dict[str, Any]]:
    """Those picked one by one, as they can be taken off again."""
    codes = [code for part in KINDS.values() for code in getattr(chosen, part)]
    names = identity.organisation_names(work.connection, list(dict.fromkeys(codes)))
    return [
        {
            "kind": name,
            "code": code,
            "name": names.get(code, code),
            "count": here.below(code) if name != "org" else 1,
        }
        for name, part in KINDS.items()
        for code in getattr(chosen, part)
    ]


def branches(work: Work, here: Place, code: str) -> list[dict[str, Any]]:
    """What lies directly below an organisation (or the area) with somebody to ask in it."""
    above = _path(here, code) if code else here.area
    if not above.startswith(here.area):
        raise NotFound
    counts: Counter[str] = Counter()
    own: set[str] = set()
    deeper: set[str] = set()
    for one in here.able:
        if not one.path.startswith(above):
            continue
        rest = one.path[len(above) :].strip("/")
        first, _, more = rest.partition("/")
        if not first:
            continue
        counts[first] += 1
        (deeper if more else own).add(first)
    names = identity.organisation_names(work.connection, sorted(counts))
    return [
        _row(code, names.get(code, code), counts[code], code in own, code in deeper)
        for code in sorted(counts)
    ]


def search(work: Work, here: Place, words: str) -> list[dict[str, Any]]:
    """Organisations that may be asked, or with such below them, by name or the beginning of the code."""
    own = {one.code: one.name for one in here.able}
    paths = {one.code: one.path.strip("/").split("/") for one in here.able}
    for codes in list(paths.values()):
        for number, code in enumerate(codes):
            paths.setdefault(code, codes[: number + 1])
    inside = here.area.strip("/").split("/")
    above = [code for code in paths if code not in own and len(paths[code]) >= len(inside)]
    names = {**identity.organisation_names(work.connection, above), **own}
    hits = [code for code, name in names.items() if words in name or code.startswith(words)]
    hits = sorted(hits, key=lambda code: (len(paths[code]), code))[:FOUND]
    rows = []
    for code in hits:
        count = here.below(code)
        where = [names[part] for part in paths[code][len(inside) : -1] if part in names]
        row = _row(code, names[code], count, code in own, count > (code in own))
        rows.append({**row, "where": " / ".join(where[-2:])})
    return rows


def _row(code: str, name: str, count: int, own: bool, deeper: bool) -> dict[str, Any]:
    return {"code": code, "name": name, "count": count, "own": own, "deeper": deeper, "where": ""}


def _tops(here: Place) -> list[str]:
    """The organisations directly below the area in which somebody may be asked."""
    found = {one.path[len(here.area) :].partition("/")[0] for one in here.able}
    return sorted(found - {""})


def _path(here: Place, code: str) -> str:
    for one in here.able:
        at = one.path.find(f"/{code}/")
        if at >= 0:
            return one.path[: at + len(code) + 2]
    raise NotFound


def usual(work: Work, here: Place, last: Mapping[str, Any] | None) -> Targets:
    """The choice that is offered: that of the last time, the first time all of the lowest level."""
    if last:
        groups = {row["id"] for row in targets.groups(work, here.owner)}
        known = Targets.read(last)
        return replace(known, groups=tuple(one for one in known.groups if one in groups))
    kinds = {one.kind for one in here.able}
    lowest = [level for level in LEVELS if level in kinds]
    return Targets(levels=tuple(lowest[-1:]))
