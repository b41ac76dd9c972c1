"""As much of a value as somebody without a purpose may see."""

from engine.dictionary.field import Field
from engine.formats import registry as formats
from engine.formats.contract import starred
from engine.json_text import Json

MASKED = ("L3", "L4")


def is_masked(field: Field) -> bool:
    """Whether the values of a field are not shown whole without a purpose."""
    return field.secret or field.sensitivity in MASKED


def masked(field: Field, value: Json) -> Json:
    """A value with its middle in stars; nothing where even that would tell too much."""
    if not isinstance(value, str) or field.codelist:
        return None
    one = formats.FORMATS.get(str(field.schema.get("format", "")))
    return one.mask(value) if one else starred(value, 1, 0)
