"""What a flow is: steps, who does them, where each leads. Read-only values, read from JSON.

Nothing here moves: `machine.py` moves a `State` along a `Flow`. Whether a flow can get stuck is
asked in `soundness.py`; here only the document is checked, and an error names the step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
from msgspec import Struct

from engine import json_text, messages
from engine.errors import Problem
from engine.json_text import Json
from workflows import calling, numbering
from workflows.calling import Call
from workflows.numbering import Number

END = "end"
DIALECT = "urn:yibiao:dialect:flow:1"
PEOPLE = ("fill", "verify", "approve")
SCHEMA_FILE = Path(__file__).with_name("flow.schema.json")


class FlowInvalid(Problem):
    """A flow document is wrong; `step` names the step (or the flow) and `reason` says why."""

    code, status = "flow.invalid", 422
    step: str
    reason: str
    detail: str = ""

    def text(self, language: str = "zh") -> str:
        """With words for the flow itself where no step is at fault."""
        whole = messages.text("flow.invalid.whole", language)
        return messages.text(self.code, language, {**self.details(), "step": self.step or whole})


class Assign(Struct, frozen=True, omit_defaults=True):
    """A rule that finds people, as data. Whoever runs the flow looks it up."""

    rule: str
    role: str = ""
    at: str = ""
    person: str = ""
    levels: int = 1
    field: str = ""
    formula: str = ""
    step: str = ""
    pick: str = ""

    def dump(self) -> dict[str, Json]:
        """As in the flow document."""
        said: dict[str, Json] = msgspec.to_builtins(self)
        return said

    @classmethod
    def load(cls, document: Mapping[str, Json]) -> "Assign":
        """From the flow document."""
        return cls(**document)


@dataclass(frozen=True, slots=True)
class Sign:
    """How several people decide together."""

    mode: str = "one"
    over: int = 50
    at_least: int | None = None
    weights: Mapping[str, int] = field(default_factory=dict)
    """share: how many votes somebody has, by account, log-in or name; one where nothing is said."""

    @property
    def several(self) -> bool:
        """Whether each person gets a task of their own, so that the people must be known first."""
        return self.mode in ("all", "any", "in_order", "share")

    def agreed(self, weight: int, total: int) -> bool:
        """share: whether this much of the votes is enough; exactly `over` is not."""
        if self.at_least is not None:
            return weight * 100 >= self.at_least * total
        return weight * 100 > self.over * total


@dataclass(frozen=True, slots=True)
class Due:
    """How long a step may take, and what happens when it takes longer."""

    after: int
    unit: str
    then: str = "remind"
    assign: Assign | None = None
    to: str = ""
    remind: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """One way onward; without `when` it is the default."""

    to: str
    when: str | None = None
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One station of a flow."""

    code: str
    kind: str
    next: tuple[Route, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    assign: Assign | None = None
    sign: Sign = Sign()
    empty: str = "incident"
    otherwise: Assign | None = None
    """Who is asked when nobody is found, where `empty` is "assign"."""
    own: str = "refuse"
    needs: tuple[str, ...] = ()
    signature: str = ""
    """Whether whoever decides signs with their own hand: drawn, drawn_or_typed; empty: no."""
    returns: tuple[str, ...] | None = None
    resubmit: str = "walk"
    due: Due | None = None
    rights: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    branches: str = "all"
    join: str = ""
    flow: str = ""
    each: str = ""
    form: str = ""
    wait: bool = True
    refused: str = "reject"
    call: Call | None = None
    """http: what is asked of another program."""

    @property
    def people(self) -> bool:
        """Whether somebody works here."""
        return self.kind in PEOPLE

    def title(self, language: str = "zh") -> str:
        """What people call it."""
        return self.titles.get(language) or self.titles.get("zh") or self.code

    def right(self, path: str) -> str:
        """What whoever works here may do with a cell: edit, read or hide.

        The longest pattern that fits decides; filling in edits and the other kinds read by default.
        """
        best, right = -1, "edit" if self.kind == "fill" else "read"
        parts = path.split("/")
        for pattern, given in self.rights.items():
            wanted = pattern.split("/")
            fits = len(wanted) <= len(parts) and all(
                want in ("*", part) for want, part in zip(wanted, parts, strict=False)
            )
            if fits and len(wanted) > best:
                best, right = len(wanted), given
        return right

    @property
    def editable(self) -> tuple[str, ...]:
        """Cell paths (or patterns) that are open while this step is; the root is everything."""
        if self.kind == "fill":
            return ("",)
        return tuple(path for path, right in self.rights.items() if right == "edit")


@dataclass(frozen=True)
class Flow:
    """A whole flow in one version; it belongs to a release and never changes."""

    code: str
    titles: Mapping[str, str]
    start: str
    steps: tuple[Step, ...]
    version: int = 1
    repeat: str = "ask"
    withdraw: str = "acted"
    number: Number | None = None
    """How its cases are numbered; nothing: they are not."""

    @cached_property
    def by_code(self) -> Mapping[str, Step]:
        """Steps by code."""
        return {step.code: step for step in self.steps}

    @cached_property
    def timed(self) -> bool:
        """Whether any step has a clock."""
        return any(step.due for step in self.steps)

    @cached_property
    def fork_of(self) -> Mapping[str, str]:
        """The fork whose branches meet at a join."""
        return {step.join: step.code for step in self.steps if step.kind == "fork"}

    def title(self, language: str = "zh") -> str:
        """What people call it."""
        return self.titles.get(language) or self.titles.get("zh") or self.code


def load(document: Json) -> Flow:
    """A flow from its JSON; the first thing that is wrong is raised and names its step."""
    for error in _validator().iter_errors(_plain(document)):
        raise _told(document, error)
    steps = tuple(_step(each) for each in document["steps"])
    values = {name: document[name] for name in _names(Flow) if name in document}
    if "number" in values:
        values["number"] = _number(values["number"])
    flow = Flow(**{**values, "steps": steps})
    _check_codes(flow)
    for step in steps:
        _check_kind(step)
    return flow


def dump(flow: Flow) -> dict[str, Json]:
    """The JSON of a flow, without what is said by default; `load` gives the same flow."""
    steps: list[Json] = []
    for step in flow.steps:
        said = _spoken(step)
        if step.otherwise:
            said["empty"] = {"assign": said.pop("otherwise")}
        steps.append(said)
    return {"$schema": DIALECT, **_spoken(flow), "version": flow.version, "steps": steps}


def _spoken(value: Any) -> dict[str, Json]:
    """The fields of a value that differ from their default."""
    said: dict[str, Json] = {}
    kind: type = type(value)
    for name, default in _defaults(kind):
        now = getattr(value, name)
        if now in (default, {}):
            continue
        if isinstance(now, tuple):
            said[name] = [_spoken(each) if isinstance(each, Route) else each for each in now]
        else:
            nested = isinstance(now, Sign | Due | Number | Call)
            said[name] = _spoken(now) if nested else now.dump() if isinstance(now, Assign) else now
    return said


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, one.default) for one in fields(kind))


