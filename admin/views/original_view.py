"""Documents in the department's own layout: one record, a roll-up, the empty sheet."""

from collections.abc import Mapping, Sequence

from admin.views import placing, proof, record_view, signing_view, units_view, words
from admin.views.print_view import Frame
from admin.web.html import text
from engine.dictionary.store import dictionary
from engine.errors import Problem
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work
from forms import picking, rollup, store, versions
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.masking import Veil
from renderers import workbook
from renderers.placements import Placements
from workflows import numbers
from workflows.dispatch import DispatchRecord


class NoTemplate(Problem):
    """The form did not come from a workbook, so there is no layout to fill."""

    code, status = "department.no-template", 404


def template(work: Work, form: CompiledForm) -> bytes:
    """The empty workbook of a form. Raises NoTemplate."""
    found = store.template_of(work.connection, form.code, form.version)
    if found is None:
        raise NoTemplate
    return found.content


def frame(work: Work, found: record_view.Reading, language: str) -> Frame:
    """What stands around a record's values."""
    record = found.record
    genuine = record.status == "final"
    token = proof.token(work.vault, record.id, found.version, found.digest)
    sign_offs = record_view.signoffs(found, language)
    return Frame(
        organisation=units_view.name_then(work, record),
        period=words.period(record.period, language),
        language=language,
        number=numbers.of_documents(work.connection, [record.id]).get(record.id, ""),
        sign_offs=sign_offs,
        pictures=signing_view.pictures(work, record.id, sign_offs),
        record_id=record.id,
        version=found.version,
        verify_url=f"{work.settings.public_url}/v/{token}" if genuine else "",
        digest=found.digest,
        final=genuine,
    )


def placed(
    work: Work, form: CompiledForm, contents: Mapping[str, Json], around: Frame
) -> Placements:
    """Where values go on the form's sheet."""
    labels = picking.told_apart(picking.labels(work, form, contents))
    return placing.placed(form, contents, dictionary(work.connection), around, labels)


def filled(work: Work, form: CompiledForm, contents: Mapping[str, Json], around: Frame) -> bytes:
    """The form's workbook with values in. Raises NoTemplate."""
    places = placed(work, form, contents, around)
    return workbook.fill(template(work, form), places, identity=placing.identity(form))


def empty(work: Work, form: CompiledForm) -> bytes:
    """The department's sheet with nothing in it, marked with the form's version. Raises NoTemplate."""
    return filled(work, form, {}, Frame("", ""))


def whole(
    work: Work,
    form: CompiledForm,
    dispatch: DispatchRecord,
    records: Sequence[DocumentRecord],
    veil: Veil,
) -> Placements:
    """Totals in the cells of the department's sheet, and everybody's rows in its lists, as seen
    through a veil.
    """
    records = versions.read_as(work, form, records)
    contents = veil.lists(rollup.totals_document(form, records))
    owner = identity.organisation(work.connection, dispatch.owner).name
    unit = text("zh", "rollup.unit", owner=owner, n=len(records))
    return placed(work, form, contents, Frame(unit, words.period(dispatch.period, "zh")))
