"""Rules printed on a sheet: `07、09、10 ≤05，12=13+14，a=b+c=d` become formulas over the sheet's items.

A rule is read by a small parser; every number in it must be the code of an item, or it is no rule of
this table. What cannot be read is returned with its words, never dropped.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from forms.importers.excel import words
from forms.importers.excel.rule_words import Piece, pieces, plain, states_a_relation

HEADING = re.compile(
    r"(?:平衡|审核|逻辑|勾稽|指标|校验|表内|表间|钩稽|数据)\s*(?:审核)?\s*关系(?:式)?\s*[:：]?|审核公式\s*[:：]?|校验公式\s*[:：]?"
)
_TOKEN = re.compile(
    r"\s*(?:(?P<op><=|>=|<>|[=<>])"
    r"|(?P<when>上年同期|去年同期|上年末|上年度|上年|上期末?|上月|上季度?|本期末?|本年|本月|本季度?)(?:的|数)?"
    r"|(?P<dots>…+|\.{3,}|⋯+)"
    r"|(?P<percent>\d+(?:\.\d+)?)%"
    r"|(?P<code>(?:第|行|栏|列|项目|指标|代码)?\s*(?:[A-Za-z]{1,3})?\d{1,5}(?:\.\d{1,3})?(?:\s*(?:行|栏|列|项))?)"
    r"|(?P<sum>之和|合计|相加)"
    r"|(?P<each>各(?:行|栏|列|项)(?:均|都|分别)?|均|都|分别)"
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
_SHARE = re.compile(r"0?\.\d{1,3}|[1-9]\.\d{1,3}")
_SOFT = re.compile(r"一般|原则上|应大于等于|通常|核实|合理")

_CONSTANTS = ("0", "1", "100")
_MOST = 400
_ROUNDED = Decimal("0.05")  # what is divided is printed with one decimal or two

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
    tolerance: Decimal = Decimal(0)


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
        if states_a_relation(passage):
            yield passage.strip(" \u3000：:；;")


def looks_like_rules(text: str) -> bool:
    """A cell that holds rules without a heading: mostly codes, signs and separators."""
    flat = plain(text)
    if not states_a_relation(text) or len(flat) > 4000:
        return False
    kept = re.sub(r"[\s\d+\-*/=<>,，;；、.()…%]", "", flat)
    return len(kept) <= 0.15 * len(flat) and len(re.findall(r"\d+", flat)) >= 2


def read_rules(passage: str, lookup: Lookup) -> tuple[list[PrintedRule], list[Unread]]:
    """The rules of one passage, and what could not be read."""
    rules: list[PrintedRule] = []
    unread: list[Unread] = []
    for piece in pieces(passage):
        try:
            rules.extend(_read(piece, lookup))
        except _CannotRead as error:
            unread.append(Unread(piece.words, error.reason))
    return rules, unread


def _read(piece: Piece, lookup: Lookup) -> list[PrintedRule]:
    def hinted(code: str, hint: str) -> str | None:
        return lookup(code, hint or piece.hint)

    formulas, codes, only, divides = _relations(piece.plain, hinted)
    if piece.condition:
        conditions, more, _, _ = _relations(piece.condition, hinted)
        whole = " and ".join(f"({one})" for one in conditions) if conditions[1:] else conditions[0]
        formulas = [f"not ({whole}) or ({one})" for one in formulas]
        codes = (*more, *codes)
    return [
        PrintedRule(
            piece.words,
            formula,
            tuple(dict.fromkeys(codes)),
            "explain" if _SOFT.search(piece.words) else "error",
            only,
            piece.tolerance or (_ROUNDED if divides else Decimal(0)),
        )
        for formula in formulas
    ]


def _relations(
    text: str, lookup: Lookup
) -> tuple[list[str], tuple[str, ...], tuple[str, ...], bool]:
    """Formulas of one chain of relations, the codes in it, its limits, and whether anything is divided."""
    tokens, only = _tokens(text)
    if not any(token.kind == "op" for token in tokens):
        raise _CannotRead("grammar")
    parser = _Parser(tokens, lookup)
    sides, ops = parser.chain()
    divides = any(token.text == "/" for token in tokens)
    return list(_formulas(sides, ops)), tuple(parser.codes), only, divides


@dataclass(frozen=True, slots=True)
class _Side:
    """What stands on one side of a relation: one value, or several of which each is meant."""

    values: tuple[str, ...]
    span: bool = False  # `3至8`, which is a sum beside an equals sign and else means each

    def beside(self, ops: Sequence[str]) -> tuple[str, ...]:
        return (" + ".join(self.values),) if self.span and "=" in ops else self.values


def _formulas(sides: list[_Side], ops: list[str]) -> Iterator[str]:
    """A list on one side means one rule for each of its members."""
    told = [side.beside(ops[max(0, n - 1) : n + 1]) for n, side in enumerate(sides)]
    if max(map(len, told)) == 1:
        yield " ".join(
            part for n, (one,) in enumerate(told) for part in ([ops[n - 1]] if n else []) + [one]
        )
        return
    for n in range(len(ops)):
        for left in told[n]:
            for right in told[n + 1]:
                yield f"{left} {ops[n]} {right}"


def _tokens(piece: str) -> tuple[list[_Token], tuple[str, ...]]:
    tokens: list[_Token] = []
    only: list[str] = []
    place = 0
    while piece[place:].strip():
        match = _TOKEN.match(piece, place)
        if match is None or match.end() == place:
            raise _CannotRead("grammar")
        place = match.end()
        kind = match.lastgroup or ""
        if match["scope"]:
            only.extend(_limits(match["scope"].rstrip(")")))
            continue
        tokens.append(_Token(kind, (match[kind] or "").strip()))
    return tokens, tuple(word.strip() for word in only if word.strip())


def _limits(scope: str) -> list[str]:
    """Columns that a bracket behind a code names; a unit or `各列均适用` limits nothing."""
    if words.is_unit(scope) or _EVERY.match(scope):
        return []
    return re.split(r"[、,和及]", scope)


class _Parser:
    """chain := side (op side)+; side := part (、 part)* [之和|各项]; sum, product and bracket as usual."""

    def __init__(self, tokens: list[_Token], lookup: Lookup) -> None:
        self._tokens = tokens
        self._place = 0
        self._lookup = lookup
        codes = [self._bare(token.text)[0] for token in tokens if token.kind == "code"]
        padded = any(code.startswith("0") and code[1:].isdigit() for code in codes)
        self._padded = padded and any(token.text == "/" for token in tokens)
        self.codes: list[str] = []

    def chain(self) -> tuple[list[_Side], list[str]]:
        sides, ops = [self._side()], []
        while self._kind() == "op":
            ops.append(self._take().text)
            sides.append(self._side())
        if self._place != len(self._tokens) or not ops:
            raise _CannotRead("grammar")
        return sides, ops

    def _side(self) -> _Side:
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
        if self._kind() == "sum":
            self._take()
            if self._kind() == "sign":
                return _Side((self._sum(f"({' + '.join(found)})"),))
            return _Side((" + ".join(found),))
        if self._kind() == "each":
            self._take()
            return _Side(tuple(found))
        return _Side(tuple(found), span=span and len(found) > 1)

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
            raise _CannotRead("grammar")
        last, hint = self._bare(self._take().text)
        if not (first.isdigit() and last.isdigit() and 0 < int(last) - int(first) < _MOST):
            raise _CannotRead("grammar")
        names: list[str] = []
        for number in range(int(first) + 1, int(last) + 1):
            name = self._lookup(str(number), hint)
            if name is not None:
                self.codes.append(str(number))
                names.append(name)
        if not names or self.codes[-1] != str(int(last)):
            raise _CannotRead("unknown-code")
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
                raise _CannotRead("grammar")
            self._take()
            return inner if re.fullmatch(r"\w+", inner) else f"({inner})"
        if kind == "percent":
            return f"({self._take().text} / 100)"
        if kind == "code":
            return self._item(self._take().text)
        raise _CannotRead("grammar")

    def _item(self, text: str) -> str:
        code, hint = self._bare(text)
        if not hint and code in _CONSTANTS and (self._padded or self._lookup(code, "") is None):
            return code
        if not hint and _SHARE.fullmatch(code) and self._lookup(code, "") is None:
            return code
        return self._name_of(code, hint)

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
            raise _CannotRead("unknown-code")
        self.codes.append(str(int(code)) if code.isdigit() else code)
        return name

    def _expect(self, sign: str) -> None:
        if self._text() != sign:
            raise _CannotRead("grammar")
        self._take()

    def _kind(self, ahead: int = 0) -> str:
        place = self._place + ahead
        return self._tokens[place].kind if place < len(self._tokens) else ""

    def _text(self) -> str:
        return self._tokens[self._place].text if self._place < len(self._tokens) else ""

    def _take(self) -> _Token:
        token = self._tokens[self._place]
        self._place += 1
        return token
