"""Made-up names and numbers. Nothing here was taken from a person, a firm or a register."""

from random import Random

from engine.formats import resident_id, uscc

SURNAMES = tuple("王李张刘孙于姜曲林杨宋徐赵陈吕邹郝衣柳迟丛隋初慕战栾牟范郭马高董周吴崔梁唐冯潘穆")
MALE = tuple("建国志强明华文军伟东海波永胜立德成武宏斌学平福庆云山松涛晓峰家辉少杰")
FEMALE = tuple("秀英桂兰玉珍淑华丽娟红梅春燕海霞晓静雪莲美玲文慧佳宁雅琴凤芝欣怡思雨")
FIRM_WORDS = tuple("海润金泰鼎盛瑞丰恒远鑫嘉禾源通汇达宏顺安捷佰信正华昌隆")

MOBILE_SEGMENTS = ("161", "164", "168")
"""Segments that no operator has been given, so that a made-up number is nobody's."""
LANDLINE = "0535-9{:06d}"
"""No exchange of the city begins with 9."""
BANK_CARD = "9999{:015d}"
"""No card begins with 9999."""

BIRTHPLACES = (
    "370602",
    "370602",
    "370602",
    "370611",
    "370612",
    "370613",
    "370684",
    "370634",
    "370687",
)
"""Where long-time residents were first registered; 370684 and 370634 are divisions of the past."""
FAR_PLACES = (
    "370202", "370102", "370782", "371002", "371302", "210102", "220102", "230103", "320102", "410102",
    "340102", "130102", "140105", "510104", "610102",
)  # fmt: skip


class Fresh:
    """Numbers that are given once only: resident IDs, credit codes, phones, accounts."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.given: set[str] = set()
        self.counter = 0

    def resident_id(self, place: str, birth: str, male: bool) -> str:
        """A number whose check digit is right, of a place, a day (`19490131`) and a sex."""
        while True:
            order = self.rng.randrange(0, 500) * 2 + (1 if male else 0)
            first = f"{place}{birth}{order:03d}"
            number = first + resident_id.check_digit(first)
            if self._is_new(number):
                return number

    def uscc(self, kind: str, place: str) -> str:
        """A credit code whose two check characters are right; `kind` is its first two characters."""
        while True:
            body = "MA" + "".join(self.rng.choices(uscc.ALPHABET, k=6))
            first = kind + place + body + uscc.body_check(body)
            code = first + uscc.check_character(first)
            if self._is_new(code):
                return code

    def mobile(self) -> str:
        """A mobile number of a segment that is not in use."""
        while True:
            number = self.rng.choice(MOBILE_SEGMENTS) + f"{self.rng.randrange(10**8):08d}"
            if self._is_new(number):
                return number

    def account(self) -> str:
        """A bank account that no bank could have given."""
        self.counter += 1
        return BANK_CARD.format(self.counter)

    def _is_new(self, number: str) -> bool:
        if number in self.given:
            return False
        self.given.add(number)
        return True


def given_name(rng: Random, male: bool) -> str:
    """One or two characters."""
    letters = MALE if male else FEMALE
    return "".join(rng.choices(letters, k=1 if rng.random() < 0.15 else 2))


def person_name(rng: Random, male: bool, surname: str | None = None) -> str:
    """A whole name, with the family's surname where there is one."""
    return (surname or rng.choice(SURNAMES)) + given_name(rng, male)


def firm_name(rng: Random) -> str:
    """The distinctive part of a firm's name."""
    return "".join(rng.sample(FIRM_WORDS, 2))


def landline(number: int) -> str:
    """An office's telephone number."""
    return LANDLINE.format(number)
