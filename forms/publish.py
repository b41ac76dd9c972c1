"""From a draft to a published version: compiled with the fields as they are now, then fixed for ever."""

from dataclasses import field

from sqlalchemy import Connection

from engine import messages
from engine.dictionary.field import FieldRetired
from engine.dictionary.store import dictionary
from engine.errors import Problem
from engine.json_text import Json
from engine.work import Work
from forms import compile as compiler
from forms import estate, store
from forms.compiled import CompiledForm
from forms.kinds import ledger

SHORTEST_REASON, LONGEST_NOTE = 5, 500


class FormRepeats(Problem):
    """Another form asks most of the same; to publish this one too a reason is needed."""

    code, status = "form.repeats", 409
    title: str
    percent: int
    shared: int
    other: str = ""
    titles: dict[str, str] = field(default_factory=dict)
    """What the other form is called, by language."""

    def text(self, language: str = "zh") -> str:
        """What to tell the person, the other form by its title in their language."""
        title = self.titles.get(language) or self.title
        return messages.text(self.code, language, {**self.details(), "title": title})


def compiled_now(connection: Connection, document: Json) -> CompiledForm:
    """A form compiled with the dictionary in force, for previews and checks. Raises its complaints."""
    known = dictionary(connection)
    return compiler.compile_form(document, known.fields, known.codes())


def publish(work: Work, code: str, *, note: str = "") -> CompiledForm:
    """Publish the draft of a form; the note is kept with the version.

    Raises Forbidden, FormUnknown, FieldRetired, FormRepeats, LedgerInvalid or the complaints.
    """
    work.require("form.design")
    found = store.draft(work.connection, code)
    compiled = compiled_now(work.connection, found.document)
    for one in compiled.fields.values():
        if one.status == "retired":
            raise FieldRetired(field=one.code)
    if compiled.kind == ledger.KIND:
        ledger.prepare(work, compiled)
    repeated = repeats(work.connection, compiled)
    if repeated is not None and len(note.strip()) < SHORTEST_REASON:
        raise repeated
    version = store.mark_published(work, code, compiled, note.strip()[:LONGEST_NOTE])
    if repeated is not None:
        work.note("form.repeats", f"{code}@{version}", other=repeated.other, shared=repeated.shared)
    work.note("form.published", f"{code}@{version}", digest=compiled.content_hash)
    return store.published(work.connection, code, version)


def repeats(connection: Connection, compiled: CompiledForm) -> FormRepeats | None:
    """That a new form repeats another, to be told before it is published; a later version of a form
    gave its reason before.
    """
    known = store.versions(connection, compiled.code)
    if compiled.kind != "report" or any(one.status == "published" for one in known):
        return None
    others = [one for one in store.published_forms(connection) if one.kind == "report"]
    new = estate.asker(compiled)
    alike = estate.most_alike(new, [estate.asker(one) for one in others])
    if alike is None:
        return None
    percent = 100 * alike.shared // len(new.facts)
    return FormRepeats(
        title=alike.other.title(),
        percent=percent,
        shared=alike.shared,
        other=alike.other.code,
        titles=dict(alike.other.titles),
    )
