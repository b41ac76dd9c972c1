"""A name as a picture, for who cannot or need not draw: in our own font, dark blue on white."""

from io import BytesIO

from renderers import glyphs

LONGEST = 30
SIZE = 120
INK = (16, 36, 110)


def drawn(name: str) -> bytes:
    """A name as PNG. Raises GlyphsMissing, FontsMissing."""
    from PIL import Image, ImageDraw, ImageFont  # heavy, and few sign by typing

    text = glyphs.printable(name.strip())[:LONGEST]
    glyphs.check([("", text)])
    font = ImageFont.truetype(str(glyphs.REGULAR), SIZE)
    left, top, right, bottom = font.getbbox(text)
    picture = Image.new("RGB", (int(right - left) + 60, int(bottom - top) + 60), "white")
    ImageDraw.Draw(picture).text((30 - left, 30 - top), text, font=font, fill=INK)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
