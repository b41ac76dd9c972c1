"""One relation in plain notation, read by a small parser: `max(01、02)≤03+第5至8行之和`.

Every number in it must be the code of an item, or it is no relation of this table.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forms.importers.excel.labels import words

_TOKEN = re.compile(
    r"\s*(?:(?P<op><=|>=|<>|[=<>])"
    r"|(?P<when>上年同期|去年同期|上年末|上年度|上年|上期末?|上月|上季度?|本期末?|本年|本月|本季度?)(?:的|数)?"
    r"|(?P<dots>…+|\.{3,}|⋯+)"
    r"|(?P<call>(?i:max|min|abs|round|int|sum|有)\()"
    r"|#(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<blank>空)"
    r"|(?P<every>每)"
    r"|(?P<sort>整|倍\d+(?:\.\d+)?)"
    r"|(?P<percent>\d+(?:\.\d+)?)%"
    r"|(?P<code>(?:第|行|栏|列|项目|指标|代码)?\s*(?:[A-Za-z]{1,3})?\d{1,9}(?:\.\d{1,3})?(?:\s*(?:行|栏|列|项))?)"
    r"|(?P<sum>之和|合计|相加)"
    r"|(?P<each>各(?:行|栏|列|项)(?:均|都|分别|同时)?|均|都|分别|同时)"
    r"|(?P<sign>[-+*/])"
    r"|(?P<list>[、,])"
    r"|(?P<range>至|到|~)"
    r"|(?P<open>\()(?P<scope>[^()=<>+]*[\u4e00-\u9fff][^()=<>+]*\))?"
    r"|(?P<close>\)))"
)
_LAST = {
    "上年末": "last",
    "上年度": "last",
    "上年": "last",
    "上期": "last",
    "上期末": "last",
    "上月": "last",
    "上季": "last",
    "上季度": "last",
    "上年同期": "same_period_last_year",
    "去年同期": "same_period_last_year",
}
_EVERY = re.compile(r"(?:各|每|所有|全部)(?:一)?(?:列|栏|行|项)|单位")
_CALLS = {"有": "COALESCE"}
_ONE = ("ABS", "INT", "有")
_DIGITS = re.compile(r"\d")
_TEN = re.compile(r"10+")
_SHARE = re.compile(r"0?\.\d{1,3}|[1-9]\.\d{1,3}")
_CONSTANTS = ("0", "1", "100")
_MOST = 400
WHOLE, TIMES = "整", "倍"
"""What a side is to be, in place of a value: a whole number, so many times another."""
EVERY_ITEM = "_every"
"""Stands in a formula for each figure of a table."""
_LONG = 4  # digits that no code of a short table has

Lookup = Callable[[str, str], str | None]
"""(code, axis hint "row", "column" or "") to the item's name; None when there is no such item."""


