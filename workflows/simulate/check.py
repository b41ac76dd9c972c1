"""What a script names must be there, and its times must be in a calendar: told with the place, before it is played."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine import messages
from engine.errors import Problem
from engine.json_text import Json
from engine.workdays.calendar import read_hours
from workflows.events import SYSTEM
from workflows.flow import END, Flow
from workflows.simulate import report as reports
from workflows.simulate.script import OFFICE, Action, Script, ScriptInvalid, moment, read

TO_A_STEP = ("returned", "rerouted")
"""Actions whose `to` is a step; of the others it is somebody."""
TO_PEOPLE = ("transferred", "delegated", "hand_over")


def load(document: Json, flow: Flow) -> Script:
    """A script for a flow from its JSON, checked. Raises ScriptInvalid, FlowInvalid."""
    script = read(document)
    check(script, flow)
    return script


def check(script: Script, flow: Flow) -> None:
    """Raises ScriptInvalid with the first thing that is wrong."""
    _calendar(script)
    _report(script)
    _steps(script, flow)
    _people(script)
    _organisations(script)
    for action in script.actions:
        if isinstance(action.refused, str) and not messages.known(action.refused):
            where = f"{_place(action)}/refused"
            raise ScriptInvalid(where=where, reason="no-such-refusal", detail=action.refused)
        for key, text in _times(action):
            moment(text, script.at, f"{_place(action)}/{key}")


def _place(action: Action) -> str:
    return f"/actions/{action.number - 1}"


def _calendar(script: Script) -> None:
    for name in ("holidays", "workdays"):
        for number, day in enumerate(script.calendar.get(name, ())):
            moment(day, script.at, f"/calendar/{name}/{number}")
    hours = script.calendar.get("hours")
    if hours:
        try:
            read_hours(",".join(hours))
        except Problem as problem:
            where, detail = "/calendar/hours", ", ".join(hours)
            raise ScriptInvalid(where=where, reason="value", detail=detail) from problem


def _report(script: Script) -> None:
    if not script.report:
        return
    refused = script.report.get("refused")
    if isinstance(refused, str) and not messages.known(refused):
        raise ScriptInvalid(where="/report/refused", reason="no-such-refusal", detail=refused)
    reports.read(script.report, script.at)


def _steps(script: Script, flow: Flow) -> None:
    known = {step.code for one in (flow, *script.flows.values()) for step in one.steps}
    for step in script.steps:
        if step not in known:
            raise ScriptInvalid(where=f"/steps/{step}", reason="no-such-step", detail=step)
    for action in script.actions:
        for key, step in _named_steps(action):
            if step not in known:
                where = f"{_place(action)}/{key}"
                raise ScriptInvalid(where=where, reason="no-such-step", detail=step)


def _named_steps(action: Action) -> Iterator[tuple[str, str]]:
    if step := action.get("step"):
        yield "step", step
    for step in action.get("choose") or ():
        yield "choose", step
    if action.do in TO_A_STEP and not action.refused and action.get("to") != END:
        yield "to", action.get("to")


def _people(script: Script) -> None:
    """Where a script names its people, nobody acts whom it names nowhere (but `office` and `system`)."""
    known = {SYSTEM, OFFICE, *_named_people(script)}
    for action in script.actions if script.people else ():
        for key in ("by", "for"):
            if action.get(key) and action.get(key) not in known:
                where = f"{_place(action)}/{key}"
                raise ScriptInvalid(where=where, reason="no-such-person", detail=action.get(key))


def _named_people(script: Script) -> Iterator[str]:
    yield script.steward
    for people in script.steps.values():
        yield from people
    for name, person in script.people.items():
        yield name
        yield person.leader
        yield from (deputy for deputy, _, _ in person.deputies)
    for action in script.actions:
        yield from action.get("people") or ()
        for chosen in (action.get("choose") or {}).values():
            yield from chosen
        if action.do in TO_PEOPLE:
            yield action.get("to")


def _organisations(script: Script) -> None:
    known = {*script.organisations, *script.organisations.values(), script.issuer, ""}
    if script.organisations and script.organisation not in known:
        where, place = "/organisation", script.organisation
        raise ScriptInvalid(where=where, reason="no-such-organisation", detail=place)
    for name, person in script.people.items():
        for _, place in person.posts:
            if script.organisations and place not in known:
                where = f"/people/{name}/posts"
                raise ScriptInvalid(where=where, reason="no-such-organisation", detail=place)
    for place in script.organisations:
        _refuse_circle(script.organisations, place)


def _refuse_circle(above: Mapping[str, str], place: str) -> None:
    passed: list[str] = []
    while place:
        if place in passed:
            where, detail = f"/organisations/{place}", " → ".join([*passed, place])
            raise ScriptInvalid(where=where, reason="circle", detail=detail)
        passed.append(place)
        place = above.get(place, "")


def _times(action: Action) -> Iterator[tuple[str, str]]:
    for key in ("until", "dated"):
        if text := action.get(key):
            yield key, text
    expected: Mapping[str, Any] = action.get("expect") or {}
    if "time" in expected:
        yield "expect/time", expected["time"]
    for step, text in expected.get("due", {}).items():
        yield f"expect/due/{step}", text
