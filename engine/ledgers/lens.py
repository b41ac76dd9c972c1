"""What a ledger looks at: which subjects, which of their facts. Plain values; forms make them, not we.

A column is a field of the ledger's own subject, a field of a subject that one of its fields names
(a person's household, by `household_number`), or local: known to this ledger only.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from engine.access.rules import Rules
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.errors import Problem
from engine.formula.parse import parse_members
from engine.formula.tree import Members
from engine.privacy.masks import is_masked

OWN, RELATED, LOCAL = "own", "related", "local"


class LedgerInvalid(Problem):
    """A ledger is declared wrongly: `where` names the column or keyword, `reason` says why."""

    code, status = "ledger.invalid", 422
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in this ledger, the field it shows, and where that is kept."""

    name: str
    field: Field
    kind: str = OWN
    """own | related | local"""
    via: str = ""
    """Of a related field: the own field that holds the other subject's key."""
    cleared: bool = False
    """Whether the looker's position needs it in clear."""

    @property
    def masked(self) -> bool:
        """Whether its values are not shown whole without a purpose."""
        return is_masked(self.field) and not self.cleared

    @property
    def computed(self) -> bool:
        """Whether nobody sets it: it is derived from others."""
        return bool(self.field.compute)

    @property
    def position(self) -> bool:
        """Whether it says where something is: `latitude,longitude`."""
        return self.field.schema.get("widget") == "position"

    @property
    def files(self) -> bool:
        """Whether it holds photos or files: their names, the bytes are kept apart."""
        return isinstance(self.field.schema.get("attachment"), Mapping)

    @property
    def numeric(self) -> bool:
        """Whether its values add up."""
        return self.field.schema.get("type") in ("integer", "number")


@dataclass(frozen=True, eq=False)
class Lens:
    """A ledger as storage needs it; hashed by identity, made anew for each version of its form."""

    code: str
    version: int
    titles: Mapping[str, str]
    owner: str
    subject: str
    rule: str
    """`person where age >= 80`; empty when members are entered by hand."""
    columns: tuple[Column, ...]
    direct: frozenset[str] = field(default_factory=frozenset)
    """Columns that people set without asking the field's steward."""

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by their names."""
        return {one.name: one for one in self.columns}

    @property
    def by_hand(self) -> bool:
        """Whether members are entered and taken out by people."""
        return not self.rule

    @cached_property
    def members(self) -> Members:
        """The rule, read. Only for a ledger that has one."""
        return parse_members(self.rule)

    @property
    def scope(self) -> str:
        """How access rules name it."""
        return f"ledger:{self.code}"

    def seen_by(self, rules: Rules) -> "Lens":
        """The lens without what rules withhold, and in clear what they clear."""
        withheld, cleared = rules.withheld(self.scope), rules.cleared(self.scope)
        if not withheld and not cleared:
            return self
        return _seen(self, withheld, cleared)

    def title(self, language: str = "zh") -> str:
        """What the ledger is called."""
        return self.titles.get(language) or self.titles.get("zh") or self.code

    def local(self) -> tuple[Column, ...]:
        """What only this ledger knows."""
        return tuple(one for one in self.columns if one.kind == LOCAL)

    def related(self) -> Mapping[tuple[str, str], tuple[Column, ...]]:
        """Columns of other subjects, by the subject and the own field that leads there."""
        found: dict[tuple[str, str], list[Column]] = {}
        for one in self.columns:
            if one.kind == RELATED:
                found.setdefault((one.field.subject, one.via), []).append(one)
        return {key: tuple(group) for key, group in found.items()}

    @cached_property
    def table_name(self) -> str:
        """The physical name of its local table: readable, short enough, and its own."""
        plain = re.sub("[^a-z0-9]+", "_", self.code)[:40]
        return f"led_{plain}_{hashlib.sha256(self.code.encode()).hexdigest()[:8]}"


@lru_cache(maxsize=256)
def _seen(lens: Lens, withheld: frozenset[str], cleared: frozenset[str]) -> Lens:
    """The same lens each time: statements are kept by it."""
    columns = tuple(
        replace(one, cleared=one.field.code in cleared)
        for one in lens.columns
        if one.field.code not in withheld
    )
    return replace(lens, columns=columns)


def link(dictionary: Dictionary, subject: str, other: str) -> str:
    """The field of a subject that holds another's key: `household_number` leads to a household.

    Raises LedgerInvalid when there is none, or when it is sealed and cannot be joined on.
    """
    kind = dictionary.subjects.get(other)
    for key in kind.keys if kind else ():
        found = dictionary.fields.get(f"{subject}.{other}_{key}")
        target = dictionary.fields.get(f"{other}.{key}")
        if found is not None and target is not None and not (found.secret or target.secret):
            return found.name
    if kind is not None and other == "org" and (home := dictionary.subjects[subject].home):
        return home
    raise LedgerInvalid(where=other, reason="not-related")
