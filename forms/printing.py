"""How a form wants to be put on paper: what its `print` block says, with what is meant where it is silent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Paper = Literal["A4", "A3"]
Orientation = Literal["auto", "portrait", "landscape"]
Font = Literal["small", "normal", "large"]


@dataclass(frozen=True, slots=True)
class PrintLayout:
    """Paper, its direction, the size of type, and whether heads of tables come again on each page."""

    paper: Paper = "A4"
    orientation: Orientation = "auto"
    """auto: lying where a table is too wide for the paper standing."""
    font: Font = "normal"
    repeat_headers: bool = True


def read(form: Mapping[str, Any]) -> PrintLayout:
    """The layout that the `form` block of a checked form asks for."""
    return PrintLayout(**form.get("print", {}))
