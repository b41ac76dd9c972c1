"""Expressions of an XLSForm as formulas of ours, meaning kept: an empty answer is text there, blank here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

_TOKEN = re.compile(
    r"""\s*(?:(?P<ref>\$\{\s*[^}]+?\s*\})|(?P<text>"[^"]*"|'[^']*'|‘[^’]*’|“[^”]*”)|(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<op><=|>=|!=|[=<>+\-*|(),])|(?P<path>(?:\.\./)+[\w./-]+|/[\w./-]+)|(?P<dot>\.)
    |(?P<name>[A-Za-z_][\w.:-]*))""",
    re.VERBOSE,
)
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
MOST_COUNTED = 24
"""So many choices can be counted within the length of a formula."""


class NotCarried(Exception):  # noqa: N818 - said to the importer, never to a person
    """An expression that has no meaning here; `what` is the part that stopped it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Said:
    """A formula and what it gives: number, text, boolean, date, one, many (choices), column or unknown."""

    text: str
    kind: str
    literal: str | None = None
    choices: tuple[str, ...] = ()
    """Of a reference to several choices: all there are."""


Resolve = Callable[[str], Said]
"""What `${name}` (or `.` as an empty name) is called here. Raises NotCarried."""


def translate(expression: str, resolve: Resolve) -> Said:
    """An expression as a formula. Raises NotCarried."""
    reader = _Reader(expression, resolve)
    found = reader.level(0)
    reader.end()
    return found


def condition(expression: str, resolve: Resolve) -> str:
    """An expression as a yes or no. Raises NotCarried."""
    return _truth(translate(expression, resolve))


def conjuncts(expression: str) -> list[str]:
    """The parts of `a and b and c`, brackets respected."""
    depth, start, found = 0, 0, []
    for match in re.finditer(r"'[^']*'|\"[^\"]*\"|[()]|\band\b", expression):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
        elif match[0] == "and" and depth == 0:
            found.append(expression[start : match.start()].strip())
            start = match.end()
    return [*found, expression[start:].strip()]


def _truth(said: Said) -> str:
    if said.kind == "number":
        return f"({said.text} <> 0)"
    if said.kind in ("boolean", "unknown"):
        return said.text
    return f"not ISBLANK({said.text})"


def quoted(text: str) -> str:
    """A text as a literal."""
    return '"' + text.replace('"', '""') + '"'


class _Reader:
    """Reads one expression from left to right."""

    def __init__(self, expression: str, resolve: Resolve) -> None:
        self._tokens = list(_tokens(expression))
        self._at, self._resolve, self._deep = 0, resolve, 0

    def level(self, number: int) -> Said:
        """Operators of a level and all that bind closer."""
        if number == len(_LEVELS):
            return self._unary()
        left = self.level(number + 1)
        while (operator := self._peek()[1]) in _LEVELS[number] and self._peek()[0] != "text":
            self._at += 1
            left = _joined(operator, left, self.level(number + 1))
        return left

    def end(self) -> None:
        """Everything was read."""
        if self._at < len(self._tokens):
            _stop(self._peek()[1])

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, wanted: str) -> None:
        if self._peek()[1] != wanted:
            _stop(self._peek()[1] or wanted)
        self._at += 1

    def _unary(self) -> Said:
        self._deep += 1
        if self._deep > 400:
            _stop("…")
        kind, text = self._peek()
        self._at += 1
        match kind:
            case "op" if text == "-":
                inner = self._unary()
                return Said(
                    f"-{inner.text}", "number", f"-{inner.literal}" if inner.literal else None
                )
            case "op" if text == "(":
                inner = self.level(0)
                self._take(")")
                return Said(f"({inner.text})", inner.kind)
            case "number":
                return Said(text.rstrip(".") if text[0] != "." else f"0{text}", "number", text)
            case "text":
                return Said(quoted(text[1:-1]), "text", text[1:-1])
            case "ref":
                return self._resolve(text[2:-1].strip())
            case "dot":
                return self._resolve("")
            case "path":
                return self._resolve(text.rstrip("/").rpartition("/")[2])
            case "name" if self._peek()[1] == "(":
                return self._call(text.lower())
        return _stop(text)

    def _call(self, name: str) -> Said:
        self._take("(")
        arguments: list[Said] = []
        while self._peek()[1] != ")":
            arguments.append(self.level(0))
            if self._peek()[1] != ",":
                break
            self._take(",")
        self._take(")")
        return _called(name, arguments)


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, expression.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            _stop(text[at : at + 10])
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
        while at < len(text) and text[at].isspace():
            at += 1
    return found


def _stop(what: str) -> NoReturn:
    raise NotCarried(what.strip()[:60])


