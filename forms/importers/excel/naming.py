"""Names for items: from the dictionary field, else pinyin initials of the label; unique, `[a-z][a-z0-9_]*`."""

import re
from collections.abc import Collection, Sequence

from forms.importers.excel.labels import words

_MAX = 32
_PADDED = re.compile(r"^[（(]?[一二三四五六七八九十\d]{1,3}[)）]?\s*[、.．]?\s*|^[①-⑳]|^其中[:：]?")


class Names:
    """Hands out names, each once."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, *wishes: str) -> str:
        """The first wish that is free, else the first with a number behind it."""
        clean = [name for wish in wishes if (name := _clean(wish))] or ["x"]
        for name in clean:
            if name not in self._taken:
                self._taken.add(name)
                return name
        count = 2
        while f"{clean[0]}_{count}" in self._taken:
            count += 1
        self._taken.add(f"{clean[0]}_{count}")
        return f"{clean[0]}_{count}"


def pinyin(label: str) -> str:
    """`本月发放金额（元）` is `byffje`."""
    bare, _ = words.unit_of(label)
    bare = _PADDED.sub("", bare.strip()) or bare
    from pypinyin import Style, lazy_pinyin  # its tables take a second to load: only where asked

    letters = lazy_pinyin(bare, style=Style.FIRST_LETTER, errors=_ascii)
    return "".join(letters)[:_MAX]


def path_names(path: Sequence[str], *, code: str | None, prefix: str) -> list[str]:
    """Wishes for an item: its code, its leaf, its leaf with what stands above."""
    found = []
    if code:
        found.append(f"{prefix}{code}")
    if path:
        leaf = pinyin(path[-1])
        found.append(leaf)
        for above in reversed(path[:-1]):
            leaf = f"{pinyin(above)[:12]}_{leaf}"
            found.append(leaf)
    return [name for name in found if name] or [prefix]


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _clean(wish: str) -> str:
    name = re.sub(r"[^a-z0-9_]", "", wish.lower()).strip("_")[:48]
    if name and not name[0].isalpha():
        name = f"x{name}"
    return name
