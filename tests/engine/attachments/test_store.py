"""Files belong to one thing, are sealed, kept once there, and survive a backup."""

from pathlib import Path

import pytest
from sqlalchemy import select

from engine import rotation
from engine.attachments import store
from engine.attachments.problems import AttachmentEmpty, AttachmentKind, AttachmentTooLarge
from engine.attachments.sniff import Rule
from engine.attachments.store import ATTACHMENT, Home, mark_of
from engine.errors import NotFound
from engine.storage import backups
from engine.storage.backups import Head
from engine.storage.database import Database
from engine.work import System
from tests import postgres
from tests.engine.attachments import samples

ONE, OTHER = Home("document", "d1"), Home("document", "d2")
PHOTO = Rule("photo", ("jpg", "png"), 5)
FILE = Rule("file", ("pdf", "docx"), 1)
SIGNATURE = Rule("signature", ("png",), 1)


def _keep(
    system: System, actor, content: bytes, *, home: Home = ONE, rule: Rule = PHOTO, name="张三.jpg"
):
    return system.write(actor, lambda work: store.keep(work, home, rule, content, name))


def test_the_same_file_is_kept_once_where_it_belongs(system: System, actor) -> None:
    """Twice in one document is one file; another document's is another, and is not found from here."""
    first = _keep(system, actor, samples.photo())
    assert _keep(system, actor, samples.photo(), name="again.jpg") == first
    other = _keep(system, actor, samples.photo(), home=OTHER)
    assert other.ref != first.ref
    with system.read(actor) as work:
        assert store.several(work.connection, ONE) == [first]
        assert store.several(work.connection, ONE, [mark_of(other.ref)]) == []
        for little in (False, True):
            assert (
                store.content(work.connection, ONE, mark_of(first.ref), little=little)[:2]
                == b"\xff\xd8"
            )
        for home, mark in (
            (ONE, mark_of(other.ref)),
            (OTHER, mark_of(first.ref)),
            (ONE, first.ref),
        ):
            with pytest.raises(NotFound):
                store.content(work.connection, home, mark)


def test_nothing_of_it_is_readable_in_the_database(system: System, actor) -> None:
    """Neither dots nor names; and new keys seal it anew."""
    kept = _keep(system, actor, b"%PDF-planted" + samples.PDF, rule=FILE, name="张三 残疾证.pdf")
    assert kept.name == "张三 残疾证.pdf"
    with system.read(actor) as work:
        row = work.connection.execute(select(ATTACHMENT)).mappings().one()
        assert b"planted" not in row["content"]
        assert "残疾证" not in row["name"]
        told = {one.name for one in rotation.progress(work.connection, work.vault)}
    assert {"attachment.content", "attachment.name", "attachment.thumb"} <= told


@pytest.mark.parametrize(
    ("content", "rule", "problem"),
    [
        (b"", PHOTO, AttachmentEmpty),
        (samples.PDF, PHOTO, AttachmentKind),
        (samples.SVG, FILE, AttachmentKind),
        (samples.photo(), FILE, AttachmentKind),
        (samples.PDF[:-6] + bytes(1_100_000) + b"%%EOF", FILE, AttachmentTooLarge),
    ],
)
def test_a_place_takes_what_it_declares(system: System, actor, content, rule, problem) -> None:
    """Anything else leaves nothing behind."""
    with pytest.raises(problem):
        _keep(system, actor, content, rule=rule)
    with system.read(actor) as work:
        assert store.several(work.connection, ONE) == []


def test_a_photo_of_a_signature_becomes_a_drawing(system: System, actor) -> None:
    """Where only PNG is kept, a picture is made one."""
    kept = _keep(system, actor, samples.photo(), rule=SIGNATURE)
    assert (kept.ref[24:], kept.media_type, kept.name) == ("/张三.png", "image/png", "张三.png")


def test_names_lose_what_steers() -> None:
    """Folders, line ends, signs that turn the reading direction."""
    assert store.plain_name("C:\\x\\..\\照\u202e片\r\n<b>.jpg") == "照片b.jpg"
    assert store.plain_name("../../etc/passwd") == "passwd"
    assert len(store.plain_name("长" * 500 + ".jpg")) == store.LONGEST_NAME + 4


def test_files_survive_a_backup(
    system: System, actor, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Restored with the data, on either database."""
    kept = _keep(system, actor, samples.photo())
    place = f"sqlite:///{tmp_path / 'new' / 'yibiao.db'}"
    if not system.database.is_sqlite:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        place = server.fresh_database()
    backups.write(system.settings.url, system.vault, tmp_path / "a", Head("", "", "", 0, "", ""))
    backups.restore(tmp_path / "a", system.vault, place)
    with system.read(actor) as work:
        before = store.content(work.connection, ONE, mark_of(kept.ref))
    restored = Database(place, carrying={"yibiao_vault": system.vault})
    with restored.read() as connection:
        assert store.content(connection, ONE, mark_of(kept.ref)) == before
    restored.close()
