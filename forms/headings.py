"""Merged headings above columns and before rows: each is named once a form, in other languages too."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Named: TypeAlias = Mapping[str, Mapping[str, str]]
"""By heading its name in other languages."""

BETWEEN = " › "
"""Between the headings of a row where its whole path is told in one line."""


def of(form: Mapping[str, Any]) -> Named:
    """What a form's block says of its headings."""
    found: Named = form.get("headings", {})
    return found


def above(header: Sequence[str], named: Named) -> dict[str, tuple[str, ...]]:
    """By language the headings of a path without its last part, which is the column's or row's own."""
    parts = tuple(part for part in header[:-1] if part)
    if not parts:
        return {}
    languages = {language for part in parts for language in named.get(part, ())}
    return {
        "zh": parts,
        **{
            language: tuple(named.get(part, {}).get(language, part) for part in parts)
            for language in sorted(languages)
        },
    }


def in_language(above: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    """The headings in a language, in Chinese where nobody translated them."""
    return above.get(language) or above.get("zh", ())


def told(titles: Mapping[str, str], node: Mapping[str, Any], named: Named) -> dict[str, str]:
    """A row's titles with its headings before them: one 小麦 may stand under two of them."""
    found = above(node.get("header", ()), named)
    return {
        language: BETWEEN.join((*in_language(found, language), title))
        for language, title in titles.items()
    }
