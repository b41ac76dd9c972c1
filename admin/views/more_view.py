"""What else may be done with a task, for the fold below its page: whom it can go to, who may be asked."""

from collections.abc import Sequence
from typing import Any

from admin.views import signing_view
from admin.views.people_view import grouped
from engine.identity import store as identity
from engine.work import Work
from workflows import beside, choosing, colleagues, commands, machine, phrases, store
from workflows.core.state import State, Task
from workflows.flow import Flow
from workflows.in_hand import Held
from workflows.store import TaskRecord


def more(work: Work, held: Held, language: str) -> dict[str, Any]:
    """The context of components/more_actions.html, and of the choices beside pass and return."""
    task = held.task
    case = store.get_case(work.connection, task.case_id)
    flow = store.flow(work.connection, case.flow_code, case.flow_version)
    step, here = flow.by_code[task.step], case.state.task(task.key)
    pool = step.sign.mode == "pool"
    owner = here.owner if here else ""
    decides = task.kind in ("verify", "approve")
    return {
        "task": task.id,
        "today": work.today.isoformat(),
        "case": case.id,
        "kind": task.kind,
        "claim": pool and not owner,
        "unclaim": pool and bool(owner and here and here.assign),
        "decides": decides,
        "people": grouped(work, colleagues.near(work, held.record), language),
        "removable": _names(work, [one.owner for one in _beside(case.state, here)]),
        "returns": _returns(work, flow, case.state, task, language),
        "resubmit": step.resubmit,
        "chooses": [
            {
                "step": one.code,
                "title": one.title(language),
                "people": beside.choice(work.connection, case.id, one.code),
                "needed": one.empty == "incident",
            }
            for one in choosing.left_open(flow, step)
        ],
        "signs": signing_view.asked_at(step, work) if decides else None,
        "phrases": [text for _, text in phrases.of(work.connection, work.actor.id)],
        "held": suspended_for(work, case.id) if case.status == "suspended" else None,
        "asked": _asked(work, here) if task.kind == "opinion" else None,
        "question": _question(work, task, here) if task.kind == "opinion" and here else "",
    }


def suspended_for(work: Work, case_id: str) -> str:
    """Why a suspended case was suspended."""
    for event in reversed(store.events(work.connection, case_id)):
        if event["kind"] == "suspended":
            return str(event["document"].get("comment", ""))
    return ""


def _beside(state: State, here: Task | None) -> list[Task]:
    """The others who were added to sign the same step and have not acted: whom the flow named stays."""
    if here is None:
        return []
    return [
        one
        for one in state.tasks
        if one.visit == here.visit
        and one.pending
        and one.owner
        and one.added_by
        and one.key != here.key
        and one.side != "opinion"
    ]


def _names(work: Work, people: Sequence[str]) -> list[dict[str, str]]:
    names = identity.account_names(work.connection, people)
    return [{"id": one, "name": names.get(one, one)} for one in dict.fromkeys(people)]


def _returns(
    work: Work, flow: Flow, state: State, task: TaskRecord, language: str
) -> list[dict[str, Any]]:
    """The steps passed, nearest first; the one where it was filled in is what is meant by default."""
    signed = machine.signers_before(flow, state, task.key)
    steps = machine.returnable_steps(flow, state, task.key)
    default = commands.nearest_fill(flow, steps)
    return [
        {
            "code": code,
            "title": flow.by_code[code].title(language),
            "fill": flow.by_code[code].kind == "fill",
            "default": code == default,
            "signers": _names(work, signed.get(code, ())),
        }
        for code in steps
    ]


def _question(work: Work, task: TaskRecord, here: Task) -> str:
    """What whoever asks for the opinion wants to know."""
    for event in reversed(store.signed(work.connection, task.document_id, "delegated")):
        said = event["document"]
        if (said["task"], said["to"]) == (here.gate, here.owner):
            return str(said.get("comment", ""))
    return ""


def _asked(work: Work, here: Task | None) -> str:
    """Who asks for the opinion."""
    asker = here.added_by if here else ""
    return identity.account_names(work.connection, [asker]).get(asker, "")
