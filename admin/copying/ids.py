"""Other ids in place of those that rows have: by them a copy would lead back to the rows of the original.

The same id becomes the same one wherever it stands, by a key that is thrown away: as a key, as what
leads to another row, in the state of a flow, in the path of a cell. So does the hour stand in place of
the moment, which is nearly as good a mark as an id.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Set
from typing import Any

from engine.json_text import Json

SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 20
OURS = re.compile(rf"(?<!\w)0[{SIGNS}]{{{LENGTH - 1}}}(?!\w)")
"""An id that `new_id` made: its first sign is always nought."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
NONE: Set[str] = frozenset()


class Ids:
    """The ids in place of real ones, by one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, id_: str) -> str:
        """What stands in place of an id of any form."""
        number = int.from_bytes(hmac.digest(self._key, f"id {id_}".encode(), hashlib.sha256))
        signs = []
        for _ in range(LENGTH - 1):
            number, index = divmod(number, len(SIGNS))
            signs.append(SIGNS[index])
        return "0" + "".join(signs)

    def own(self, id_: str) -> str:
        """What stands in place of the id of a subject or a row; the code of an organisation stays."""
        return id_ if is_code(id_) else self.of(id_)

    def numbers(self, given: Iterable[int]) -> dict[int, int]:
        """Other numbers from one on in place of those that tell in which order rows were written."""
        return {
            one: at for at, one in enumerate(sorted(given, key=lambda one: self.turn((one,))), 1)
        }

    def among(self, given: Iterable[str]) -> dict[str, str]:
        """Marks given to each other: all of them are there, and none tells whose it was."""
        own = sorted(set(given))
        return dict(zip(own, sorted(own, key=lambda one: self.turn((one,))), strict=True))

    def within(self, value: Json, rows: Set[str] = NONE) -> Json:
        """A value in which every id is another; `rows` are ids that others than us made."""
        if isinstance(value, str):
            return self._text(value, rows)
        if isinstance(value, list):
            return [self.within(one, rows) for one in value]
        if isinstance(value, dict):
            return {
                self._text(name, rows): self.of(one)
                if name == "_id" and isinstance(one, str) and one in rows
                else self.within(one, rows)
                for name, one in value.items()
            }
        return value

    def turn(self, key: tuple[Any, ...]) -> bytes:
        """In which order the rows of the copy are written: not in that of the original."""
        return hmac.digest(self._key, repr(key).encode(), hashlib.sha256)

    def _text(self, text: str, rows: Set[str]) -> str:
        if MOMENT.fullmatch(text):
            return f"{text[:13]}:00:00.000000+00:00"
        if rows and "/" in text:
            parts = text.split("/")
            return "/".join(self.of(one) if one in rows else self._ours(one) for one in parts)
        return self._ours(text)

    def _ours(self, text: str) -> str:
        return OURS.sub(lambda found: self.of(found[0]), text)


def is_code(id_: str) -> bool:
    """Whether an id is the code of an organisation or a division."""
    return id_[:6].isdigit() and OURS.fullmatch(id_) is None


def row_ids(value: Json) -> set[str]:
    """The ids that pages gave to rows of a document's tables; codes of organisations are none of them."""
    if isinstance(value, list):
        return set().union(*(row_ids(one) for one in value))
    if not isinstance(value, dict):
        return set()
    own = value.get("_id")
    found = {own} if isinstance(own, str) and not is_code(own) else set()
    return found.union(*(row_ids(one) for one in value.values()))
