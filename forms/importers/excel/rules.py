"""Rules printed on a sheet: `07、09、10 ≤05，12=13+14，a=b+c=d` become formulas over the sheet's items.

A rule is read by a small parser; every number in it must be the code of an item, or it is no rule of
this table. What cannot be read is returned with its words, never dropped.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEADING = re.compile(
    r"(?:平衡|审核|逻辑|勾稽|指标|校验|表内|表间|钩稽|数据)\s*(?:审核)?\s*关系(?:式)?\s*[:：]?|审核公式\s*[:：]?|校验公式\s*[:：]?"
)
_OPS = {
    "=": "=",
    "==": "=",
    "<": "<",
    ">": ">",
    "<=": "<=",
    ">=": ">=",
    "≤": "<=",
    "≥": ">=",
    "≦": "<=",
    "≧": ">=",
    "⩽": "<=",
    "⩾": ">=",
    "≠": "<>",
    "<>": "<>",
}
_RELATION = re.compile(r"<=|>=|<>|==|[=<>≤≥≦≧⩽⩾≠]")
_TOKEN = re.compile(
    r"\s*(?:(?P<op><=|>=|<>|==|[=<>≤≥≦≧⩽⩾≠])"
    r"|(?P<when>上年同期|去年同期|上年末|上年度|上年|上期末?|上月|上季度?|本期末?|本年|本月|本季度?)(?:的)?"
    r"|(?P<dots>…+|\.{3,}|⋯+)"
    r"|(?P<code>(?:第|行|栏|列|项目|指标|代码)?\s*(?:[A-Za-z]{1,3})?\d{1,5}(?:\.\d{1,3})?(?:\s*(?:行|栏|列|项))?)(?P<percent>%)?"
    r"|(?P<sum>之和|合计)"
    r"|(?P<sign>[-+*/×÷])"
    r"|(?P<list>[、,])"
    r"|(?P<range>至|到|~)"
    r"|(?P<open>\()(?P<scope>[^()\d=<>≤≥+]*[\u4e00-\u9fff][^()=<>≤≥+]*\))?"
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
_SOFT = re.compile(r"一般|原则上|应大于等于|通常|核实|合理")

Lookup = Callable[[str, str], str | None]
"""(code, axis hint "row", "column" or "") to the item's name; None when there is no such item."""


@dataclass(frozen=True, slots=True)
class PrintedRule:
    """One rule: the words it came from, the formula, the columns it is limited to."""

    text: str
    formula: str
    codes: tuple[str, ...]
    severity: str = "error"
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """Words among the rules that could not be read, and why."""

    text: str
    reason: str  # grammar | unknown-code


class _CannotRead(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, reason: str) -> None:
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def rule_texts(text: str) -> Iterator[str]:
    """The passages of a note that state rules: after their heading, up to the next numbered remark."""
    for match in HEADING.finditer(text):
        rest = text[match.end() :]
        other = HEADING.search(rest)
        rest = rest[: other.start()] if other else rest
        cut = re.search(r"。|\n\s*\d{1,2}\s*[.、．]\s*[\u4e00-\u9fff]|第?\s*\d+\s*页", rest)
        passage = rest[: cut.start()] if cut else rest
        if _RELATION.search(unicodedata.normalize("NFKC", passage)):
            yield passage.strip(" \u3000：:；;")


def looks_like_rules(text: str) -> bool:
    """A cell that holds rules without a heading: mostly codes, signs and separators."""
    flat = unicodedata.normalize("NFKC", text)
    relations = _RELATION.findall(flat)
    if not relations or len(flat) > 4000:
        return False
    kept = re.sub(r"[\s\d+\-*/=<>≤≥≦≧≠,，;；、.()…%]", "", flat)
    return len(kept) <= 0.15 * len(flat) and len(re.findall(r"\d+", flat)) >= 2


def read_rules(passage: str, lookup: Lookup) -> tuple[list[PrintedRule], list[Unread]]:
    """The rules of one passage, and what could not be read."""
    rules: list[PrintedRule] = []
    unread: list[Unread] = []
    for piece in _pieces(passage):
        try:
            rules.extend(_read(piece, lookup))
        except _CannotRead as error:
            unread.append(Unread(piece, error.reason))
    return rules, unread


def _pieces(passage: str) -> Iterator[str]:
    """One relation each: cut at commas and semicolons, and where one relation ends and another begins."""
    flat = (
        unicodedata.normalize("NFKC", passage).replace("—", "-").replace("–", "-").replace("−", "-")
    )
    for part in re.split(r"[;。\n]|[,，](?![^()]*\))", flat):
        text = part.strip(" .．、")
        if not text:
            continue
        text = re.sub(
            r"^(?:其中|且|同时|即|\(\d{1,2}\)(?=\s*\d)|[①-⑳]|\d{1,2}[.、](?=\s*\d+\s*[=<>≤≥]))\s*[:：]?",
            "",
            text,
        )
        yield from _split_run_on(text)


def _split_run_on(text: str) -> Iterator[str]:
    """`11=12+13 19≥20+21`: a blank between two codes ends a relation."""
    start = 0
    for match in re.finditer(r"(?<=[\d)])\s+(?=\(?\d)", text):
        head = text[start : match.start()]
        if _RELATION.search(head) and _RELATION.search(text[match.end() :]):
            yield head.strip()
            start = match.end()
    if text[start:].strip():
        yield text[start:].strip()


