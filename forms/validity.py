"""Until when the approval printed on a form holds (有效期)."""

import re
from calendar import monthrange
from datetime import date

from forms.compiled import CompiledForm

_UNTIL = re.compile(r"((?:19|20)\d\d)(?:\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?)?")


def ended(form: CompiledForm, today: date) -> str:
    """The term as the form prints it, where it is over; empty while it holds or cannot be read."""
    said = str(form.legal.get("valid_until", ""))
    found = list(_UNTIL.finditer(said))
    if not found:
        return ""
    year, month, day = (int(part) if part else None for part in found[-1].groups())
    try:
        last = date(year or 1, month or 12, day or monthrange(year or 1, month or 12)[1])
    except ValueError:
        return ""
    return said if last < today else ""
