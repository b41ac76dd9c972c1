"""BPMN 2.0 in: a flow to go on designing, and every thing that was not carried, by name.

Our own exports come back as they were; of other people's models what both have is taken, and the rest
is told. A document type declaration is refused, so nothing is fetched and nothing expands.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree as Safe
from defusedxml.common import DefusedXmlException

from engine.errors import Problem
from workflows import flow as flows
from workflows.bpmn.joins import joins
from workflows.bpmn.names import BPMN, FINISH, OURS, START, tag
from workflows.flow import DIALECT, END, FlowInvalid

MAX_BYTES = 4 * 1024 * 1024
PEOPLE = ("userTask", "manualTask", "task")
MACHINES = ("serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask")
GATEWAYS = (
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway",
)  # fmt: skip
NESTED = ("subProcess", "transaction", "adHocSubProcess")
NODES = (
    *PEOPLE, *MACHINES, *GATEWAYS, *NESTED, "callActivity", "startEvent", "endEvent",
    "intermediateCatchEvent", "intermediateThrowEvent",
)  # fmt: skip
PASSED_OVER = ("sequenceFlow", "incoming", "outgoing", "extensionElements", "documentation")
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:\d+M)?(?:\d+S)?)?")


class BpmnUnreadable(Problem):
    """The file is no BPMN 2.0 that holds a process; `reason` says why."""

    code, status = "bpmn.unreadable", 422
    reason: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something of the model that the flow does not have."""

    kind: str
    id: str
    name: str


@dataclass
class Imported:
    """A flow to go on with, and what was left behind."""

    document: dict[str, Any]
    dropped: list[Dropped] = field(default_factory=list)


@dataclass
class Graph:
    """A process as nodes and lines."""

    nodes: dict[str, Element]
    ways: dict[str, list[Element]]
    start: str


def read(content: bytes) -> Imported:
    """A flow from BPMN. Raises BpmnUnreadable."""
    process, dropped = _process(_root(content))
    graph = _graph(process, dropped)
    document = _ours(process, graph)
    if document is None:
        document = Reading(process, graph, dropped).document()
        dropped += _left(process)
    flows.load(document)
    return Imported(document, dropped)


def _root(content: bytes) -> Element:
    if len(content) > MAX_BYTES:
        raise BpmnUnreadable(reason="large")
    try:
        root: Element = Safe.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise BpmnUnreadable(reason="xml") from error
    if root.tag != tag("definitions"):
        raise BpmnUnreadable(reason="no-bpmn")
    return root


def _process(root: Element) -> tuple[Element, list[Dropped]]:
    """The process with the most in it; the others are named."""
    found = [one for one in root.findall(tag("process")) if any(one.iter(tag("sequenceFlow")))]
    found = found or [one for one in root.findall(tag("process")) if len(one)]
    if not found:
        raise BpmnUnreadable(reason="no-process")
    best = max(found, key=len)
    dropped = [_dropped(one) for one in root if _local(one) and one is not best]
    for part in root.findall(tag("collaboration")):
        dropped += [_dropped(one) for one in part.iter(tag("messageFlow"))]
    return best, dropped


def _graph(process: Element, dropped: list[Dropped]) -> Graph:
    nodes = {one.get("id", ""): one for one in process if _local(one) in NODES}
    ways: dict[str, list[Element]] = {name: [] for name in nodes}
    for line in process.findall(tag("sequenceFlow")):
        source, target = line.get("sourceRef", ""), line.get("targetRef", "")
        if source in nodes and target in nodes:
            ways[source].append(line)
    starts = [name for name, one in nodes.items() if _local(one) == "startEvent"]
    entered = {line.get("targetRef") for lines in ways.values() for line in lines}
    begin = starts or [name for name in nodes if name not in entered] or list(nodes)
    if not begin:
        raise BpmnUnreadable(reason="no-process")
    dropped += [_dropped(nodes[name]) for name in begin[1:]]
    return Graph(nodes, ways, begin[0])


