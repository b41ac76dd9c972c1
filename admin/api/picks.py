"""Organisations and people to be picked in a document that the caller is filling in."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath, QueryParameter

from admin.views import words as said
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.dictionary.store import dictionary
from engine.errors import NotFound
from engine.work import Work
from forms import documents, filing, picking
from forms.compiled import CompiledForm, Item
from forms.documents import DocumentRecord
from forms.filing import DocumentClosed
from workflows import filling_in

Words = Annotated[
    str,
    QueryParameter(
        name="q",
        max_length=50,
        description="Part of a name, pinyin initials, a code or whole number",
    ),
]
Path = Annotated[str, QueryParameter(max_length=400, description="The cell to be filled")]
Value = Annotated[str, QueryParameter(max_length=60, description="What was picked")]


class Hit(msgspec.Struct):
    """Somebody or something that may be picked."""

    value: str
    label: str
    note: str


class Hits(msgspec.Struct):
    """Who may be picked, the best first."""

    candidates: list[Hit]


class Naming(msgspec.Struct, forbid_unknown_fields=True):
    """Names that were pasted into the cells of a column."""

    path: Annotated[str, msgspec.Meta(max_length=400)]
    words: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=50)]],
        msgspec.Meta(min_length=1, max_length=200),
    ]


class NameMeant(msgspec.Struct):
    """Whom one of the names means: nobody, one, or several to choose from."""

    words: str
    candidates: list[Hit]


class NamesMeant(msgspec.Struct):
    """Whom the names mean."""

    names: list[NameMeant]


class BroughtCell(msgspec.Struct):
    """A cell beside a picked person, and what the register knows for it."""

    path: str
    value: Any
    display: str


class PickedPerson(msgspec.Struct):
    """What a picked person brings along."""

    cells: list[BroughtCell]


@get("/api/documents/{document_id:str}/pick")
@threaded
def pick_candidates(
    caller: Visiting, document_id: FromPath[str], path: Path, q: Words = ""
) -> Response[Hits]:
    """Whom the caller may pick for a cell that is open to them; people only where their posts reach."""

    def inside(work: Work) -> list[Hit]:
        record, _, item = _cell(work, document_id, path)
        found = picking.candidates(work, record, item, q)
        return [Hit(one.value, one.label, one.note) for one in found]

    return answer(Hits(caller.write(inside)))


@post("/api/documents/{document_id:str}/named", status_code=200)
@threaded
def pick_by_names(
    caller: Visiting, document_id: FromPath[str], data: Annotated[Naming, Body()]
) -> Response[NamesMeant]:
    """Whom names mean in a cell that is open to the caller, exactly: what is pasted is never guessed."""

    def inside(work: Work) -> list[NameMeant]:
        record, _, item = _cell(work, document_id, data.path)
        found = picking.named(work, record, item, [one.strip() for one in data.words])
        return [
            NameMeant(words, [Hit(one.value, one.label, one.note) for one in hits])
            for words, hits in found.items()
        ]

    return answer(NamesMeant(caller.write(inside)))


@get("/api/documents/{document_id:str}/picked")
@threaded
def picked_person(
    caller: Visiting, document_id: FromPath[str], path: Path, value: Value
) -> Response[PickedPerson]:
    """What the register knows of a picked person for the cells beside, where the form asks for it."""

    def inside(work: Work) -> list[BroughtCell]:
        record, form, _ = _cell(work, document_id, path)
        known = dictionary(work.connection)
        cells = picking.beside(work, record, form, path, value)
        return [
            BroughtCell(
                cell, one, said.shown(form.by_path[form.pattern(cell)], one, known, caller.language)
            )
            for cell, one in cells.items()
        ]

    return answer(PickedPerson(caller.write(inside)))


def _cell(work: Work, document_id: str, path: str) -> tuple[DocumentRecord, CompiledForm, Item]:
    """A picked cell that the caller's task opens. Raises NotFound, also where nobody fills in any more."""
    try:
        task = filling_in.writing_task(work, document_id)
    except DocumentClosed:
        raise NotFound from None
    only = filling_in.opened_to(work, task)
    record = documents.get(work.connection, document_id)
    form = filing.opened(work, record).form
    item = form.item(path)
    if (
        item is None
        or item.widget not in picking.WIDGETS
        or (only is not None and path not in only)
    ):
        raise NotFound
    return record, form, item
