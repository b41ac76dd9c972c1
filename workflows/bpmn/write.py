"""A flow as BPMN 2.0: what a modeller shows, with all that only we know in extension elements."""

import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from workflows import flow as flows
from workflows.bpmn import layout
from workflows.bpmn.names import BPMN, DC, DD, DI, FINISH, OURS, START, XSI, tag
from workflows.flow import END, Flow, Route, Step

SPACES = {"bpmn": BPMN, "bpmndi": DI, "dc": DC, "di": DD, "xsi": XSI, "yibiao": OURS}
TASKS = {
    "fill": "userTask",
    "verify": "userTask",
    "approve": "userTask",
    "notify": "sendTask",
    "http": "serviceTask",
}
ISO_UNITS = {"working_days": "P{}D", "days": "P{}D", "working_hours": "PT{}H", "hours": "PT{}H"}
LEADING = ("jump", "pass")
"""What follows a time-out by another way of the diagram."""


def write(flow: Flow, language: str = "zh") -> bytes:
    """The XML of a flow, with its diagram."""
    for prefix, space in SPACES.items():
        ET.register_namespace(prefix, space)
    root = ET.Element(
        tag("definitions"),
        {"id": f"Definitions_{flow.code}", "targetNamespace": OURS, "exporter": "Yibiao"},
    )
    process = ET.SubElement(
        root,
        tag("process"),
        {"id": f"Process_{flow.code}", "name": flow.title(language), "isExecutable": "false"},
    )
    said = flows.dump(flow)
    steps = {step["code"]: step for step in said.pop("steps")}
    order = [step.code for step in flow.steps]
    _extension(process, "flow", {**said, "order": order})
    edges = list(_edges(flow))
    _event(process, "startEvent", START, (), [edges[0][0]])
    for step in flow.steps:
        _step(process, flow, step, edges, language)
        _extension_of(process, step.code, steps[step.code])
    arriving = [name for name, _, target, _ in edges if target == FINISH]
    _event(process, "endEvent", FINISH, arriving, ())
    for name, source, target, route in edges:
        _flow(process, name, source, target, route, language)
    _diagram(root, flow, edges)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


Edge = tuple[str, str, str, Route | None]
"""(id, from, to, the route it is; None for the way in and for time-outs)"""


def _edges(flow: Flow) -> Iterator[Edge]:
    yield "Flow_start", START, flow.start, None
    for step in flow.steps:
        for number, route in enumerate(step.next, 1):
            yield f"Flow_{step.code}_{number}", step.code, _id(route.to), route
        if timer := _timer_target(step):
            yield f"Flow_{step.code}_timeout", f"Timer_{step.code}", _id(timer), None


def _timer_target(step: Step) -> str:
    """Where a time-out leads by a line of its own; empty where it does not."""
    if not step.people or step.due is None or step.due.then not in LEADING:
        return ""
    if step.due.then == "jump":
        return step.due.to
    return next((one.to for one in step.next if one.when is None), "")


def _id(code: str) -> str:
    return FINISH if code == END else code


def _step(process: ET.Element, flow: Flow, step: Step, edges: list[Edge], language: str) -> None:
    arriving = [name for name, _, target, _ in edges if target == step.code]
    leaving = [name for name, source, _, _ in edges if source == step.code]
    values = {"id": step.code, "name": step.title(language)}
    default = next(
        (
            name
            for name, source, _, route in edges
            if source == step.code and route and not route.when
        ),
        None,
    )
    conditional = any(route.when for route in step.next)
    if default and conditional and step.kind not in ("wait", "join"):
        values["default"] = default
    made = ET.SubElement(process, tag(_element(flow, step)), values)
    if step.kind in ("fork", "join", "route"):
        made.set("gatewayDirection", "Diverging" if len(leaving) > 1 else "Unspecified")
    if step.kind == "subflow":
        made.set("calledElement", f"Process_{step.flow}")
    _ways(made, arriving, leaving)
    if step.kind == "wait" and step.due:
        _duration(made, step)
    if step.people and step.sign.several:
        sequential = "true" if step.sign.mode == "in_order" else "false"
        loop = ET.SubElement(
            made, tag("multiInstanceLoopCharacteristics"), {"isSequential": sequential}
        )
        ET.SubElement(loop, tag("loopCardinality")).text = "1"
    if _timer_target(step):
        timer = ET.SubElement(
            process,
            tag("boundaryEvent"),
            {"id": f"Timer_{step.code}", "attachedToRef": step.code, "cancelActivity": "true"},
        )
        _ways(timer, (), [f"Flow_{step.code}_timeout"])
        _duration(timer, step)