def _ours(process: Element, graph: Graph) -> dict[str, Any] | None:
    """A flow that we exported, with the lines as they are drawn now; None for anybody else's."""
    head = _said(process, "flow")
    steps = {
        name: _said(one, "step") for name, one in graph.nodes.items() if name not in (START, FINISH)
    }
    if head is None or not steps or any(step is None for step in steps.values()):
        return None
    order = [code for code in head.pop("order", []) if code in steps]
    document = {**head, "steps": []}
    for code in [*order, *(code for code in steps if code not in order)]:
        step = dict(steps[code] or {})
        drawn = [_target(line) for line in graph.ways[code]]
        if drawn and drawn != [route.get("to") for route in step.get("next", [])]:
            step["next"] = [_route(line) for line in graph.ways[code]]
        document["steps"].append(step)
    first = graph.ways.get(START)
    if first:
        document["start"] = _target(first[0])
    try:
        flows.load(document)
    except (FlowInvalid, TypeError, ValueError, KeyError):
        return None
    return document


def _said(element: Element, name: str) -> dict[str, Any] | None:
    box = element.find(f"{tag('extensionElements')}/{tag(name, OURS)}")
    try:
        said = json.loads(box.text or "") if box is not None else None
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _target(line: Element) -> str:
    to = line.get("targetRef", "")
    return END if to == FINISH else to


def _route(line: Element) -> dict[str, Any]:
    condition = line.find(tag("conditionExpression"))
    when = (condition.text or "").strip() if condition is not None else ""
    return {"to": _target(line), **({"when": when} if when else {})}


class Reading:
    """Somebody else's process turned into steps."""

    def __init__(self, process: Element, graph: Graph, dropped: list[Dropped]) -> None:
        self.process, self.graph, self.dropped = process, graph, dropped
        ends = [name for name, one in graph.nodes.items() if _local(one) == "endEvent"]
        self.codes = dict.fromkeys(ends, END)
        used = {END}
        for name in graph.nodes:
            if name not in self.codes and not self._is_start(name):
                self.codes[name] = _code(name, used)
        kinds = {name: _local(one) for name, one in graph.nodes.items()}
        ways = {
            name: [line.get("targetRef", "") for line in lines]
            for name, lines in graph.ways.items()
        }
        self.joins = joins(kinds, ways)

    def document(self) -> dict[str, Any]:
        """The flow; its first step of people fills in."""
        steps = [step for name in self.graph.nodes if (step := self._step(name))]
        first = (
            self._after(self.graph.start)
            if self._is_start(self.graph.start)
            else self.codes[self.graph.start]
        )
        if not steps or first == END:
            raise BpmnUnreadable(reason="no-process")
        for step in steps:
            if step["code"] == first and step["kind"] == "verify":
                step["kind"] = "fill"
        title = self.process.get("name") or self.process.get("id") or "BPMN"
        used: set[str] = set()
        return {
            "$schema": DIALECT,
            "code": _code(self.process.get("id") or "bpmn", used),
            "titles": {"zh": title[:200]},
            "start": first,
            "steps": steps[:200],
        }

    def _is_start(self, name: str) -> bool:
        return _local(self.graph.nodes[name]) == "startEvent"

    def _after(self, name: str) -> str:
        lines = self.graph.ways[name]
        return self.codes.get(lines[0].get("targetRef", ""), END) if lines else END

    def _step(self, name: str) -> dict[str, Any] | None:
        element, kind = self.graph.nodes[name], _local(self.graph.nodes[name])
        if kind == "endEvent":
            if _definitions(element):
                self.dropped.append(_dropped(element))
            return None
        if kind == "startEvent":
            if _definitions(element):
                self.dropped.append(_dropped(element))
            return None
        title = (element.get("name") or element.get("id") or kind).strip() or kind
        step = {
            "code": self.codes[name],
            "kind": self._kind(name, element, kind),
            "titles": {"zh": " ".join(title.split())[:200]},
            "next": self._routes(name, element),
        }
        step |= self._more(name, element, str(step["kind"]))
        return step

    def _kind(self, name: str, element: Element, kind: str) -> str:
        if kind in PEOPLE:
            return "verify"
        if kind in ("parallelGateway", "inclusiveGateway"):
            if name in self.joins.values():
                return "join"
            if name in self.joins:
                return "fork"
        if kind == "exclusiveGateway":
            return "route"
        if kind == "callActivity":
            return "subflow"
        if kind == "intermediateCatchEvent" and _due(element):
            return "wait"
        self.dropped.append(_dropped(element))
        return "verify" if kind in NESTED else "route"

    def _more(self, name: str, element: Element, kind: str) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if kind == "fork":
            more["join"] = self.codes[self.joins[name]]
            if _local(element) == "inclusiveGateway":
                more["branches"] = "matching"
        if kind == "wait":
            more["due"] = _due(element)
        if kind == "subflow":
            more["flow"] = _code(element.get("calledElement") or name, set())
        if kind in ("verify", "fill"):
            loop = element.find(tag("multiInstanceLoopCharacteristics"))
            if loop is not None:
                more["sign"] = {"mode": "in_order" if loop.get("isSequential") == "true" else "all"}
        return more

    def _routes(self, name: str, element: Element) -> list[dict[str, Any]]:
        routes = []
        for line in self.graph.ways[name][:50]:
            to = self.codes.get(line.get("targetRef", ""))
            if to is None:
                continue  # into a start event: no way at all
            route = _route(line)
            route["to"] = to
            if line.get("id") == element.get("default"):
                route.pop("when", None)
            if words := (line.get("name") or "").strip():
                route["titles"] = {"zh": " ".join(words.split())[:200]}
            routes.append(route)
        return routes or [{"to": END}]


