"""When a report is due after its period, as catalogues print it: 月后5日前、季后7日前、第四季度免报.

A deadline is an offset from the end of the period (a day of the following month, so many days or
working days after it, a day of the year, an hour), cut-offs by level, periods that are exempt, and
what happens when the day is off. `read` takes the Chinese text or the JSON form, `due` counts it.
"""

import calendar as months
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from engine.errors import Problem
from engine.json_text import Json
from engine.periods import PER_YEAR, Period
from engine.workdays.calendar import Calendar

KINDS = {"月": "month", "季": "quarter", "季度": "quarter", "半年": "half", "年": "year"}
LEVELS = {
    "省级": "province", "市级": "city", "县级": "county", "区县": "county", "区县级": "county", "县（区）": "county",
    "乡级": "town", "镇街": "town", "乡镇": "town", "乡镇（街道）": "town", "街道": "town", "村级": "village",
    "社区": "village", "村（社区）": "village",
}  # fmt: skip
LEVEL_NAMES = {
    "zh": {"province": "省级", "city": "市级", "county": "县级", "town": "镇街", "village": "村（社区）"},
    "en": {"province": "province", "city": "city", "county": "county", "town": "town", "village": "village"},
}  # fmt: skip
SHIFTS = ("none", "later", "earlier")
MOST_DAYS = 366
LAST = 31
"""The last day of a month, however long it is: 月底."""


class DeadlineUnread(Problem):
    """The text is no deadline that is understood; `where` is the part at fault."""

    code, status = "deadline.unread", 422
    where: str


