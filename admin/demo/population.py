"""Synthetic registers for two streets: the same seed gives the same people, to the last digit.

Ten communities of 世回尧街道 and 22 of 大季家街道: 20,000 persons in 8,000 households and 300
enterprises. Every number has its right check digit; no name, number or address is anybody's.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random

from admin.demo import communities, firms, names, people
from admin.demo.communities import OrgValues
from admin.demo.people import Place, Row

SEED = 2026
AS_OF = date(2026, 10, 31)
MONTH = "2026-11"
"""The month under way."""
CITY_STREET, RURAL_STREET = "370602011", "370676003"
SHARES = {CITY_STREET: (12_000, 4_700, 190), RURAL_STREET: (8_000, 3_300, 110)}
"""Persons, households and enterprises of a street."""
BATCH = 1_000


def places(pack: Path, seed: int = SEED) -> tuple[Place, ...]:
    """The communities and villages of the two streets, with how many live in each."""
    with (pack / "divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["valid_to"]]
    streets = {row["code"]: row["name"] for row in rows if row["code"] in SHARES}
    found: list[Place] = []
    for street, totals in SHARES.items():
        inside = [row for row in rows if row["parent_code"] == street]
        rng = Random(f"{seed}:{street}")
        weights = [rng.uniform(0.7, 1.3) for _ in inside]
        persons, households, enterprises = (_shared(total, weights) for total in totals)
        for index, row in enumerate(inside):
            found.append(
                Place(
                    code=row["code"],
                    name=short_name(row["name"]),
                    street=streets[street],
                    rural=street == RURAL_STREET,
                    households=households[index],
                    persons=persons[index],
                    enterprises=enterprises[index],
                )
            )
    return tuple(found)


def registers(
    places: Sequence[Place], *, seed: int = SEED, as_of: date = AS_OF, batch: int = BATCH
) -> Iterator[tuple[str, list[Row]]]:
    """Register rows in batches: the kind of subject, and rows keyed by field name."""
    fresh = names.Fresh(Random(f"{seed}:numbers"))
    waiting: dict[str, list[Row]] = {}
    for place in places:
        for subject, rows in _of_place(place, fresh, seed, as_of):
            kept = waiting.setdefault(subject, [])
            kept.extend(rows)
            while len(kept) >= batch:
                yield subject, kept[:batch]
                del kept[:batch]
    for subject, kept in waiting.items():
        if kept:
            yield subject, kept


def org_values(places: Sequence[Place], seed: int = SEED) -> Iterator[OrgValues]:
    """What is known of the organisations themselves, until changed and by period."""
    return communities.org_values(places, seed)


def short_name(name: str) -> str:
    """`惠安社区` of `惠安社区居民委员会`, `大季家` of `大季家居委会`."""
    for ending in ("居民委员会", "居委会", "村民委员会", "村委会"):
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name


def _of_place(
    place: Place, fresh: names.Fresh, seed: int, as_of: date
) -> Iterator[tuple[str, list[Row]]]:
    rng = Random(f"{seed}:{place.code}")
    housed: list[tuple[Row, str]] = []
    for household, members in people.residents(place, rng, fresh, as_of):
        if household["house_code"]:
            housed.append((household, members[0]["name"]))
        yield "household", [{k: v for k, v in household.items() if v is not None}]
        yield "person", members
    yield "enterprise", list(firms.enterprises(place, rng, fresh, as_of))
    yield "house", list(firms.houses(place, rng, housed))
    yield "building", list(firms.buildings(place, rng))


def _shared(total: int, weights: Sequence[float]) -> list[int]:
    """A total in whole shares by weight; the largest remainders get what is left over."""
    exact = [total * weight / sum(weights) for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares
