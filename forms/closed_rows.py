"""Rows of a report's lists about somebody whom an access rule withholds from the looker.

A row tells whom it is about by a natural key of its subject; the rule's condition is asked of the
register. Numbers that count such rows stay: a total is nobody's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from engine.access.rules import Rules
from engine.dictionary.store import dictionary
from engine.formula.parse import parse_members
from engine.json_text import Json
from engine.registers import limits, store
from engine.registers.schema import table
from engine.work import Work
from forms import document
from forms.compiled import CompiledForm

Look = Callable[[str, Sequence[str]], frozenset[str]]
"""Of the keys of a field, those of subjects that are withheld."""


@dataclass(frozen=True)
class ClosedRows:
    """Which lists of a form are about whom, and who of them is withheld."""

    lists: Mapping[str, tuple[str, str]]
    """By the table's path: the name of the item with the key, and its field."""
    look: Look

    def of(self, contents: Mapping[str, Json]) -> frozenset[str]:
        """The paths of the rows that are withheld: `/elders/k3`."""
        found: set[str] = set()
        for path, (name, field) in self.lists.items():
            rows = document.get(contents, path)
            if not isinstance(rows, list) or not rows:
                continue
            keys = {
                own: row[name]
                for own, row in zip(document.row_ids(contents, path), rows, strict=True)
                if isinstance(row, Mapping) and isinstance(row.get(name), str)
            }
            gone = self.look(field, sorted(set(keys.values())))
            found |= {f"{path}/{own}" for own, key in keys.items() if key in gone}
        return frozenset(found)


def closed_rows(work: Work, form: CompiledForm, rules: Rules) -> ClosedRows | None:
    """The rows that rules withhold in a form's documents; None where none withholds any."""
    meant = [parse_members(one) for one in rules.conditions(f"form:{form.code}")]
    if not meant:
        return None
    known = dictionary(work.connection)
    conditions: dict[str, list[ColumnElement[bool]]] = {}
    for members in meant:
        condition = limits.condition(known, members, work.today)
        conditions.setdefault(members.subject, []).append(condition)
    lists = {
        item.table: (item.name, item.field)
        for item in form.items
        if item.table and item.field and "*" in item.path
        for subject, _, name in (item.field.partition("."),)
        if subject in conditions and name in known.subjects[subject].keys
    }

    def look(field: str, keys: Sequence[str]) -> frozenset[str]:
        by = known.field(field)
        ids = store.find(work, known, by, keys)
        register = table(known, by.subject)
        query = select(register.c.id).where(
            register.c.id.in_(set(ids.values())), or_(*conditions[by.subject])
        )
        gone = set(work.connection.execute(query).scalars())
        return frozenset(key for key, own in ids.items() if own in gone)

    return ClosedRows(lists, look) if lists else None
