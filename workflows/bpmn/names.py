"""What both directions share: namespaces, and which kind of step is which element."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OURS = "urn:yibiao:bpmn:1"
"""What BPMN has no word for stands as JSON in extension elements of this namespace."""
START, FINISH = "Start", "End"
"""Ids of the events at both ends; a step's code is always in small letters, so they never clash."""


def tag(name: str, space: str = BPMN) -> str:
    """A name as ElementTree and lxml write it."""
    return f"{{{space}}}{name}"
