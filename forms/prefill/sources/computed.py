"""What the registers add up to: `count(person where age >= 80 and residence within this)`."""

from collections.abc import Iterator

from engine.registers import query
from forms.prefill.offer import Ask, Offer


def known(ask: Ask) -> Iterator[tuple[str, str, Offer]]:
    """All computed fields of all organisations: one statement per register that is counted."""
    bindings = [
        binding
        for binding in ask.form.plan.root.get(ask.form.subject, ())
        if (field := ask.dictionary.fields.get(binding.field.code)) and field.compute
    ]
    formulas = {
        binding.field.code: ask.dictionary.fields[binding.field.code].compute or ""
        for binding in bindings
    }
    codes = [organisation.code for organisation in ask.organisations]
    answers = query.grouped(ask.work, ask.dictionary, formulas, codes, ask.period)
    for organisation in codes:
        for binding in bindings:
            value = answers.get(organisation, {}).get(binding.field.code)
            if value is not None:
                yield (
                    organisation,
                    binding.path,
                    Offer(
                        value=value,
                        source="computed",
                        title=binding.field.label(),
                        at=ask.work.at,
                        note=formulas[binding.field.code],
                        since=ask.over.isoformat() if ask.over else "",
                    ),
                )
