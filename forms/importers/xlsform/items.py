"""Question types of XLSForm as items: a schema for the value, and how the value reads in formulas."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms.importers.xlsform.read import Line
from forms.importers.xlsform.xpath import NotCarried, Said, condition, quoted
from forms.positions import PATTERN

LONG = 2000
SHORT = 255
PLAIN: Mapping[str, tuple[dict[str, Any], str]] = {
    "integer": ({"type": "integer"}, "number"),
    "decimal": ({"type": "number"}, "number"),
    "text": ({"type": "string", "maxLength": SHORT}, "text"),
    "note": ({"type": "string", "readonly": True, "widget": "note"}, "text"),
    "date": ({"type": "string", "format": "date"}, "date"),
    "time": ({"type": "string", "format": "time"}, "text"),
    "datetime": ({"type": "string", "format": "date-time"}, "text"),
    "barcode": ({"type": "string", "maxLength": SHORT}, "text"),
    "acknowledge": ({"type": "boolean"}, "boolean"),
    "today": ({"type": "string", "format": "date", "compute": "TODAY()"}, "date"),
    "geopoint": ({"type": "string", "widget": "position", "pattern": PATTERN}, "text"),
    "hidden": ({"type": "string", "maxLength": SHORT, "readonly": True}, "text"),
}
ALIASES = {
    "int": "integer", "string": "text", "q string": "text", "datetime": "datetime", "trigger": "acknowledge",
    "gps": "geopoint", "location": "geopoint", "q geopoint": "geopoint", "q location": "geopoint", "q int": "integer",
    "q decimal": "decimal", "q date": "date", "phonenumber": "text", "get today": "today", "float": "decimal",
    "photo": "image", "add image prompt": "image", "add photo prompt": "image", "calculation": "calculate",
}  # fmt: skip
SYSTEM = {
    "start", "end", "deviceid", "imei", "simserial", "subscriberid", "username", "email", "audit", "start-geopoint",
    "uri:deviceid", "uri:subscriberid", "uri:simserial", "uri:phonenumber", "uri:username", "uri:email",
    "get start", "get end", "get device id", "get subscriber id", "get sim id", "get phone number", "set",
    "get start time", "get end time",
}  # fmt: skip
"""What a telephone notes by itself; who filled in and when is on our own trail."""
LIKE_TEXT = {"geotrace", "geoshape"}
FILES: Mapping[str, str] = {"image": "photo", "file": "file", "signature": "signature"}
RECORDINGS = {"audio", "video", "background-audio"}
SIGNED = ("signature", "draw")
"""Appearances of an image that is drawn rather than taken; a drawing is kept as a signature is."""
_SELECT = re.compile(
    r"(?:add |q )?(select(?:_one|_multiple|1| one| multiple| all that apply)?)(?: prompt)?(?: (?:from|using))?\s+(\S+)"
    r"(\s+(?:or specify other|or_other))?",
    re.IGNORECASE,
)
_EXTERNAL = re.compile(r"select_(one|multiple)_(from_file|external)\b")


@dataclass(frozen=True, slots=True)
class Question:
    """A question's type: what the value is, how it reads, and which list it chooses from."""

    schema: dict[str, Any]
    kind: str
    """As in xpath.Said."""
    choices: str = ""
    other: bool = False
    left: str = ""
    """Why it cannot be asked here: the code of what is left; the schema is then empty."""


def question(line: Line) -> Question:
    """What a row asks for."""
    told = " ".join(line.get("type").split())
    plain = ALIASES.get(told.lower(), told.lower())
    plain = re.sub(r"^add (\w+) prompt$", r"\1", plain)
    plain = ALIASES.get(plain, plain)
    if plain in PLAIN:
        schema, kind = PLAIN[plain]
        many = "multiline" in line.get("appearance") or (plain == "text" and "textarea" in told)
        return Question({**schema, **({"maxLength": LONG} if many else {})}, kind)
    if plain in SYSTEM:
        return Question({}, "", left="system")
    if plain in FILES:
        drawn = plain == "image" and bool(set(line.get("appearance").lower().split()) & {*SIGNED})
        held = "signature" if drawn else FILES[plain]
        return Question({"type": "array", "attachment": {"kind": held}, "maxItems": 1}, "text")
    if plain in RECORDINGS:
        return Question({}, "", left="file")
    if plain in LIKE_TEXT:
        return Question({"type": "string", "maxLength": LONG}, "text", left="as-text")
    if plain == "range":
        return Question(_range(line), "number")
    if _EXTERNAL.match(plain):
        return Question({}, "", left="external-list")
    found = _SELECT.fullmatch(told)
    if found is None:
        return Question({}, "", left="type")
    many = any(word in found[1].lower() for word in ("multiple", "all"))
    return Question({}, "many" if many else "one", found[2], bool(found[3]))


def _range(line: Line) -> dict[str, Any]:
    given = dict(re.findall(r"(start|end|step)\s*=\s*(-?\d+)\b", line.get("parameters")))
    schema: dict[str, Any] = {"type": "integer"}
    schema |= {"minimum": int(given["start"])} if "start" in given else {}
    return schema | ({"maximum": int(given["end"])} if "end" in given else {})


@dataclass
class Choosing:
    """The choices of one question, with the conditions of a cascade; what could not be carried is told."""

    rows: Sequence[Line]
    words: Callable[[Line, str], dict[str, str]]
    """Title by language of a spoken column."""
    tell: Callable[[str, str], None]
    found: list[dict[str, Any]] = field(default_factory=list)

    def options(self, choice_filter: str, resolve: Callable[[str], Said]) -> list[dict[str, Any]]:
        """The choices as `oneOf`."""
        seen: dict[str, dict[str, Any]] = {}
        filtered = bool(choice_filter)
        for row in self.rows:
            name = row.get("name")
            if not name:
                self.tell("choice-nameless", name)
                continue
            titles = self.words(row, "label")
            option: dict[str, Any] = {"const": name, "title": titles.pop("zh", "") or name}
            option |= {"titles": titles} if titles else {}
            if filtered:
                try:
                    option["show_when"] = condition(bare_names(choice_filter, row), resolve)
                except NotCarried as stopped:
                    self.tell("choice-filter", stopped.what)
                    filtered = False
            first = seen.setdefault(name, option)
            if first is option:
                self.found.append(option)
            elif filtered and first["title"] == option["title"]:
                # King is a county of Texas and of Washington: one answer, offered in either case
                first["show_when"] = f"({first['show_when']}) or ({option['show_when']})"
            else:
                self.tell("choice-twice", name)
        if not filtered:
            for option in self.found:
                option.pop("show_when", None)
        return self.found


def bare_names(choice_filter: str, row: Line) -> str:
    """A choice filter with the columns of a choice in their place: `state=${s}` is `'tx'=${s}`."""

    def literal(match: re.Match[str]) -> str:
        word = match["word"]
        if word is None or word in ("and", "or", "div", "mod") or match["call"]:
            return match[0]
        return quoted(row.get(word.lower()).replace('"', ""))

    pattern = r"(\$\{[^}]*\}|'[^']*'|\"[^\"]*\")|(?P<word>[A-Za-z_][\w.-]*)(?P<call>\s*\()?"
    return re.sub(pattern, lambda m: m[0] if m[1] else literal(m), choice_filter)
