"""Households made up of people who could live together: couples, children, parents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from admin.demo import names

SIZES = (1, 2, 3, 4, 5, 6)
SIZE_WEIGHTS = (22, 34, 26, 11, 5, 2)
OLD = ((60, 64, 300), (65, 69, 265), (70, 74, 185), (75, 79, 125), (80, 84, 72), (85, 89, 32),
       (90, 94, 12), (95, 99, 5), (100, 103, 2))  # fmt: skip

HEAD, HUSBAND, WIFE, FATHER, MOTHER = "02", "11", "12", "51", "52"
SONS, DAUGHTERS = ("21", "22", "23"), ("31", "32", "33")
"""Only child, eldest, second: GB/T 4761."""
SINGLE, MARRIED, WIDOWED, DIVORCED = "10", "20", "30", "40"


@dataclass(slots=True)
class Member:
    """Who somebody is in a household."""

    relation: str
    male: bool
    age: int
    name: str
    marriage: str


@dataclass(slots=True)
class Family:
    """A household of coherent members, the head first."""

    members: list[Member] = field(default_factory=list)

    def add(self, relation: str, male: bool, age: int, name: str, marriage: str) -> Member:
        """One more member."""
        member = Member(relation, male, age, name, marriage)
        self.members.append(member)
        return member


def sizes(rng: Random, households: int, persons: int) -> list[int]:
    """That many households whose members add up to exactly that many persons."""
    chosen = rng.choices(SIZES, SIZE_WEIGHTS, k=households)
    while (missing := persons - sum(chosen)) != 0:
        step = 1 if missing > 0 else -1
        index = rng.randrange(households)
        if SIZES[0] <= chosen[index] + step <= SIZES[-1]:
            chosen[index] += step
    return chosen


def family(rng: Random, size: int) -> Family:
    """A household of a size; what kind of household is left to chance."""
    if size == 1:
        return _alone(rng)
    if size == 2 and rng.random() < 0.25:
        return _parent_and_child(rng)
    elders = _elders(rng, size)
    children = size - 2 - elders
    return _couple(rng, children, elders)


def _alone(rng: Random) -> Family:
    made = Family()
    male = rng.random() < 0.5
    if rng.random() < 0.42:
        age, marriage = _old(rng), WIDOWED if rng.random() < 0.8 else SINGLE
    else:
        age = rng.randint(20, 59)
        marriage = SINGLE if age < 30 else rng.choice((SINGLE, MARRIED, DIVORCED, DIVORCED))
    made.add(HEAD, male, age, names.person_name(rng, male), marriage)
    return made


def _parent_and_child(rng: Random) -> Family:
    made = Family()
    male = rng.random() < 0.3
    surname = rng.choice(names.SURNAMES)
    age = rng.randint(28, 58)
    made.add(HEAD, male, age, names.person_name(rng, male, surname), DIVORCED)
    son = rng.random() < 0.52
    child = max(age - rng.randint(23, 30), 1)
    made.add(_child(son, 0, 1), son, child, names.person_name(rng, son, surname), SINGLE)
    return made


def _elders(rng: Random, size: int) -> int:
    if size < 3:
        return 0
    if size == 3:
        return int(rng.random() < 0.18)
    if size == 4:
        return int(rng.random() < 0.4)
    return min(size - 3, 2)


def _couple(rng: Random, children: int, elders: int) -> Family:
    made = Family()
    age = _couple_age(rng, children, elders)
    male = rng.random() < 0.82
    surname, other = rng.sample(names.SURNAMES, 2)
    partner = max(age + (rng.randint(-4, 1) if male else rng.randint(-1, 4)), 22)
    made.add(HEAD, male, age, names.person_name(rng, male, surname), MARRIED)
    made.add(
        WIFE if male else HUSBAND,
        not male,
        partner,
        names.person_name(rng, not male, other),
        MARRIED,
    )
    mother = partner if male else age
    family_name = surname if male else other
    eldest = min(mother - rng.randint(22, 31), 27)
    for index in range(children):
        son = rng.random() < 0.52
        years = max(eldest - index * rng.randint(2, 6), 0)
        made.add(
            _child(son, index, children),
            son,
            years,
            names.person_name(rng, son, family_name),
            SINGLE,
        )
    for index in range(elders):
        is_mother = index == 1 or (elders == 1 and rng.random() < 0.7)
        years = min(age + rng.randint(22, 30), 98)
        title = names.person_name(rng, not is_mother, None if is_mother else surname)
        state = MARRIED if elders == 2 else WIDOWED
        made.add(MOTHER if is_mother else FATHER, not is_mother, years, title, state)
    return made


def _couple_age(rng: Random, children: int, elders: int) -> int:
    if elders:
        return rng.randint(36, 56)
    if children:
        return rng.randint(27, 55)
    return _old(rng) if rng.random() < 0.42 else rng.randint(25, 59)


def _old(rng: Random) -> int:
    first, last, _ = rng.choices(OLD, [weight for _, _, weight in OLD])[0]
    return rng.randint(first, last)


def _child(son: bool, index: int, children: int) -> str:
    codes: Sequence[str] = SONS if son else DAUGHTERS
    return codes[0] if children == 1 else codes[min(index + 1, 2)]
