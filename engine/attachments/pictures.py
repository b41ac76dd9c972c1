"""Pictures made anew: only the dots of what was sent are kept.

Whatever else a file carries (where and when and with which phone it was taken, comments, a second file
hidden behind the first) is gone, and it stands upright.
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

from PIL import Image, ImageOps

from engine.attachments.problems import AttachmentDamaged, PictureTooLarge

MOST_PIXELS = 50_000_000
"""What the best cameras of phones make; a file may claim any number of dots in a few bytes."""
LONGEST = 2_560
"""Longer sides are made shorter: enough to read a page of print on a photo."""
THUMB = 320
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

    Raises AttachmentDamaged, PictureTooLarge.
    """
    try:
        with _ONE_AT_A_TIME, Image.open(BytesIO(content), formats=SOURCES) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureTooLarge(limit=MOST_PIXELS // 1_000_000)
            keeps = opened.format == "PNG"
            opened.draft("RGB", (LONGEST, LONGEST))
            upright = ImageOps.exif_transpose(opened)
            return _kept(upright, png=drawing or keeps)
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(limit=MOST_PIXELS // 1_000_000) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise AttachmentDamaged(name=name) from error


def _kept(picture: Image.Image, *, png: bool) -> Picture:
    flat = _on_white(picture)
    flat.thumbnail((LONGEST, LONGEST))
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
