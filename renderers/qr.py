"""A QR code as SVG: drawn inline, so a page or PDF needs no picture file."""

import io

import segno

from engine.errors import Problem

MAX_CHARACTERS = 600


class VerifyUrlTooLong(Problem):
    """So much text makes a code that no phone reads from paper."""

    code, status = "render.verify-url-too-long", 422
    limit: int = MAX_CHARACTERS


def svg(text: str, *, title: str = "") -> str:
    """The code of a text, without declaration or fixed size: the page decides how large it is."""
    if len(text) > MAX_CHARACTERS:
        raise VerifyUrlTooLong
    target = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        target,
        kind="svg",
        xmldecl=False,
        omitsize=True,
        border=2,
        light="#fff",
        title=title or None,
        svgclass="qr",
    )
    return target.getvalue().decode()
