"""JSON pointers (RFC 6901) as text: how complaints and cells are addressed."""

from collections.abc import Iterable


def join(parts: Iterable[str | int]) -> str:
    """`/a/0/b~1c` of `("a", 0, "b/c")`; the whole document is the empty text."""
    return "".join(f"/{escape(str(part))}" for part in parts)


def split(pointer: str) -> tuple[str, ...]:
    """The steps of a pointer, unescaped."""
    if not pointer:
        return ()
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def escape(part: str) -> str:
    """One step as it stands in a pointer."""
    return part.replace("~", "~0").replace("/", "~1") if "/" in part or "~" in part else part
