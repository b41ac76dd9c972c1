"""Semantic types by name, as JSON Schema `format` names them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine import messages
from engine.formats import (
    division,
    moment_text,
    period_text,
    phone,
    postcode,
    resident_id,
    time_text,
    uscc,
)
from engine.formats.contract import Format

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        module.FORMAT.name: module.FORMAT
        for module in (
            resident_id,
            uscc,
            division,
            phone,
            postcode,
            period_text,
            time_text,
            moment_text,
        )
    }
)


def checks() -> dict[str, Callable[[str], bool]]:
    """The checks by name, as jsonschema-rs takes them for custom formats."""
    return {name: one.check for name, one in FORMATS.items()}


def normalised(name: str | None, text: str) -> str:
    """A text in the normal form of its type; of no type of ours, only without outer spaces."""
    one = FORMATS.get(name or "")
    return one.normalise(text) if one else text.strip()


def told(name: str | None, text: str) -> dict[str, str]:
    """What a value of a type tells of its subject, by the name of the field; nothing if it is not valid."""
    one = FORMATS.get(name or "")
    return (
        {field: tell(text) for field, tell in one.tells.items()} if one and one.check(text) else {}
    )


def why(name: str, text: str, language: str = "zh") -> str | None:
    """What is wrong with a text of a type, in words; None if nothing is, or the type is not ours."""
    one = FORMATS.get(name)
    reason = one.fault(text) if one else None
    return messages.text(f"format.{name}.{reason}", language) if reason else None