def _element(flow: Flow, step: Step) -> str:
    if step.kind in TASKS:
        return TASKS[step.kind]
    if step.kind in ("fork", "join"):
        fork = step if step.kind == "fork" else flow.by_code.get(flow.fork_of.get(step.code, ""))
        matching = fork is not None and fork.branches == "matching"
        return "inclusiveGateway" if matching else "parallelGateway"
    return {"route": "exclusiveGateway", "wait": "intermediateCatchEvent"}.get(
        step.kind, "callActivity"
    )


def _ways(made: ET.Element, arriving: list[str] | tuple[str, ...], leaving: list[str]) -> None:
    for name in arriving:
        ET.SubElement(made, tag("incoming")).text = name
    for name in leaving:
        ET.SubElement(made, tag("outgoing")).text = name


def _duration(made: ET.Element, step: Step) -> None:
    assert step.due is not None
    timer = ET.SubElement(
        made, tag("timerEventDefinition"), {"id": f"Timer_{step.code}_definition"}
    )
    lasting = ET.SubElement(
        timer, tag("timeDuration"), {tag("type", XSI): "bpmn:tFormalExpression"}
    )
    lasting.text = ISO_UNITS[step.due.unit].format(step.due.after)


def _event(
    process: ET.Element,
    kind: str,
    name: str,
    arriving: list[str] | tuple[str, ...],
    leaving: list[str] | tuple[str, ...],
) -> None:
    _ways(ET.SubElement(process, tag(kind), {"id": name}), arriving, list(leaving))


def _flow(
    process: ET.Element, name: str, source: str, target: str, *rest: Route | str | None
) -> None:
    route, language = rest
    made = ET.SubElement(
        process, tag("sequenceFlow"), {"id": name, "sourceRef": source, "targetRef": target}
    )
    if not isinstance(route, Route):
        return
    if title := route.titles.get(str(language)) or route.titles.get("zh"):
        made.set("name", title)
    if route.when:
        condition = ET.SubElement(
            made, tag("conditionExpression"), {tag("type", XSI): "bpmn:tFormalExpression"}
        )
        condition.text = route.when


def _extension_of(process: ET.Element, code: str, document: object) -> None:
    """The extension of a step stands first in its element, as the schema wants it."""
    made = next(one for one in process if one.get("id") == code)
    _extension(made, "step", document)


def _extension(made: ET.Element, name: str, document: object) -> None:
    box = ET.Element(tag("extensionElements"))
    inner = ET.SubElement(box, tag(name, OURS))
    inner.text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    made.insert(0, box)


def _diagram(root: ET.Element, flow: Flow, edges: list[Edge]) -> None:
    diagram = ET.SubElement(root, tag("BPMNDiagram", DI), {"id": f"Diagram_{flow.code}"})
    plane = ET.SubElement(
        diagram,
        tag("BPMNPlane", DI),
        {"id": f"Plane_{flow.code}", "bpmnElement": f"Process_{flow.code}"},
    )
    found = dict(layout.boxes(flow))
    for step in flow.steps:
        if _timer_target(step):
            x, y = found[step.code].below()
            found[f"Timer_{step.code}"] = layout.Box(x - 18, y - 18, layout.ROUND, layout.ROUND)
    for name, box in found.items():
        shape = ET.SubElement(
            plane, tag("BPMNShape", DI), {"id": f"Shape_{name}", "bpmnElement": name}
        )
        if name in flow.by_code and flow.by_code[name].kind == "route":
            shape.set("isMarkerVisible", "true")
        bounds = {key: str(value) for key, value in box._asdict().items()}
        ET.SubElement(shape, tag("Bounds", DC), bounds)
    for name, source, target, _ in edges:
        edge = ET.SubElement(
            plane, tag("BPMNEdge", DI), {"id": f"Edge_{name}", "bpmnElement": name}
        )
        for x, y in layout.line(found[source], found[target]):
            ET.SubElement(edge, tag("waypoint", DD), {"x": str(x), "y": str(y)})
