"""A flow that is in force as its page shows it: drawn, and its steps in the order they are come to."""

from typing import Any

from admin.views.flow_conditions import Conditions
from admin.views.flow_design_view import assign_words
from admin.web.html import text
from renderers import flow_diagram
from renderers.flow_diagram import Line, Station
from workflows.flow import END, Flow, Step


def drawing(flow: Flow, language: str, conditions: Conditions) -> str:
    """The flow as an SVG, with who works at each step."""
    stations = [
        Station(
            step.code,
            step.title(language),
            note=_who(flow, step, language, conditions),
            round=not step.people,
        )
        for step in in_order(flow)
    ]
    stations.append(Station(END, text(language, "case.end"), round=True))
    lines = [
        Line(step.code, route.to, route.titles.get(language, ""))
        for step in flow.steps
        for route in step.next
    ]
    return flow_diagram.svg(stations, lines, title=text(language, "flowdesign.steps"))


def steps(flow: Flow, language: str, conditions: Conditions) -> list[dict[str, Any]]:
    """The steps in order, in words, with the conditions of their ways."""
    return [
        {
            "title": step.title(language),
            "kind": step.kind,
            "who": _who(flow, step, language, conditions),
            "ways": [
                text(
                    language,
                    "flowdesign.when",
                    when=conditions.words(route.when),
                    step=flow.by_code[route.to].title(language)
                    if route.to != END
                    else text(language, "case.end"),
                )
                for route in step.next
                if route.when
            ],
        }
        for step in in_order(flow)
    ]


def in_order(flow: Flow) -> list[Step]:
    """As somebody comes to them: the branches of a fork one after the other, then where they meet."""
    found: dict[str, Step] = {}
    waiting = [(flow.start, frozenset[str]())]
    while waiting:
        code, later = waiting.pop()
        if code == END or code in found or code in later:
            continue
        step = found[code] = flow.by_code[code]
        if step.join:
            waiting.append((step.join, later))
            later |= {step.join}
        waiting += [(route.to, later) for route in reversed(step.next)]
    return [*found.values(), *(step for step in flow.steps if step.code not in found)]


def _who(flow: Flow, step: Step, language: str, conditions: Conditions) -> str:
    return assign_words(step.assign, language, flow, conditions) if step.assign else ""
