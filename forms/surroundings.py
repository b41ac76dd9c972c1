"""What a document's formulas may look at around it: other periods, the registers, the day.

Asked only for what the form's formulas name, so that a form without them costs no query.
"""

from collections.abc import Mapping
from functools import lru_cache

from engine.dictionary.store import dictionary
from engine.formula.document import Document
from engine.formula.tree import Previous, walk
from engine.json_text import Json
from engine.periods import Period
from engine.registers import query
from engine.work import Work
from forms import documents, validate
from forms.checks import compute, run
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.validate import CellProblem


def formulas(
    work: Work,
    form: CompiledForm,
    organisation: str,
    period: Period | None,
    contents: Mapping[str, Json],
) -> Document:
    """A document of one organisation and period as formulas see it."""
    before: Json = {}
    year_ago: Json = {}
    if period is not None and _looks_back(form.content_hash, form):
        before = _contents(work, form, organisation, str(period.previous()))
        year_ago = _contents(work, form, organisation, str(period.same_last_year()))
    today = work.today
    return Document(
        contents,
        today=min(period.bounds()[1], today) if period else today,
        this=organisation,
        last_period=before,
        year_ago=year_ago,
        registers=_registers(work, form, organisation, period),
    )


def around(work: Work, form: CompiledForm, record: DocumentRecord) -> Document:
    """A kept document as formulas see it."""
    period = Period.parse(record.period) if record.period else None
    return formulas(work, form, record.organisation_code, period, record.contents)


def problems(
    work: Work,
    form: CompiledForm,
    record: DocumentRecord,
    *,
    language: str,
    draft: bool,
    env: Document | None = None,
) -> list[CellProblem]:
    """What is wrong with the values, and which checks do not hold, cell by cell.

    `env` is the document as formulas see it, where the caller has it already.
    """
    found = validate.problems(form, record.contents, language=language, draft=draft)
    failed = run.failures(form, env or around(work, form, record))
    return [*found, *run.told(form, failed, language)]


@lru_cache(maxsize=512)
def _looks_back(_hash: str, form: CompiledForm) -> bool:
    trees = [tree for _, tree in form.computes] + [tree for _, tree in form.relations]
    return any(isinstance(node, Previous) for tree in trees for node in walk(tree))


def _contents(work: Work, form: CompiledForm, organisation: str, period: str) -> Json:
    found = documents.newest_of(work.connection, form.code, [organisation], period)
    return found[organisation].contents if found else {}


def _registers(
    work: Work, form: CompiledForm, organisation: str, period: Period | None
) -> query.Answers | None:
    asked = compute.asked(form)
    if not asked:
        return None
    return query.answers(work, dictionary(work.connection), asked, organisation, period)