class CannotRead(Exception):  # noqa: N818 - a signal between two modules, never an answer
    """Not a relation of this table, and why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a relation, and what it is."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """What stands on one side of a relation: one value, or several of which each is meant."""

    values: tuple[str, ...]
    span: bool = False  # `3至8`, which is a sum beside an equals sign and else means each

    def beside(self, ops: Sequence[str]) -> tuple[str, ...]:
        """Its values, where these signs stand next to it."""
        return (" + ".join(self.values),) if self.span and "=" in ops else self.values


def tokens_of(piece: str) -> tuple[list[Token], tuple[str, ...]]:
    """The tokens of a relation, and the columns that brackets in it name."""
    tokens: list[Token] = []
    only: list[str] = []
    place = 0
    while piece[place:].strip():
        match = _TOKEN.match(piece, place)
        if match is None or match.end() == place:
            raise CannotRead("grammar")
        place = match.end()
        kind = match.lastgroup or ""
        if match["scope"]:
            only.extend(_limits(match["scope"].rstrip(")")))
            continue
        tokens.append(Token(kind, (match[kind] or "").strip()))
    return tokens, tuple(word.strip() for word in only if word.strip())


def _limits(scope: str) -> list[str]:
    """Columns that a bracket behind a code names; a unit or `各列均适用` limits nothing."""
    if words.is_unit(scope) or _EVERY.match(scope):
        return []
    return re.split(r"[、,和及]", scope)


class Parser:
    """chain := side (op side)+; side := part (、 part)* [之和|各项]; sum, product and bracket as usual."""

    def __init__(self, tokens: list[Token], lookup: Lookup) -> None:
        self._tokens = tokens
        self._place = 0
        self._lookup = lookup
        codes = [self._bare(token.text)[0] for token in tokens if token.kind == "code"]
        padded = any(code.startswith("0") and code[1:].isdigit() for code in codes)
        self._zeroed = padded
        self._padded = padded and any(token.text == "/" for token in tokens)
        self._hinted = any(token.kind == "code" and self._bare(token.text)[1] for token in tokens)
        self._longest = max((len(code) for code in codes if len(code) < _LONG), default=0)
        self.codes: list[str] = []

    def chain(self) -> tuple[list[Side], list[str]]:
        """The sides and the signs between them."""
        sides, ops = [self._side()], []
        while self._kind() == "op":
            ops.append(self._take().text)
            sides.append(self._side())
        if self._place != len(self._tokens) or not ops:
            raise CannotRead("grammar")
        return sides, ops

    def _side(self) -> Side:
        found: list[str] = []
        span = False
        while True:
            members = self._span()
            if members and self._kind() == "sign":  # `01+03至05`
                found.append(self._sum(f"({' + '.join(members)})"))
            elif members:
                found.extend(members)
                span = True
            else:
                found.append(self._sum())
            if self._kind() != "list":
                break
            self._take()
        if self._kind() == "each" and self._kind(1) == "sum":  # `11、12、13各行之和`
            self._take()
        if self._kind() == "sum":
            self._take()
            if self._kind() == "sign":
                return Side((self._sum(f"({' + '.join(found)})"),))
            return Side((" + ".join(found),))
        if self._kind() == "each":
            self._take()
            return Side(tuple(found))
        return Side(tuple(found), span=span and len(found) > 1)

    def _span(self) -> list[str]:
        """`3至8`: every item from the one code to the other; nothing, if no span begins here."""
        if self._kind() != "code" or self._kind(1) != "range":
            return []
        first = self._bare(self._take().text)[0]
        self._take()
        return [self._name_of(first), *self._up_to(first)]

    def _sum(self, first: str = "") -> str:
        parts = [first or self._product()]
        while True:
            kind, text = self._kind(), self._text()
            if kind == "sign" and text in "+-":
                self._take()
                if self._kind() == "dots":
                    self._take()
                    self._expect("+")
                    parts.extend(one for name in self._up_to(self.codes[-1]) for one in ("+", name))
                elif members := self._span():
                    if self._kind() == "sum":
                        self._take()
                    parts.extend((text, f"({' + '.join(members)})"))
                else:
                    parts.extend((text, self._product()))
            elif kind == "dots" and self.codes:
                self._take()
                parts.extend(one for name in self._up_to(self.codes[-1]) for one in ("+", name))
            else:
                return " ".join(parts)

    def _up_to(self, first: str) -> list[str]:
        """Every item with a code after the first, up to the code that stands here."""
        if self._kind() != "code":
            raise CannotRead("grammar")
        last, hint = self._bare(self._take().text)
        if not (first.isdigit() and last.isdigit() and 0 < int(last) - int(first) < _MOST):
            raise CannotRead("grammar")
        names: list[str] = []
        for number in range(int(first) + 1, int(last) + 1):
            name = self._lookup(str(number), hint)
            if name is not None:
                self.codes.append(str(number))
                names.append(name)
        if not names or self.codes[-1] != str(int(last)):
            raise CannotRead("unknown-code")
        return names

    def _product(self) -> str:
        parts = [self._factor()]
        while self._kind() == "sign" and self._text() in "*/":
            sign = self._take().text
            parts.extend((sign, self._factor()))
        return " ".join(parts)

    def _factor(self) -> str:
        kind = self._kind()
        if kind == "when":
            word = self._take().text
            inner = self._factor()
            function = _LAST.get(word)
            return f"{function}({inner})" if function else inner
        if kind == "open":
            self._take()
            inner = self._sum()
            if self._kind() != "close":
                raise CannotRead("grammar")
            self._take()
            return inner if re.fullmatch(r"\w+", inner) else f"({inner})"
        if kind == "call":
            return self._call(self._take().text.rstrip("(").upper())
        if kind == "number":
            return self._take().text
        if kind == "blank":
            self._take()
            return "blank"
        if kind == "every":
            self._take()
            return EVERY_ITEM
        if kind == "sort":
            return self._take().text
        if kind == "percent":
            return f"({self._take().text} / 100)"
        if kind == "code":
            return self._item(self._take().text)
        raise CannotRead("grammar")

    def _call(self, name: str) -> str:
        """`max(01、02)`, `round(1/2,2)`, `sum(1至5)`: parts between commas, a span is each of its items."""
        parts: list[str] = []
        while not parts or self._kind() == "list":
            if parts:
                self._take()
            if name == "ROUND" and parts:
                parts.append(self._take().text if self._kind() == "code" else "")
                break
            parts.extend(self._span() or [self._sum()])
        if self._kind() != "close" or (name in _ONE and len(parts) > 1):
            raise CannotRead("grammar")
        self._take()
        if name == "SUM":
            return f"({' + '.join(parts)})" if len(parts) > 1 else parts[0]
        if name == "ROUND" and (len(parts) == 1 or not _DIGITS.fullmatch(parts[1])):
            raise CannotRead("grammar")
        more = ["0"] if name in _CALLS else []
        return f"{_CALLS.get(name, name)}({', '.join([*parts, *more])})"

    def _item(self, text: str) -> str:
        code, hint = self._bare(text)
        scaled = self._place > 1 and self._tokens[self._place - 2].text in ("*", "/")
        if scaled and not hint and _TEN.fullmatch(code) and self._lookup(code, "") is None:
            return code
        if not hint and code in _CONSTANTS and (self._padded or self._lookup(code, "") is None):
            return code
        apart = scaled or self._place == len(self._tokens) > 1
        if not hint and apart and _SHARE.fullmatch(code) and self._lookup(code, "") is None:
            return code
        if not hint and code.isdigit() and self._is_figure(code):
            return code
        return self._name_of(code, hint)

    def _is_figure(self, code: str) -> bool:
        """`05行≥2`, `01×2`, `20>5000`: a figure beside codes that are written otherwise."""
        before = self._tokens[self._place - 2].kind if self._place > 1 else "op"
        alone = before == "op" and self._kind() in ("op", "")
        scaled = before == "sign" and self._tokens[self._place - 2].text in "*/"
        if self._zeroed and len(code) == 1:
            return alone or scaled
        known = self._lookup(code, "") is not None
        if alone and self._hinted and any(token.text == "/" for token in self._tokens):
            return True  # `本期10行/上期10行≤2`: a quotient is beside a figure
        if alone and self._hinted and known and not code.startswith("0"):
            raise CannotRead("ambiguous")
        return alone and not known and (self._hinted or len(code) >= _LONG > self._longest)

    @staticmethod
    def _bare(text: str) -> tuple[str, str]:
        """`第3行` is 3 and a row."""
        hint = "row" if text.endswith("行") or text.startswith("行") else ""
        hint = "column" if text.endswith(("栏", "列")) or text.startswith(("栏", "列")) else hint
        code = re.sub(r"^(?:第|行|栏|列|项目|指标|代码)\s*|\s*(?:行|栏|列|项)$", "", text)
        return code, hint

    def _name_of(self, code: str, hint: str = "") -> str:
        name = self._lookup(code, hint)
        if name is None:
            raise CannotRead("unknown-code")
        self.codes.append(str(int(code)) if code.isdigit() else code)
        return name

    def _expect(self, sign: str) -> None:
        if self._text() != sign:
            raise CannotRead("grammar")
        self._take()

    def _kind(self, ahead: int = 0) -> str:
        place = self._place + ahead
        return self._tokens[place].kind if place < len(self._tokens) else ""

    def _text(self) -> str:
        return self._tokens[self._place].text if self._place < len(self._tokens) else ""

    def _take(self) -> Token:
        token = self._tokens[self._place]
        self._place += 1
        return token
