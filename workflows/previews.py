"""A draft form with real data, as one role would see it: what a designer looks at before publishing.

Nothing is written but the note on the trail that somebody looked. A designer is no reader of registers:
what is classed L3 or L4, and what a formula of the draft makes of it, is shown masked even where the
role itself would see it whole, unless the designer's own posts open that organisation's documents too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.access import policy
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.errors import Forbidden, NotFound, Problem
from engine.formula.tree import Aggregate, Expr, Name, Previous, walk
from engine.identity.store import OrganisationValue, organisation
from engine.json_text import Json
from engine.periods import Period
from engine.work import Work
from forms import conditions, document, judge, picking, publish, store, surroundings
from forms.compiled import CompiledForm
from forms.conditions import Applied
from forms.document import Cell
from forms.documents import DocumentRecord
from forms.filing import Opened
from forms.prefill.prefill import prefill
from forms.validate import CellProblem
from workflows import dispatches
from workflows import store as flows
from workflows.flow import Step
from workflows.store import FlowUnknown

KINDS = {"staff": "fill", "verifier": "verify", "leader": "approve"}
"""The step of a flow that a role is seen at; a department reads, and nothing else."""
ROLES = (*KINDS, "department")
VERB = "form.preview"
GUARDED = ("L3", "L4")
STARS = "＊＊＊"


class RoleWithoutStep(Problem):
    """The form's flow has no step at which this role works: there is nothing that it would see."""

    code, status = "preview.no-step", 422
    role: str
    flow: str


class PeriodWrong(Problem):
    """The form is not reported for such a period."""

    code, status = "preview.period", 422
    period: str


class RoleUnknown(Problem):
    """No role that a form is previewed for."""

    code, status = "preview.role", 422
    role: str


@dataclass(frozen=True)
class Look:
    """A draft as it would open for somebody: values, what is known of them, conditions and rights."""

    opened: Opened
    place: OrganisationValue
    role: str
    step: Step | None
    told: Applied
    problems: tuple[CellProblem, ...]
    masked: frozenset[str]
    """Cells that hold something the designer may not see."""
    whole: int
    """So many cells classed L3 or L4 are shown as they are."""

    def hides(self, path: str) -> bool:
        """Whether the step keeps a cell from the role."""
        return self.step is not None and self.step.right(path) == "hide"


def areas(work: Work) -> tuple[str, ...]:
    """The paths below which the actor may look. Raises Forbidden where there are none."""
    found = tuple(
        "/" if reach.kind == "all" else dispatches.area_of(work, reach.code)
        for reach in policy.reaches(work.actor, VERB)
    )
    if not found:
        raise Forbidden
    return found


def place(work: Work, code: str) -> OrganisationValue:
    """An organisation within those areas. Raises Forbidden, NotFound."""
    allowed = areas(work)
    found = organisation(work.connection, code)
    if not found.path.startswith(allowed):
        raise NotFound
    return found


def periods(form: CompiledForm, today: date) -> list[Period]:
    """The periods to choose from: the running one and those before; months for what is asked once."""
    found = [Period.of("month" if form.period == "once" else form.period, today)]
    while len(found) < 13:  # a month and the same one a year ago
        found.append(found[-1].previous())
    return found


def look(
    work: Work, code: str, place_code: str, period: str, role: str, *, language: str = "zh"
) -> Look:
    """The draft of a form as a role in an organisation would see it for a period.

    Raises Forbidden, NotFound, PeriodWrong, RoleUnknown, RoleWithoutStep.
    """
    here = place(work, place_code)
    form = publish.compiled_now(work.connection, store.draft(work.connection, code).document)
    _refuse_period(form, period)
    step = _step(work, form, role)
    known = prefill(work, form, [here], period)[here.code]
    env = surroundings.formulas(work, form, here.code, Period.parse(period), known.contents)
    told, _ = conditions.apply(form, env)
    secret = _guarded(form, dictionary(work.connection).fields)
    own = policy.covers(work.actor, "document.read", path=here.path, owner=form.owner)
    filled = {path: item.path in secret for path, item in _filled(form, known.contents)}
    masked = frozenset() if own else frozenset(path for path, kept in filled.items() if kept)
    contents, cells = _masked(form, known.contents, known.cells, masked)
    problems = judge.problems(form, env, language=language, draft=True) if role == "staff" else []
    return Look(
        opened=Opened(
            _record(work, form, here, period=period, contents=contents, cells=cells),
            form,
            picking.labels(work, form, contents),
        ),
        place=here,
        role=role,
        step=step,
        told=told,
        problems=tuple(one for one in problems if not _reveals(form, one, secret, own=own)),
        masked=masked,
        whole=sum(filled.values()) - len(masked),
    )


