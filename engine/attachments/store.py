"""Keeping files and giving them back; the only SQL of attachments.

Who may see a file is asked of the thing it belongs to: callers hold that thing before they come here.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from engine import rotation
from engine.attachments import pictures, sniff
from engine.attachments.problems import AttachmentEmpty, AttachmentKind, AttachmentTooLarge
from engine.attachments.sniff import KINDS, Rule
from engine.attachments.tables import AttachmentRow
from engine.crypto.vault import digest
from engine.errors import NotFound
from engine.storage import sealed
from engine.storage.database import insert_unless_there
from engine.work import Work

ATTACHMENT = AttachmentRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
MEGABYTE = 1024 * 1024
LONGEST_NAME = 100
CHUNK = 500
_LITTLE = tuple(one for one in ATTACHMENT.c if one.name not in ("content", "thumb"))


@dataclass(frozen=True, slots=True)
class Home:
    """What a file belongs to, and so who may see it."""

    place: str
    target: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A kept file, without its bytes."""

    ref: str
    """How a value names it: `<id>/<name>`."""
    kind: str
    name: str
    media_type: str
    size: int
    width: int
    height: int
    created_at: str
    created_by: str

    @property
    def picture(self) -> bool:
        """Whether it can be shown in little."""
        return self.width > 0


@dataclass(frozen=True, slots=True)
class Clean:
    """A file that was looked at and made safe, on its way to be kept."""

    rule: Rule
    kind: sniff.FileKind
    name: str
    content: bytes
    picture: pictures.Picture | None = None


def cleaned(rule: Rule, content: bytes, name: str) -> Clean:
    """A file made safe; once, where it is to be kept in several places.

    Raises AttachmentEmpty, AttachmentTooLarge, AttachmentKind, AttachmentDamaged, AttachmentUnsafe,
    PictureTooLarge.
    """
    if not content:
        raise AttachmentEmpty
    if len(content) > rule.max_mb * MEGABYTE:
        raise AttachmentTooLarge(limit=rule.max_mb)
    called = plain_name(name)
    kind, picture = _cleaned(rule, content, called)
    called = f"{called.rpartition('.')[0] or called or rule.kind}.{kind.ending}"
    return Clean(rule, kind, called, picture.content if picture else content, picture)


def keep(work: Work, home: Home, rule: Rule, content: bytes, name: str) -> Attachment:
    """Clean a file and keep it with what it belongs to. Raises as `cleaned`."""
    return put(work, home, cleaned(rule, content, name))


def put(work: Work, home: Home, clean: Clean, *, held: bool = False) -> Attachment:
    """Keep a clean file with what it belongs to; the same content there is kept once, also of two at once."""
    rule, kind, kept, picture = clean.rule, clean.kind, clean.content, clean.picture
    mark = work.vault.sign(f"{home.place}:{home.target}|{digest(kept)}", "attachment")
    thumb = work.vault.seal_file(picture.thumb, _place(mark, "thumb")) if picture else None
    add = insert_unless_there(work.connection, ATTACHMENT)
    added = work.connection.execute(
        add.returning(ATTACHMENT.c.id),
        {
            "id": mark,
            "place": home.place,
            "target": home.target,
            "kind": rule.kind,
            "ending": kind.ending,
            "name": work.vault.seal(clean.name, _place(mark, "name"), "file"),
            "size": len(kept),
            "width": picture.width if picture else 0,
            "height": picture.height if picture else 0,
            "content": work.vault.seal_file(kept, _place(mark, "content")),
            "thumb": thumb,
            "held": held,
            "created_at": work.at,
            "created_by": work.actor.id,
        },
    ).first()
    if added is None:
        return several(work.connection, home, [mark])[0]
    work.note("attachment.added", home.target, place=home.place, kind=rule.kind, id=mark)
    return Attachment(
        ref=f"{mark}/{clean.name}",
        name=clean.name,
        media_type=kind.media_type,
        kind=rule.kind,
        size=len(kept),
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
        created_at=work.at,
        created_by=work.actor.id,
    )


def mark_of(ref: str) -> str:
    """The id of a file in how a value names it."""
    return ref.partition("/")[0]


def several(
    connection: Connection, home: Home, marks: Collection[str] | None = None
) -> list[Attachment]:
    """Files of a thing, oldest first; `marks` asks for some. Others' are not found."""
    query = select(*_LITTLE).where(
        ATTACHMENT.c.place == home.place, ATTACHMENT.c.target == home.target
    )
    if marks is not None:
        query = query.where(ATTACHMENT.c.id.in_(list(marks)))
    rows = connection.execute(query.order_by(ATTACHMENT.c.created_at, ATTACHMENT.c.id)).mappings()
    return [_attachment(connection, row) for row in rows]


