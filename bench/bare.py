"""A Litestar application that does nothing: what the web server itself can do at most."""

from litestar import Litestar, post


@post("/nothing", status_code=200)
async def nothing() -> dict[str, str]:
    """Answer at once."""
    return {"status": "ok"}


app = Litestar(route_handlers=[nothing], openapi_config=None)
