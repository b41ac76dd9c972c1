"""How a script calls the flows below: by task (`sub.4/1`) or, for the newest, by step (`sub/1`)."""

from collections.abc import Collection

NUMBERED = "."
"""Between the step and the number of its task."""


def found(said: str, parent: str, names: Collection[str]) -> str:
    """The name that is meant among those there are, newest last; as it was said where there is none."""
    whole = f"{parent}/{said}"
    for name in (said, whole):
        if name in names:
            return name
    return next((name for name in reversed(list(names)) if _means(said, whole, name)), whole)


def by_step(name: str) -> str:
    """A name with steps instead of tasks: what was begun anew is called the same."""
    return "/".join(part.partition(NUMBERED)[0] for part in name.split("/"))


def _means(said: str, whole: str, name: str) -> bool:
    there = name.split("/")
    return any(
        len(parts) == len(there)
        and all(
            part in (one, one.partition(NUMBERED)[0])
            for part, one in zip(parts, there, strict=True)
        )
        for parts in (said.split("/"), whole.split("/"))
    )
