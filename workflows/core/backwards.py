"""Going back: where one may return to, how a step is opened again, and the way straight back.

Returning to before a fork cancels the sibling branches; returning inside a branch keeps them;
returning into a fork that is through opens only that branch again and keeps the others' work.
"""

from collections.abc import Iterator

from workflows.core.run import Run
from workflows.core.state import Visit
from workflows.core.tokens import Entry, Place, cancel, close_branch, enter


def line(run: Run, visit: Visit) -> Iterator[Visit]:
    """What was passed on the way to a visit, nearest first; through a join, all its branches."""
    yield from _walk(run, visit.came_from, "")


def _walk(run: Run, start: int, stop: str) -> Iterator[Visit]:
    number = start
    while number:
        visit = run.visits[number]
        if stop and visit.step == stop:
            return
        yield visit
        number = visit.came_from
        if run.step_of(visit).kind == "join":
            fork = run.visits[number]
            for last in fork.arrived.values():
                yield from _walk(run, last, fork.step)


def returnable(run: Run, visit: Visit) -> dict[str, Visit]:
    """The steps one may return to from here, nearest first, each with its latest visit."""
    allowed = run.step_of(visit).returns
    found: dict[str, Visit] = {}
    for passed in line(run, visit):
        wanted = allowed is None or passed.step in allowed
        somebody = run.step_of(passed).people and passed.auto not in ("empty", "own-work")
        if wanted and somebody and passed.step != visit.step and not _beside(run, visit, passed):
            found.setdefault(passed.step, passed)
    return found


def _beside(run: Run, visit: Visit, other: Visit) -> bool:
    """Whether the other stands in a sibling branch of a fork that is still running here."""
    for here, there in zip(_path(run, visit), _path(run, other), strict=False):
        if here != there:
            return here[0] == there[0]
    return False


def reopen(run: Run, target: Visit, entry: Entry, *, status: str, reason: str) -> None:
    """Take the token (or tokens) off whatever came after a visit, and put one on its step again."""
    forks = [_latest(run, fork) for fork in _forks(run, target)]
    kept = 0
    while kept < len(forks) and forks[kept].status == "forked":
        kept += 1
    inside = forks[kept - 1].id if kept else 0
    branches = [*(fork.branch for fork in forks[1:]), target.branch] if forks else []
    branch = branches[kept - 1] if kept else 0
    for visit in run.live(inside, branch):
        cancel(run, visit, status, reason)
    if kept:
        _unarrive(run, inside, branch)
    for depth in range(kept, len(forks)):
        old, open_branch = forks[depth], branches[depth]
        inside = run.add_visit(
            old.step,
            "forked",
            inside=inside,
            branch=old.branch,
            came_from=old.came_from,
            back=old.id,
            branches=old.branches,
            arrived={b: last for b, last in old.arrived.items() if b != open_branch},
        ).id
    enter(run, target.step, Place(inside, target.branch, target.came_from), entry)


def jump_back(run: Run, visit: Visit) -> None:
    """Straight back to who returned it, with the votes that were given there."""
    back_to = run.visits[visit.back]
    here, there = _path(run, visit), _path(run, back_to)
    common = 0
    while common < min(len(here), len(there)) and here[common] == there[common]:
        common += 1
    at: Visit | None = visit
    for _ in range(len(here) - common):
        at = at and close_branch(run, run.visits[at.inside], Place(0, at.branch, at.id))
    if at is None:
        return
    place = Place(at.inside, at.branch, at.id)
    if len(there) == common:
        enter(run, back_to.step, place, _as_it_was(back_to))
    else:
        _revive(run, _forks(run, back_to)[common], place)


def _revive(run: Run, fork: Visit, place: Place) -> None:
    """A fork that was cancelled stands again: what had arrived stays, each branch where it was."""
    new = run.add_visit(
        fork.step,
        "forked",
        **place._asdict(),
        back=fork.id,
        branches=fork.branches,
        arrived=fork.arrived,
    )
    for branch in fork.branches:
        if branch in fork.arrived:
            continue
        last = max(
            (v for v in run.visits.values() if v.inside == fork.id and v.branch == branch),
            key=lambda v: v.id,
        )
        there = Place(new.id, branch, last.came_from)
        if run.step_of(last).kind == "fork":
            _revive(run, last, there)
        else:
            enter(run, last.step, there, _as_it_was(last))


def _as_it_was(visit: Visit) -> Entry:
    cells = tuple(visit.cells.items())
    return Entry(visit, keep=True, back=visit.back, returned=visit.returned, cells=cells)


def _forks(run: Run, visit: Visit) -> list[Visit]:
    """The visits of forks around a visit, outermost first."""
    found: list[Visit] = []
    inside = visit.inside
    while inside:
        found.insert(0, run.visits[inside])
        inside = found[0].inside
    return found


def _path(run: Run, visit: Visit) -> list[tuple[str, int]]:
    """The branch a visit stands in, by fork step and branch, outermost first."""
    forks = _forks(run, visit)
    branches = [*(fork.branch for fork in forks[1:]), visit.branch]
    return [(fork.step, branch) for fork, branch in zip(forks, branches, strict=False)]


def _latest(run: Run, fork: Visit) -> Visit:
    """A fork opened again has a newer visit; that one knows which branches are through.

    Not the newest visit of its step: a loop may have come by again and taken other branches.
    """
    first = _first(run, fork)
    same = [v for v in run.visits.values() if v.step == fork.step and _first(run, v) == first]
    return max((v for v in same if v.status in ("forked", "passed")), key=lambda v: v.id)


def _first(run: Run, fork: Visit) -> int:
    """The visit with which a fork began that was opened again since."""
    while fork.back:
        fork = run.visits[fork.back]
    return fork.id


def _unarrive(run: Run, fork: int, branch: int) -> None:
    arrived = {b: last for b, last in run.visits[fork].arrived.items() if b != branch}
    run.change_visit(fork, arrived=arrived)
