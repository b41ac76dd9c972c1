"""The scans of a record's stamped page (已用印) over the API: listed, brought, opened, taken away."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, QueryParameter

from admin.pages.attachments import served
from admin.pages.stamped import veiled
from admin.views import stamped_view
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting
from engine.attachments.store import mark_of
from engine.errors import NotFound
from forms import documents
from workflows import stamping

Name = Annotated[str, QueryParameter(max_length=200, description="What the file is called")]
Reason = Annotated[str, QueryParameter(max_length=200, description="Why it goes")]


class StampedPage(msgspec.Struct):
    """A scan of the stamped page; `current` where it shows the values that the record has now."""

    mark: str
    name: str
    media_type: str
    size: int
    at: str
    sha256: str
    """Of the file as it is given back."""
    current: bool
    whole: bool
    """Nobody changed what the history tells of it."""


class StampedPages(msgspec.Struct):
    """All of a record, oldest first."""

    pages: list[StampedPage]


@get("/api/records/{document_id:str}/stamped")
@threaded
def list_stamped(caller: Visiting, document_id: FromPath[str]) -> Response[StampedPages]:
    """Which scans of its stamped page a record has."""
    return answer(_pages(caller, document_id))


@post("/api/records/{document_id:str}/stamped", status_code=201)
async def put_stamped(
    request: Request[Any, Any, Any],
    caller: Visiting,
    document_id: FromPath[str],
    *,
    name: Name = "",
) -> Response[StampedPages]:
    """Bring a scan of the stamped page of what is final: JPEG, PNG, WebP or PDF; the request's content is the file."""
    content = bytearray()
    async for piece in request.stream():
        content += piece

    def put() -> Response[StampedPages]:
        with caller.read() as work:
            stamping.to_stamp(work, document_id)
        scan = stamping.cleaned(bytes(content), name)
        caller.write(lambda work: stamping.add(work, document_id, scan))
        return answer(_pages(caller, document_id), 201)

    return await threaded(put)()


@get("/api/records/{document_id:str}/stamped/{mark:str}", media_type="application/octet-stream")
@threaded
def read_stamped(
    caller: Visiting, document_id: FromPath[str], mark: FromPath[str]
) -> Response[bytes]:
    """The scan, for whoever sees every value of the record."""
    with caller.read() as work:
        record, veil = veiled(work, document_id)
    if not stamped_view.sees_all(record, veil):
        raise NotFound
    return served(caller, stamping.home(record.id), mark, little=False)


@delete("/api/records/{document_id:str}/stamped/{mark:str}", status_code=200)
@threaded
def remove_stamped(
    caller: Visiting, document_id: FromPath[str], mark: FromPath[str], *, reason: Reason = ""
) -> Response[StampedPages]:
    """Take a scan away, for a reason: the wrong page was scanned."""
    caller.write(lambda work: stamping.take_away(work, document_id, mark, reason))
    return answer(_pages(caller, document_id))


def _pages(caller: Visit, document_id: str) -> StampedPages:
    with caller.read() as work:
        found = stamping.of_record(work, documents.read(work, document_id))
    return StampedPages(
        [
            StampedPage(
                mark=mark_of(one.file.ref),
                name=one.file.name,
                media_type=one.file.media_type,
                size=one.file.size,
                at=one.at,
                sha256=one.sha256,
                current=one.current,
                whole=one.whole,
            )
            for one in found
        ]
    )