def _names(kind: type) -> tuple[str, ...]:
    return tuple(name for name, _ in _defaults(kind))


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json_text.trusted(SCHEMA_FILE.read_bytes()))


def _plain(document: Json) -> Json:
    return document if isinstance(document, dict | list) else None


def _number(document: Mapping[str, Json]) -> Number:
    """Raises FlowInvalid with the place in the template."""
    try:
        numbering.parse(document["template"])
    except numbering.TemplateWrong as wrong:
        detail = f"{wrong.position} {wrong.found}".strip()
        raise FlowInvalid(step="", reason=f"number-{wrong.reason}", detail=detail) from wrong
    return Number(**document)


def _call(step: str, document: Mapping[str, Json]) -> Call:
    """Raises FlowInvalid with what is not known."""
    call = Call(**{**document, "sensitive": tuple(document.get("sensitive", ()))})
    try:
        calling.check(call)
    except calling.CallWrong as wrong:
        detail = f"call.{wrong.where.replace('/', '.')} {wrong.found}"
        raise FlowInvalid(step=step, reason="call", detail=detail) from wrong
    return call


def _step(document: Mapping[str, Json]) -> Step:
    values = dict(document)
    values["next"] = tuple(Route(**route) for route in document["next"])
    if "assign" in values:
        values["assign"] = Assign.load(values["assign"])
    if "sign" in values:
        values["sign"] = Sign(**values["sign"])
    if values.get("each"):  # a cell like others, also where somebody left out the stroke
        values["each"] = f"/{values['each'].lstrip('/')}"
    if isinstance(values.get("empty"), dict):
        values["otherwise"] = Assign.load(values["empty"]["assign"])
        values["empty"] = "assign"
    if "due" in values:
        due = dict(values["due"])
        if "assign" in due:
            due["assign"] = Assign.load(due["assign"])
        values["due"] = Due(**{**due, "remind": tuple(due.get("remind", ()))})
    if "signature" in values.get(
        "needs", ()
    ):  # how documents asked for one before there were two ways
        values["needs"] = [need for need in values["needs"] if need != "signature"]
        if values["kind"] != "fill":
            values.setdefault("signature", "drawn_or_typed")
    if "call" in values:
        values["call"] = _call(values["code"], values["call"])
    for name in ("needs", "returns", "required"):
        if name in values:
            values[name] = tuple(values[name])
    return Step(**values)


