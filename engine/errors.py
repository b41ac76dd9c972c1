"""Every way a request can fail is a class here or in the module that raises it, never a sentence.

A Problem has a stable `code`, an HTTP `status` and fields; its text stands in `engine/messages` by
language and says what is wrong, where, and what to do next.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, dataclass_transform

from engine import messages


@dataclass_transform(kw_only_default=True)
class Problem(Exception):  # noqa: N818 - it is a value with fields first, an exception second
    """Something the person or program in front of us can do something about."""

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 400

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(kw_only=True, eq=True, unsafe_hash=False)(cls)
        cls.__hash__ = Exception.__hash__  # type: ignore[method-assign]  # frozen in use; sets of problems are by identity

    def details(self) -> dict[str, Any]:
        """The fields, for the wire and for the text."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # __init_subclass__ makes it a dataclass

    def text(self, language: str = "zh") -> str:
        """What to tell the person."""
        return messages.text(self.code, language, self.details())

    def __str__(self) -> str:
        return self.text("en")


class NotFound(Problem):
    """It is not there, or is not theirs to see: the two are never told apart."""

    code, status = "not-found", 404


class Forbidden(Problem):
    """They may know that it exists but may not do this to it."""

    code, status = "forbidden", 403
    reason: str = ""


class LoginRequired(Problem):
    """Nobody is logged in."""

    code, status = "login-required", 401


class Conflict(Problem):
    """Somebody was faster; `what` says at what."""

    code, status = "conflict", 409
    what: str = ""
