"""The population register and the household register of one community or village."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from admin.demo import families, names
from admin.demo.families import Family, Member
from engine.json_text import Json

Row = dict[str, Json]
YES, NO = "1", "2"
HERE, INCOMING, AWAY = "1", "2", "3"
"""YT/residency: registered and living here; living here only; registered here only."""
ALLOWANCE = ((100, 500), (90, 300), (80, 100))
"""From an age on, so many yuan a month; the rates are made up."""
ETHNIC = ("01",) * 985 + ("03",) * 5 + ("10",) * 4 + ("11",) * 3 + ("02", "15", "08")
FORMAL = ("13", "17", "21", "24", "80")
"""GB/T 2261.4: those who are insured through an employer."""
TRADES = ("13", "17", "21", "24", "24", "24", "54", "51")
YOUNG_CITY = ("21", "21", "31", "31", "41", "61", "71")
YOUNG_VILLAGE = ("31", "41", "61", "71", "71")
MIDDLE = ("21", "31", "61", "61", "71", "71")
OLD = ("61", "71", "71", "81", "81", "83")
"""GB/T 4658: how the schooling of each generation is spread."""
GRADES = (4, 4, 3, 3, 2, 1)
VERY_OLD = "1946-11-30"
"""Born so early, one is of eighty in November 2026."""


@dataclass(frozen=True, slots=True)
class Place:
    """A community or village, and how many live and work in it."""

    code: str
    name: str
    """Without 居民委员会."""
    street: str
    rural: bool
    households: int
    persons: int
    enterprises: int


@dataclass(slots=True)
class Home:
    """What all members of a household share."""

    number: str
    place: Place
    address: str
    residency: str
    assistance: str | None
    grid: str
    house: str | None
    size: int


def residents(
    place: Place, rng: Random, fresh: names.Fresh, as_of: date
) -> Iterator[tuple[Row, list[Row]]]:
    """Each household with its members, as register rows."""
    for index, size in enumerate(families.sizes(rng, place.households, place.persons), 1):
        family = families.family(rng, size)
        home = _home(place, rng, index, family)
        people = [_person(rng, fresh, home, member, as_of) for member in family.members]
        _name_guardians(people, family)
        yield _household(rng, fresh, home, people), people


def _home(place: Place, rng: Random, index: int, family: Family) -> Home:
    chance = rng.random()
    residency = HERE if chance < 0.85 else INCOMING if chance < 0.96 else AWAY
    size = len(family.members)
    if place.rural:
        address = f"{place.street}{place.name}{index}号"
    else:
        block, entrance = rng.randint(1, 28), rng.randint(1, 4)
        room = f"{rng.randint(1, 18)}{rng.randint(1, 3):02d}"
        address = f"{place.street}{place.name}{block}号楼{entrance}单元{room}室"
    return Home(
        number=f"{place.code}{index:05d}",
        place=place,
        address=address,
        residency=residency,
        assistance=_assistance(rng, residency, size, family.members[0].age),
        grid=f"{place.name}第{'一二三四五六'[index * 6 // (place.households + 1)]}网格",
        house=f"{place.code}-{index:05d}" if index % 3 == 0 else None,
        size=size,
    )


def _assistance(rng: Random, residency: str, size: int, age: int) -> str | None:
    if residency == INCOMING:
        return None
    if size == 1 and age >= 60 and rng.random() < 0.03:
        return "2"
    chance = rng.random()
    return "1" if chance < 0.022 else "3" if chance < 0.028 else None


def _household(rng: Random, fresh: names.Fresh, home: Home, people: list[Row]) -> Row:
    head = people[0]
    registered = home.residency != INCOMING
    return {
        "number": home.number,
        "head_name": head["name"],
        "head_id_number": head["id_number"],
        "residence": home.place.code,
        "address": home.address,
        "kind": YES if rng.random() < 0.995 else NO,
        "residency": home.residency,
        "members": home.size,
        "phone": head.get("phone") or fresh.mobile(),
        "assistance_kind": home.assistance,
        "annual_income": rng.randrange(8, 40) * 1000 * home.size,
        "house_code": home.house,
        "contracted_area": rng.randrange(2, 30) if home.place.rural and registered else 0,
        "tap_water": YES,
        "gas": YES if not home.place.rural or rng.random() < 0.6 else NO,
        "all_away": YES if home.residency == AWAY else NO,
    }


def _person(rng: Random, fresh: names.Fresh, home: Home, member: Member, as_of: date) -> Row:
    born = _birthday(rng, member.age, as_of)
    incoming = home.residency == INCOMING
    local = "370611" if home.place.rural else "370602"
    place = rng.choice(names.FAR_PLACES if incoming else (*names.BIRTHPLACES, local, local))
    row: Row = {
        "id_number": fresh.resident_id(place, f"{born:%Y%m%d}", member.male),
        "name": member.name,
        "sex": "1" if member.male else "2",
        "birth_date": born.isoformat(),
        "ethnicity": rng.choice(ETHNIC),
        "marriage": member.marriage,
        "residence": home.place.code,
        "address": home.address,
        "registered_division": place if incoming else home.place.code,
        "residency": home.residency,
        "household_number": home.number,
        "relation_to_head": member.relation,
        "grid": home.grid,
        "living_alone": YES if home.size == 1 else NO,
        "migrant_worker": NO,
        "veteran": YES if member.male and 22 <= member.age <= 78 and rng.random() < 0.06 else NO,
    }
    if member.age >= 12:
        row["phone"] = fresh.mobile()
    row.update(_schooling_and_work(rng, home, member.age))
    row.update(_health(rng, home, member.age))
    if home.assistance:
        row["assistance_kind"] = home.assistance
        row["assistance_amount"] = {"1": 620, "2": 1100, "3": 0}[home.assistance]
    if member.age >= 60:
        row["guardian_name"] = names.person_name(rng, rng.random() < 0.5)
        row["guardian_phone"] = fresh.mobile()
    if member.age >= 80:
        here = home.residency == HERE
        row.update(_allowance(fresh, member.age, born) if here else {"elderly_allowance": 0})
    return {name: value for name, value in row.items() if value is not None}


def _name_guardians(people: list[Row], family: Family) -> None:
    """A child's guardian is the head of its household."""
    head = people[0]
    for row, member in zip(people, family.members, strict=True):
        if member.age < 18 and "phone" in head:
            row.update(guardian_name=head["name"], guardian_phone=head["phone"])