@dataclass(frozen=True, slots=True)
class CutOff:
    """One moment, counted from the end of a period: `day` of the month that is `months` after it.

    With `days` it is so many days after the period's last day instead; `month` names a month of the
    year (4月3日), of the year after where `year` is 1. `hour` 24 is the end of the day.
    """

    day: int = 0
    months: int = 1
    month: int = 0
    year: int = 0
    days: int = 0
    working: bool = False
    hour: int = 24
    minute: int = 0

    def on(self, period: Period, calendar: Calendar) -> date:
        """The day itself, before it is moved off a holiday."""
        last = period.bounds()[1]
        if self.month:
            return _day_of(period.year + self.year, self.month, self.day)
        if self.days:
            return calendar.shift(last, self.days) if self.working else last + timedelta(self.days)
        index = last.year * 12 + last.month - 1 + self.months
        first = date(index // 12, index % 12 + 1, 1)
        if self.working:
            return calendar.shift(first - timedelta(1), self.day)
        return _day_of(first.year, first.month, self.day)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a report is due: in general, by level, for which periods not at all."""

    usual: CutOff
    by_level: Mapping[str, CutOff] = field(default_factory=dict)
    skipped: frozenset[int] = frozenset()
    """Numbers of periods in their year that are exempt: 4 of quarters is 第四季度免报."""
    shift: str = "later"
    """Where a day that is off moves the deadline: to the next working day, the one before, nowhere."""

    def is_exempt(self, period: Period) -> bool:
        """Whether nothing need be reported for the period: 免报."""
        return period.number in self.skipped

    def due(self, period: Period, calendar: Calendar, level: str = "") -> datetime:
        """The last moment for a level, in UTC."""
        cut = self.by_level.get(level, self.usual)
        day = cut.on(period, calendar)
        if self.shift != "none" and not calendar.is_working(day):
            day = calendar.shift(day, 0) if self.shift == "later" else calendar.latest(day)
        if cut.hour == 24:
            return calendar.end_of(day)
        return datetime.combine(day, time(cut.hour, cut.minute), calendar.zone).astimezone(UTC)

    def levels(self, period: Period, calendar: Calendar) -> dict[str, datetime]:
        """The last moment of every level that has one of its own."""
        return {level: self.due(period, calendar, level) for level in self.by_level}

    def to_json(self) -> dict[str, Json]:
        """The form that `read` takes."""
        return {
            **_cut_json(self.usual),
            "levels": {level: _cut_json(cut) for level, cut in sorted(self.by_level.items())},
            "skip": sorted(self.skipped),
            "shift": self.shift,
        }

    def told(self, kind: str, language: str = "zh") -> str:
        """In words, for a report of a kind of period."""
        return "".join(_told(self, kind, language))


def read(given: Json, kind: str = "month") -> Deadline:
    """A deadline from a catalogue's text or its JSON form. Raises DeadlineUnread."""
    if isinstance(given, str):
        return _read_text(given, kind)
    if not isinstance(given, Mapping):
        raise DeadlineUnread(where=str(given)[:40])
    known = {"levels", "skip", "shift", *CutOff.__slots__}
    if set(given) - known:
        raise DeadlineUnread(where=str(min(set(given) - known))[:40])
    levels = given.get("levels", {})
    skip, shift = given.get("skip", []), given.get("shift", "later")
    if not isinstance(levels, Mapping) or set(levels) - set(LEVEL_NAMES["zh"]):
        raise DeadlineUnread(where="levels")
    if not isinstance(skip, list) or not all(type(one) is int and 1 <= one <= 12 for one in skip):
        raise DeadlineUnread(where="skip")
    if shift not in SHIFTS:
        raise DeadlineUnread(where="shift")
    cuts = {level: _cut_of(one, f"levels/{level}") for level, one in levels.items()}
    usual = _cut_of({name: given[name] for name in given if name in CutOff.__slots__}, "")
    return Deadline(usual, cuts, frozenset(skip), shift)


_NUMBER = r"(?P<{}>[0-9]{{1,3}}|[一二三四五六七八九十]{{1,3}})"
_TIME = r"(?:(?P<hour>[0-9]{1,2})(?:[时点](?:(?P<minute>[0-9]{1,2})分)?|[:：](?P<past>[0-9]{2})))?"
_BY = rf"{_TIME}(?:之?前|以?内)?"
_DAY = rf"(?:{_NUMBER.format('day')}日|(?P<end>[底末]))"
_AFTER = re.compile(
    rf"每?(?P<unit>季度|半年|[月季年])度?(?:终了|结束)?后的?第?{_NUMBER.format('day')}(?P<working>个工作日|工作日|日|天){_BY}"
)
_WORKING = re.compile(rf"次(?P<unit>月|季|年)前?第?{_NUMBER.format('day')}个?工作日{_BY}")
_NEXT = re.compile(
    rf"(?:次(?:月|季|年)(?:(?:首|第一个?)月)?|(?:季度?|半年|年)后(?:首|第一个?)月){_DAY}{_BY}"
)
_WITHIN = re.compile(rf"(?:(?P<unit>[当本]?月)|(?P<last>季度?|半年|年)末(?:月(?=.))?){_DAY}?{_BY}")
_YEAR_AFTER = re.compile(rf"(?:年后|次年){_NUMBER.format('month')}月{_DAY}{_BY}")
_DATED = re.compile(rf"(?P<next>次年)?{_NUMBER.format('month')}月{_DAY}{_BY}")
_AROUND = re.compile(r"^(?:应?于|应?在)|(?:报出|报送|上报|报)$")
_ASIDE = re.compile(r"[（(]([^（()）]*(?:免报|顺延|提前|不变))[）)]")
_NAMED = r"第?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_EXEMPT = re.compile(
    rf"(?P<first>(?:{_NAMED}(?:季度?|月份?)?[、，,和及至-])*)(?P<what>[上下]半年|{_NAMED}(?:季度?|月份?))免报"
)
_SHIFT = re.compile(r"遇?(?:法定)?(?:节假日|假日|休息日)(?P<how>顺延|提前|不变|不顺延)")
_LEVEL = re.compile("|".join(sorted(map(re.escape, LEVELS), key=len, reverse=True)))
_NARROW = str.maketrans("０１２３４５６７８９～~—–－", "0123456789-----")
_DIGITS = {word: number for number, word in enumerate("一二三四五六七八九", 1)}


