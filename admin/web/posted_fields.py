"""The fields of a posted form: read within limits, and kept no longer than their request.

Litestar's own reading remembers the last thousand url-encoded contents for the next that is alike:
passwords and people among them, and as much memory as a stranger likes to fill.
"""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType

from engine.errors import Problem

MOST_BYTES = 4 * 1024 * 1024
MOST_FIELDS = 20_000
"""The largest page of a table that is filled without scripts has five thousand."""


class FormTooLarge(Problem):
    """A form holds more than any page of ours asks for; files do not count, they are sent otherwise."""

    code, status = "http.form-too-large", 413
    limit: int = MOST_BYTES // (1024 * 1024)


async def posted_fields(request: Request[Any, Any, Any]) -> FormMultiDict:
    """What was posted, files too. Raises FormTooLarge."""
    if request.content_type[0] != RequestEncodingType.URL_ENCODED:
        return await request.form()
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_BYTES:
            raise FormTooLarge
    try:
        pairs = parse_qsl(
            content.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise FormTooLarge from error
    return FormMultiDict(pairs)
