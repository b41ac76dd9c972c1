"""Photos and files of a ledger's rows: put in, taken out, opened. A cell keeps ids and kinds only, for
names of files name people; the names are sealed with the bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.attachments import store as files
from engine.attachments.problems import AttachmentsFull, AttachmentUnknown
from engine.attachments.sniff import Rule
from engine.attachments.store import Attachment, Clean, Home, mark_of
from engine.errors import NotFound
from engine.json_text import Json
from engine.ledgers import edit as edits
from engine.ledgers import history, page
from engine.ledgers.edit import SAME, Edit, Outcome
from engine.ledgers.ground import Ground, ground
from engine.ledgers.lens import Column
from engine.ledgers.rows import Row
from engine.work import Work
from forms import attached
from forms.compiled import CompiledForm
from forms.kinds import ledger
from forms.kinds.ledger import Saved

PLACE = "ledger"


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of a ledger."""

    row: str
    column: str


def home(row: Row, column: str) -> Home:
    """What the files of a cell belong to: the subject that the cell is about."""
    return Home(PLACE, row.subjects.get(column, row.id))


def rule(work: Work, form: CompiledForm, spot: Spot) -> Rule:
    """What a cell takes that the actor may change. Raises Forbidden, NotFound."""
    able(work, form, spot)
    return _taking(form, spot.column)


def attach(
    work: Work, form: CompiledForm, spot: Spot, clean: Clean, *, language: str = "zh"
) -> Saved:
    """Keep a file with the row and name it in the cell; a signature takes the place of the one before. It
    was made safe by the cell's `rule` beforehand: while somebody writes others wait. Two people who
    add to one cell at once both get theirs in.

    Raises Forbidden, NotFound, NotEditable, AttachmentsFull.
    """
    row, column = _held(work, form, spot), spot.column
    item = ledger.item(form, column)
    if _taking(form, column) != clean.rule:
        raise NotFound
    kept = files.put(work, home(row, column), clean)
    files.hold(work, home(row, column), [mark_of(kept.ref)])
    there = attached.refs(row.cell(column).value)
    if mark_of(kept.ref) in map(mark_of, there):
        return Saved((Outcome(SAME, row.id, column, row.cell(column)),), ())
    if clean.rule.kind == "signature":
        there = []
    most = attached.most(item.schema)
    if len(there) >= most:
        raise AttachmentsFull(limit=most)
    edit = _edit(row, column, [*there, reference(kept)])
    return ledger.save(work, form, [edit], language=language)


def detach(work: Work, form: CompiledForm, spot: Spot, mark: str, *, language: str = "zh") -> Saved:
    """Take a file out of a cell; the history keeps it. Raises Forbidden, NotFound, NotEditable."""
    row = _held(work, form, spot)
    there = attached.refs(row.cell(spot.column).value)
    left = [ref for ref in there if mark_of(ref) != mark]
    if left == there:
        raise NotFound
    return ledger.save(work, form, [_edit(row, spot.column, left or None)], language=language)


def reference(kept: Attachment) -> str:
    """How a cell names a file: `<id>/photo.jpg`."""
    return f"{mark_of(kept.ref)}/{kept.kind}.{kept.name.rpartition('.')[2]}"


def opened(work: Work, here: Ground, row: Row, mark: str) -> Home:
    """Where a file is that the row shows unmasked, or that its history tells of.

    Raises NotFound, also for a file of a column that is withheld or masked.
    """
    open_ = [one for one in here.lens.columns if one.files and not one.masked]
    if mark in map(mark_of, _named(row, open_)):
        return _located(work, mark)
    clear = {one.name for one in open_}
    for happened in history.of_row(work, here, row) if open_ else ():
        refs = [*attached.refs(happened.before), *attached.refs(happened.after)]
        if happened.column in clear and mark in map(mark_of, refs):
            return _located(work, mark)
    raise NotFound


def of_value(work: Work, value: Json, mark: str) -> Home:
    """Where a file is that a value names, which its reader may see. Raises NotFound."""
    if mark not in map(mark_of, attached.refs(value)):
        raise NotFound
    return _located(work, mark)


def refuse_unknown(work: Work, form: CompiledForm, wanted: Sequence[Edit]) -> None:
    """An edit may name only files that its row has, or that were put in with it.

    Raises AttachmentUnknown.
    """
    here = ground(work, ledger.lens(work.connection, form), verb="ledger.edit")
    named = {one.name for one in here.lens.columns if one.files}
    asked = [one for one in wanted if one.column in named and attached.refs(one.value)]
    rows = page.by_ids(work, here, sorted({one.row for one in asked})) if asked else {}
    for one in asked:
        if one.row not in rows:
            raise NotFound
        row = rows[one.row]
        refs = set(attached.refs(one.value)) - set(attached.refs(row.cell(one.column).value))
        kept = files.several(work.connection, home(row, one.column), set(map(mark_of, refs)))
        if refs - {reference(known) for known in kept}:
            raise AttachmentUnknown(label=ledger.item(form, one.column).label())


def able(work: Work, form: CompiledForm, spot: Spot) -> Ground:
    """A cell of files that the actor may change. Raises Forbidden, NotFound."""
    here = ground(work, ledger.lens(work.connection, form), verb="ledger.edit")
    if not page.known(here, spot.column).files:
        raise NotFound
    page.one(work, here, spot.row)
    return here


def _taking(form: CompiledForm, column: str) -> Rule:
    found = attached.rule(ledger.item(form, column).schema)
    if found is None:
        raise NotFound
    return found


def _held(work: Work, form: CompiledForm, spot: Spot) -> Row:
    """The row, kept until the transaction ends."""
    here = able(work, form, spot)
    edits.hold(work, here, [spot.row])
    return page.one(work, here, spot.row)


def _edit(row: Row, column: str, value: Json) -> Edit:
    return Edit(row.id, column, value, row.cell(column).stamp)


def _named(row: Row, columns: Sequence[Column]) -> Iterator[str]:
    for one in columns:
        yield from attached.refs(row.cell(one.name).value)


def _located(work: Work, mark: str) -> Home:
    found = files.located(work.connection, [mark])
    if mark not in found:
        raise NotFound
    return found[mark][0]