def _birthday(rng: Random, age: int, as_of: date) -> date:
    """A day on which somebody was born who is of that age now."""
    try:
        latest = as_of.replace(year=as_of.year - age)
    except ValueError:
        latest = as_of.replace(year=as_of.year - age, day=28)
    return latest - timedelta(days=rng.randrange(365))


def _schooling_and_work(rng: Random, home: Home, age: int) -> Row:
    if age < 6:
        return {"employed": NO, "education": "90", "political_status": "13"}
    if age < 18:
        return {
            "employed": NO,
            "education": "71" if age >= 15 else "81" if age >= 12 else "90",
            "political_status": "13",
            "employment": "31",
            "school": "第一中学" if age >= 12 else "第一小学",
            "medical_insurance": "2",
        }
    row = {"education": _education(rng, home.place.rural, age), **_work(rng, home, age)}
    member, youth = age >= 22 and rng.random() < 0.08, age < 26 and rng.random() < 0.5
    row["political_status"] = "01" if member else "03" if youth else "13"
    formal = row["employment"] in FORMAL
    row["pension_insurance"] = row["medical_insurance"] = "1" if formal else "2"
    return row


def _education(rng: Random, rural: bool, age: int) -> str:
    if age < 40:
        return rng.choice(YOUNG_VILLAGE if rural else YOUNG_CITY)
    return rng.choice(MIDDLE if age < 60 else OLD)


def _work(rng: Random, home: Home, age: int) -> Row:
    rural = home.place.rural
    if age < 23 and rng.random() < 0.7:
        return {"employed": NO, "employment": "31"}
    if age >= 60:
        return {"employed": NO, "employment": "27" if rural else "80"}
    if rng.random() < 0.07:
        return {"employed": NO, "employment": "70"}
    farmer = rural and rng.random() < 0.45
    away = home.residency == AWAY or (rural and rng.random() < 0.12)
    return {
        "employed": YES,
        "employment": "27" if farmer else rng.choice(TRADES),
        "migrant_worker": YES if away else NO,
        "annual_income": rng.randrange(24, 130) * 1000,
    }


def _health(rng: Random, home: Home, age: int) -> Row:
    row: Row = {"disabled": NO, "severely_disabled": NO, "evacuation": NO, "health": "10"}
    if rng.random() < (0.09 if age >= 60 else 0.025):
        grade = rng.choice(GRADES)
        row.update(
            disabled=YES,
            severely_disabled=YES if grade <= 2 else NO,
            disability_kind=rng.choice("1244456"),
            disability_grade=str(grade),
            health="60",
        )
    if age >= 60:
        loss = rng.random() * (1.35 if age >= 80 else 1.0)
        row["care_level"] = (
            "1"
            if loss < 0.88
            else "2"
            if loss < 1.05
            else "3"
            if loss < 1.2
            else "4"
            if loss < 1.3
            else "5"
        )
        if row["health"] == "10" and rng.random() < 0.35:
            row["health"] = "30"
    alone_and_old = age >= 80 and home.size == 1
    if alone_and_old or row["severely_disabled"] == YES or row.get("care_level", "1") >= "3":
        row["evacuation"] = YES
    return row


def month(rng: Random, row: Row) -> Row | None:
    """What is on record of a person for the month under way: nothing for most.

    Grid workers note their visits to the very old as they make them; one in eight has none noted
    yet. Who has drawn the allowance for longer than this month has nothing coming from before.
    """
    known: Row = {}
    if str(row["birth_date"]) <= VERY_OLD and row["residency"] != AWAY and rng.random() < 0.875:
        known["visits"] = rng.randint(1, 3)
    if row.get("elderly_allowance"):
        known["allowance_back_pay"] = 0
    return known or None


def _allowance(fresh: names.Fresh, age: int, born: date) -> Row:
    amount = next(yuan for years, yuan in ALLOWANCE if age >= years)
    turned = max(born.year + 80, 2016)
    return {
        "elderly_allowance": amount,
        "allowance_since": f"{turned}-{born.month:02d}",
        "bank_card": fresh.account(),
        "bank_name": "某银行烟台分行",
        "photo_consent": YES,
    }
