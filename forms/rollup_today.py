"""A roll-up by the units of today: what units of then reported, under what stands in their place."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.identity.store import OrganisationValue
from forms.rollup import Line, Rollup, summed_line


def by_today(
    found: Rollup,
    today: Mapping[str, tuple[str, ...]],
    organisations: Mapping[str, OrganisationValue],
) -> Rollup:
    """The same numbers by the units of today: lines of units that became one are one, with what adds up
    added. A unit that was parted, or ended with none to follow, keeps its line: its numbers are nobody's
    alone. Totals are what they were.
    """
    grouped: dict[str, list[Line]] = {}
    for line in found.lines:
        now = today.get(line.organisation.code, (line.organisation.code,))
        code = now[0] if len(now) == 1 else line.organisation.code
        grouped.setdefault(code, []).append(line)
    lines = []
    for code, some in grouped.items():
        organisation = organisations.get(code, some[0].organisation)
        if len(some) == 1:
            lines.append(replace(some[0], organisation=organisation, was=_was(code, some)))
            continue
        counted = [line for line in some if line.counted] or some
        one = summed_line(found, organisation, counted)
        lines.append(replace(one, was=_was(code, some), counted=any(line.counted for line in some)))
    lines.sort(key=lambda line: line.organisation.path)
    return replace(found, lines=tuple(lines))


def _was(code: str, lines: Sequence[Line]) -> tuple["Line", ...]:
    return tuple(lines) if [line.organisation.code for line in lines] != [code] else ()
