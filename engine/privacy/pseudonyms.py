"""Other values in place of real ones, the same one for the same value, by a key that is thrown away. Pure.

What is found by number stays one to one: two people never get one ID number, and the number's birth
date is the one that stands beside it. A date moves within its month, so that what is counted at the
end of a month or by month is counted alike.
"""

import calendar
import hashlib
import hmac
import math
import re
from datetime import date

from engine.formats import resident_id, uscc

MARK = "（样本）"
"""Stands where a free text was."""
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛范彭郎"
)
_GIVEN = "一乙丁力千山川木水火土石田禾竹米羽舟行言青雨雪风月日星辰光明文书安宁平和乐康健"
_WORDS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
_FIRM_ENDS = ("有限公司", "有限责任公司", "股份有限公司", "专业合作社", "合作社", "经营部", "商店", "超市", "厂", "店")  # fmt: skip


class Pseudonyms:
    """The values in place of real ones, by one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def id_number(self, text: str) -> str:
        """A valid number for another person: same place, sex and month of birth."""
        if resident_id.fault(text):
            return self.code(text)
        born = self.birth_date(resident_id.birth(text).isoformat()).replace("-", "")
        half, odd = divmod(int(text[14:17]), 2)
        order = self._moved(half, 500, f"order {text[:6]} {born} {odd}")
        first = f"{text[:6]}{born}{order * 2 + odd:03d}"
        return first + resident_id.check_digit(first)

    def birth_date(self, text: str) -> str:
        """Another day of the same month; two days never become one."""
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return text
        days = calendar.monthrange(day.year, day.month)[1]
        moved = self._moved(day.day - 1, days, f"birth {day.year}-{day.month}")
        return day.replace(day=moved + 1).isoformat()

    def day(self, text: str) -> str:
        """Another day of the same month; what came first does not come later."""
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            return text
        days = calendar.monthrange(day.year, day.month)[1]
        drawn = sorted(
            self._number(f"day {day.year}-{day.month} {number}", days) for number in range(days)
        )
        return day.replace(day=drawn[day.day - 1] + 1).isoformat() + text[10:]

    def credit_code(self, text: str) -> str:
        """A valid code of the same kind and place for another body."""
        if uscc.fault(text):
            return self.code(text)
        number = 0
        for one in text[8:16]:
            number = number * len(uscc.ALPHABET) + uscc.VALUES[one]
        number = self._moved(number, len(uscc.ALPHABET) ** 8, f"credit {text[:8]}")
        body = ""
        for _ in range(8):
            number, index = divmod(number, len(uscc.ALPHABET))
            body = uscc.ALPHABET[index] + body
        first = text[:8] + body + uscc.body_check(body)
        return first + uscc.check_character(first)

    def phone(self, text: str) -> str:
        """Another number of the same segment or area."""
        digits = [at for at, one in enumerate(text) if one.isdigit()]
        keep = 3 if text.startswith("1") else 4
        return self._digits(text, digits[keep:] or digits, "phone")

    def code(self, text: str) -> str:
        """Other digits in a number, a card or a code; a division's code at its beginning stays."""
        begin = 12 if re.match(r"\d{12}", text) and len(text) not in range(13, 20) else 0
        at = [n for n, one in enumerate(text) if n >= begin and one.isdigit()]
        return self._digits(text, at, "code") if at else text

    def person(self, text: str) -> str:
        """The name of nobody, as long as the real one within two and three signs."""
        if not text.strip():
            return text
        length = 1 if len(text.strip()) <= 2 else 2
        first = _SURNAMES[self._number(f"surname {text}", len(_SURNAMES))]
        rest = (_GIVEN[self._number(f"given {n} {text}", len(_GIVEN))] for n in range(length))
        return first + "".join(rest)

    def firm(self, text: str) -> str:
        """The name of no firm; what kind it is stays."""
        end = next((one for one in _FIRM_ENDS if text.endswith(one)), "")
        words = (_WORDS[self._number(f"firm {n} {text}", len(_WORDS))] for n in range(4))
        return f"样本{''.join(words)}{end}"

    def address(self, text: str) -> str:
        """A place that is none, the same for the same."""
        if not text.strip():
            return text
        road, house, flat = (self._number(f"{what} {text}", most) + 1 for what, most in (("road", 40), ("house", 200), ("flat", 90)))  # fmt: skip
        return f"样本路{road}号{house}号楼{flat}室"

    def _digits(self, text: str, at: list[int], what: str) -> str:
        """The text with the digits at these places as another number of as many; one to one."""
        size = 10 ** len(at)
        around = "".join("#" if n in at else one for n, one in enumerate(text))
        moved = self._moved(int("".join(text[n] for n in at)), size, f"{what} {around}")
        fresh = iter(f"{moved:0{len(at)}d}")
        places = set(at)
        return "".join(next(fresh) if n in places else one for n, one in enumerate(text))

    def _moved(self, number: int, size: int, what: str) -> int:
        """Another number below `size`: four rounds of mixing, walked until it is below; one to one."""
        if size < 2:
            return number
        half = max(1, math.ceil(math.log2(size) / 2))
        mask = (1 << half) - 1
        while True:
            left, right = number >> half, number & mask
            for turn in range(4):
                left, right = right, left ^ self._number(f"{what} {turn} {right}", mask + 1)
            number = (left << half) | right
            if number < size:
                return number

    def _number(self, text: str, below: int) -> int:
        mark = hmac.digest(self._key, text.encode(), hashlib.sha256)
        return int.from_bytes(mark[:16]) % below
