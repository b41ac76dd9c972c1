"""Text to tree. Lark does the grammar; what is wrong is told in plain words with its place."""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from engine.errors import Problem
from engine.formula.build import Build
from engine.formula.problems import FormulaSyntax, FormulaTooDeep, FormulaTooLong
from engine.formula.tree import Expr, Members, depth

MAX_LENGTH = 2000
MAX_DEPTH = 64

WORDS = {
    "and": "AND",
    "or": "OR",
    "not": "NOT",
    "in": "IN",
    "within": "WITHIN",
    "where": "WHERE",
    "true": "TRUE",
    "false": "FALSE",
    "blank": "BLANK",
}

PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
"""A name or dotted path, as in grammar.lark."""

_HALF_WIDTH = {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)
}  # ！ to ～, letters and digits
_HALF_WIDTH |= str.maketrans("﹤﹥﹦﹢﹪﹙﹚﹐−×✕÷、\u3000", "<>=+%(),-**/, ")
_QUOTED = re.compile(r'("(?:[^"]|"")*"|[“”＂][^“”＂]*[“”＂])')


def parse(text: str) -> Expr:
    """The tree of a formula; raises a Problem that says where and what was expected."""
    return _formula(_measured(text))


def parse_members(text: str) -> Members:
    """The tree of `person where age >= 80`: a kind of subject and which of them."""
    return _members(_measured(text))


@lru_cache(maxsize=4096)
def _formula(text: str) -> Expr:
    expr: Expr = _tree(text, "formula")
    if depth(expr) > MAX_DEPTH:
        raise FormulaTooDeep(limit=MAX_DEPTH)
    return expr


@lru_cache(maxsize=512)
def _members(text: str) -> Members:
    members: Members = _tree(text, "members")
    if members.where is not None and depth(members.where) > MAX_DEPTH:
        raise FormulaTooDeep(limit=MAX_DEPTH)
    return members


def _measured(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise FormulaTooLong(limit=MAX_LENGTH, length=len(text))
    return text


def _tree(text: str, start: str) -> Any:
    plain = half_width(text)
    try:
        return _parser().parse(plain, start=start)
    except UnexpectedInput as error:
        raise _told(error, plain) from error
    except VisitError as error:
        if isinstance(error.orig_exc, Problem):
            raise error.orig_exc from error
        raise


def half_width(text: str) -> str:
    """Full-width operators, digits and letters made half-width, texts in quotes left alone.

    Every character becomes exactly one, so that positions stay those of the person's text.
    """
    pieces = _QUOTED.split(text)
    return "".join(
        piece if index % 2 else piece.translate(_HALF_WIDTH) for index, piece in enumerate(pieces)
    )


@cache
def _parser() -> Lark:
    """The grammar's tables, built at the first formula and kept."""
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        start=["formula", "members"],
        transformer=Build(),
        lexer_callbacks={"PATH": _word},
        maybe_placeholders=False,
    )


def _word(token: Token) -> Token:
    token.type = WORDS.get(token.lower(), "PATH")
    return token


def _told(error: UnexpectedInput, text: str) -> FormulaSyntax:
    if isinstance(error, UnexpectedCharacters):
        place = error.pos_in_stream or 0
        expected = "closing-quote" if text[place] in '"“”＂' else "known-character"
        return FormulaSyntax(position=place + 1, found=text[place], expected=expected)
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        position, found = (error.token.start_pos or 0) + 1, str(error.token)
    else:
        position, found = len(text) + 1, "the-end"
    return FormulaSyntax(position=position, found=found, expected=_expected(error, found))


def _expected(error: UnexpectedInput, found: str) -> str:
    allowed = error.accepts if isinstance(error, UnexpectedToken) else set()
    if "NUMBER" in allowed:
        return "an-operand"
    if found == ")":
        return "no-more-brackets"
    if allowed == {"LPAR"}:
        return "an-opening-bracket"
    if allowed == {"PATH"}:
        return "a-register"
    if allowed == {"IN", "WITHIN"}:
        return "in-or-within"
    if "RPAR" in allowed:
        return "a-closing-bracket" if found == "the-end" else "an-operator-or-bracket"
    return "an-operator"
