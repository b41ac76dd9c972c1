"""What is known of the communities themselves: staff, facilities, land, crops, last month's counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from admin.demo import names
from admin.demo.people import NO, YES, Place, Row

MONTH, QUARTER, HALF, YEAR = "2026-10", "2026-Q3", "2026-H1", "2025"
"""The periods before those that a demonstration reports on."""


@dataclass(frozen=True, slots=True)
class OrgValues:
    """Values of one organisation: of a period, or (None) until changed."""

    code: str
    period: str | None
    values: Row


def org_values(places: Iterable[Place], seed: int) -> Iterator[OrgValues]:
    """What stewards have entered about communities and villages, and of streets as their sum."""
    streets: dict[str, dict[str | None, Row]] = {}
    titles: dict[str, str] = {}
    for index, place in enumerate(places):
        rng = Random(f"{seed}:{place.code}:org")
        titles[place.code[:9]] = place.street
        known: dict[str | None, Row] = {
            None: {**_office(place, rng, index), **_facilities(place, rng), **_land(place, rng)},
            MONTH: _month(place, rng),
            QUARTER: _livestock(place, rng),
            YEAR: {**_crops(place, rng), **_year(rng)},
        }
        for period, values in known.items():
            yield OrgValues(place.code, period, values)
            _add(streets.setdefault(place.code[:9], {}).setdefault(period, {}), values)
    for code, periods in streets.items():
        for period, values in periods.items():
            own = {"code": code, "name": titles[code]} if period is None else {}
            yield OrgValues(code, period, {**own, **values})


def _add(total: dict[str, Any], values: Row) -> None:
    for name, value in values.items():
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            total[name] = total.get(name, 0) + value


def _office(place: Place, rng: Random, index: int) -> Row:
    return {
        "code": place.code,
        "name": place.name,
        "secretary": names.person_name(rng, rng.random() < 0.6),
        "phone": names.landline(index + 101),
        "address": f"{place.street}{place.name}党群服务中心",
        "area": Decimal(rng.randrange(20, 90)) / 10,
        "land_area": rng.randrange(200, 900) if place.rural else rng.randrange(20, 90),
    }


def _facilities(place: Place, rng: Random) -> Row:
    grids = 6 if place.persons > 900 else 4 if place.persons > 500 else 2
    return {
        "grids": grids,
        "grid_workers": grids + rng.randint(0, 3),
        "community_staff": rng.randint(5, 9) if place.rural else rng.randint(9, 18),
        "village_groups": rng.randint(2, 8),
        "elder_centres": rng.randint(1, 2),
        "elder_beds": rng.randrange(6, 40, 2),
        "meal_points": rng.randint(0, 2),
        "shelters": rng.randint(1, 3),
        "shelter_capacity": rng.randrange(200, 1500, 50),
        "rescue_members": rng.randint(8, 25),
        "supply_points": rng.randint(1, 2),
        "hydrants": rng.randint(4, 30),
        "fire_stations": 1,
        "loudspeakers": rng.randint(2, 12),
        "aeds": rng.randint(0, 2),
        "charging_points": rng.randint(1, 12),
        "clinics": rng.randint(1, 2),
        "schools": int(rng.random() < 0.2),
        "kindergartens": int(rng.random() < 0.5),
        "squares": rng.randint(1, 3),
        "water_households": place.households,
        "gas_households": place.households * (60 if place.rural else 97) // 100,
        "terrain": "2" if place.rural else "1",
        "irrigation_source": "2" if place.rural else "3",
        "main_road": "1",
        "main_energy": "1" if place.rural else "2",
        "is_town_seat": NO,
        "adjoins_seat": YES if rng.random() < 0.3 else NO,
        "bus": YES,
        "broadband": YES,
        "cable_tv": YES,
        "clean_water": YES,
        "toilets_done": YES,
        "refuse_treated": YES,
        "sewage_treated": YES if not place.rural or rng.random() < 0.7 else NO,
        "sewers": YES if not place.rural or rng.random() < 0.7 else NO,
    }


def _land(place: Place, rng: Random) -> Row:
    area = rng.randrange(600, 2600, 10) if place.rural else 0
    return {
        "cultivated_area": area,
        "contracted_area": area * 85 // 100,
        "transferred_area": area * rng.randint(20, 45) // 100,
        "facility_area": area * 3 // 100,
        "farmed_area": area * 94 // 100,
        "irrigated_area": area * 60 // 100,
        "orchard_area": area * 70 // 100,
        "forest_area": rng.randrange(100, 900, 10) if place.rural else 0,
        "grass_area": 0,
        "wells": rng.randint(2, 12) if place.rural else 0,
        "ponds": rng.randint(0, 3) if place.rural else 0,
        "coops": rng.randint(0, 3) if place.rural else 0,
        "coop_households": rng.randint(10, 60) if place.rural else 0,
        "big_growers": rng.randint(0, 6) if place.rural else 0,
        "big_breeders": rng.randint(0, 3) if place.rural else 0,
        "machinery_power": area * 2,
        "tractors": rng.randint(5, 30) if place.rural else 0,
    }


def _month(place: Place, rng: Random) -> Row:
    found = rng.randint(2, 12)
    return {
        "births": rng.randint(0, 2),
        "deaths": rng.randint(0, 2),
        "elderly_new": rng.randint(0, 2),
        "elderly_visits": place.persons // 25 + rng.randint(0, 10),
        "hazards_found": found,
        "hazards_fixed": found - rng.randint(0, 1),
        "drills": rng.randint(0, 1),
        "trainings": rng.randrange(20, 120, 5),
    }


def _livestock(place: Place, rng: Random) -> Row:
    if not place.rural:
        return dict.fromkeys(
            ("pigs", "sows", "cattle", "sheep", "poultry", "pigs_sold", "cattle_sold",
             "sheep_sold", "poultry_sold", "pork", "eggs", "milk"), 0,
        )  # fmt: skip
    pigs, cattle = rng.randrange(20, 400), rng.randrange(0, 40)
    sheep, poultry = rng.randrange(20, 200), rng.randrange(500, 6000, 10)
    return {
        "pigs": pigs,
        "sows": pigs // 10,
        "cattle": cattle,
        "sheep": sheep,
        "poultry": poultry,
        "pigs_sold": pigs + rng.randrange(0, 80),
        "cattle_sold": cattle // 2,
        "sheep_sold": sheep // 2,
        "poultry_sold": poultry * 2,
        "pork": pigs * 8 // 100,
        "eggs": poultry // 100,
        "milk": cattle,
    }


def _crops(place: Place, rng: Random) -> Row:
    wheat, soybean, potato = 0, 0, 0
    if place.rural:
        wheat, soybean = rng.randrange(80, 400, 5), rng.randrange(5, 60, 5)
        potato = rng.randrange(5, 50, 5)
    maize = wheat * 110 // 100
    return {
        "grain_area": wheat + maize + soybean + potato,
        "wheat_area": wheat,
        "wheat_output": Decimal(wheat * 420 // 100) / 10,
        "maize_area": maize,
        "maize_output": Decimal(maize * 480 // 100) / 10,
        "soybean_area": soybean,
        "soybean_output": Decimal(soybean * 170 // 100) / 10,
        "sweet_potato_area": potato,
        "sweet_potato_output": Decimal(potato * 500 // 100) / 10,
        "vegetable_area": rng.randrange(20, 200, 5) if place.rural else 0,
        "fruit_output": rng.randrange(300, 2500, 10) if place.rural else 0,
    }


def _year(rng: Random) -> Row:
    return {
        "births": rng.randint(2, 12),
        "deaths": rng.randint(2, 12),
        "collective_income": rng.randrange(20, 260),
        "collective_assets": rng.randrange(300, 5000, 10),
        "deputies_meetings": rng.randint(2, 6),
    }
