"""Where a flow would find nobody: its rules looked up for every office that could be asked to fill it in."""

from collections.abc import Sequence

from engine.identity import store as identity
from engine.work import Work
from workflows import soundness
from workflows.assignees.position import above
from workflows.flow import Assign, Flow
from workflows.soundness import Fault

EVERYWHERE = "/"
MOST = 12


def faults(work: Work, flow: Flow) -> list[Fault]:
    """Steps that nobody could do in some of the offices where somebody fills in, with their names."""
    first = flow.by_code[flow.start].assign
    role = first.role if first and first.rule == "position" else "staff"
    offices = identity.staffed(work.connection, role or "staff", EVERYWHERE, now=work.now)

    def vacancies(assign: Assign) -> Sequence[str]:
        if assign.rule != "position" or assign.at == "issuer":
            return ()
        asked = {one.code: _place(assign, one.code, one.path) for one in offices}
        places = sorted({place for place in asked.values() if place})
        held = identity.held_in(work.connection, assign.role, places, now=work.now)
        names = [one.name for one in offices if asked[one.code] not in held]
        more = len(names) - MOST
        return [*names[:MOST], f"+{more}"] if more > 0 else names

    return [one for one in soundness.check(flow, vacancies) if one.code == "nobody-there"]


def _place(assign: Assign, code: str, path: str) -> str:
    if assign.at in ("", "same"):
        return code
    return above(path, assign.levels or 1) if assign.at == "parent" else assign.at
