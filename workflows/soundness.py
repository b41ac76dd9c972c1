"""Whether a flow can get stuck, asked before it is published.

Every step is reached and can reach the end, every branch has a way on, forks and joins match, no
loop runs without a person, every step can be given to somebody. Each fault names its step and shows
a way to it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from engine import messages
from engine.errors import Problem
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.parse import parse
from engine.formula.tree import Aggregate, Call, Members, Name, Previous, walk
from workflows.core.graph import branch_steps, reachable, region, targets, way
from workflows.flow import END, Assign, Flow, Step

Vacancies = Callable[[Assign], Sequence[str]]
"""The names of the chosen organisations in which a rule finds nobody."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that would leave people stuck; `example` is a run that shows it."""

    code: str
    step: str
    detail: str = ""
    example: tuple[str, ...] = ()
    steps: Mapping[str, Step] = field(default_factory=dict, compare=False, repr=False)

    def text(self, language: str = "zh") -> str:
        """What to tell the designer, with steps as people call them."""

        def called(code: str) -> str:
            return self.steps[code].title(language) if code in self.steps else code

        details = {
            "step": called(self.step),
            "detail": called(self.detail),
            "example": " → ".join(called(code) for code in self.example),
        }
        return messages.text(f"flow.fault.{self.code}", language, details)


def check(flow: Flow, vacancies: Vacancies | None = None) -> list[Fault]:
    """Everything that is wrong with a flow, by step in its order; empty when it may be published."""
    found = [*_start(flow), *_reach(flow), *_forks(flow), *_loops(flow)]
    for step in flow.steps:
        found += _routes(flow, step)
        found += _people(flow, step, vacancies)
    order = {step.code: number for number, step in enumerate(flow.steps)}
    return sorted(found, key=lambda fault: (order[fault.step], fault.code, fault.detail))


def _fault(flow: Flow, code: str, step: str, detail: str = "", *onward: str) -> Fault:
    """A fault at a step, with a run to it and on to where it shows."""
    run = way(flow, flow.start, step)
    for code_ in onward if run else ():
        if run[-1] != END:
            run += _onward(flow, run[-1], code_)
    return Fault(code, step, detail, run, flow.by_code)


def _onward(flow: Flow, here: str, goal: str) -> tuple[str, ...]:
    """A shortest way on from a step to another (or to itself again), without where it begins."""
    ways = [way(flow, to, goal) for to in targets(flow.by_code[here])]
    return min((one for one in ways if one), key=len, default=())


def _round(flow: Flow, start: str) -> tuple[str, ...]:
    """On and on from a step that never ends, until a step is met again."""
    run = [start]
    while run.count(run[-1]) < 2:
        run.append(targets(flow.by_code[run[-1]])[0])
    return tuple(run[1:])


def _start(flow: Flow) -> Iterator[Fault]:
    if flow.by_code[flow.start].kind != "fill":
        yield _fault(flow, "start", flow.start)


def _reach(flow: Flow) -> Iterator[Fault]:
    """Reached from the start, and the end reached from it."""
    met = reachable(flow, [flow.start])
    for step in flow.steps:
        if step.code not in met:
            yield _fault(flow, "unreachable", step.code)
        elif END not in reachable(flow, [step.code]):
            yield _fault(flow, "no-end", step.code, "", *_round(flow, step.code))


def _routes(flow: Flow, step: Step) -> Iterator[Fault]:
    """A way on whatever the document says, and no way that is never taken."""
    conditions = [route.when for route in step.next]
    yield from _conditions(flow, step)
    if step.kind == "fork":
        if step.branches == "all" and any(conditions):
            yield _fault(flow, "condition-ignored", step.code)
        if step.branches == "matching" and None not in conditions:
            yield _fault(flow, "no-default", step.code)
    elif None not in conditions:
        yield _fault(flow, "no-default", step.code)
    if step.kind == "fork" and step.branches == "all":
        return
    seen: set[str | None] = set()
    for route in step.next:
        if route.when in seen:
            yield _fault(flow, "never-taken", step.code, route.to, route.to)
        seen.add(route.when)


