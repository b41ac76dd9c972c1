"""Values in place of real ones: valid, consistent, one to one, and other ones."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as some

from engine.formats import phone, resident_id, uscc
from engine.privacy.pseudonyms import Pseudonyms

MADE = Pseudonyms(b"k" * 32)
_born = some.dates(min_value=date(1900, 1, 1), max_value=date(2026, 11, 28))
_places = some.sampled_from(("370602", "110105", "440524"))


def _number(place: str, born: date, order: int) -> str:
    first = f"{place}{born:%Y%m%d}{order:03d}"
    return first + resident_id.check_digit(first)


@given(_places, _born, some.integers(0, 999))
def test_an_id_number_is_valid_and_says_the_same_month_and_sex(
    place: str, born: date, order: int
) -> None:
    """The birth date in the number is the one that stands beside it."""
    real = _number(place, born, order)
    made = MADE.id_number(real)
    assert resident_id.fault(made) is None
    assert made == MADE.id_number(real)
    assert resident_id.sex(made) == resident_id.sex(real)
    assert resident_id.birth(made).isoformat() == MADE.birth_date(born.isoformat())
    assert made[:12] == real[:12]


def test_no_two_people_become_one() -> None:
    """All days of a month with all orders of a place stay different numbers."""
    real = {_number("370602", date(1941, 2, day), n) for day in range(1, 29) for n in range(0, 999, 7)}  # fmt: skip
    assert len({MADE.id_number(one) for one in real}) == len(real)


@given(some.text("0123456789", min_size=1, max_size=19), some.text("0123456789", min_size=1, max_size=19))  # fmt: skip
def test_other_numbers_are_one_to_one_and_as_long(one: str, other: str) -> None:
    """Cards and codes are found by their number: two never become one."""
    assert len(MADE.code(one)) == len(one)
    assert (MADE.code(one) == MADE.code(other)) == (one == other)


@given(some.sampled_from(("139", "161")), some.integers(0, 99_999_999))
def test_a_phone_stays_a_phone(segment: str, rest: int) -> None:
    """The segment stays; the number is another's place, never another person's twice."""
    made = MADE.phone(f"{segment}{rest:08d}")
    assert phone.FORMAT.fault(made) is None
    assert made.startswith(segment)


def test_credit_codes_are_valid() -> None:
    """Village collectives and firms alike."""
    for real in ("91350100M000100Y43", "113706000042603877", "11371083004227827M"):
        made = MADE.credit_code(real)
        assert uscc.fault(made) is None
        assert made != real
        assert made[:8] == real[:8]


@given(some.lists(_born, min_size=2, max_size=6))
def test_days_keep_their_month_and_their_order(days: list[date]) -> None:
    """What is counted by month is counted alike, and nobody leaves before they came."""
    made = [date.fromisoformat(MADE.day(one.isoformat())) for one in sorted(days)]
    assert made == sorted(made)
    assert [(one.year, one.month) for one in made] == [
        (one.year, one.month) for one in sorted(days)
    ]


def test_another_key_gives_other_values() -> None:
    """So nobody finds back who has the program but not the key."""
    other = Pseudonyms(b"o" * 32)
    real = [_number("370602", date(1941, 2, day), day * 11) for day in range(1, 29)]
    same = [one for one in real if MADE.id_number(one) == other.id_number(one)]
    assert len(same) < 3
    assert MADE.person("钱三多") != "钱三多"
    assert MADE.address("惠安里5号楼") == MADE.address("惠安里5号楼") != "惠安里5号楼"
