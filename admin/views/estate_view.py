"""The estate of forms as its page shows it."""

from typing import Any

from admin.web.html import text
from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.work import Work
from forms import estate, store
from forms.estate import Asker

SHOWN = 60
MERGES = 20


def page(work: Work, language: str) -> dict[str, Any]:
    """Figures, the facts most often asked, the merges that spare most for what they add."""
    reports = [one for one in store.published_forms(work.connection) if one.kind != "ledger"]
    found = estate.estate([estate.asker(one) for one in reports])
    known = dictionary(work.connection).fields
    names = identity.organisation_names(work.connection, sorted({a.owner for a in found.askers}))

    def told(one: Asker) -> dict[str, Any]:
        return {
            "title": one.title(language),
            "href": f"/forms/{one.code}",
            "owner": names.get(one.owner, one.owner),
            "times": one.times,
        }

    return {
        "figures": {
            "forms": len(found.askers),
            "items": found.items,
            "bound": found.bound,
            "facts": len(found.asked),
            "repeated": found.repeated,
        },
        "asked": [
            {
                "field": one.field,
                "label": known[one.field].label(language) if one.field in known else one.field,
                "times": one.times,
                "by": [told(each) for each in one.by],
            }
            for one in found.asked[:SHOWN]
            if len(one.by) > 1
        ],
        "merges": [
            {
                "one": told(pair.one),
                "other": told(pair.other),
                "shared": pair.shared,
                "share": f"{pair.share * 100:.0f} %",
                "spared": pair.spared,
                "added": pair.added,
            }
            for pair in found.pairs[:MERGES]
        ],
        "formula": text(language, "estate.formula"),
    }