def _joined(operator: str, left: Said, right: Said) -> Said:
    if operator in ("and", "or"):
        return Said(f"({_truth(left)} {operator} {_truth(right)})", "boolean")
    arithmetic = operator not in ("=", "!=")
    if "column" in (left.kind, right.kind) or (arithmetic and "many" in (left.kind, right.kind)):
        _stop(operator)
    if operator in ("+", "-", "*", "div", "mod"):
        one, two = _number(left), _number(right)
        if operator == "mod":
            return Said(f"MOD({one}, {two})", "number")
        sign = "/" if operator == "div" else operator
        days = sign == "-" and {left.kind, right.kind} == {"date"}
        return Said(f"DAYS({one}, {two})" if days else f"({one} {sign} {two})", "number")
    return _compared(operator, left, right)


def _compared(operator: str, left: Said, right: Said) -> Said:
    """An empty text equals nothing but itself, and is unlike everything else."""
    for one, other in ((left, right), (right, left)):
        if one.literal == "" and one.kind == "text" and operator in ("=", "!="):
            empty = f"ISBLANK({other.text})"
            return Said(empty if operator == "=" else f"not {empty}", "boolean")
    left, right = _alike(left, right), _alike(right, left)
    sign = "<>" if operator == "!=" else operator
    text = f"({left.text} {sign} {right.text})"
    return Said(f"COALESCE({text}, true)" if operator == "!=" else text, "boolean")


def _alike(one: Said, other: Said) -> Said:
    """A literal in the kind of what it is compared with: codes of choices are texts."""
    if one.literal is None:
        return one
    if one.kind == "number" and other.kind in ("one", "many", "text") and other.literal is None:
        return Said(quoted(one.literal), "text", one.literal)
    if (
        one.kind == "text"
        and other.kind == "number"
        and re.fullmatch(r"-?\d+(\.\d+)?", one.literal)
    ):
        return Said(one.literal, "number", one.literal)
    if one.kind == "text" and other.kind == "boolean":
        return Said("true" if one.literal.lower() in ("yes", "true", "ok") else "false", "boolean")
    return one


def _number(said: Said) -> str:
    if said.literal is not None and re.fullmatch(r"-?\d+(\.\d+)?", said.literal):
        return said.literal
    if said.kind in ("text", "one"):
        _stop(said.text)
    return said.text


def _called(name: str, given: list[Said]) -> Said:
    simple = {
        "round": ("ROUND", "number"), "abs": ("ABS", "number"), "int": ("INT", "number"), "concat": ("CONCAT", "text"),
        "string-length": ("LEN", "number"), "contains": ("CONTAINS", "boolean"), "today": ("TODAY", "date"),
        "sum": ("SUM", "number"), "max": ("MAX", "number"), "min": ("MIN", "number"),
    }  # fmt: skip
    texts = [one.text for one in given]
    if any(one.kind == "column" for one in given) and name not in ("sum", "max", "min", "count"):
        _stop(name)
    if name in simple:
        function, kind = simple[name]
        return Said(f"{function}({', '.join(texts)})", kind)
    return _choice_call(name, given) or _other_call(name, given, texts)


def _choice_call(name: str, given: list[Said]) -> Said | None:
    """Calls about choices."""
    match name, given:
        case "selected", [of, choice] if choice.literal is not None:
            if of.kind == "many":
                padded = quoted(f" {choice.literal} ")
                return Said(f'CONTAINS(" " & {of.text} & " ", {padded})', "boolean")
            return Said(f"({of.text} = {quoted(choice.literal)})", "boolean")
        case "count-selected", [of] if 0 < len(of.choices) <= MOST_COUNTED:
            codes = [quoted(f" {one} ") for one in of.choices]
            taken = [f'IF(CONTAINS(" " & {of.text} & " ", {one}), 1, 0)' for one in codes]
            return Said(f"({' + '.join(taken)})", "number")
    return None


def _other_call(name: str, given: list[Said], texts: list[str]) -> Said:
    match name, given:
        case ("true", []) | ("false", []):
            return Said(name, "boolean")
        case "not", [one]:
            return Said(f"not COALESCE({_truth(one)}, false)", "boolean")
        case "if", [test, yes, no]:
            kind = yes.kind if yes.kind == no.kind else no.kind if yes.literal == "" else yes.kind
            branches = [_branch(yes), _branch(no)]
            return Said(f"IF(COALESCE({_truth(test)}, false), {', '.join(branches)})", kind)
        case "count", [of]:
            return Said(f"COUNT({of.text})", "number")
        case "coalesce", [_, _, *_]:
            return Said(f"COALESCE({', '.join(texts)})", given[0].kind)
        case ("number", [one]) | ("boolean", [one]) | ("date", [one]):
            return Said(
                one.text, {"number": "number", "boolean": "boolean"}.get(name, "date"), one.literal
            )
        case "string", [one]:
            return Said(f'({one.text} & "")', "text")
        case "starts-with", [whole, part]:
            return Said(f"(LEFT({whole.text}, LEN({part.text})) = {part.text})", "boolean")
        case (("substr" | "substring"), [whole, start, end]) if name == "substr":
            return Said(f"MID({whole.text}, {start.text} + 1, {end.text} - {start.text})", "text")
    return _stop(f"{name}()")


def _branch(said: Said) -> str:
    return "blank" if said.literal == "" and said.kind == "text" else said.text
