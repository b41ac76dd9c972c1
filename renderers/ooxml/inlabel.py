"""A value behind its label in the same cell: `填报单位（盖章）：____  填报人：____`."""

import re

from renderers.placements import CellWrite, Value

_GAP = "[ \u3000\u00a0_＿]*"
_COLON = "[:：]"


def _place(text: str, label: str) -> tuple[int, int] | None:
    """Where the blank behind the label begins and ends."""
    if not label:
        end = len(text.rstrip(" \u3000\u00a0_＿"))
        return end, len(text)
    pattern = re.escape(label.strip().rstrip(":：")) + rf"[^:：\n]*?{_COLON}({_GAP})"
    found = re.search(pattern, text)
    return found.span(1) if found else None


def insert(text: str, label: str, item: CellWrite) -> str:
    """The cell's text with the value put in; what follows keeps its distance."""
    said = "" if item.value is None else str(item.value)
    place = _place(text, label)
    if place is None:
        return f"{text} {label}：{said}".strip()
    start, end = place
    if not said:
        return text
    gap = max(2, end - start - len(said)) if end < len(text) else 0
    return text[:start] + said + " " * gap + text[end:]


def extract(text: str, label: str) -> Value:
    """What stands behind the label, up to a wide gap or the next label."""
    if not label:
        parts = re.split(_COLON, text, maxsplit=1)
        return parts[-1].strip() or None
    place = _place(text, label)
    if place is None:
        return None
    rest = re.split(r"[ \u3000\u00a0]{2,}|\n", text[place[1] :], maxsplit=1)[0]
    rest = rest.strip(" \u3000\u00a0_＿")
    return None if rest.endswith((":", "：")) else rest or None
