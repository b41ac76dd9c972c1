"""The script of a try-out: read from JSON, checked, every fault told with its place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from engine import json_text, messages
from engine.errors import Problem
from engine.json_text import Json
from workflows import flow as flows
from workflows.events import KINDS
from workflows.flow import Flow

OFFICE = "office"
"""Whoever looks after flows; may name people, send on what is stuck, hand tasks over."""
SCHEMA_FILE = Path(__file__).with_name("script.schema.json")
BEIJING = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 2, 9, tzinfo=BEIJING)
"""When a script begins that does not say so."""

ALIASES: Mapping[str, str] = {
    "submit": "submitted",
    "pass": "passed",
    "reject": "rejected",
    "return": "returned",
    "withdraw": "withdrawn",
    "take_back": "taken_back",
    "transfer": "transferred",
    "delegate": "delegated",
    "answer": "answered",
    "add_signers": "signers_added",
    "remove_signers": "signers_removed",
    "claim": "claimed",
    "unclaim": "unclaimed",
    "see": "seen",
    "urge": "urged",
    "copy": "copied",
    "comment": "commented",
    "terminate": "terminated",
    "suspend": "suspended",
    "resume": "resumed",
    "restart": "restarted",
    "reroute": "rerouted",
    "assign": "assigned",
    "nobody": "unassignable",
    "child_end": "child_ended",
}
"""What a script calls an action, and the event it becomes."""

PERSONAL = (
    "submitted", "passed", "rejected", "returned", "withdrawn", "taken_back", "transferred",
    "delegated", "answered", "signers_added", "claimed", "unclaimed", "urged", "seen",
)  # fmt: skip
"""What only a person does: the script must say who."""

BY_ITSELF = ("timed_out", "children_started", "moved", "form_moved", "numbered")
"""What a script does not say: the clock, flows below, and another version of the flow."""

OWN_ACTIONS = ("set", "wait", "hand_over", "extend", "exempt")
"""Actions that are no event of a flow: the document changes, time passes, somebody leaves, the office
gives more time or needs no report.
"""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "returned": ("to",),
    "taken_back": ("step",),
    "transferred": ("to",),
    "delegated": ("to",),
    "signers_added": ("people",),
    "signers_removed": ("people",),
    "copied": ("people",),
    "rerouted": ("to",),
    "assigned": ("people",),
    "child_ended": ("child", "outcome"),
    "set": ("set",),
    "hand_over": ("from", "to"),
    "extend": ("until",),
}
"""What an action cannot do without."""


_AT_ACTION = re.compile(r"/actions/(\d+)")


class ScriptInvalid(Problem):
    """A script cannot be played; `where` is a JSON pointer, `reason` says why."""

    code, status = "simulate.invalid", 422
    where: str
    reason: str
    detail: str = ""

    def text(self, language: str = "zh") -> str:
        """With the number of the action, which the printed log counts from 1."""
        said = super().text(language)
        found = _AT_ACTION.match(self.where)
        if found is None:
            return said
        number = {"number": int(found[1]) + 1}
        return said + messages.text(f"{self.code}.at-action", language, number)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that is done, and what the script expects of it."""

    number: int
    do: str
    """The event it becomes, or one of OWN_ACTIONS."""
    values: Mapping[str, Any]

    def get(self, name: str, default: Any = "") -> Any:
        """What the script says under a name."""
        return self.values.get(name, default)

    @property
    def refused(self) -> str | bool:
        """Whether a refusal is expected, and with which code."""
        said: str | bool = self.values.get("refused", False)
        return said


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the script."""

    posts: tuple[tuple[str, str], ...] = ()
    """(role, organisation)"""
    leader: str = ""
    load: int = 0
    away: tuple[tuple[datetime | None, datetime | None], ...] = ()
    deputies: tuple[tuple[str, datetime | None, datetime | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that is played."""

    at: datetime
    actions: tuple[Action, ...]
    seed: int = 0
    calendar: Mapping[str, Any] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)
    """Each with the one above it."""
    organisation: str = ""
    issuer: str = ""
    steward: str = ""
    people: Mapping[str, Person] = field(default_factory=dict)
    steps: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Who does a step, whatever its rule says, each with the weight of the vote."""
    document: Mapping[str, Json] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    """What is said of the report that it is about: `workflows.simulate.report` reads it."""


def read(document: Json) -> Script:
    """A script from its JSON; what it names is not looked up (`check`). Raises ScriptInvalid, FlowInvalid."""
    for error in _validator().iter_errors(document if isinstance(document, dict) else None):
        raise _told(error)
    at = moment(document["at"], MONDAY, "/at") if "at" in document else MONDAY
    below = {code: flows.load(one) for code, one in document.get("flows", {}).items()}
    return Script(
        at=at,
        actions=tuple(_action(number, one) for number, one in enumerate(document["actions"], 1)),
        seed=document.get("seed", 0),
        calendar=document.get("calendar", {}),
        organisations=document.get("organisations", {}),
        organisation=document.get("organisation", ""),
        issuer=document.get("issuer", ""),
        steward=document.get("steward", ""),
        people={name: _person(name, one, at) for name, one in document.get("people", {}).items()},
        steps={step: weighed(one) for step, one in document.get("steps", {}).items()},
        document=document.get("document", {}),
        flows=below,
        report=document.get("report", {}),
    )


def weighed(people: Json) -> dict[str, int]:
    """People with the weight of their votes, from a list or an object."""
    return dict(people) if isinstance(people, Mapping) else dict.fromkeys(people, 1)


def moment(text: str, near: datetime, where: str = "") -> datetime:
    """A time; what it does not say (time of day, zone) is as in the time near it.

    Raises ScriptInvalid for a day that no calendar has; `where` is its place in the script.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ScriptInvalid(where=where or text, reason="value", detail=text) from error
    if "T" not in text:
        found = found.replace(hour=near.hour, minute=near.minute)
    return found if found.tzinfo else found.replace(tzinfo=near.tzinfo)


