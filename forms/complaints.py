"""What is wrong with a form, as values: where (JSON pointer), which rule, and the words by language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import messages
from engine.errors import Problem

SHOWN = 50
"""A form with more mistakes than this is not a form yet; the rest is not looked for."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong at one place of a form."""

    pointer: str
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "zh") -> str:
        """What is wrong there and what to do."""
        told = {
            key: value.text(language) if isinstance(value, Problem) else value
            for key, value in self.details.items()
        }
        return messages.text(f"form.complaint.{self.code}", language, told)

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """For the wire: place, rule and words."""
        return {"pointer": self.pointer, "code": self.code, "text": self.text(language)}


class FormInvalid(Problem):
    """A form cannot be compiled or changed as asked; every complaint says where and why."""

    code, status = "form.invalid", 422
    form: str
    complaints: tuple[Complaint, ...]
    count: int = 0
    pointer: str = ""
    first: str = ""

    def details(self) -> dict[str, Any]:
        """The complaints as plain values, in Chinese; `text` serves other languages."""
        return self._told("zh")

    def text(self, language: str = "zh") -> str:
        """How many complaints there are, and the first of them in full."""
        return messages.text(self.code, language, self._told(language))

    def _told(self, language: str) -> dict[str, Any]:
        first = self.complaints[0]
        return {
            "form": self.form,
            "count": len(self.complaints),
            "pointer": first.pointer or "/",
            "first": first.text(language),
            "complaints": [one.to_json(language) for one in self.complaints],
        }


def refuse(form: str, found: Sequence[Complaint]) -> None:
    """Raise when there is anything to complain about."""
    if found:
        raise FormInvalid(form=form, complaints=tuple(found), count=len(found))