def _due(element: Element) -> dict[str, Any] | None:
    lasting = element.find(f"{tag('timerEventDefinition')}/{tag('timeDuration')}")
    found = DURATION.fullmatch((lasting.text or "").strip()) if lasting is not None else None
    if found is None:
        return None
    days, hours = (int(part[:4]) if part else 0 for part in found.groups())
    if days:
        return {"after": min(days, 1000), "unit": "days"}
    return {"after": min(hours, 1000), "unit": "hours"} if hours else None


def _left(process: Element) -> Iterator[Dropped]:
    """What stands in the process beside steps and lines: lanes, data, notes, boundary events, ..."""
    for one in process:
        kind = _local(one)
        if kind and kind not in NODES and kind not in PASSED_OVER:
            yield _dropped(one)
    for one in process.iter(tag("lane")):
        yield _dropped(one)


def _definitions(element: Element) -> list[str]:
    return [_local(one) for one in element if _local(one).endswith("EventDefinition")]


def _dropped(element: Element) -> Dropped:
    kind = _local(element) or element.tag.rpartition("}")[2]
    more = _definitions(element)
    told = f"{kind} ({', '.join(more)})" if more else kind
    name = " ".join((element.get("name") or element.findtext(tag("text")) or "").split())
    return Dropped(told, element.get("id", ""), name[:200])


def _local(element: Element) -> str:
    """The name of a BPMN element; empty for any other."""
    space, _, name = str(element.tag).rpartition("}")
    return name if space == "{" + BPMN else ""


def _code(text: str, used: set[str]) -> str:
    """A code like an id, used once."""
    plain = re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")
    plain = (plain if plain[:1].isalpha() else f"s_{plain}")[:40].rstrip("_") or "step"
    code, number = plain, 1
    while code in used:
        number += 1
        code = f"{plain}_{number}"
    used.add(code)
    return code


def words(found: Imported) -> list[str]:
    """What was left behind, a line each."""
    return [
        " ".join(part for part in (one.kind, one.name, f"[{one.id}]" if one.id else "") if part)
        for one in found.dropped
    ]
