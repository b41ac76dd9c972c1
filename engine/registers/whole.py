"""A subject as a whole, in and out of its register: every value of every period with its origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.dictionary.store import Dictionary
from engine.registers import absent
from engine.registers.joins import STANDING, Kept, State, changes, from_json, to_json
from engine.registers.schema import column_name, has_periods, table
from engine.registers.store import KeyTaken, as_kept, opened, place_of
from engine.work import Work


@dataclass(frozen=True, slots=True)
class Whole:
    """What is known of a subject, and since when each of its rows is there."""

    state: State
    made: Mapping[str, str]
    """By period, or STANDING: when the row was made."""

    def to_json(self) -> dict[str, Any]:
        """For keeping."""
        return {"state": to_json(self.state), "made": dict(self.made)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Whole":
        """What `to_json` kept."""
        return cls(from_json(kept["state"]), kept["made"])


@dataclass(frozen=True, slots=True)
class Register:
    """A register whose subjects are read and written as a whole."""

    work: Work
    known: Dictionary
    subject: str

    def read(self, ids: Sequence[str], *, hold: bool = False) -> dict[str, Whole]:
        """Subjects by id; those that the register does not have are absent. With `hold` their rows
        are held until the transaction ends, in one order for everybody.
        """
        states: dict[str, dict[str, Mapping[str, Kept]]] = {}
        made: dict[str, dict[str, str]] = {}
        periods = (False, True) if has_periods(self.known, self.subject) else (False,)
        for periodic in periods:
            target = table(self.known, self.subject, period=periodic)
            key = target.c.subject_id if periodic else target.c.id
            query = select(target).where(key.in_(ids)).order_by(*target.primary_key)
            rows = self.work.connection.execute(query.with_for_update() if hold else query)
            for row in rows.mappings():
                own, period = row[key.name], row["period"] if periodic else STANDING
                states.setdefault(own, {})[period] = self._facts(row, own, period)
                made.setdefault(own, {})[period] = row["created_at"]
        return {
            one: Whole({STANDING: {}, **state}, made[one])
            for one, state in states.items()
            if STANDING in state
        }

    def write(self, own: str, was: Whole, now: Whole, *, reason: str) -> None:
        """Bring a subject's rows from one state to another, and keep what changed in the history.

        Raises KeyTaken.
        """
        differences = list(changes(was.state, now.state))
        for period in sorted({*was.made, *now.made}):
            mine = {name: (a, b) for (at, name), a, b in differences if at == period}
            if period not in was.made:
                self._insert(own, period, now, reason)
            elif period not in now.made:
                self._delete(own, period, was, reason)
            elif mine:
                self._update(own, period, now, mine, reason=reason)

    def add(self, own: str, now: Whole, *, reason: str) -> None:
        """Put a subject into the register. Raises KeyTaken."""
        for period in sorted(now.made):
            self._insert(own, period, now, reason)

    def remove(self, own: str, was: Whole, *, reason: str) -> None:
        """Take a subject out of the register; its history stays."""
        for period in sorted(was.made, reverse=True):
            self._delete(own, period, was, reason)

    def _facts(self, row: Mapping[Any, Any], own: str, period: str) -> dict[str, Kept]:
        sources: Mapping[str, int] = row["sources"]
        common = sources.get("*", 0)
        found = {}
        for field in self.known.of(self.subject):
            if field.periodic != bool(period):
                continue
            stored = row[column_name(field)]
            plain = opened(self.work, field, place_of(own, period or None), stored)
            value = absent.whole(plain, row[absent.COLUMN], field.name)
            if value is not None or field.name in sources:
                found[field.name] = Kept(value, sources.get(field.name, common))
        return found

    def _table(self, period: str) -> Table:
        return table(self.known, self.subject, period=bool(period))

    def _bound(self, own: str, period: str, values: Mapping[str, Any]) -> dict[str, Any]:
        bound: dict[str, Any] = {}
        for name, value in values.items():
            field = self.known.fields[f"{self.subject}.{name}"]
            kept = absent.typed(value)
            bound.update(as_kept(self.work, field, place_of(own, period or None), kept))
        return bound

    def _insert(self, own: str, period: str, now: Whole, reason: str) -> None:
        target, values = self._table(period), _values(now, period)
        row = {
            **_identity(own, period),
            "created_at": now.made[period],
            "sources": _sources(now, period),
            absent.COLUMN: absent.after(None, values),
            **self._bound(own, period, values),
        }
        try:
            self.work.connection.execute(insert(target), row)
        except IntegrityError as error:
            raise KeyTaken(subject=self.subject) from error
        place = place_of(own, period or None)
        self.work.record(target.name, place, before=None, after=values, reason=reason)

    def _delete(self, own: str, period: str, was: Whole, reason: str) -> None:
        target, values = self._table(period), _values(was, period)
        self.work.connection.execute(delete(target).where(*_this(target, own, period)))
        place = place_of(own, period or None)
        by = _sources(was, period)
        self.work.record(target.name, place, before=values, after=None, reason=reason, origins=by)

    def _update(
        self,
        own: str,
        period: str,
        now: Whole,
        mine: Mapping[str, tuple[Kept | None, Kept | None]],
        *,
        reason: str,
    ) -> None:
        target = self._table(period)
        before = {name: a.value if a else None for name, (a, _) in mine.items()}
        after = {name: b.value if b else None for name, (_, b) in mine.items()}
        changed = {name: value for name, value in after.items() if value != before[name]}
        values = {
            "sources": _sources(now, period),
            absent.COLUMN: absent.after(None, _values(now, period)),
            **self._bound(own, period, changed),
        }
        try:
            self.work.connection.execute(
                update(target).where(*_this(target, own, period)).values(**values)
            )
        except IntegrityError as error:
            raise KeyTaken(subject=self.subject) from error
        if changed:
            was = {name: before[name] for name in changed}
            place = place_of(own, period or None)
            by = {name: a.origin for name, (a, _) in mine.items() if a and name in changed}
            self.work.record(
                target.name, place, before=was, after=changed, reason=reason, origins=by
            )


def _sources(now: Whole, period: str) -> dict[str, int]:
    return {name: one.origin for name, one in now.state.get(period, {}).items()}


def _values(now: Whole, period: str) -> dict[str, Any]:
    return {name: one.value for name, one in now.state.get(period, {}).items()}


def _identity(own: str, period: str) -> dict[str, str]:
    return {"subject_id": own, "period": period} if period else {"id": own}


def _this(target: Table, own: str, period: str) -> list[ColumnElement[bool]]:
    return [target.c[name] == value for name, value in _identity(own, period).items()]
