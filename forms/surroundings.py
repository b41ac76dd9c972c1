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
from forms import conditions, judge, masking, picking, predecessors
from forms.checks import compute
from forms.compiled import CompiledForm
from forms.conditions import Applied
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
    return of_many(work, form, period, {organisation: contents})[organisation]


def of_many(
    work: Work,
    form: CompiledForm,
    period: Period | None,
    contents: Mapping[str, Mapping[str, Json]],
) -> dict[str, Document]:
    """The documents of many organisations as formulas see them, by organisation: everything around
    them asked at once.
    """
    codes = list(contents)
    before: Mapping[str, DocumentRecord] = {}
    year_ago: Mapping[str, DocumentRecord] = {}
    if period is not None and _looks_back(form.content_hash, form):
        before = predecessors.newest(work.connection, form, codes, period.previous())
        year_ago = predecessors.newest(work.connection, form, codes, period.same_last_year())
    today = work.today
    asked = compute.asked(form)
    answers: Mapping[str, query.Answers] = {}
    if asked:
        answers = query.answers(work, dictionary(work.connection), asked, codes, period)
    return {
        code: Document(
            contents[code],
            today=min(period.bounds()[1], today) if period else today,
            this=code,
            last_period=_contents(before.get(code)),
            year_ago=_contents(year_ago.get(code)),
            registers=answers.get(code),
        )
        for code in codes
    }


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
    seen = env or around(work, form, record)
    found = judge.problems(form, seen, language=language, draft=draft)
    found = [*found, *picking.problems(work, form, record, language=language)]
    if not found or not work.rules.withheld(f"form:{form.code}"):
        return found
    return masking.veil(work, form, record, in_hand=True).untold(found, language)


def conditioned(
    work: Work, form: CompiledForm, record: DocumentRecord
) -> tuple[Applied, Mapping[str, Json]]:
    """What the form's conditions say of a kept document, and its values as they leave them."""
    if not form.conditions:
        return conditions.NOTHING, record.contents
    told, seen = conditions.apply(form, around(work, form, record))
    return told, seen.values


@lru_cache(maxsize=512)
def _looks_back(_hash: str, form: CompiledForm) -> bool:
    trees = [tree for _, tree in form.computes] + [tree for _, tree in form.relations]
    trees += [one.expr for one in form.conditions]
    return any(isinstance(node, Previous) for tree in trees for node in walk(tree))


def _contents(record: DocumentRecord | None) -> Json:
    return record.contents if record is not None else {}