def _told(document: Json, error: jsonschema_rs.ValidationError) -> FlowInvalid:
    """What the schema found, by step and in our words."""
    path, place, where = list(error.instance_path), document, ""
    if len(path) > 1 and path[0] == "steps":
        place = document["steps"][path[1]]
        named = place.get("code") if isinstance(place, dict) else None
        where = named if isinstance(named, str) else f"steps/{path[1]}"
        path = path[2:]
    kind = error.kind.as_dict() if error.kind else {}
    name = getattr(error.kind, "name", "schema")
    at = ".".join(str(part) for part in path)
    if path[:1] == ["next"] and path[-1:] == ["when"]:
        return FlowInvalid(step=where, reason="when", detail=str(int(path[1]) + 1))
    if name == "required":
        return FlowInvalid(step=where, reason="missing", detail=_under(at, kind["property"]))
    if name == "additionalProperties":
        return FlowInvalid(step=where, reason="unknown", detail=_under(at, kind["unexpected"][0]))
    if name == "enum":
        return FlowInvalid(step=where, reason="choice", detail=f"{at} ({_choices(kind)})")
    return FlowInvalid(step=where, reason="value", detail=at or str(name))


def _under(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _choices(kind: Mapping[str, Any]) -> str:
    options = kind.get("options", ())
    return (
        ", ".join(str(option) for option in options) if isinstance(options, list) else str(options)
    )


def _check_codes(flow: Flow) -> None:
    """Every code stands once, and every code that is named exists."""
    seen: set[str] = set()
    for step in flow.steps:
        if step.code == END or step.code in seen:
            raise FlowInvalid(step=step.code, reason="duplicate" if step.code in seen else "end")
        seen.add(step.code)
    if flow.start not in seen:
        raise FlowInvalid(step="", reason="start", detail=flow.start)
    if flow.number and flow.number.at not in ("", END, *seen):
        raise FlowInvalid(step="", reason="no-such-step", detail=flow.number.at)
    for step in flow.steps:
        named = [route.to for route in step.next]
        if step.due and step.due.to:
            named.append(step.due.to)
        for target in (*named, *(step.returns or ()), *([step.join] if step.join else [])):
            if target not in seen and target != END:
                raise FlowInvalid(step=step.code, reason="no-such-step", detail=target)


def _check_kind(step: Step) -> None:
    """What a step says must belong to its kind."""
    people = step.sign != Sign() or step.needs or step.rights or step.required
    if (people and not step.people) or (step.signature and step.kind not in ("verify", "approve")):
        raise FlowInvalid(step=step.code, reason="not-for-kind", detail=step.kind)
    if step.kind == "fork" and not step.join:
        raise FlowInvalid(step=step.code, reason="missing", detail="join")
    if (step.kind == "http") != (step.call is not None):
        reason = "missing" if step.kind == "http" else "not-for-kind"
        raise FlowInvalid(step=step.code, reason=reason, detail="call")
    if step.kind == "subflow" and not step.flow:
        raise FlowInvalid(step=step.code, reason="missing", detail="flow")
    if step.kind == "wait" and not step.due:
        raise FlowInvalid(step=step.code, reason="missing", detail="due")
    if step.due and step.due.then == "jump" and not step.due.to:
        raise FlowInvalid(step=step.code, reason="missing", detail="due.to")
    if step.due and step.due.then == "assign" and not step.due.assign:
        raise FlowInvalid(step=step.code, reason="missing", detail="due.assign")