def _read(piece: str, lookup: Lookup) -> list[PrintedRule]:
    if not _RELATION.search(piece):
        raise _CannotRead("grammar")
    tokens, only = _tokens(piece)
    parser = _Parser(tokens, lookup)
    sides, ops = parser.chain()
    severity = "explain" if _SOFT.search(piece) else "error"
    codes = tuple(dict.fromkeys(parser.codes))
    return [PrintedRule(piece, formula, codes, severity, only) for formula in _formulas(sides, ops)]


def _formulas(sides: list[list[str]], ops: list[str]) -> Iterator[str]:
    """A list on one side means one rule for each of its members."""
    longest = max(len(side) for side in sides)
    if longest == 1:
        yield " ".join(
            part for n, side in enumerate(sides) for part in ([ops[n - 1]] if n else []) + [side[0]]
        )
        return
    for n in range(len(ops)):
        for left in sides[n]:
            for right in sides[n + 1]:
                yield f"{left} {ops[n]} {right}"


def _tokens(piece: str) -> tuple[list[_Token], tuple[str, ...]]:
    tokens: list[_Token] = []
    only: list[str] = []
    place = 0
    while place < len(piece):
        if not piece[place:].strip():
            break
        match = _TOKEN.match(piece, place)
        if match is None or match.end() == place:
            raise _CannotRead("grammar")
        place = match.end()
        kind = match.lastgroup or ""
        if match["scope"]:
            only.extend(re.split(r"[、,和及]", match["scope"].rstrip(")")))
            continue
        if kind in ("code", "percent"):
            tokens.append(_Token("percent" if match["percent"] else "code", match["code"].strip()))
        elif kind == "op":
            tokens.append(_Token("op", _OPS[match["op"]]))
        else:
            tokens.append(_Token(kind, (match[kind] or "").strip()))
    return tokens, tuple(word.strip() for word in only if word.strip())


class _Parser:
    """chain := side (op side)+; side := sum | sum (、 sum)+; sum, product and bracket as usual."""

    def __init__(self, tokens: list[_Token], lookup: Lookup) -> None:
        self._tokens = tokens
        self._place = 0
        self._lookup = lookup
        self.codes: list[str] = []

    def chain(self) -> tuple[list[list[str]], list[str]]:
        sides, ops = [self._side()], []
        while self._kind() == "op":
            ops.append(self._take().text)
            sides.append(self._side())
        if self._place != len(self._tokens) or not ops:
            raise _CannotRead("grammar")
        return sides, ops

    def _side(self) -> list[str]:
        found = [self._sum()]
        while self._kind() == "list":
            self._take()
            found.append(self._sum())
        if self._kind() == "sum":
            self._take()
            return [" + ".join(found)]
        return found

    def _sum(self) -> str:
        parts = [self._product()]
        while True:
            kind, text = self._kind(), self._text()
            if kind == "sign" and text in "+-":
                self._take()
                if self._kind() == "dots":
                    self._take()
                    self._expect("+")
                    parts.extend(self._between(self.codes[-1]))
                else:
                    parts.extend((text, self._product()))
            elif kind == "dots":
                self._take()
                parts.extend(self._between(self.codes[-1]))
            elif kind == "range":
                self._take()
                parts.extend(self._between(self.codes[-1]))
                if self._kind() == "sum":
                    self._take()
            else:
                return " ".join(parts)

    def _between(self, first: str) -> list[str]:
        """`02+…+05`: every item with a code in between, and the last."""
        if self._kind() != "code":
            raise _CannotRead("grammar")
        last = self._take().text
        if not (first.isdigit() and last.isdigit() and 0 < int(last) - int(first) < 400):
            raise _CannotRead("grammar")
        parts: list[str] = []
        for number in range(int(first) + 1, int(last) + 1):
            name = self._lookup(str(number), "")
            if name is not None:
                self.codes.append(str(number))
                parts.extend(("+", name))
        return parts

    def _product(self) -> str:
        parts = [self._factor()]
        while self._kind() == "sign" and self._text() in "*/×÷":
            sign = self._take().text
            parts.extend(("*" if sign in "*×" else "/", self._factor()))
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
                raise _CannotRead("grammar")
            self._take()
            return inner if re.fullmatch(r"\w+", inner) else f"({inner})"
        if kind == "percent":
            return f"({self._take().text} / 100)"
        if kind == "code":
            return self._item(self._take().text)
        raise _CannotRead("grammar")

    def _item(self, text: str) -> str:
        hint = "row" if text.endswith("行") or text.startswith("行") else ""
        hint = "column" if text.endswith(("栏", "列")) or text.startswith(("栏", "列")) else hint
        code = re.sub(r"^(?:第|行|栏|列|项目|指标|代码)\s*|\s*(?:行|栏|列|项)$", "", text)
        name = self._lookup(code, hint)
        if name is None:
            if code in ("0", "100", "1") and not hint:
                return code
            raise _CannotRead("unknown-code")
        self.codes.append(code)
        return name

    def _expect(self, sign: str) -> None:
        if self._text() != sign:
            raise _CannotRead("grammar")
        self._take()

    def _kind(self) -> str:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else ""

    def _text(self) -> str:
        return self._tokens[self._place].text if self._place < len(self._tokens) else ""

    def _take(self) -> _Token:
        token = self._tokens[self._place]
        self._place += 1
        return token
