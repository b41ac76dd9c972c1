"""What a step sends to another program and what it takes from the answer. Pure: templates and JSON.

Texts hold, in braces, a cell of the document (`{/count}`), `{number}`, `{organisation}`, `{period}`, and in
headers `{secret:name}`. In a body a text that is nothing but a cell becomes the cell's value.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from engine import json_text
from engine.errors import Problem
from engine.json_text import Json

NAMES = ("number", "organisation", "period", "case")
SECRET = "secret:"  # noqa: S105 - the word before a secret's name
_BRACES = re.compile(r"\{([^{}]*)\}")
_HOST = re.compile(r"https?://[^/?#{}\s]+(?:[/?#]|$)")
Values = Callable[[str], Json]
"""What a name or a cell path stands for; a secret too, by `secret:<name>`."""


class CallAnswer(Problem):
    """The other program's answer lacks what the step takes from it, or it does not fit the cell."""

    code, status = "flow.call-answer", 422
    where: str
    cell: str


class CallWrong(Exception):  # noqa: N818 - told by whoever reads the flow, with the flow's own words
    """A call of a flow names something that is not there."""

    def __init__(self, where: str, found: str) -> None:
        super().__init__(f"{where}: {found}")
        self.where, self.found = where, found


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as the flow says it."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    answer: Mapping[str, str] = field(default_factory=dict)
    """By cell of the document: where in the answer its value stands, as a JSON pointer."""
    sensitive: tuple[str, ...] = ()
    """Cells of levels L3 and L4 that may be sent all the same; no other is."""
    seconds: int = 20
    tries: int = 8


@dataclass(frozen=True, slots=True)
class Request:
    """One request, filled in."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


def check(call: Call) -> None:
    """Whether every name is one we know. Raises CallWrong."""
    for where, text in _texts(call):
        if text.count("{") != len(_BRACES.findall(text)) or text.count("}") != text.count("{"):
            raise CallWrong(where, text[:80])
        for name in _BRACES.findall(text):
            secret = name.startswith(SECRET) and where.startswith("headers/") and name != SECRET
            if not (name in NAMES or name.startswith("/") or secret):
                raise CallWrong(where, f"{{{name}}}")
    if not _HOST.match(call.url):  # the host is the flow's, never the document's
        raise CallWrong("url", call.url[:80])
    for cell, pointer in call.answer.items():
        if pointer and not pointer.startswith("/"):
            raise CallWrong(f"answer{cell}", pointer)


def cells(call: Call) -> list[str]:
    """The cells of the document that are sent, each once."""
    names = [name for _, text in _texts(call) for name in _BRACES.findall(text)]
    return [name for name in dict.fromkeys(names) if name.startswith("/")]


def filled(call: Call, values: Values) -> Request:
    """The request with everything put in."""
    url = _BRACES.sub(lambda found: quote(_text(values(found[1])), safe=""), call.url)
    headers = {
        name: _BRACES.sub(lambda found: _text(values(found[1])), text)
        for name, text in call.headers.items()
    }
    body = None if call.body is None else json_text.dumps(_body(call.body, values)).encode()
    return Request(call.method, url, headers, body)


def taken(call: Call, answer: Json) -> dict[str, Json]:
    """The cells that an answer fills in. Raises CallAnswer."""
    return {cell: _pointed(answer, pointer, cell) for cell, pointer in call.answer.items()}


def _pointed(answer: Json, pointer: str, cell: str) -> Json:
    here: Any = answer
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(here, Mapping) and name in here:
            here = here[name]
        elif isinstance(here, list) and name.isdecimal() and int(name) < len(here):
            here = here[int(name)]
        else:
            raise CallAnswer(where=pointer, cell=cell)
    return here


def _texts(call: Call) -> Iterator[tuple[str, str]]:
    yield "url", call.url
    for name, text in call.headers.items():
        yield f"headers/{name}", text
    yield from _of_body(call.body, "body")


def _of_body(body: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(body, str):
        yield where, body
    elif isinstance(body, Mapping):
        for name, one in body.items():
            yield from _of_body(one, f"{where}/{name}")
    elif isinstance(body, list):
        for number, one in enumerate(body):
            yield from _of_body(one, f"{where}/{number}")


def _body(body: Any, values: Values) -> Any:
    if isinstance(body, str):
        whole = _BRACES.fullmatch(body)
        if whole:
            return values(whole[1])
        return _BRACES.sub(lambda found: _text(values(found[1])), body)
    if isinstance(body, Mapping):
        return {name: _body(one, values) for name, one in body.items()}
    return [_body(one, values) for one in body] if isinstance(body, list) else body


def _text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json_text.dumps(value)
