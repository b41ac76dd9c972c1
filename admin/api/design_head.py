"""What the designer sets of a form as a whole, as it comes over the wire, and what it makes of a draft."""

from typing import Annotated, Literal

import msgspec

from engine.json_text import Json
from forms.designing import design

Words = Annotated[str, msgspec.Meta(max_length=200)]
Heading = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Print(msgspec.Struct, forbid_unknown_fields=True):
    """How the form is put on paper; absent means as it was."""

    paper: Literal["A4", "A3"] | None = None
    orientation: Literal["auto", "portrait", "landscape"] | None = None
    font: Literal["small", "normal", "large"] | None = None
    repeat_headers: bool | None = None
    """Whether the heads of tables stand on every page that their rows reach."""


class FormHead(msgspec.Struct, forbid_unknown_fields=True):
    """What a form is called, how often it reports, how it is printed."""

    title: Words | None = None
    title_en: Words | None = None
    kind: str | None = None
    period: str | None = None
    subject: str | None = None
    nil: bool | None = None
    """Whether nil returns are taken."""
    version: int | None = None
    notes: Annotated[str, msgspec.Meta(max_length=20000)] | None = None
    print: Print | None = None
    headings: dict[Heading, Words] = {}
    """English names of merged headings, by their Chinese; an empty one takes the name away."""


def changed(document: Json, head: FormHead) -> Json:
    """The form with what was set of it as a whole."""
    if head.title is not None:
        document = design.rename(document, "", head.title)
    if head.title_en is not None:
        document = design.rename(document, "", head.title_en, "en")
    given = _given(head, ("kind", "period", "subject", "nil", "notes"))
    if head.print is not None:
        before = document["form"].get("print", {})
        given["print"] = {**before, **_given(head.print, head.print.__struct_fields__)}
    if head.headings:
        given["headings"] = _named(document["form"].get("headings", {}), head.headings)
    return {**document, "form": {**document["form"], **given}}


def _named(before: dict[str, Json], names: dict[str, str]) -> dict[str, Json]:
    """What headings are called in other languages, with these English names."""
    found = {heading: dict(told) for heading, told in before.items()}
    for heading, name in names.items():
        told = {**found.get(heading, {}), "en": name.strip()}
        found[heading] = {language: word for language, word in told.items() if word}
    return {heading: told for heading, told in found.items() if told}


def _given(source: msgspec.Struct, names: tuple[str, ...]) -> dict[str, Json]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}
