"""From a draft to a published version: compiled with the fields as they are now, then fixed for ever."""

from sqlalchemy import Connection

from engine.dictionary.field import FieldRetired
from engine.dictionary.store import dictionary
from engine.json_text import Json
from engine.work import Work
from forms import compile as compiler
from forms import store
from forms.compiled import CompiledForm
from forms.kinds import ledger


def compiled_now(connection: Connection, document: Json) -> CompiledForm:
    """A form compiled with the dictionary in force, for previews and checks. Raises its complaints."""
    known = dictionary(connection)
    return compiler.compile_form(document, known.fields, known.codes())


def publish(work: Work, code: str) -> CompiledForm:
    """Publish the draft of a form. Raises Forbidden, FormUnknown, FieldRetired, LedgerInvalid or the complaints."""
    work.require("form.design")
    found = store.draft(work.connection, code)
    compiled = compiled_now(work.connection, found.document)
    for field in compiled.fields.values():
        if field.status == "retired":
            raise FieldRetired(field=field.code)
    if compiled.kind == ledger.KIND:
        ledger.prepare(work, compiled)
    version = store.mark_published(work, code, compiled)
    work.note("form.published", f"{code}@{version}", digest=compiled.content_hash)
    return store.published(work.connection, code, version)
