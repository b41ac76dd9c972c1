"""What a new version of a flow changes, as values that a page puts into words. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from workflows.flow import Flow, Step

WHOLE = ("titles", "start", "repeat", "withdraw", "number")
"""What a flow says as a whole."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: of the flow itself where `step` is empty."""

    kind: str
    """added | removed | changed | moved"""
    step: str
    title: dict[str, str]
    what: str = ""
    """The setting that changed."""
    before: object = None
    after: object = None


def between(old: Flow, new: Flow) -> list[Change]:
    """Every difference between two versions, the flow's own first, then step by step."""
    return [*_whole(old, new), *_steps(old, new)]


def _whole(old: Flow, new: Flow) -> Iterator[Change]:
    for name in WHOLE:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change("changed", "", dict(new.titles), name, before, after)


def _steps(old: Flow, new: Flow) -> Iterator[Change]:
    for step in new.steps:
        was = old.by_code.get(step.code)
        if was is None:
            yield Change("added", step.code, dict(step.titles), "kind", None, step.kind)
        else:
            yield from _step(was, step)
    for step in old.steps:
        if step.code not in new.by_code:
            yield Change("removed", step.code, dict(step.titles), "kind", step.kind, None)


def _step(old: Step, new: Step) -> Iterator[Change]:
    for one in fields(Step):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if before != after:
            yield Change("changed", new.code, dict(new.titles), one.name, before, after)