def number(text: str) -> int:
    """A number of a day or month, in digits or as 十五. Raises DeadlineUnread."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if (tens and tens not in _DIGITS) or (ones and ones not in _DIGITS):
        raise DeadlineUnread(where=text)
    if not ten:
        return _DIGITS[tens]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _read_text(text: str, kind: str) -> Deadline:
    plain = _ASIDE.sub(r"，\1，", re.sub(r"\s+", "", text).translate(_NARROW))
    if len(plain) > 200:
        raise DeadlineUnread(where=plain[:40])
    usual: CutOff | None = None
    levels: dict[str, CutOff] = {}
    skipped = {one for found in _EXEMPT.finditer(plain) for one in _exempt(found, kind)}
    plain = _EXEMPT.sub("，", plain)
    shift = "later"
    for part in re.split(r"[、，,；;。]", plain):
        if not part:
            continue
        if found := _SHIFT.fullmatch(part):
            shift = {"顺延": "later", "提前": "earlier"}.get(found["how"], "none")
        elif (found := _LEVEL.match(part)) and (rest := part[found.end() :].lstrip("：:")):
            levels[LEVELS[found[0]]] = _cut(rest, kind)
        elif usual is None:
            usual = _cut(part, kind)
        else:
            raise DeadlineUnread(where=part[:40])
    if usual is None and not levels:
        raise DeadlineUnread(where=plain[:40])
    return Deadline(usual or _latest(levels), levels, frozenset(skipped), shift)


def _latest(levels: Mapping[str, CutOff]) -> CutOff:
    """Who has no cut-off of their own may take as long as anybody."""
    return max(
        levels.values(), key=lambda one: (one.year, one.month, one.months, one.day, one.days)
    )


def _cut(text: str, kind: str) -> CutOff:
    plain = _AROUND.sub("", text)
    if found := _YEAR_AFTER.fullmatch(plain):
        cut = CutOff(month=number(found["month"]), day=_day(found), year=1)
    elif found := _AFTER.fullmatch(plain):
        if KINDS[found["unit"]] != kind:
            raise DeadlineUnread(where=text[:40])
        working = found["working"] in ("个工作日", "工作日")
        many = number(found["day"])
        day = found["working"] == "日" and many <= 31  # 45日 are days, not a date
        cut = CutOff(day=many) if day else CutOff(days=many, working=working)
    elif found := _WORKING.fullmatch(plain):
        cut = CutOff(days=number(found["day"]), working=True)
    elif found := _NEXT.fullmatch(plain):
        cut = CutOff(day=_day(found))
    elif found := _DATED.fullmatch(plain):
        cut = CutOff(month=number(found["month"]), day=_day(found), year=int(bool(found["next"])))
    elif found := _WITHIN.fullmatch(plain):
        if KINDS[found["last"] or "月"] != kind:
            raise DeadlineUnread(where=text[:40])
        cut = CutOff(day=_day(found), months=0)
    else:
        raise DeadlineUnread(where=text[:40])
    hour = int(found["hour"]) if found["hour"] else 24
    minute = int(found["minute"] or found["past"] or 0)
    return _checked(replace(cut, hour=hour, minute=minute), text)


def _day(found: re.Match[str]) -> int:
    """The day that is named, or the last of the month: 底. Raises DeadlineUnread."""
    if found["day"]:
        return number(found["day"])
    month = found.groupdict().get("month")
    return LAST if month is None else months.monthrange(2024, _month(month))[1]


def _month(text: str) -> int:
    found = number(text)
    if not 1 <= found <= 12:
        raise DeadlineUnread(where=f"{text}月")
    return found


def _checked(cut: CutOff, where: str) -> CutOff:
    """Days that there are, hours that there are. Raises DeadlineUnread."""
    longest = months.monthrange(2024, cut.month)[1] if 1 <= cut.month <= 12 else 31
    right = (
        0 <= cut.month <= 12
        and cut.year in (0, 1)
        and 1 <= cut.hour <= 24
        and 0 <= cut.minute <= 59 * (cut.hour < 24)
        and 0 <= cut.months <= 12
        and 0 <= cut.days <= MOST_DAYS
        and ((1 <= cut.day <= longest) if not cut.days else cut.day == 0 and not cut.month)
        and not (cut.working and cut.month)
    )
    if not right:
        raise DeadlineUnread(where=where[:40])
    return cut


def _exempt(found: re.Match[str], kind: str) -> Iterator[int]:
    """The periods of 第二、四季度免报 or 1至2月免报, by number."""
    what = found["what"]
    if what in ("上半年", "下半年"):
        names, unit = [what], "half"
    else:
        names = re.findall(rf"{_NAMED}|[至-]", found["first"] + what)
        unit = "month" if "月" in what else "quarter"
    if unit != kind:
        raise DeadlineUnread(where=found[0])
    last, since = 0, False
    for name in names:
        if name in ("至", "-"):
            since = True
            continue
        first = last + 1 if since else 0
        last = 1 + (name == "下半年") if unit == "half" else number(name.removeprefix("第"))
        if not max(first, 1) <= last <= PER_YEAR[unit]:
            raise DeadlineUnread(where=found[0])
        yield from range(first or last, last + 1)
        since = False


def _day_of(year: int, month: int, day: int) -> date:
    """The day of the month, or its last where the month is shorter."""
    return date(year, month, min(day, months.monthrange(year, month)[1]))


def _cut_json(cut: CutOff) -> dict[str, Json]:
    usual = CutOff()
    return {
        name: getattr(cut, name)
        for name in CutOff.__slots__
        if getattr(cut, name) != getattr(usual, name)
    }


def _cut_of(document: Json, where: str) -> CutOff:
    if not isinstance(document, Mapping) or set(document) - set(CutOff.__slots__):
        raise DeadlineUnread(where=where or "day")
    for name, value in document.items():
        if type(value) is not (bool if name == "working" else int):
            raise DeadlineUnread(where=f"{where}/{name}")
    return _checked(CutOff(**document), where or "day")


def _told(deadline: Deadline, kind: str, language: str) -> Iterator[str]:
    zh = language == "zh"
    names = LEVEL_NAMES["zh" if zh else "en"]
    yield _told_cut(deadline.usual, kind, zh=zh)
    for level, cut in sorted(deadline.by_level.items()):
        yield (
            f"；{names[level]}：{_told_cut(cut, kind, zh=zh)}"
            if zh
            else f"; {names[level]}: {_told_cut(cut, kind, zh=zh)}"
        )
    for skipped in sorted(deadline.skipped):
        called = _called(skipped, kind, zh=zh)
        yield f"；{called}免报" if zh else f"; {called} exempt"
    if deadline.shift == "none":
        yield "；遇节假日不变" if zh else "; holidays do not move it"
    elif deadline.shift == "earlier":
        yield "；遇节假日提前" if zh else "; earlier if it falls on a holiday"
    else:
        yield "；遇节假日顺延" if zh else "; later if it falls on a holiday"


def _called(number_: int, kind: str, *, zh: bool) -> str:
    if kind == "quarter":
        return f"第{'一二三四'[number_ - 1]}季度" if zh and number_ <= 4 else f"Q{number_}"
    if kind == "half":
        return ("上半年" if number_ == 1 else "下半年") if zh else f"H{number_}"
    return f"{number_}月" if zh else f"month {number_}"


def _told_hour(cut: CutOff, *, zh: bool) -> str:
    if cut.hour == 24:
        return ""
    if not zh:
        return f", {cut.hour}:{cut.minute:02}"
    return f"{cut.hour}时{cut.minute:02}分" if cut.minute else f"{cut.hour}时"


def _told_cut(cut: CutOff, kind: str, *, zh: bool) -> str:
    hour = _told_hour(cut, zh=zh)
    unit = {"month": "月", "quarter": "季", "half": "半年", "year": "年"}.get(kind, "期")
    if cut.month:
        following = "次年" if cut.year else ""
        if zh:
            return f"{following}{cut.month}月{cut.day}日{hour or '24时'}前"
        return f"by {cut.month}/{cut.day}{' of the year after' if cut.year else ''}{hour}"
    if cut.days:
        what = (
            ("个工作日" if cut.working else "天")
            if zh
            else ("working days" if cut.working else "days")
        )
        return (
            f"{unit}后{cut.days}{what}{hour}内"
            if zh
            else f"within {cut.days} {what} of its end{hour}"
        )
    if zh:
        what = "个工作日" if cut.working else "日"
        day = "底" if cut.day == LAST and not cut.working else f"{cut.day}{what}"
        place = {0: "当月" if kind == "month" else f"{unit}末月", 1: f"{unit}后"}
        if cut.months == 1 and day == "底":
            return f"{'次' if kind == 'month' else f'{unit}后首'}月底{hour}前"
        return f"{place.get(cut.months, f'{unit}后第{cut.months}个月')}{day}{hour}前"
    when = f"working day {cut.day}" if cut.working else f"day {cut.day}"
    if cut.day == LAST and not cut.working:
        when = "the last day"
    itself = "the same month" if kind == "month" else "its last month"
    places = {0: itself, 1: "the month after"}
    return f"by {when} of {places.get(cut.months, f'month {cut.months} after it')}{hour}"
