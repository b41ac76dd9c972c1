"""Pictures made anew: only the dots of what was sent are kept.

Whatever else a file carries (where and when and with which phone it was taken, comments, a second file
hidden behind the first) is gone, and it stands upright.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

from PIL import Image, ImageChops, ImageFile, ImageOps

from engine.attachments.problems import AttachmentDamaged, AttachmentEmpty, PictureTooLarge

MOST_PIXELS = 50_000_000
"""What the best cameras of phones make; a file may claim any number of dots in a few bytes."""
LONGEST = 2_560
"""Longer sides are made shorter: enough to read a page of print on a photo."""
WIDEST = 1_200
"""A signature needs no more."""
THUMB = 320
PALE, MARGIN = 40, 12
"""What counts as ink, and how much paper stays around it."""
SOURCES = ("JPEG", "PNG", "WEBP")
_ONE_AT_A_TIME = Lock()
"""A large picture takes 200 MB while it is made anew."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept, and as it is shown in little."""

    content: bytes
    ending: str
    width: int
    height: int
    thumb: bytes


def made_anew(content: bytes, name: str, *, drawing: bool = False) -> Picture:
    """The picture's dots in a file of our own: JPEG, or PNG for a drawing and what came as PNG.

    Raises AttachmentDamaged, PictureTooLarge, AttachmentEmpty.
    """
    try:
        with _strictly(), Image.open(BytesIO(content), formats=SOURCES) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureTooLarge(limit=MOST_PIXELS // 1_000_000)
            keeps = opened.format == "PNG"
            opened.draft("RGB", (LONGEST, LONGEST))
            upright = ImageOps.exif_transpose(opened)
            return _kept(upright, png=drawing or keeps, drawing=drawing)
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(limit=MOST_PIXELS // 1_000_000) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise AttachmentDamaged(name=name) from error


@contextmanager
def _strictly() -> Iterator[None]:
    """One picture at a time, and no half ones: WeasyPrint lets them pass for the whole process."""
    with _ONE_AT_A_TIME:
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _kept(picture: Image.Image, *, png: bool, drawing: bool) -> Picture:
    flat = _on_white(picture)
    flat = _ink(flat) if drawing else flat
    flat.thumbnail((WIDEST, WIDEST) if drawing else (LONGEST, LONGEST))
    whole = BytesIO()
    if png:
        flat.save(whole, "PNG")
    else:
        flat.save(whole, "JPEG", quality=85, progressive=True)
    width, height = flat.size
    flat.thumbnail((THUMB, THUMB))
    little = BytesIO()
    flat.save(little, "JPEG", quality=75)
    return Picture(whole.getvalue(), "png" if png else "jpg", width, height, little.getvalue())


def _ink(flat: Image.Image) -> Image.Image:
    """The part of the paper that was written on. Raises AttachmentEmpty for an empty sheet."""
    dark = ImageChops.invert(flat.convert("L")).point(lambda tone: 255 if tone > PALE else 0)
    found = dark.getbbox()
    if found is None:
        raise AttachmentEmpty
    left, top, right, bottom = found
    width, height = flat.size
    return flat.crop(
        (
            max(0, left - MARGIN),
            max(0, top - MARGIN),
            min(width, right + MARGIN),
            min(height, bottom + MARGIN),
        )
    )


def _on_white(picture: Image.Image) -> Image.Image:
    """The dots alone, in red, green and blue; what can be seen through is paper."""
    if picture.has_transparency_data:
        above = picture.convert("RGBA")
        paper = Image.new("RGB", above.size, "white")
        paper.paste(above, mask=above.getchannel("A"))
        return paper
    flat = picture.convert("RGB")
    clean = Image.new("RGB", flat.size)
    clean.paste(flat)
    return clean
