"""Only the dots of a picture are kept, upright and of bearable size."""

import random
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.attachments import pictures
from engine.attachments.problems import AttachmentDamaged, AttachmentEmpty, PictureTooLarge
from engine.errors import Problem
from tests.engine.attachments import samples


def _open(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_where_it_was_taken_is_forgotten(form: str) -> None:
    """No place, no phone, nothing hung behind it; in the picture and in its little one."""
    sent = samples.photo(form=form) + samples.docx() + b"<script>alert(1)</script>"
    made = pictures.made_anew(sent, "a.jpg")
    for content in (made.content, made.thumb):
        assert b"PlantedPhone" not in content
        assert b"<script>" not in content
        assert b"word/document.xml" not in content
        assert not _open(content).getexif()


def test_a_picture_stands_upright() -> None:
    """As the phone was held: turned by a quarter, width is height."""
    made = pictures.made_anew(samples.photo((600, 400), turned=6), "a.jpg")
    assert (made.width, made.height) == (400, 600)


def test_a_large_picture_is_made_smaller() -> None:
    """Forty-eight million dots fit into what is kept."""
    made = pictures.made_anew(samples.photo((8000, 6000)), "a.jpg")
    assert (made.width, made.height) == (2560, 1920)
    assert max(_open(made.thumb).size) == pictures.THUMB


def test_a_signature_is_kept_on_paper() -> None:
    """What can be seen through is white, and stays PNG."""
    made = pictures.made_anew(samples.drawing(), "s.png", drawing=True)
    shown = _open(made.content)
    assert made.ending == "png"
    assert shown.getpixel((5, 5)) == (255, 255, 255)
    assert shown.getpixel((200, 15)) == (10, 20, 120)
    assert shown.size == (384, 30)  # the paper around it is cut off
    blank = samples.photo((300, 100), color="white", form="PNG")
    with pytest.raises(AttachmentEmpty):
        pictures.made_anew(blank, "s.png", drawing=True)


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    """A hundred million dots, and four thousand million."""
    for size in ((10_000, 10_000), (20_000, 20_000)):
        with pytest.raises(PictureTooLarge):
            pictures.made_anew(samples.png_bomb(*size)[:20_000], "a.png")


def test_half_a_picture_is_told() -> None:
    """A photo cut off on its way is not shown grey."""
    from weasyprint import images  # noqa: F401 - it tells Pillow, for the process, to take half pictures

    with pytest.raises(AttachmentDamaged):
        pictures.made_anew(samples.photo()[:900], "a.jpg")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 2**32))
def test_broken_pictures_are_refused_in_words(form: str, seed: int) -> None:
    """Bytes changed at random give a picture or a Problem."""
    rng = random.Random(seed)
    content = bytearray(samples.photo((40, 30), form=form))
    for _ in range(rng.randrange(1, 8)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    with suppress(Problem):
        made = pictures.made_anew(bytes(content), "a")
        with Image.open(BytesIO(made.content)) as seen:
            seen.load()
            assert seen.size == (made.width, made.height)
