"""A flow drawn: every step once, what follows below what leads to it, texts harmless."""

import itertools
import xml.etree.ElementTree as ET

from renderers.flow_diagram import Line, Station, svg


def boxes(drawn: str) -> dict[str, tuple[float, float]]:
    """Where each step's box stands, by its described title."""
    found = {}
    for group in ET.fromstring(drawn).iter("g"):
        rect = group.find("rect")
        found[group.find("title").text] = (float(rect.get("x")), float(rect.get("y")))
    return found


def line(names: str) -> list[Line]:
    codes = names.split()
    return [Line(one, other) for one, other in itertools.pairwise(codes)]


def test_what_follows_stands_below() -> None:
    """A fork's branches side by side, the join below both."""
    stations = [Station(code, code) for code in ("a", "f", "x", "y", "j")]
    places = boxes(svg(stations, [*line("a f x j"), *line("f y j")], title="t"))
    assert places["a"][1] < places["f"][1] < places["x"][1] == places["y"][1] < places["j"][1]
    assert places["x"][0] != places["y"][0]


def test_a_way_back_does_not_turn_it_over() -> None:
    """A loop is drawn as a loop."""
    stations = [Station(code, code) for code in ("a", "b", "c")]
    places = boxes(svg(stations, line("a b c b"), title="t"))
    assert places["a"][1] < places["b"][1] < places["c"][1]


def test_titles_are_text_and_nothing_else() -> None:
    """Markup in a title is shown, not run; a long one is cut and told whole."""
    title = "<script>alert(1)</script>" + "很长的步骤名称" * 9
    drawn = svg([Station("a", title, note="<b>")], [Line("a", "gone", "<i>")], title="<t>")
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert f"{title} <b>" in boxes(drawn)


def test_a_very_large_flow_is_drawn() -> None:
    """Two hundred steps in a row with a way back from each to the first."""
    codes = [f"s{n}" for n in range(200)]
    lines = [*line(" ".join(codes)), *(Line(code, "s0") for code in codes[1:])]
    assert len(boxes(svg([Station(code, code) for code in codes], lines, title="t"))) == 200
