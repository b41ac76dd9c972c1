"""Rules printed on a sheet: `07、09、10 ≤05，12=13+14，a=b+c=d` become formulas over the sheet's items.

A rule is read by a small parser; every number in it must be the code of an item, or it is no rule of
this table. What cannot be read is returned with its words, never dropped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from forms.importers.excel.printed_rules.rule_parser import (
    TIMES,
    WHOLE,
    CannotRead,
    Lookup,
    Parser,
    Side,
    tokens_of,
)
from forms.importers.excel.printed_rules.rule_places import marked
from forms.importers.excel.printed_rules.rule_spoken import BOTH, EITHER
from forms.importers.excel.printed_rules.rule_words import (
    Piece,
    pieces,
    plain,
    states_a_relation,
)

HEADING = re.compile(
    r"(?:平衡|审核|逻辑|勾稽|指标|校验|表内|表间|钩稽|数据|计算|核实性?|(?:准?强制)性?)\s*(?:审核|平衡|校验)?\s*关系(?:式)?\s*[:：]?"
    r"|(?:审核|校验|平衡|计算)公式\s*[:：]?|(?:审核|校验|平衡)(?:规则|要求|条件)\s*[:：]?|表[内间](?:审核|平衡|校验)\s*[:：]?"
    r"|(?:逻辑|数据|指标|平衡)(?:审核|校验|平衡)\s*[:：]"
)
_LINE = re.compile(r"(?<=。)|\n")
_REMARK = re.compile(r"\s*\d{1,2}\s*[.、．]\s*[\u4e00-\u9fff]")
_PAGE = re.compile(r"第?\s*\d+\s*页")
_WORDS = re.compile(r"[\s\d+\-*/=<>,，;；、.()…%第行列栏项表本主附上下之和合计]")
_SOFT = re.compile(r"一般|原则上|应大于等于|通常|核实|合理|说明(?:原因|情况|理由)")

_DEMAND = re.compile(r"[应须]|不[得能可]|一致|相[等符]|衔接|均为|保留|之间|不填|必填")
_LONGEST = 300
_NUMBERED_LINE = re.compile(r"\d{1,3}\s*[行列栏]")
_ROUNDED = Decimal("0.05")  # what is divided is printed with one decimal or two


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
    reason: str  # grammar | unknown-code | ambiguous


def rule_texts(text: str) -> Iterator[str]:
    """The passages of a note that state rules: after their heading, up to the next remark."""
    for match in HEADING.finditer(text):
        rest = text[match.end() :]
        other = HEADING.search(rest)
        passage = _stated(rest[: other.start()] if other else rest)
        colon = match[0].rstrip().endswith((":", "："))
        if states_a_relation(passage) or (colon and _demands(passage)):
            yield passage.strip(" \u3000：:；;。")


def _demands(passage: str) -> bool:
    """Whether it says what must be, in words that no grammar reads: shown, not dropped."""
    return len(passage) <= _LONGEST and bool(_DEMAND.search(passage))


def _stated(text: str) -> str:
    """From the first rule to the last: sentences and numbered lines that state none end it."""
    kept = ""
    place = 0
    for end in [*(match.end() for match in _LINE.finditer(text)), len(text)]:
        line, place = text[place:end], end
        page = _PAGE.search(line)
        line = line[: page.start()] if page else line
        ended = kept.rstrip(" \u3000").endswith("。") or bool(_REMARK.match(line))
        if kept.strip() and ended and not _goes_on(line):
            break
        kept += line
        if page:
            break
    return kept


def _goes_on(line: str) -> bool:
    """Whether a sentence or a numbered line behind rules is one of them, and no remark with a figure."""
    numberless = re.sub(r"^\s*\d{1,2}\s*[.、．]", "", line)
    return looks_like_rules(numberless) or places_told(numberless)


def looks_like_rules(text: str) -> bool:
    """A cell that holds rules without a heading: mostly codes, signs and separators."""
    flat = plain(text)
    if not states_a_relation(text) or len(flat) > 4000:
        return False
    kept = _WORDS.sub("", flat)
    return len(kept) <= 0.15 * len(flat) and len(re.findall(r"\d+", flat)) >= 2


def numbers_told(text: str) -> bool:
    """Whether a note without a heading compares rows or columns by their numbers: `05行应等于06行与07行之和`."""
    return (
        len(text) <= _LONGEST and len(_NUMBERED_LINE.findall(text)) > 1 and states_a_relation(text)
    )


def places_told(text: str) -> bool:
    """Whether a note without a heading compares cells or tables that it names: `本表07行=综合表12行`."""
    told, places = marked(text)
    numbered = [one for one in places.values() if one.row or one.column or one.code]
    return len(numbered) > 1 and len(text) <= _LONGEST and states_a_relation(told)


def read_rules(passage: str, lookup: Lookup) -> tuple[list[PrintedRule], list[Unread]]:
    """The rules of one passage, and what could not be read."""
    rules: list[PrintedRule] = []
    unread: list[Unread] = []
    for piece in pieces(passage):
        try:
            rules.extend(_read(piece, lookup))
        except CannotRead as error:
            unread.append(Unread(piece.words, error.reason))
    return rules, unread


def _read(piece: Piece, lookup: Lookup) -> list[PrintedRule]:
    def hinted(code: str, hint: str) -> str | None:
        return lookup(code, hint or piece.hint)

    then = _Said.of(piece.plain, hinted)
    formulas, codes = then.formulas, then.codes
    if piece.condition:
        when = _Said.of(piece.condition, hinted)
        codes = (*when.codes, *codes)
        formulas = [f"not ({_both(when.formulas)}) or ({one})" for one in formulas]
    if piece.flagged:
        formulas = [f"not ({_both(formulas)})"]
    rounded = _ROUNDED if then.divides else Decimal(0)
    return [
        PrintedRule(
            piece.words,
            formula,
            tuple(dict.fromkeys(codes)),
            "explain" if piece.flagged or _SOFT.search(piece.words) else "error",
            then.only,
            piece.tolerance or rounded,
        )
        for formula in formulas
    ]


@dataclass(frozen=True, slots=True)
class _Said:
    """What relations joined by 且 and 或 come to: formulas that all must hold."""

    formulas: list[str]
    codes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    divides: bool = False

    @classmethod
    def of(cls, text: str, lookup: Lookup) -> "_Said":
        """且 binds closer than 或."""
        ways = [[_relation(one, lookup) for one in way.split(BOTH)] for way in text.split(EITHER)]
        every = [one for way in ways for one in way]
        formulas = [formula for one in ways[0] for formula in one.formulas]
        if len(ways) > 1:
            each = (_both([formula for one in way for formula in one.formulas]) for way in ways)
            formulas = [" or ".join(f"({one})" for one in each)]
        return cls(
            formulas,
            tuple(code for one in every for code in one.codes),
            tuple(word for one in every for word in one.only),
            any(one.divides for one in every),
        )


def _both(formulas: Sequence[str]) -> str:
    return " and ".join(f"({one})" for one in formulas) if len(formulas) > 1 else formulas[0]


def _relation(text: str, lookup: Lookup) -> _Said:
    """One chain of relations."""
    tokens, only = tokens_of(text)
    if not any(token.kind == "op" for token in tokens):
        raise CannotRead("grammar")
    parser = Parser(tokens, lookup)
    sides, ops = parser.chain()
    divides = any(token.text == "/" for token in tokens) and not any(
        token.text.upper() in ("ROUND(", "INT(") for token in tokens
    )
    return _Said(list(_formulas(sides, ops)), tuple(parser.codes), only, divides)


def _formulas(sides: list[Side], ops: list[str]) -> Iterator[str]:
    """A list on one side means one rule for each of its members."""
    told = [side.beside(ops[max(0, n - 1) : n + 1]) for n, side in enumerate(sides)]
    if max(map(len, told)) == 1 and not told[-1][0].startswith((WHOLE, TIMES)):
        yield " ".join(
            part for n, (one,) in enumerate(told) for part in ([ops[n - 1]] if n else []) + [one]
        )
        return
    for n in range(len(ops)):
        for left in told[n]:
            for right in told[n + 1]:
                yield _compared(left, ops[n], right)


def _compared(left: str, op: str, right: str) -> str:
    if right == WHOLE:
        return f"INT({left}) = {left}"
    if right.startswith(TIMES):
        return f"MOD({left}, {right.removeprefix(TIMES)}) = 0"
    return f"{left} {op} {right}"
