"""A flow as an SVG: steps from the top down, what is done, where it is now, what comes.

Drawn on the server, so it stands on a page without scripts, on paper and on an old phone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 168, 64, 24, 40, 16
LONGEST = 11
"""Characters of a title that fit in a box; the whole is told as its description."""


@dataclass(frozen=True, slots=True)
class Station:
    """A step as it is drawn."""

    code: str
    title: str
    state: str = "ahead"
    """done | now | returned | stuck | ahead"""
    note: str = ""
    """Who has it, or who did it."""
    round: bool = False
    """Nobody works here: a fork, a join, a pause."""


@dataclass(frozen=True, slots=True)
class Line:
    """A way from one step to another."""

    start: str
    end: str
    label: str = ""
    taken: bool = False


def svg(stations: Sequence[Station], lines: Sequence[Line], *, title: str) -> str:
    """The drawing, as wide as its widest row; the page scales it down. No style of its own: the page's policy forbids that."""
    rows = _rows(stations, lines)
    widest = max((len(row) for row in rows), default=1)
    width = widest * (WIDTH + GAP_X) - GAP_X + 2 * EDGE + 2 * GAP_X
    height = len(rows) * (HEIGHT + GAP_Y) - GAP_Y + 2 * EDGE
    places = {
        one.code: (
            (width - len(row) * (WIDTH + GAP_X) + GAP_X) / 2 + column * (WIDTH + GAP_X),
            EDGE + number * (HEIGHT + GAP_Y),
        )
        for number, row in enumerate(rows)
        for column, one in enumerate(row)
    }
    drawn = [_line(one, places, width) for one in lines if {one.start, one.end} <= places.keys()]
    drawn += [_station(one, *places[one.code]) for row in rows for one in row]
    return (
        f'<svg class="flow-diagram" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'width="{width:g}" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>'
        f"{''.join(drawn)}</svg>"
    )


def _rows(stations: Sequence[Station], lines: Sequence[Line]) -> list[list[Station]]:
    """Each step below all that lead to it; ways back do not count."""
    order = {one.code: number for number, one in enumerate(stations)}
    ahead: dict[str, list[str]] = {one.code: [] for one in stations}
    for line in lines:
        if line.start in order and line.end in order:
            ahead[line.start].append(line.end)
    depth = dict.fromkeys(order, 0)
    done: set[str] = set()
    for one in stations:
        _sink(one.code, ahead, depth, done)
    rows: list[list[Station]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for one in stations:
        rows[depth[one.code]].append(one)
    return [row for row in rows if row]


def _sink(
    start: str, ahead: Mapping[str, list[str]], depth: dict[str, int], done: set[str]
) -> None:
    """Push what follows a step down below it, once around every loop."""
    if start in done:
        return
    open_ = [(start, frozenset({start}))]
    done.add(start)
    while open_:
        code, passed = open_.pop()
        for following in ahead[code]:
            if following in passed or depth[following] > depth[code]:
                continue
            depth[following] = depth[code] + 1
            done.add(following)
            open_.append((following, passed | {following}))


def _line(one: Line, places: Mapping[str, tuple[float, float]], width: float) -> str:
    (x1, y1), (x2, y2) = places[one.start], places[one.end]
    kind = "line taken" if one.taken else "line"
    start_x, end_x = x1 + WIDTH / 2, x2 + WIDTH / 2
    if y2 > y1:
        top, bottom = y1 + HEIGHT, y2 - 2
        if y2 - y1 > HEIGHT + GAP_Y + 1 and abs(start_x - end_x) < 1:  # past a row: around it
            side = x1 + WIDTH + GAP_X / 2
            path = f"M{x1 + WIDTH:g} {y1 + HEIGHT / 2:g}H{side:g}V{y2 + HEIGHT / 2:g}H{x2 + WIDTH + 2:g}"
            label_x, label_y = side, (y1 + y2 + HEIGHT) / 2
        else:
            middle = bottom - GAP_Y / 2
            path = f"M{start_x:g} {top:g}V{middle:g}H{end_x:g}V{bottom:g}"
            label_x, label_y = (start_x + end_x) / 2, middle - 4
    else:
        side = min(max(x1, x2) + WIDTH + GAP_X / 2, width - EDGE / 2)
        path = (
            f"M{x1 + WIDTH:g} {y1 + HEIGHT / 2:g}H{side:g}V{y2 + HEIGHT / 2:g}H{x2 + WIDTH + 2:g}"
        )
        label_x, label_y = side, (y1 + y2 + HEIGHT) / 2
    drawn = f'<path class="{kind}" d="{path}" marker-end="url(#arrow)"/>'
    if one.label:
        text = escape(_short(one.label))
        drawn += f'<text class="label" x="{label_x:g}" y="{label_y:g}">{text}</text>'
    return drawn


def _station(one: Station, x: float, y: float) -> str:
    radius = HEIGHT / 2 if one.round else 8
    told = escape(f"{one.title} {one.note}".strip())
    title_y = y + (HEIGHT / 2 - 4 if one.note else HEIGHT / 2 + 6)
    drawn = (
        f'<g class="station {one.state}"><title>{told}</title>'
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="{radius:g}"/>'
        f'<text x="{x + WIDTH / 2:g}" y="{title_y:g}">{escape(_short(one.title))}</text>'
    )
    if one.note:
        note = escape(_short(one.note, LONGEST + 3))
        drawn += f'<text class="note" x="{x + WIDTH / 2:g}" y="{y + HEIGHT - 14:g}">{note}</text>'
    return drawn + "</g>"


def _short(text: str, most: int = LONGEST) -> str:
    """As much as fits: a Chinese character counts as two Latin ones."""
    room, kept = most * 2, ""
    for character in text:
        room -= 2 if ord(character) > 0x2E7F else 1
        if room < 0:
            return kept + "…"
        kept += character
    return kept
