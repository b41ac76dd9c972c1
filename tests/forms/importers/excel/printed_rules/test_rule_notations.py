"""One rule in the notations in which departments print it: read back, they are one formula."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from engine.formula.parse import parse
from forms.importers.excel.printed_rules.rules import read_rules

MOST = 30
CODES = st.integers(1, MOST)
WRITE: tuple[Callable[[int], str], ...] = (
    lambda n: f"{n:02d}",
    str,
    lambda n: f"第{n}行",
    lambda n: f"{n}行",
    lambda n: f"第 {n} 栏",
    lambda n: f"（{n}）栏",
)
SIGNS = {
    "=": ("=", "＝", " = ", "等于", "应等于"),
    ">=": ("≥", ">=", "应大于或等于", "不小于", "不得低于"),
    "<=": ("≤", "<=", "≦", "不大于", "不得超过"),
}

Rule = tuple[str, list[str]]
"""A rule as it is printed, and what it means."""


def lookup(code: str, hint: str) -> str | None:
    """Items r1 to r30."""
    return f"r{int(code)}" if code.isdigit() and 1 <= int(code) <= MOST else None


def names(codes: list[int]) -> list[str]:
    return [f"r{code}" for code in codes]


@st.composite
def sums(draw: st.DrawFn, write: Callable[[int], str]) -> tuple[str, str]:
    """Several codes added up."""
    codes = draw(st.lists(CODES, min_size=2, max_size=4, unique=True))
    told = [write(code) for code in codes]
    text = draw(
        st.sampled_from(
            ("+".join(told), "＋".join(told), "、".join(told) + "之和", "、".join(told) + "合计")
        )
    )
    return text, " + ".join(names(codes))


@st.composite
def extremes(draw: st.DrawFn, write: Callable[[int], str]) -> tuple[str, str]:
    """The largest or smallest of several."""
    codes = draw(st.lists(CODES, min_size=2, max_size=4, unique=True))
    told = [write(code) for code in codes]
    call, word = draw(st.sampled_from((("MAX", "最大"), ("MIN", "最小"))))
    text = draw(
        st.sampled_from(
            (
                f"{call}({','.join(told)})",
                f"{call.lower()}（{'、'.join(told)}）",
                f"{'、'.join(told)}中的{word}值",
                f"{'、'.join(told)}{word}者",
            )
        )
    )
    return text, f"{call}({', '.join(names(codes))})"


@st.composite
def comparisons(draw: st.DrawFn, write: Callable[[int], str]) -> tuple[str, str]:
    """One code beside a sum, an extreme, or another code."""
    left = draw(CODES)
    sign = draw(st.sampled_from(list(SIGNS)))
    plain = CODES.map(lambda code: (write(code), f"r{code}"))
    text, means = draw(st.one_of(sums(write), extremes(write), plain))
    return f"{write(left)}{draw(st.sampled_from(SIGNS[sign]))}{text}", f"r{left} {sign} {means}"


@st.composite
def differences(draw: st.DrawFn, write: Callable[[int], str]) -> tuple[str, str]:
    """How far two items may be apart."""
    one, other, most = draw(st.lists(CODES, min_size=3, max_size=3, unique=True))
    a, b = write(one), write(other)
    text = draw(st.sampled_from((f"|{a}-{b}|", f"ABS({a}－{b})", f"{a}与{b}之差的绝对值")))
    sign = draw(st.sampled_from(SIGNS["<="]))
    return f"{text}{sign}{write(most)}", f"ABS(r{one} - r{other}) <= r{most}"


@st.composite
def shares(draw: st.DrawFn, write: Callable[[int], str]) -> tuple[str, str]:
    """A part of another item, in percent."""
    part, whole = draw(st.lists(CODES, min_size=2, max_size=2, unique=True))
    most = draw(st.integers(1, 99))
    a, b = write(part), write(whole)
    sign = draw(st.sampled_from(SIGNS["<="]))
    text = draw(st.sampled_from((f"{a}{sign}{b}的{most}%", f"{a}{sign}{b}×{most}%", f"{a}占{b}的比例{sign}{most}%")))  # fmt: skip
    return text, f"r{part} <= r{whole} * ({most} / 100)"


@st.composite
def conditions(draw: st.DrawFn, write: Callable[[int], str]) -> tuple[str, str]:
    """If one or two comparisons hold, then another."""
    first, second = draw(st.lists(CODES, min_size=2, max_size=2, unique=True))
    a, b = write(first), write(second)
    when, means = draw(
        st.sampled_from(
            (
                (f"{a}大于0", f"r{first} > 0"),
                (f"{a}＞0", f"r{first} > 0"),
                (f"{a}有数", f"COALESCE(r{first}, 0) <> 0"),
                (f"{a}>0且{b}>0", f"(r{first} > 0) and (r{second} > 0)"),
                (f"{a}>0或者{b}>0", f"(r{first} > 0) or (r{second} > 0)"),
            )
        )
    )
    then, follows = draw(comparisons(write))
    text = draw(st.sampled_from((f"若{when}，则{then}", f"{when}时，{then}", f"如果{when}，那么{then}")))  # fmt: skip
    return text, f"not ({means}) or ({follows})"


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """One to three rules of any kind, one after another."""
    write = draw(st.sampled_from(WRITE))
    one = st.one_of(comparisons(write), differences(write), shares(write), conditions(write))
    found = draw(st.lists(one, min_size=1, max_size=3))
    return "；".join(text for text, _ in found), [means for _, means in found]


@given(rule=rules())
def test_every_notation_of_a_rule_is_read_as_the_one_formula(rule: Rule) -> None:
    """Whatever the signs, words, widths and ways to write a code, the meaning is what was drawn."""
    printed, means = rule
    found, unread = read_rules(printed, lookup)
    assert not unread
    assert [parse(one.formula) for one in found] == [parse(one) for one in means]
