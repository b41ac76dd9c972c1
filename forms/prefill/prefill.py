"""One pass over all sources for one form, one period and any number of organisations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.dictionary.store import dictionary
from engine.formula.document import Document
from engine.identity.store import OrganisationValue
from engine.json_text import Json
from engine.periods import Period
from engine.work import Work
from forms import defaults, document, predecessors, surroundings
from forms.checks import compute
from forms.compiled import CompiledForm
from forms.document import Cell
from forms.prefill import naming, resolve
from forms.prefill.offer import Ask, Offer, Offers, gathered
from forms.prefill.sources import computed, default, last_period, members, register

SOURCES = (register.known, computed.known, members.known, last_period.known)


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A document as it opens: contents, and by path what is known of each cell."""

    contents: Mapping[str, Json]
    cells: Mapping[str, Cell]


def prefill(
    work: Work, form: CompiledForm, organisations: Sequence[OrganisationValue], period: str
) -> dict[str, Prefilled]:
    """What is known for each organisation, by its code. The number of queries depends on the form's
    tables, never on its cells.
    """
    ask, offers = offered(work, form, organisations, period)
    codes = [organisation.code for organisation in organisations]
    filled = {code: _document(ask, offers[code]) for code in codes}
    contents = {code: one.contents for code, one in filled.items()}
    around = surroundings.of_many(work, form, ask.period, contents)
    return {code: with_computed(form, one, around[code]) for code, one in filled.items()}


def offered(
    work: Work, form: CompiledForm, organisations: Sequence[OrganisationValue], period: str
) -> tuple[Ask, Offers]:
    """Everything that all sources know of these organisations' cells, before any is believed."""
    when = Period.parse(period) if period else None
    codes = [organisation.code for organisation in organisations]
    last = predecessors.newest(work.connection, form, codes, when.previous()) if when else {}
    ask = Ask(work, dictionary(work.connection), form, organisations, when, last)
    return ask, default.beneath(ask, gathered(ask, SOURCES))


def _document(ask: Ask, offers: Mapping[str, Sequence[Offer]]) -> Prefilled:
    form = ask.form
    values: dict[str, Json] = {}
    rows: dict[str, dict[str, None]] = {}
    cells: dict[str, Cell] = {}
    has_members = {plan.table for plan in form.plan.tables if plan.members}
    for path, given in offers.items():
        item = form.item(path)
        if item is None or item.compute:
            continue
        table, row = _row_of(form, path)
        if row and row not in rows.setdefault(table, {}):
            if table in has_members and all(offer.source in resolve.LAST for offer in given):
                continue  # who has left the register is not carried into the new list
            rows[table][row] = None
        field = ask.dictionary.fields.get(item.field) if item.field else None
        winner, others = resolve.best(field, given)
        values[path] = winner.value
        fixed = winner.source == defaults.SOURCE and item.readonly
        cells[path] = defaults.cell(form, item) if fixed else _cell(ask, winner, others)
    contents: dict[str, Json] = {}
    for table, ids in rows.items():
        contents = document.add_rows(contents, table, list(ids))
    return Prefilled(document.put_all(form, contents, values), cells)


def with_computed(form: CompiledForm, filled: Prefilled, env: Document) -> Prefilled:
    """The same with the form's own formulas worked out."""
    worked = compute.compute(form, env)
    contents = document.put_all(form, filled.contents, worked)
    cells = dict(filled.cells)
    for path, value in worked.items():
        cells[path] = Cell(value=value, state="computed", source={"source": "formula"})
    return replace(filled, contents=contents, cells=cells)


def _cell(ask: Ask, winner: Offer, others: Sequence[Offer]) -> Cell:
    state = "known"
    if winner.source in ("carried", defaults.SOURCE):
        state = "carried"
    elif winner.stale:
        state = "stale"
    elif winner.source == "computed":
        state = "computed"
    source = naming.told(ask.work.connection, ask.form, winner)
    if others:
        beside = [
            (naming.told(ask.work.connection, ask.form, one), one.value) for one in others[:3]
        ]
        source["others"] = [{**known, "value": value} for known, value in beside]
    return Cell(value=winner.value, state=state, source=source, known=winner.value)


def _row_of(form: CompiledForm, path: str) -> tuple[str, str]:
    item = form.item(path)
    if item is None or item.table is None or "*" not in item.path:
        return "", ""
    rest = path[len(item.table) + 1 :]
    return item.table, rest.partition("/")[0]