def _conditions(flow: Flow, step: Step) -> Iterator[Fault]:
    """Formulas that can be read, and that say different things of different documents."""
    formulas = [(route.to, route.when) for route in step.next if route.when]
    if step.assign and step.assign.formula:
        formulas.append(("", step.assign.formula))
    for to, formula in formulas:
        try:
            tree = parse(formula)
        except Problem:
            yield _fault(flow, "unreadable", step.code, formula)
            continue
        if to and not any(isinstance(one, _ASKING) for one in walk(tree)):
            always = evaluate(tree, Document({})) is True
            yield _fault(flow, "always" if always else "never", step.code, formula)


_ASKING = (Name, Aggregate, Previous, Members, Call)
"""Parts of a formula whose value depends on the document, or the day."""


def _people(flow: Flow, step: Step, vacancies: Vacancies | None) -> Iterator[Fault]:
    """Somebody to do it, everywhere."""
    if (step.people or step.kind == "notify") and step.assign is None:
        yield _fault(flow, "nobody", step.code)
    if step.kind == "fill" and (step.empty == "pass" or (step.due and step.due.then == "pass")):
        yield _fault(flow, "fill-skipped", step.code)
    jump = step.due.to if step.due and step.due.then == "jump" else ""
    if jump and region(flow, jump) != region(flow, step.code):
        yield _fault(flow, "jumps-out", step.code, jump, jump)
    for back in step.returns or ():
        if back == END or step.code not in reachable(flow, [back]):
            yield _fault(flow, "never-before", step.code, back)
    if vacancies and step.people and step.assign and step.empty not in ("pass", "reject"):
        empty = list(vacancies(step.assign))
        if empty and step.otherwise:
            empty = [one for one in vacancies(step.otherwise) if one in empty]
        if empty:
            yield _fault(flow, "nobody-there", step.code, "、".join(empty))


def _forks(flow: Flow) -> Iterator[Fault]:
    """Each fork has one join, all its branches meet there, and nothing enters or leaves between."""
    owners: dict[str, list[str]] = {}
    for step in flow.steps:
        if step.kind == "fork":
            owners.setdefault(step.join, []).append(step.code)
            yield from _one_fork(flow, step)
    for step in flow.steps:
        if step.kind == "join" and step.code not in owners:
            yield _fault(flow, "join-alone", step.code)
        if step.kind == "join" and len(owners.get(step.code, ())) > 1:
            yield _fault(flow, "join-shared", step.code, "、".join(owners[step.code]))


def _one_fork(flow: Flow, fork: Step) -> Iterator[Fault]:
    join = flow.by_code.get(fork.join)
    if join is None or join.kind != "join":
        yield _fault(flow, "no-join", fork.code, fork.join)
        return
    branches = [branch_steps(flow, fork, number) for number in range(len(fork.next))]
    escaped = False
    for route, steps in zip(fork.next, branches, strict=True):
        if fork.code in steps or END in steps:
            escaped = True
            out = fork.code if fork.code in steps else END
            yield _fault(flow, "leaves-branch", fork.code, route.to, route.to, out)
        elif fork.join not in reachable(flow, [route.to], stop=fork.join, jumps=False):
            escaped = True
            run = (route.to, *_round(flow, route.to))
            yield _fault(flow, "misses-join", fork.code, route.to, *run)
    if not escaped:
        yield from _between(flow, fork, branches)


def _between(flow: Flow, fork: Step, branches: Sequence[set[str]]) -> Iterator[Fault]:
    """Branches that do not touch, and nobody who comes in from outside."""
    for one, other in combinations(branches, 2):
        for shared in sorted(one & other):
            yield _fault(flow, "branches-meet", fork.code, shared, shared)
    inner = set().union(*branches)
    for step in flow.steps:
        if step.code in inner or step.code == fork.code:
            continue
        for route in step.next:
            if route.to in inner or route.to == fork.join:
                yield _fault(flow, "enters-branch", step.code, route.to, route.to, fork.join)


def _loops(flow: Flow) -> Iterator[Fault]:
    """Every loop passes a person or a pause."""
    still = {step.code for step in flow.steps if not step.people and step.kind != "wait"}
    for code in still:
        onward = [one for one in targets(flow.by_code[code]) if one in still]
        rounds = [way(flow, one, code, within=still) for one in onward]
        ring = min((one for one in rounds if one), key=len, default=())
        if ring:
            run = way(flow, flow.start, code)
            yield Fault("endless", code, "", (*run, *ring) if run else (), flow.by_code)
