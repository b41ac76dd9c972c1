"""The document follows another version of its form: 换版.

Who has it keeps it; what was handed in may be given back to whoever filled it in, with the cells that the
new version asks for.
"""

from workflows.core.backwards import line, reopen
from workflows.core.decision import Notify, OpenCells
from workflows.core.guards import going
from workflows.core.refusals import CannotGiveBack, Ended, NotStarted
from workflows.core.run import Run
from workflows.core.state import Visit
from workflows.core.tokens import Entry
from workflows.events import FormMoved


def reform(run: Run, event: FormMoved) -> None:
    """Nothing opens or closes, unless it is given back; what was returned for some cells opens these too."""
    if run.status == "new":
        raise NotStarted
    if run.status not in ("running", "suspended"):
        raise Ended(outcome=run.status)
    if event.back:
        _give_back(run, event)
        return
    for visit in list(run.visits.values()):
        if not (visit.live and visit.returned and visit.cells and event.cells):
            continue
        if run.step_of(visit).kind != "fill":
            continue
        cells = {**event.cells, **visit.cells}
        run.change_visit(visit, cells=cells)
        for task in run.tasks_of(visit):
            if task.status == "open" and task.side != "opinion":
                run.emit(OpenCells(task.key, cells))


def _give_back(run: Run, event: FormMoved) -> None:
    """To the last who filled it in; every step after that is walked again, for all saw another form."""
    going(run)
    live = [visit for visit in run.visits.values() if visit.live]
    filled = _filled(run, live[0]) if len(live) == 1 else None
    if filled is None:
        raise CannotGiveBack
    entry = Entry(filled, returned=True, cells=tuple(event.cells.items()))
    reopen(run, filled, entry, status="cancelled", reason="form-moved")
    people = (task.by for task in run.tasks_of(filled) if task.verdict and not task.reason)
    run.emit(Notify("flow.notice.returned", tuple(dict.fromkeys(people)), text=event.comment))


def _filled(run: Run, visit: Visit) -> Visit | None:
    """The nearest filling on the way here; nothing for what somebody fills in just now."""
    if run.step_of(visit).kind == "fill":
        return None
    return next((one for one in line(run, visit) if run.step_of(one).kind == "fill"), None)
