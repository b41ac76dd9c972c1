"""The tables a ledger stands on, joined, and which of their rows are its own: the only place that
knows how a rule, a stay by hand and the looker's area become one condition.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, exists, or_, true

from engine.dictionary.store import Dictionary, dictionary
from engine.formula import sql
from engine.formula.sql_elements import absence_of
from engine.identity import lineage
from engine.ledgers import reach
from engine.ledgers.lens import LOCAL, OWN, Column, Lens
from engine.ledgers.schema import local_table
from engine.ledgers.tables import MemberRow
from engine.registers import limits
from engine.registers.query import RegisterScope
from engine.registers.schema import blind_name, column_name, table
from engine.work import Work

MEMBER = MemberRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes


@dataclass(frozen=True)
class Ground:
    """The tables of a ledger on a day, for what the actor may see of it."""

    lens: Lens
    dictionary: Dictionary
    register: Table
    local: Table | None
    related: Mapping[tuple[str, str], FromClause]
    areas: tuple[str, ...]
    today: date
    open: ColumnElement[bool] | None = None
    """Which rows no access rule withholds; None: none are."""
    on: date | None = None
    """The day in the past as of which it is looked at: then the areas have what they had before under
    other codes, too.
    """
    parted: frozenset[str] = frozenset()
    """Places that were parted since, of which only a part is within the areas today."""

    @property
    def home(self) -> ColumnElement[str] | None:
        """The column that places a subject."""
        kind = self.dictionary.subjects[self.lens.subject]
        field = self.dictionary.fields.get(f"{kind.code}.{kind.home}")
        return None if field is None or field.secret else self.register.c[column_name(field)]

    def joined(self, columns: Sequence[Column]) -> FromClause:
        """The register with as much beside it as these columns need; never more rows than it has."""
        found: Any = self.register
        if self.local is not None and any(one.kind == LOCAL for one in columns):
            found = found.outerjoin(self.local, self.local.c.subject_id == self.register.c.id)
        for (subject, via), other in self.related.items():
            if any(one.via == via and one.field.subject == subject for one in columns):
                key = self._key(subject)
                link = self.register.c[f"f_{via}"]
                found = found.outerjoin(other, other.c[key] == link)
        joined: FromClause = found
        return joined

    def stored(self, column: Column) -> ColumnElement[Any]:
        """What is kept of a column: sealed if the field is secret, an expression if it is computed."""
        if column.computed:
            return self.scope("").column(self.lens.subject, column.field.name)
        found: ColumnElement[Any] = self._table(column).c[column_name(column.field)]
        return found

    def absence(self, column: Column) -> ColumnElement[Any] | None:
        """Which absence is kept of a column; of a computed one none is."""
        if column.computed:
            return None
        return absence_of(self._table(column).c.absent, column.field.name)

    def blind(self, column: Column) -> ColumnElement[Any]:
        """The blind index of a secret column."""
        found: ColumnElement[Any] = self._table(column).c[blind_name(column.field)]
        return found

    def scope(self, this: str) -> RegisterScope:
        """The registers for formulas, from one organisation."""
        return RegisterScope(self.dictionary, this, self.today)

    def limited(self, rows: ColumnElement[bool]) -> ColumnElement[bool]:
        """Some rows without those that an access rule withholds."""
        return rows if self.open is None else and_(rows, self.open)

    def members(self) -> ColumnElement[bool]:
        """The rows of the ledger that the actor may see."""
        return self.limited(self._members())

    def _members(self) -> ColumnElement[bool]:
        if self.lens.by_hand:
            here = reach.within(self.home, self.areas)
            stay = staying(self.lens, self.register.c.id, self.today)
            return stay if here is None else and_(here, stay)
        parts = []
        for code in self.areas:
            here = reach.within(self.home, [code])
            this = code or self.lens.owner
            rule = sql.members_condition(self.lens.members, self.scope(this))
            parts.append(rule if here is None else and_(here, rule))
        return or_(*parts) if parts else true()

    def _table(self, column: Column) -> Any:
        if column.kind == OWN:
            return self.register
        if column.kind == LOCAL:
            assert self.local is not None
            return self.local
        return self.related[column.field.subject, column.via]

    def _key(self, subject: str) -> str:
        return f"f_{self.dictionary.subjects[subject].keys[0]}"


def ground(work: Work, lens: Lens, *, verb: str = "ledger.read", on: date | None = None) -> Ground:
    """What a ledger stands on for the actor: its lens is without what rules withhold from them.

    Raises Forbidden, NotFound.
    """
    known = dictionary(work.connection)
    areas = reach.areas(work, verb, lens)
    parted: Set[str] = frozenset()
    if on is not None and reach.EVERYWHERE not in areas:
        whole, parted = lineage.came_from(work.connection, areas)
        areas = (*areas, *sorted(whole))
    seen = lens.seen_by(work.rules)
    return Ground(
        lens=seen,
        dictionary=known,
        register=table(known, lens.subject),
        local=local_table(lens) if lens.local() else None,
        related={
            key: table(known, key[0]).alias(f"rel_{number}")
            for number, key in enumerate(seen.related())
        },
        areas=areas,
        today=on or work.today,
        open=limits.open_rows(work, known, lens.subject, scope=lens.scope),
        on=on,
        parted=frozenset(parted),
    )


def staying(lens: Lens, subject_id: ColumnElement[str], on: date) -> ColumnElement[bool]:
    """Whether a subject is in a ledger kept by hand on a day."""
    day = on.isoformat()
    return exists().where(
        MEMBER.c.ledger == lens.code,
        MEMBER.c.subject_id == subject_id,
        MEMBER.c.entered_on <= day,
        or_(MEMBER.c.left_on.is_(None), MEMBER.c.left_on > day),
    )
