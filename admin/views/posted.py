"""What people type, as a document's values: exact numbers, normal forms; nothing is guessed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from admin.web.visit import Form
from engine import absence
from engine.formats import numbers, registry
from engine.json_text import Json
from forms.compiled import CompiledForm, Item, Option
from forms.document import blank


def value(form: CompiledForm, path: str, given: Any) -> Json:
    """The value a cell takes. What cannot be read stays as typed, for the check to tell why."""
    item = form.item(path)
    if item is None or given is None:
        return given
    if isinstance(given, str):
        return _text(item, given)
    if isinstance(given, float):
        return Decimal(str(given))
    return given


def answer(form: CompiledForm, path: str, given: Any, pressed: Sequence[str]) -> Json:
    """What was typed or, where nothing was, the answer pressed beside the cell: 不详 and its like."""
    found, item = value(form, path, given), form.item(path)
    if item is None or not pressed or not blank(found):
        return found
    return absence.absent(pressed[-1]) if pressed[-1] in absence.KINDS else found


def _text(item: Item, text: str) -> Json:
    plain = text.strip()
    if not plain:
        return None
    if item.absences and not _option(item, plain):
        gone = absence.read(plain, item.absences)
        if gone is not None:
            return gone
    if item.numeric:
        found = numbers.read(plain)
        return text if found is None else found
    if item.type == "boolean":
        return {"true": True, "false": False}.get(plain, plain)
    if item.options:
        option = _option(item, plain)
        return option.value if option else plain
    return registry.normalised(item.format, text)


def _option(item: Item, plain: str) -> Option | None:
    return next((one for one in item.options if str(one.value) == plain), None)


def reasons(form: Form, kind: str) -> dict[str, str]:
    """What was written beside checks, by check and cell."""
    return {
        name.removeprefix(kind): form.get(name) for name in form.names() if name.startswith(kind)
    }


def returning(form: Form, to: str) -> dict[str, Any]:
    """What a return to a step says besides the reasons: the day, the way back, who signs again."""
    return {
        "dated": form.get("dated"),
        "resubmit": form.get("resubmit"),
        "signers": form.all(f"again:{to}"),
    }


def chosen(form: Form) -> dict[str, tuple[str, ...]]:
    """Whom the visitor chose for later steps."""
    return {
        name.removeprefix("choose:"): tuple(form.all(name))
        for name in form.names()
        if name.startswith("choose:")
    }
