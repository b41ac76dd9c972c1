"""A ledger as somebody sees it: values as they are read, and what the places and files in its cells are
called.
"""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field

from admin.views import words
from admin.web.html import text
from engine import absence
from engine.attachments import store
from engine.attachments.store import mark_of
from engine.dictionary.store import Dictionary
from engine.identity import lineage
from engine.identity import store as identity
from engine.json_text import Json
from engine.ledgers.ground import Ground
from engine.ledgers.lens import Column, Lens
from engine.ledgers.rows import Row
from engine.privacy import masks
from engine.work import Work
from forms import attached
from forms.compiled import CompiledForm
from forms.kinds import ledger

DIVISION = "division-code"


@dataclass(frozen=True)
class Showing:
    """A ledger being shown to somebody in a language."""

    form: CompiledForm
    lens: Lens
    dictionary: Dictionary
    language: str
    places: Mapping[str, str] = field(default_factory=dict)
    """Names of the organisations that stand in cells, by code."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Names of the files that stand in cells, by id."""

    def display(self, column: Column, value: Json, *, whole: bool = False) -> str:
        """A value as it is read: masked unless it may be seen whole."""
        if value is None or value == "":
            return ""
        if (gone := absence.shown(value, self.language)) is not None:
            return gone
        if column.masked and not whole:
            hidden = masks.masked(column.field, value)
            return str(hidden) if hidden is not None else "***"
        if column.field.schema.get("format") == DIVISION:
            return self.places.get(str(value), str(value))
        if column.files:
            return "、".join(files_called(value, self.files))
        return words.shown(
            ledger.item(self.form, column.name), value, self.dictionary, self.language
        )

    def label(self, column: Column) -> str:
        """What a column is called."""
        return ledger.item(self.form, column.name).label(self.language)


def showing(
    work: Work, form: CompiledForm, here: Ground, rows: Collection[Row], language: str
) -> Showing:
    """What is needed to show these rows."""
    placed = [
        one
        for one in here.lens.columns
        if one.field.schema.get("format") == DIVISION and not one.masked
    ]
    codes = {str(row.cell(one.name).value or "") for row in rows for one in placed} - {""}
    places = _places(work, here, codes, language)
    named = [row.cell(one.name).value for row in rows for one in here.lens.columns if one.files]
    files = file_names(work, named)
    return Showing(form, here.lens, here.dictionary, language, places, files)


def _places(work: Work, here: Ground, codes: Set[str], language: str) -> dict[str, str]:
    """What places are called; as of a day in the past, what they were called then and are today."""
    connection = work.connection
    if here.on is None:
        return identity.organisation_names(connection, sorted(codes))
    today = lineage.today(connection, codes)
    every = {*codes, *(one for after in today.values() for one in after)}
    called = identity.organisation_names(connection, sorted(every))
    then = lineage.names_on(connection, dict.fromkeys(codes, here.on.isoformat()))
    found = {}
    for code in codes & called.keys():
        name = then.get(code, called[code])
        now = "、".join(called[one] for one in today.get(code, (code,)) if one in called)
        changed = now and now != name
        found[code] = text(language, "units.then_now", then=name, now=now) if changed else name
    return found


def file_names(work: Work, values: Iterable[Json]) -> dict[str, str]:
    """What the files that these values name are called, by id."""
    marks = {mark_of(ref) for value in values for ref in attached.refs(value)}
    if not marks:
        return {}
    return {mark: one.name for mark, (_, one) in store.located(work.connection, marks).items()}


def files_called(value: Json, called: Mapping[str, str]) -> list[str]:
    """What the files of a value are called; of one that is gone, its kind."""
    return [called.get(mark_of(ref)) or ref.partition("/")[2] for ref in attached.refs(value)]
