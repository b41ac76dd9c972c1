"""Enterprises, houses and residential buildings of one community or village."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from admin.demo import names
from admin.demo.people import INCOMING, NO, YES, Place, Row

TRADES = (
    ("C", "13", "食品加工", 3), ("C", "33", "金属制品", 3), ("C", "34", "机械", 4), ("C", "29", "橡塑", 2),
    ("E", "47", "建筑工程", 2), ("E", "50", "装饰工程", 3), ("F", "51", "商贸", 4), ("F", "52", "超市", 8),
    ("G", "54", "物流", 3), ("H", "61", "宾馆", 2), ("H", "62", "餐饮", 7), ("I", "65", "软件", 2),
    ("K", "70", "物业服务", 2), ("L", "72", "商务服务", 3), ("O", "80", "家政服务", 3), ("O", "81", "汽车维修", 3),
    ("P", "83", "教育培训", 2), ("Q", "84", "诊所", 2), ("R", "89", "健身", 1),
)  # fmt: skip
FUEL = ("F", "52", "加油站", 1)
CROWDED = {"H", "P", "R"}
RURAL_SECTIONS = ("A", "01", "农业", 6)


def enterprises(place: Place, rng: Random, fresh: names.Fresh, as_of: date) -> Iterator[Row]:
    """The enterprises that have their seat in a place."""
    trades = (*TRADES, FUEL, RURAL_SECTIONS) if place.rural else (*TRADES, FUEL)
    weights = [weight for *_, weight in trades]
    for _ in range(place.enterprises):
        yield _enterprise(place, rng, fresh, as_of, rng.choices(trades, weights)[0])


def _enterprise(
    place: Place,
    rng: Random,
    fresh: names.Fresh,
    as_of: date,
    trade: tuple[str, str, str, int],
) -> Row:
    section, industry, word, _ = trade
    large = section == "C" and rng.random() < 0.25
    small = not large and section in {"F", "H", "O", "Q"} and rng.random() < 0.6
    staff = rng.randint(60, 380) if large else rng.randint(1, 9) if small else rng.randint(5, 58)
    revenue = staff * rng.randint(20, 90)
    fuel = word == "加油站"
    row: Row = {
        "uscc": fresh.uscc("92" if small else "91", "370611" if place.rural else "370602"),
        "name": _name(rng, place, word, small),
        "kind": "5" if small else "6" if section == "A" else "1",
        "industry": industry,
        "section": section,
        "legal_person": names.person_name(rng, rng.random() < 0.7),
        "phone": fresh.mobile(),
        "residence": place.code,
        "address": f"{place.street}{place.name}商业街{rng.randint(1, 199)}号",
        "registered_capital": 0 if small else rng.choice((50, 100, 200, 500, 1000)),
        "established": (as_of - timedelta(days=rng.randrange(200, 9000))).isoformat(),
        "status": "1",
        "scale": "2" if large else "4" if staff < 20 else "3",
        "above_threshold": YES if large else NO,
        "staff": staff,
        "revenue": revenue,
        "tax": revenue * 3 // 100,
        "hazardous": YES if fuel or (section == "C" and rng.random() < 0.12) else NO,
        "crowded": YES if section in CROWDED else NO,
        "safety_officer": names.person_name(rng, rng.random() < 0.7),
        "safety_phone": fresh.mobile(),
        "extinguishers": max(2, staff // 6),
        "last_inspection": (as_of - timedelta(days=rng.randrange(10, 160))).isoformat(),
    }
    if section == "C":
        row["output"] = revenue * 104 // 100
    return row


def _name(rng: Random, place: Place, word: str, small: bool) -> str:
    brand = names.firm_name(rng)
    if small:
        return f"{place.name.removesuffix('社区')}{brand}{word}{'' if word in ('诊所', '超市') else '店'}"
    if word == "农业":
        return f"烟台{brand}农产品专业合作社"
    return f"烟台{brand}{word}有限公司"


def houses(place: Place, rng: Random, households: list[tuple[Row, str]]) -> Iterator[Row]:
    """The houses of those households that name one."""
    for household, owner in households:
        incoming = household["residency"] == INCOMING
        old = rng.random() < (0.1 if place.rural else 0.04)
        yield {
            "code": household["house_code"],
            "location": place.code,
            "address": household["address"],
            "area": rng.randrange(45, 160),
            "structure": "4" if place.rural and old else "3" if place.rural else "2",
            "usage": "1",
            "ownership": "3" if place.rural else rng.choice("112"),
            "owner_name": names.person_name(rng, True) if incoming else owner,
            "rented": YES if incoming else NO,
            "tenants": household["members"] if incoming else 0,
            "built_year": rng.randrange(1975, 1995) if old else rng.randrange(1996, 2024),
            "danger_grade": rng.choice("CD")
            if old and rng.random() < 0.25
            else "B"
            if old
            else "A",
            "self_built": YES if place.rural else NO,
        }


def buildings(place: Place, rng: Random) -> Iterator[Row]:
    """The blocks of flats; a village has none."""
    if place.rural:
        return
    for number in range(1, 29):
        tall = rng.random() < 0.3
        yield {
            "code": f"{place.code}-B{number:02d}",
            "name": f"{place.name}{number}号楼",
            "location": place.code,
            "address": f"{place.street}{place.name}{number}号楼",
            "floors": rng.choice((18, 24, 26)) if tall else rng.choice((5, 6, 6, 7)),
            "basement": 2 if tall else 0,
            "units": rng.randint(1, 4),
            "elevators": rng.randint(2, 6) if tall else 0,
            "built_year": rng.randrange(2005, 2022) if tall else rng.randrange(1985, 2005),
            "structure": "2" if tall else "3",
            "property_manager": f"烟台{names.firm_name(rng)}物业服务有限公司",
            "fire_lane": NO if rng.random() < 0.06 else YES,
        }
