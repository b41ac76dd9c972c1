"""What the registers hold about the document's own subject, in this period and the one before."""

from collections.abc import Iterator

from engine.registers import store
from engine.registers.schema import has_periods
from forms.prefill.offer import Ask, Offer, from_known


def known(ask: Ask) -> Iterator[tuple[str, str, Offer]]:
    """Register values by the root bindings; a value of the period before is offered as carried."""
    subject = ask.form.subject
    bindings = ask.form.plan.root.get(subject, ())
    ids = [organisation.code for organisation in ask.organisations]
    live = {
        code: ask.dictionary.fields[code]
        for code in {b.field.code for b in bindings}
        if code in ask.dictionary.fields
    }
    state = [field for field in live.values() if not field.periodic]
    found: list[tuple[dict[str, dict[str, store.KnownValue]], str | None]] = [
        (store.fetch(ask.work, ask.dictionary, subject, ids, state), None)
    ]
    periodic = [field for field in live.values() if field.periodic]
    if periodic and ask.period is not None and has_periods(ask.dictionary, subject):
        for period, source in ((ask.period, None), (ask.period.previous(), "carried")):
            values = store.fetch(
                ask.work, ask.dictionary, subject, ids, periodic, period=str(period)
            )
            found.append((values, source))
    for values, source in found:
        for organisation, by_field in values.items():
            for binding in bindings:
                if value := by_field.get(binding.field.code):
                    yield organisation, binding.path, from_known(value, source=source)