def note(work: Work, code: str, seen: Look) -> None:
    """Put the look on the trail: whose, which form, as whom, and how much of it is classed."""
    work.note(
        "form.previewed",
        code,
        organisation=seen.place.code,
        period=seen.opened.record.period,
        role=seen.role,
        masked=len(seen.masked),
        whole=seen.whole,
    )


def _refuse_period(form: CompiledForm, period: str) -> None:
    when = Period.parse(period)
    if form.period not in ("once", when.kind):
        raise PeriodWrong(period=period)


def _step(work: Work, form: CompiledForm, role: str) -> Step | None:
    """Where the role works in the form's flow; nothing for a form that names no flow."""
    if role not in ROLES:
        raise RoleUnknown(role=role)
    kind = KINDS.get(role)
    if kind is None or not form.flow:
        return None
    try:
        flow = flows.flow(work.connection, form.flow)
    except FlowUnknown:
        return None
    found = next((step for step in flow.steps if step.kind == kind), None)
    if found is None:
        raise RoleWithoutStep(role=role, flow=flow.title())
    return found


def _guarded(form: CompiledForm, known: Mapping[str, Field]) -> frozenset[str]:
    """Patterns of the items that are classed, and of those that formulas of the form make of them."""
    classed = {code for code, field in form.fields.items() if _is_guarded(field)}
    found = {item.path for item in form.items if item.field in classed}
    names = {path.rpartition("/")[2] for path in found}
    trees = list(form.computes)
    for _ in range(len(trees) + 1):
        more = [
            (item, tree)
            for item, tree in trees
            if item.path not in found and _reads(tree, names, known)
        ]
        if not more:
            break
        found |= {item.path for item, _ in more}
        names |= {item.name for item, _ in more}
    return frozenset(found)


def _is_guarded(field: Field) -> bool:
    return field.sensitivity in GUARDED or field.secret


def _reads(tree: Expr, names: set[str], known: Mapping[str, Field]) -> bool:
    """Whether a formula gives away a classed value; a count of many rows does not."""
    for node in walk(tree):
        match node:
            case Name() | Previous():
                if node.path.rpartition(".")[2] in names:
                    return True
            case Aggregate() if node.function != "COUNT" and node.column:
                field = known.get(f"{node.source}.{node.column}")
                if node.column in names or (field is not None and _is_guarded(field)):
                    return True
            case _:
                pass
    return False


def _filled(form: CompiledForm, contents: Mapping[str, Json]) -> Any:
    for path in document.flatten(contents, form):
        item = form.item(path)
        if item is not None:
            yield path, item


def _masked(
    form: CompiledForm,
    contents: Mapping[str, Json],
    cells: Mapping[str, Cell],
    masked: frozenset[str],
) -> tuple[Mapping[str, Json], Mapping[str, Cell]]:
    """The values without what may not be seen; it is gone before anything is drawn of them."""
    if not masked:
        return contents, cells
    hidden = dict.fromkeys(masked, STARS)
    kept = dict(cells)
    for path in masked & set(cells):
        kept[path] = replace(cells[path], value=STARS, known=STARS, source=_source(cells[path]))
    return document.put_all(form, contents, hidden), kept


def _source(cell: Cell) -> Json:
    source = dict(cell.source or {})
    if source.get("others"):
        source["others"] = [{**other, "value": STARS} for other in source["others"]]
    return source


def _reveals(
    form: CompiledForm, problem: CellProblem, secret: frozenset[str], *, own: bool
) -> bool:
    """Whether what is wrong is told with a value that may not be seen."""
    if own:
        return False
    return any(form.pattern(path) in secret for path in (problem.path, *problem.paths))


def _record(
    work: Work,
    form: CompiledForm,
    here: OrganisationValue,
    *,
    period: str,
    contents: Mapping[str, Json],
    cells: Mapping[str, Cell],
) -> DocumentRecord:
    """A document that is kept nowhere: it has no id."""
    return DocumentRecord(
        id="",
        form_code=form.code,
        form_version=0,
        organisation_code=here.code,
        organisation_path=here.path,
        owner=form.owner,
        period=period,
        dispatch_id=None,
        case_id=None,
        status="open",
        revision=0,
        contents=contents,
        cells=document.dump_cells(cells),
        explanations={},
        created_at=work.at,
        opened_at=None,
        submitted_at=None,
        final_at=None,
    )
