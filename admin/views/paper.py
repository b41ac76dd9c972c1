"""How a page looks when the browser prints it."""

from forms.printing import PrintLayout


def classes(layout: PrintLayout) -> str:
    """The print layout of a form for a page that the browser prints: the classes that print.css knows."""
    found = []
    if (layout.paper, layout.orientation) != ("A4", "auto"):
        found.append(f"print-{layout.paper.lower()}-{layout.orientation}")
    if layout.font != "normal":
        found.append(f"print-{layout.font}")
    if not layout.repeat_headers:
        found.append("print-heads-once")
    return " ".join(found)
