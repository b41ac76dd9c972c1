"""What the registers hold about the document's own subject, in this period and the one before."""

from collections.abc import Iterator

from engine.registers import store
from engine.registers.schema import has_periods
from forms.prefill import then
from forms.prefill.offer import Ask, Offer, from_known


def known(ask: Ask) -> Iterator[tuple[str, str, Offer]]:
    """Register values by the root bindings. Of a period that is over, what held at its end, and what
    holds now beside it; a value of the period before is offered as carried.
    """
    subject = ask.form.subject
    bindings = ask.form.plan.root.get(subject, ())
    ids = [organisation.code for organisation in ask.organisations]
    live = {
        code: ask.dictionary.fields[code]
        for code in {b.field.code for b in bindings}
        if code in ask.dictionary.fields
    }
    state = [field for field in live.values() if not field.periodic]
    now = store.fetch(ask.work, ask.dictionary, subject, ids, state)
    at_end = then.at_end(ask, subject, now)
    for organisation, by_field in now.items():
        for binding in bindings:
            for offer in then.offers(ask, by_field, at_end.get(organisation), binding.field.code):
                yield organisation, binding.path, offer
    periodic = [field for field in live.values() if field.periodic]
    if not periodic or ask.period is None or not has_periods(ask.dictionary, subject):
        return
    for period, source in ((ask.period, None), (ask.period.previous(), "carried")):
        found = store.fetch(ask.work, ask.dictionary, subject, ids, periodic, period=str(period))
        for organisation, by_field in found.items():
            if source and organisation in ask.grown:
                continue  # the reports of those who went into it add up (last_period)
            for binding in bindings:
                if value := by_field.get(binding.field.code):
                    yield organisation, binding.path, from_known(value, source=source)
