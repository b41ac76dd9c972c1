"""What people type, as a document's values: exact numbers, normal forms; nothing is guessed."""

from decimal import Decimal, InvalidOperation
from typing import Any

from engine.formats import registry
from engine.json_text import Json
from forms.compiled import CompiledForm, Item

_WIDE = str.maketrans("０１２３４５６７８９．－，", "0123456789.-,")


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


def _text(item: Item, text: str) -> Json:
    plain = text.strip()
    if not plain:
        return None
    if item.numeric:
        return _number(plain)
    if item.type == "boolean":
        return {"true": True, "false": False}.get(plain, plain)
    if item.options:
        for option in item.options:
            if str(option.value) == plain:
                return option.value
        return plain
    return registry.normalised(item.format, text)


def _number(text: str) -> Json:
    plain = text.translate(_WIDE).replace(",", "").replace(" ", "")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return text
    return int(number) if number == number.to_integral_value() else number
