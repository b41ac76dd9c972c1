"""Any number of made-up persons of twenty-five fields, the same for the same seed, a few at a time."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from engine.formats.resident_id import check_digit
from engine.json_text import Json

FIELDS = (
    "id_number", "name", "sex", "birth_date", "ethnicity", "marriage", "residence", "address",
    "registered_division", "residency", "household_number", "relation_to_head", "grid", "phone",
    "education", "political_status", "employment", "employed", "pension_insurance",
    "medical_insurance", "disabled", "care_level", "living_alone", "migrant_worker", "annual_income",
)  # fmt: skip
PLACES = ("370602", "370611", "370612", "370613", "370614", "370684")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
NAMES = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"
FIRST_DAY, DAYS = date(1926, 1, 1), 36_500
DATES = tuple(FIRST_DAY + timedelta(days=number) for number in range(DAYS))


def people(count: int, villages: Sequence[str], seed: int = 2026) -> Iterator[dict[str, Json]]:
    """Persons spread over the villages; every number has its right check digit and is nobody's."""
    chance = random.Random(seed)
    pick, below = chance.choice, chance.randrange
    for number in range(count):
        # the day and the number in order are told apart by the running number: no two are alike
        born = DATES[(number * 7919) % DAYS]
        turn = number // DAYS
        order = turn % 499 * 2 + number % 2 + 1
        first = f"{PLACES[turn // 499 % 6]}{born:%Y%m%d}{order:03d}"
        village = villages[below(len(villages))]
        household = below(100_000)
        yield {
            "id": f"p{number:09d}",
            "id_number": first + check_digit(first),
            "name": pick(SURNAMES) + pick(NAMES) + pick(NAMES),
            "sex": "1" if order % 2 else "2",
            "birth_date": born.isoformat(),
            "ethnicity": pick(("01", "01", "01", "03")),
            "marriage": pick(("10", "20", "20", "30")),
            "residence": village,
            "address": f"{village[-3:]}号{household % 900}弄{household % 30}号楼",
            "registered_division": village,
            "residency": pick("1112"),
            "household_number": f"{village}{household:05d}",
            "relation_to_head": pick(("02", "10", "20", "30")),
            "grid": f"第{household % 6 + 1}网格",
            "phone": f"13{below(10**9):09d}",
            "education": pick(("21", "31", "61", "71", "81")),
            "political_status": pick(("01", "13", "13")),
            "employment": pick(("24", "27", "70", "80")),
            "employed": pick("12"),
            "pension_insurance": pick("12"),
            "medical_insurance": pick("12"),
            "disabled": pick("2222222221"),
            "care_level": pick("1123"),
            "living_alone": pick("2221"),
            "migrant_worker": pick("2221"),
            "annual_income": below(200_000),
        }
