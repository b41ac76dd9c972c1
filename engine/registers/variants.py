"""One key written in two ways: fifteen digits for eighteen, a small x, full-width digits. Pure."""

from engine.formats import registry as formats
from engine.formats import resident_id


def canonical_key(format_: object, text: str) -> str | None:
    """The valid key in normal form that a text stands for; None if it stands for none.

    A resident ID of fifteen digits is of somebody born in the last century: none was given after it.
    """
    name = str(format_ or "")
    if name not in formats.FORMATS:
        return text.strip() or None
    plain = formats.normalised(name, text)
    if name == resident_id.FORMAT.name and len(plain) == 15:
        return resident_id.upgraded(plain)
    return plain if formats.FORMATS[name].check(plain) else None
