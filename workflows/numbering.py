"""What a case's number looks like: 流程编号, 发文字号. Pure: a template, and what is put into it.

`烟民统〔{year}〕{seq:04}号`, or in Chinese `{单位}{报表}{期别}-{序号4}`. Everything but the running number
names its counter: where the year stands in the template each year counts anew, where the organisation
stands each organisation counts by itself. So two numbers are never the same text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

LONGEST = 200
"""Letters of a number."""
WIDEST = 9
"""Digits of a running number."""
NAMES: Mapping[str, str] = {
    "seq": "seq", "序号": "seq",
    "year": "year", "年": "year",
    "month": "month", "月": "month",
    "day": "day", "日": "day",
    "period": "period", "期别": "period",
    "organisation": "organisation", "单位代码": "organisation",
    "organisation_name": "organisation_name", "单位": "organisation_name",
    "owner": "owner", "发文单位代码": "owner",
    "owner_name": "owner_name", "发文单位": "owner_name",
    "form": "form", "报表代码": "form",
    "form_name": "form_name", "报表": "form_name",
}  # fmt: skip
"""What may stand in braces, and what it means."""
_PARTS = re.compile(r"\{([^{}]*)\}|([{}])|([^{}]+)")
_WIDTH = re.compile(r":?0?([1-9])?")


class TemplateWrong(Exception):  # noqa: N818 - told by whoever reads the flow, with the flow's own words
    """A template cannot be read: where (letters are counted from 1), why, and what stands there."""

    def __init__(self, position: int, reason: str, found: str = "") -> None:
        super().__init__(f"{position}: {reason} {found}")
        self.position, self.reason, self.found = position, reason, found


@dataclass(frozen=True, slots=True)
class Number:
    """How a flow numbers its cases."""

    template: str
    at: str = ""
    """The step whose first entry gives the number; `end`: when it is done; empty: at the start."""
    first: int = 1
    """Where a counter begins that has not counted yet."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the names of a template stand for."""

    on: date
    period: str = ""
    organisation: str = ""
    organisation_name: str = ""
    owner: str = ""
    owner_name: str = ""
    form: str = ""
    form_name: str = ""

    def value(self, name: str) -> str:
        """The text of one name."""
        if name in ("year", "month", "day"):
            return f"{getattr(self.on, name):02}"
        return str(getattr(self, name))


@dataclass(frozen=True, slots=True)
class Counted:
    """A number that lacks nothing but its running number; the rest is the counter's name."""

    before: str
    after: str
    width: int

    @property
    def counter(self) -> str:
        """What counts: the same text, the same counter."""
        return f"{self.before}{{}}{self.after}"

    def text(self, running: int) -> str:
        """The number with this running number."""
        return f"{self.before}{running:0{self.width}}{self.after}"


def parse(template: str) -> list[tuple[str, str]]:
    """The parts of a template: (name, "") for what is put in, with the width of `seq`; ("", text).

    Raises TemplateWrong.
    """
    found: list[tuple[str, str]] = []
    for part in _PARTS.finditer(template):
        inside, brace, text = part.groups()
        at = part.start() + 1
        if brace:
            raise TemplateWrong(at, "brace", brace)
        found.append(("", text) if text is not None else _named(inside, at, part[0]))
    running = [name for name, _ in found if name == "seq"]
    if len(running) != 1:
        raise TemplateWrong(len(template) + 1, "seq")
    return found


def counted(template: str, given: Given) -> Counted:
    """A template with everything put in but the running number. Raises TemplateWrong."""
    before, after, width = "", "", 1
    seen = False
    for name, more in parse(template):
        if name == "seq":
            seen, width = True, int(more or 1)
            continue
        text = given.value(name) if name else more
        before, after = (before, after + text) if seen else (before + text, after)
    most = LONGEST - WIDEST - len(before)
    return Counted(before[: LONGEST - WIDEST], after[: max(0, most)], width)


def _named(inside: str, at: int, whole: str) -> tuple[str, str]:
    form = inside.lstrip("".join(set(inside) - set(":0123456789")))
    name = inside[: len(inside) - len(form)]
    known = NAMES.get(name.strip())
    if known is None:
        raise TemplateWrong(at, "unknown", whole)
    width = _WIDTH.fullmatch(form)
    if width is None or (form and known != "seq"):
        raise TemplateWrong(at, "format", whole)
    return known, width[1] or ""
