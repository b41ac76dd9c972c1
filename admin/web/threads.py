"""Handlers and the database are synchronous; each runs in a thread of the server's pool.

Litestar's own `sync_to_thread` wraps a handler once more for every other method on its path, and
then hands out a coroutine instead of a response (2.25); this wraps once, where it is written.
"""

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import ParamSpec, TypeVar

import anyio.to_thread

P = ParamSpec("P")
T = TypeVar("T")


def threaded(handler: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Let a synchronous handler run in a thread."""

    @wraps(handler)
    async def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        return await anyio.to_thread.run_sync(partial(handler, *args, **kwargs))

    return inside