def one(connection: Connection, home: Home, mark: str) -> Attachment:
    """A file by its id. Raises NotFound for what does not belong there."""
    found = several(connection, home, [mark])
    if not found:
        raise NotFound
    return found[0]


def marks_of(connection: Connection, place: str, targets: Collection[str]) -> dict[str, list[str]]:
    """The ids of all files of some things, in order, by thing."""
    found: dict[str, list[str]] = {}
    asked = list(targets)
    for start in range(0, len(asked), CHUNK):
        query = select(ATTACHMENT.c.target, ATTACHMENT.c.id).where(
            ATTACHMENT.c.place == place, ATTACHMENT.c.target.in_(asked[start : start + CHUNK])
        )
        for target, mark in connection.execute(query.order_by(ATTACHMENT.c.id)):
            found.setdefault(str(target), []).append(str(mark))
    return found


def located(connection: Connection, marks: Collection[str]) -> dict[str, tuple[Home, Attachment]]:
    """Files by their ids, wherever they belong: for who has found them named in what may be seen."""
    found, wanted = {}, sorted(set(marks))
    for start in range(0, len(wanted), CHUNK):
        query = select(*_LITTLE).where(ATTACHMENT.c.id.in_(wanted[start : start + CHUNK]))
        for row in connection.execute(query).mappings():
            home = Home(row["place"], row["target"])
            found[str(row["id"])] = (home, _attachment(connection, row))
    return found


def content(connection: Connection, home: Home, mark: str, *, little: bool = False) -> bytes:
    """A file's bytes, or its picture in little. Raises NotFound for what does not belong there."""
    column = ATTACHMENT.c.thumb if little else ATTACHMENT.c.content
    found = connection.execute(
        select(column).where(
            ATTACHMENT.c.id == mark,
            ATTACHMENT.c.place == home.place,
            ATTACHMENT.c.target == home.target,
        )
    ).scalar()
    if found is None:
        raise NotFound
    return sealed.vault_of(connection).open_file(found, _place(mark, column.name))


def hold(work: Work, home: Home, marks: Collection[str]) -> None:
    """These were handed in: they stay, whatever is changed afterwards."""
    if marks:
        work.connection.execute(
            update(ATTACHMENT)
            .where(
                ATTACHMENT.c.place == home.place,
                ATTACHMENT.c.target == home.target,
                ATTACHMENT.c.id.in_(list(marks)),
            )
            .values(held=True)
        )


def forget(work: Work, home: Home, marks: Collection[str] | None = None) -> int:
    """Delete files for good, all of a thing or some; gives how many. The trail says that it was done."""
    query = delete(ATTACHMENT).where(
        ATTACHMENT.c.place == home.place, ATTACHMENT.c.target == home.target
    )
    if marks is not None:
        query = query.where(ATTACHMENT.c.id.in_(list(marks)))
    gone = int(work.connection.execute(query).rowcount)
    if gone:
        work.note("attachment.deleted", home.target, place=home.place, count=gone)
    return gone


def plain_name(name: str) -> str:
    """A file's name without folders, without signs that steer or hide, and of bearable length."""
    last = re.split(r"[\\/]", name)[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    stem, dot, ending = shown.strip(" .").rpartition(".")
    return f"{stem[:LONGEST_NAME]}{dot}{ending[:10]}" if dot else ending[:LONGEST_NAME]


def _cleaned(
    rule: Rule, content: bytes, name: str
) -> tuple[sniff.FileKind, pictures.Picture | None]:
    """What it is and, of a picture, what is kept of it."""
    accepted = ", ".join(rule.accept)
    try:
        kind = sniff.kind_of(content, name)
    except AttachmentKind as problem:
        raise AttachmentKind(name=name, accepted=accepted) from problem
    picture = None
    if kind.picture and set(rule.accept) & set(sniff.PICTURES):
        drawing = "jpg" not in rule.accept
        picture = pictures.made_anew(content, name, drawing=drawing)
        kind = KINDS[picture.ending]
    if kind.ending not in rule.accept:
        raise AttachmentKind(name=name, accepted=accepted)
    return kind, picture


def _attachment(connection: Connection, row: Mapping[Any, Any]) -> Attachment:
    mark = str(row["id"])
    name = sealed.vault_of(connection).open(str(row["name"]), _place(mark, "name"))
    ending = str(row["ending"])
    plain = ("kind", "size", "width", "height", "created_at", "created_by")
    return Attachment(
        ref=f"{mark}/{name}",
        name=name,
        media_type=KINDS[ending].media_type,
        **{key: row[key] for key in plain},
    )


def _place(mark: str, column: str) -> str:
    return f"attachment:{mark}.{column}"


def _sealed_at(column: str) -> rotation.Place:
    return lambda row: _place(str(row["id"]), column)


for _column, _form in (("name", "text"), ("content", "file"), ("thumb", "file")):
    rotation.declare(ATTACHMENT, _column, "file", _sealed_at(_column), _form)
