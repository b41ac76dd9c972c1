"""What a program gets from us: JSON, exact in decimals; and the lists it pages through."""

from typing import Annotated, TypeVar, cast

import msgspec
from litestar import Response
from litestar.params import QueryParameter

from engine import json_text

T = TypeVar("T")
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=500, description="How many at most")]
Offset = Annotated[
    int,
    QueryParameter(name="offset", ge=0, le=1_000_000, description="How many to leave out first"),
]
Revision = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""A document's or draft's revision as the caller last saw it."""
Day = Annotated[
    str,
    QueryParameter(
        name="on", max_length=40, description="As it stood at the end of a day, `2026-11-05`"
    ),
]
Remark = Annotated[str, msgspec.Meta(max_length=2000)]


def answer(body: T, status: int = 200) -> Response[T]:
    """A body as JSON text. Its type is what the API's document tells; the bytes are already made."""
    raw = json_text.dumps(body).encode()
    made = Response(raw, media_type="application/json", status_code=status)
    return cast("Response[T]", made)