_PATTERNS = {"span": "working_days?)$", "moment": "^[0-9]{4}-[0-9]{2}"}
"""What of the schema's patterns tells which kind of value was meant."""


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json_text.trusted(SCHEMA_FILE.read_bytes()))


def _action(number: int, said: Mapping[str, Any]) -> Action:
    where = f"/actions/{number - 1}"
    name = said["do"]
    do = ALIASES.get(name, name)
    if do not in OWN_ACTIONS and (do not in KINDS or do in BY_ITSELF):
        known = ", ".join(sorted({*ALIASES, *OWN_ACTIONS}))
        raise ScriptInvalid(
            where=f"{where}/do", reason="no-such-action", detail=f"{name} ({known})"
        )
    for needed in NEEDS.get(do, ()):
        if needed not in said:
            raise ScriptInvalid(where=where, reason="missing", detail=f"{name}: {needed}")
    if do in PERSONAL and "by" not in said:
        raise ScriptInvalid(where=where, reason="missing", detail=f"{name}: by")
    return Action(number, do, said)


def _person(name: str, said: Mapping[str, Any], at: datetime) -> Person:
    where = f"/people/{name}"
    away, deputies = said.get("away", ()), said.get("deputies", ())
    return Person(
        posts=tuple((role, place) for role, place in (p.split("@") for p in said.get("posts", ()))),
        leader=said.get("leader", ""),
        load=said.get("load", 0),
        away=tuple(_period(one, at, f"{where}/away/{n}") for n, one in enumerate(away)),
        deputies=tuple(
            (one["person"], *_period(one, at, f"{where}/deputies/{n}"))
            for n, one in enumerate(deputies)
        ),
    )


def _period(
    said: Mapping[str, str], at: datetime, where: str
) -> tuple[datetime | None, datetime | None]:
    first, last = (
        moment(said[name], at, f"{where}/{name}") if name in said else None
        for name in ("from", "to")
    )
    if first and last and first >= last:
        detail = f"{said['from']} … {said['to']}"
        raise ScriptInvalid(where=where, reason="backwards", detail=detail)
    return first, last


def _told(error: jsonschema_rs.ValidationError) -> ScriptInvalid:
    where = "".join(f"/{part}" for part in error.instance_path) or "/"
    name = getattr(error.kind, "name", "schema")
    kind = error.kind.as_dict() if error.kind else {}
    if name == "oneOf" and where == "/report":
        return ScriptInvalid(where=where, reason="one-of", detail="deadline, due")
    if name == "required":
        return ScriptInvalid(where=where, reason="missing", detail=kind["property"])
    if name == "additionalProperties":
        return ScriptInvalid(where=where, reason="unknown", detail=kind["unexpected"][0])
    said = str(error.message)[:200]
    for kind_of_value, example in (("span", '"3 working_days"'), ("moment", '"2026-11-02T09:00"')):
        if name == "pattern" and _PATTERNS[kind_of_value] in said:
            return ScriptInvalid(where=where, reason=kind_of_value, detail=example)
    return ScriptInvalid(where=where, reason="value", detail=said)
