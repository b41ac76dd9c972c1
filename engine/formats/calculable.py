"""Text that a spreadsheet would calculate: how CSV keeps it text, and what it was before."""

import re

_HIDDEN = re.compile("^[\\s\"'\u200b-\u200f\u2060\ufeff\x00-\x1f]+")
_HARMLESS = re.compile(r"[+\-－＋]?[\d０-９ ,.，%％]*|[=+\-@＝＋－＠—]+")
_STARTS = "=+-@＝＋－＠"


def neutral(text: str) -> str:
    """A leading apostrophe before what a spreadsheet would calculate; plain numbers stay as they are.

    `-5`, `+86 138…`, `—` and `@全体居民` are read as text or number anyway and are not touched.
    """
    bare = _HIDDEN.sub("", text)
    if not bare or bare[0] not in _STARTS or _HARMLESS.fullmatch(bare.strip()):
        return text
    if bare[0] in "@＠" and not re.search(r"[(!|（]", bare):
        return text
    return "'" + text


def plain(text: str) -> str:
    """The text that `neutral` was given."""
    return text[1:] if text[:1] == "'" and neutral(text[1:]) == text else text
