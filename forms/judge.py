"""Everything wrong with a document: its values by the schema, by its form's conditions, and by its checks."""

from engine.formula.document import Document
from forms import conditions, validate
from forms.checks import run
from forms.compiled import CompiledForm
from forms.validate import CellProblem


def problems(
    form: CompiledForm, document: Document, *, language: str, draft: bool
) -> list[CellProblem]:
    """Cell by cell. Conditions cannot be asked of values of another kind than the form's: then that
    alone is told.

    Computed cells count as they stand, except where conditions take away what they are made of.
    """
    if form.conditions:
        kinds = validate.problems(form, document.values, language=language, draft=True)
        if any(one.code.startswith("type") for one in kinds):
            return kinds
    told, seen = conditions.apply(form, document)
    found = validate.problems(form, seen.values, language=language, draft=draft)
    known = {(one.path, one.code) for one in found}
    asked = conditions.problems(form, told, seen.values, language=language, draft=draft)
    more = [one for one in asked if (one.path, one.code) not in known]
    return [*found, *more, *run.told(form, run.failures(form, seen), language)]
