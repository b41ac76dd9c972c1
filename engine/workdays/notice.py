"""Reading the State Council's notice: its text as it is published, pasted, becomes a year's plan.

「一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。」
"""

import re
from collections.abc import Iterator
from datetime import date

from engine.errors import Problem
from engine.workdays.calendar import Break, YearPlan

LONGEST = 20_000
WORKED = "上班"
_ISO = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LINE = re.compile(f"(?P<name>\\S{{1,20}}) (?P<first>{_ISO})(?: (?P<last>{_ISO}))?")
_YEAR = re.compile(r"(?P<year>20[0-9]{2})年(?:部分节假日|元旦)")
_DAY = r"(?:(?P<y{n}>20[0-9]{{2}})年)?(?:(?P<m{n}>[0-9]{{1,2}})月)?(?P<d{n}>[0-9]{{1,2}})日"
_ASIDE = re.compile(r"[（(][^）)]*[）)]")
_SPAN = re.compile(f"{_DAY.format(n=1)}(?:至{_DAY.format(n=2)})?(?P<what>放假|补休|调休)")
_WORKED = re.compile(r"(?P<days>(?:(?:20[0-9]{2}年)?[0-9]{1,2}月[0-9]{1,2}日、?)+)上班")
_ONE = re.compile(_DAY.format(n=1))


class NoticeUnread(Problem):
    """The text is no notice about days off: no year in it, or no break."""

    code, status = "workdays.notice-unread", 422
    where: str


def read_notice(text: str, *, source: str = "") -> YearPlan:
    """The plan of the year that a notice is about. Raises NoticeUnread, PlanInvalid."""
    if len(text) > LONGEST:
        raise NoticeUnread(where=text[:20])
    plain = _ASIDE.sub("", re.sub(r"\s+", "", text))
    found = _YEAR.search(plain)
    if found is None:
        raise NoticeUnread(where=plain[:30])
    year = int(found["year"])
    breaks: list[Break] = []
    worked: list[date] = []
    for name, said in _items(plain):
        breaks += _spans(name, said, year)
        worked += _worked(said, year)
    if not breaks:
        raise NoticeUnread(where=plain[:30])
    told = source or f"国务院办公厅关于{year}年部分节假日安排的通知"
    return YearPlan.read(YearPlan(year, told, tuple(breaks), tuple(worked)).to_json())


def _items(plain: str) -> Iterator[tuple[str, str]]:
    """Each holiday with what is said of it."""
    starts = list(re.finditer(r"[一二三四五六七八九十]+、(?P<name>[^：:，。]{2,20})[：:]", plain))
    for number, one in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(plain)
        yield one["name"], plain[one.end() : end]


def _spans(name: str, said: str, year: int) -> Iterator[Break]:
    for found in _SPAN.finditer(said):
        first = _date(name, found["y1"], found["m1"], found["d1"], year)
        month = found["m2"] or found["m1"]
        last = first
        if found["d2"]:
            last = _date(name, found["y2"] or found["y1"], month, found["d2"], year)
        yield Break(name, first, last)


def _worked(said: str, year: int) -> Iterator[date]:
    for found in _WORKED.finditer(said):
        for one in _ONE.finditer(found["days"]):
            yield _date(said[:20], one["y1"], one["m1"], one["d1"], year)


def _date(where: str, year: str | None, month: str | None, day: str, usual: int) -> date:
    try:
        return date(int(year or usual), int(month or 0), int(day))
    except ValueError as error:
        raise NoticeUnread(where=where) from error


def as_lines(plan: YearPlan) -> str:
    """A plan as an administrator edits it: a line a break, a line for each day worked instead."""
    breaks = [f"{one.name} {one.first} {one.last}" for one in plan.breaks]
    return "\n".join([*breaks, *(f"{WORKED} {day}" for day in plan.worked)])


def read_text(text: str, *, source: str = "") -> YearPlan:
    """A plan from a notice's text, or from lines as `as_lines` writes them. Raises NoticeUnread, PlanInvalid."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    found = [_LINE.fullmatch(" ".join(line)) for line in lines]
    told = [one for one in found if one is not None]
    if not told or len(told) != len(found):
        return read_notice(text, source=source)
    years = [int(one["last"][:4]) if one["last"] else int(one["first"][:4]) for one in told]
    breaks = [one for one in told if one["name"] != WORKED]
    return YearPlan.read(
        {
            "year": max(set(years), key=years.count),
            "source": source,
            "off": [
                {"name": one["name"], "from": one["first"], "to": one["last"] or one["first"]}
                for one in breaks
            ],
            "on": [one["first"] for one in told if one["name"] == WORKED],
        }
    )
