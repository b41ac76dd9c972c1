"""Cases that stand at a step several people decide."""

from tests.workflows.case import Case, made, one


def signed(mode: str, *people: str, weights: dict[str, int] | None = None, **sign: int) -> Case:
    """Filled in by ann, now at `sign` with these people; `last` comes after."""
    document = made(
        one("fill", "fill", "sign"),
        one("sign", "verify", "last", sign={"mode": mode, **sign}),
        one("last", "approve", "end"),
    )
    case = Case(document).do("started").do("submitted", "ann", "fill")
    if people:
        case.do("assigned", at="sign", people=people, weights=weights or {})
    return case
