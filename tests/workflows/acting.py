"""What people might do next with a case, drawn at random; and somebody who does all that is asked."""

from random import Random
from typing import Any

from engine.errors import Problem
from tests.workflows.case import Case
from workflows.core.refusals import OwnWork
from workflows.core.state import Task
from workflows.events import KINDS
from workflows.machine import returnable_steps

PEOPLE = ("p1", "p2", "p3", "p4", "p5", "p6")
ASIDE = (
    "transferred",
    "delegated",
    "added",
    "added",
    "removed",
    "timed_out",
    "assigned",
    "rejected",
)

Action = tuple[str, str, dict[str, Any]]


def act(case: Case, chance: Random) -> bool:
    """One action: mostly possible ones, now and then anything at all. Says whether it was taken.

    A refusal must change nothing and have a text.
    """
    return take(case, (_wild if chance.random() < 0.12 else possible)(case, chance))


def take(case: Case, action: Action) -> bool:
    """Send an action; whether it was taken."""
    kind, by, values = action
    before = case.state
    refused: Problem | None = None
    try:
        case.do(kind, by, comment="x", **values)
    except Problem as problem:
        refused = problem
    if refused:
        assert case.state is before
        assert refused.text("zh") != refused.code
    return refused is None


def finish(case: Case) -> None:
    """Do what is asked until nothing is: from wherever it is, the case must come to an end."""
    case.holds = lambda _formula: None
    for count in range(400):
        if case.state.status == "suspended":
            case.do("resumed", "adm")
        if case.state.ended:
            return
        ready = [task for task in case.state.tasks if task.pending and task.status != "waiting"]
        _oblige(case, ready[0], f"new{count}")
    raise AssertionError("it does not end")


def _wild(case: Case, chance: Random) -> Action:
    kind = chance.choice(sorted(set(KINDS) - {"children_started", "child_ended", "moved"}))
    people = tuple(chance.sample(PEOPLE, chance.randint(0, 3)))
    offered: dict[str, Any] = {
        "task": chance.choice([task.key for task in case.state.tasks[-8:]] or ["none.1"]),
        "people": people,
        "number": f"A{chance.randint(1, 9)}",
        "step": chance.choice(sorted(case.flow.by_code)),
        **_form_moved(chance),
        "to": chance.choice((*case.flow.by_code, "end", *PEOPLE)),
    }
    if kind in ("copied", "commented"):
        offered["to"] = people
    asked = KINDS[kind].__struct_fields__
    values = {name: value for name, value in offered.items() if name in asked}
    return kind, chance.choice(PEOPLE), values


def _form_moved(chance: Random) -> dict[str, Any]:
    """The form of its document changes under it, perhaps so that it is given back."""
    cells = {"/new": "x"} if chance.random() < 0.5 else {}
    return {"was": 1, "version": 2, "cells": cells, "back": chance.random() < 0.5}


def possible(case: Case, chance: Random) -> Action:
    """What the state invites: a pending task and what can be done with it, or a step backwards."""
    state = case.state
    if state.ended:
        return "restarted", "adm", {}
    if state.status == "suspended":
        return "resumed", "adm", {}
    if chance.random() < 0.05:
        return "form_moved", "adm", _form_moved(chance)
    done = [task for task in state.tasks if task.verdict == "passed" and task.by != "system"]
    if done and chance.random() < 0.2:
        task = chance.choice(done[-2:])
        if case.flow.by_code[task.step].kind == "fill" and chance.random() < 0.5:
            return "withdrawn", task.by, {}
        return "taken_back", task.by, {"step": task.step}
    task = chance.choice([one for one in state.tasks if one.pending and one.status != "waiting"])
    people = tuple(chance.sample(PEOPLE, chance.randint(1, 3)))
    if task.status == "asking" and chance.random() < 0.2:
        return "unassignable", "system", {"task": task.key}
    if task.status in ("asking", "stuck"):
        return "assigned", "system", {"task": task.key, "people": people}
    return _with_open(case, chance, task, people)


def _with_open(case: Case, chance: Random, task: Task, people: tuple[str, ...]) -> Action:
    step, key = case.flow.by_code[task.step], {"task": task.key}
    by, other = task.owner or people[0], people[-1]
    if task.side == "opinion" and chance.random() < 0.5:
        return "answered", by, key
    if step.sign.mode == "pool" and not task.owner:
        return "claimed", by, key
    back = returnable_steps(case.flow, case.state, task.key)
    if back and chance.random() < 0.3:
        resubmit = chance.choice(("walk", "back"))
        return "returned", by, {**key, "to": chance.choice(back), "resubmit": resubmit}
    kind = chance.choice(("decide",) * 14 + ASIDE)
    if kind in ("transferred", "delegated"):
        return kind, by, {**key, "to": other}
    if kind == "added":
        where = chance.choice(("before", "after", "beside"))
        return "signers_added", by, {**key, "people": people[:1], "where": where}
    if kind == "removed":
        around = [one.owner for one in case.state.tasks if one.visit == task.visit and one.pending]
        return (
            "signers_removed",
            by,
            {**key, "people": (chance.choice(around) or by,), "duty": chance.random() < 0.5},
        )
    if kind == "assigned":
        return kind, "system", {**key, "people": people}
    if kind != "decide":
        return kind, by, key
    return ("submitted" if step.kind == "fill" else "passed"), by, key


def _oblige(case: Case, task: Task, fresh: str) -> None:
    step = case.flow.by_code[task.step]
    nobody = task.status == "stuck" and task.reason in ("unassigned", "own-work")
    if task.status == "asking" or nobody:
        case.do("assigned", "adm", task=task.key, people=(fresh,))
    elif task.status == "stuck":
        case.do("rerouted", "adm", task=task.key, to=step.next[-1].to, comment="x")
    elif task.side == "opinion":
        case.do("answered", task.owner, task=task.key, comment="x")
    elif not task.owner and step.sign.mode == "pool":
        case.do("claimed", fresh, task=task.key)
    else:
        kind = "submitted" if step.kind == "fill" else "passed"
        try:
            case.do(kind, task.owner or fresh, task=task.key, comment="x")
        except OwnWork:
            case.do("transferred", "adm", task=task.key, to=fresh, comment="x")
