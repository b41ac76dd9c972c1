"""One column of many rows set to one value: planned and kept for pages and the API."""

from dataclasses import dataclass

from admin.views import ledger_view
from admin.views.ledger_view import Query
from admin.web.html import text
from admin.web.visit import Visit
from engine.errors import Problem
from engine.json_text import Json
from engine.ledgers import bulk, imports
from engine.work import Work
from forms.kinds import ledger


class ValueInvalid(Problem):
    """The value is not one that the column takes."""

    code, status = "ledger.bulk-value-invalid", 422
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which column of which rows is to be what, and why."""

    query: Query
    column: str
    value: Json
    reason: str = ""


def planned(visit: Visit, wanted: Wanted) -> str:
    """Plan a bulk change and keep the plan to be looked at; gives its id. No register is written to.

    The heavy part is done on a look, so that nobody's write waits for it. Raises ValueInvalid and
    what `bulk.plan` raises.
    """
    language = visit.language
    with visit.read() as work:
        form = ledger.form(work.connection, wanted.query.code)
        lens = ledger.lens(work.connection, form)
        effects = bulk.plan(
            work,
            lens,
            wanted.query.ask(),
            bulk.Wish(wanted.column, wanted.value),
            title=ledger_view.title_column(lens),
            nobody=text(language, "ledger.why.nobody"),
        )
        label = ledger.item(form, wanted.column).label(language)
        faults = (
            ledger.check(form, wanted.column, wanted.value, language)
            if wanted.value is not None
            else []
        )
        if faults:
            raise ValueInvalid(column=label, reason=faults[0].text)
    colon = text(language, "notices.colon")
    told = f"{text(language, 'ledger.bulk')}{colon}{label} {wanted.reason.strip()}".strip()

    def command(work: Work) -> str:
        return imports.keep(work, lens, file=told, blob="", columns=[], effects=effects)

    return visit.write(command)
