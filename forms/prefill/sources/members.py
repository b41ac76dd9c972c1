"""The rows of floating tables: the members of a register that belong in the table, with their values."""

from collections.abc import Iterator, Mapping

from engine.dictionary.field import Field
from engine.registers import query, store
from engine.registers.store import KnownValue
from forms.compiled import TablePlan
from forms.prefill import then
from forms.prefill.offer import Ask, Offer, from_known

MOST_ROWS = 20_000


def known(ask: Ask) -> Iterator[tuple[str, str, Offer]]:
    """Offers for every member's cells, rows in the register's order of home and name. Who belongs is
    asked of the registers as they are; of a period that is over, with everybody's age at its end.
    """
    for plan in ask.form.plan.tables:
        if plan.members and plan.subject:
            yield from _of_table(ask, plan, plan.subject, plan.members)


def _of_table(
    ask: Ask, plan: TablePlan, subject: str, members: str
) -> Iterator[tuple[str, str, Offer]]:
    bindings = plan.bindings.get(subject, ())
    fields = _fields(ask, [binding.field.code for binding in bindings])
    for organisation in ask.organisations:
        scope = query.scope(ask.work, ask.dictionary, organisation.code, ask.period)
        rows = store.rows_where(
            ask.work,
            ask.dictionary,
            subject,
            query.members(scope, members),
            [field for field in fields.values() if not field.compute and not field.periodic],
            order=query.order(scope, subject),
            limit=MOST_ROWS,
        )
        of_period = _of_period(ask, subject, list(rows), list(fields.values()))
        at_end = then.at_end(ask, subject, rows)
        for row_id, kept in rows.items():
            by_field = {**kept, **of_period.get(row_id, {})}
            was = at_end.get(row_id)
            for binding in bindings:
                path = binding.path.replace("/*/", f"/{row_id}/")
                field = fields.get(binding.field.code)
                for offer in _offers(ask, scope, field, by_field, was) if field else ():
                    yield organisation.code, path, offer


def _of_period(
    ask: Ask, subject: str, ids: list[str], fields: list[Field]
) -> dict[str, dict[str, KnownValue]]:
    """What is known of the members for the report's own period."""
    wanted = [field for field in fields if field.periodic]
    if not wanted or ask.period is None:
        return {}
    return store.fetch(ask.work, ask.dictionary, subject, ids, wanted, period=str(ask.period))


def _offers(
    ask: Ask,
    scope: query.RegisterScope,
    field: Field,
    known: Mapping[str, KnownValue],
    was: Mapping[str, KnownValue] | None,
) -> Iterator[Offer]:
    if field.compute:
        derived = query.derive(scope, field, {**known, **(was or {})})
        if derived is not None:
            yield Offer(derived, "computed", field.label())
    elif not field.periodic:
        yield from then.offers(ask, known, was, field.code)
    elif value := known.get(field.code):
        yield from_known(value)


def _fields(ask: Ask, codes: list[str]) -> dict[str, Field]:
    """The fields to read, and those that derived ones are made from."""
    found = {code: ask.dictionary.fields[code] for code in codes if code in ask.dictionary.fields}
    for field in list(found.values()):
        for needed in query.needs(field, ask.dictionary):
            if needed in ask.dictionary.fields:
                found.setdefault(needed, ask.dictionary.fields[needed])
    return found
