"""Flows below another: which cases a step starts, and what its case is told when one of them ends.

A child runs around the same document, once, or once for every row of a table or entry of a list; or,
where the entries are organisations and the step names a form, around a document of theirs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work
from forms import document, documents
from forms import store as forms
from forms.documents import DocumentRecord
from workflows.course import Course

MOST = 500
"""So many flows below one step at most; more is a list that nobody meant."""


class TooManyChildren(Problem):
    """A step would start more flows below it than anybody could follow."""

    code, status = "flow.too-many-children", 422
    count: int
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Child:
    """One flow to be started."""

    title: str
    record: DocumentRecord


def wanted(course: Course, step: str, each: str) -> list[Child]:
    """The flows a step starts. Raises TooManyChildren."""
    if not each:
        return [Child(course.title, course.record)]
    found = document.get(course.record.contents, each)
    entries = list(found) if isinstance(found, list) else [found] if found else []
    if len(entries) > MOST:
        raise TooManyChildren(count=len(entries))
    form = course.flow.by_code[step].form
    return list(_around_theirs(course, form, entries) if form else _around_same(course, entries))


def ended(work: Work, parent: str, key: str, child: str, outcome: str) -> None:
    """Have the case above told, by a job: it may be in somebody's hands just now."""
    told = {"case": parent, "key": key, "child": child, "outcome": outcome}
    work.later("flow.child-ended", told, key=f"child {child} {work.new_id()}")


def _around_same(course: Course, entries: list[Json]) -> Iterator[Child]:
    for number, entry in enumerate(entries, 1):
        name = _named(entry) or str(number)
        yield Child(f"{course.title} · {name}", course.record)


def _around_theirs(course: Course, form_code: str, entries: list[Json]) -> Iterator[Child]:
    """A document of the named form for each organisation; what names none has none."""
    work, record = course.work, course.record
    form = forms.published(work.connection, form_code)
    about = {"code": form.code, "version": form.version, "owner": form.owner}
    codes = list(dict.fromkeys(code for code in (_named(one) for one in entries) if code))
    try:
        chosen = list(identity.organisations(work.connection, codes).values())
    except NotFound:
        chosen = []
    ids = documents.new_documents(work, about, chosen, record.period, record.dispatch_id)
    for one in chosen:
        made = documents.get(work.connection, ids[one.code])
        yield Child(f"{form.title()} · {one.name}", made)


def _named(entry: Json) -> str:
    """What an entry is called: a text itself, or the first text of a row."""
    if isinstance(entry, str):
        return entry.strip()
    if isinstance(entry, Mapping):
        texts = (one for key, one in entry.items() if key != "_id" and isinstance(one, str))
        return next(texts, "").strip()
    return ""
