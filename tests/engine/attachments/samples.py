"""Files that people and attackers send, made here."""

import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ACTING_PDF = PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'


def photo(
    size: tuple[int, int] = (640, 480), *, color: str = "teal", turned: int = 1, form: str = "JPEG"
) -> bytes:
    """A photo as a phone takes it: with the place where it was taken, and perhaps lying on its side."""
    picture = Image.new("RGB", size, color)
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = "PlantedPhone"
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 32.0, 10.0), 3: "E", 4: (121.0, 23.0, 28.0)})
    out = BytesIO()
    picture.save(out, form, exif=exif)
    return out.getvalue()


def drawing(size: tuple[int, int] = (400, 160)) -> bytes:
    """A signature: a stroke on nothing."""
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    for x in range(20, size[0] - 20):
        for y in range(70, 76):
            picture.putpixel((x, y), (10, 20, 120, 255))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip file of these parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    """The least that is a Word document, and more."""
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}
    return zipped({**parts, **more})


def png_bomb(width: int = 10_000, height: int = 10_000) -> bytes:
    """A few kilobytes that claim a hundred million dots, all of them really there."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
