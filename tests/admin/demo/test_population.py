"""The synthetic registers: right in number, coherent, and the same every time."""

import time
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

from admin.demo import names, population
from engine import json_text
from engine.formats import registry, resident_id, uscc

PACK = Path(__file__).parents[3] / "packs" / "yantai"


@pytest.fixture(scope="module")
def places():
    """The communities and villages of both streets."""
    return population.places(PACK)


@pytest.fixture(scope="module")
def rows(places):
    """All register rows by kind of subject."""
    found = defaultdict(list)
    for subject, batch in population.registers(places):
        found[subject].extend(batch)
    return found


def _age(row):
    born = date.fromisoformat(row["birth_date"])
    as_of = population.AS_OF
    return as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))


def test_the_places_are_the_ten_communities_and_the_22_villages(places):
    """By the codes and names of the divisions file."""
    assert Counter(place.street for place in places) == {"世回尧街道": 10, "大季家街道": 22}
    assert places[0].code, places[0].name == ("370602011001", "惠安社区")


def test_there_are_as_many_as_promised(rows):
    """20,000 persons in 8,000 households, and 300 enterprises."""
    assert {kind: len(rows[kind]) for kind in ("person", "household", "enterprise")} == {
        "person": 20_000,
        "household": 8_000,
        "enterprise": 300,
    }


def test_all_is_made_within_ten_seconds(places):
    """It is in fact about one."""
    started = time.process_time()
    for _, batch in population.registers(places):
        assert len(batch) <= population.BATCH
    assert time.process_time() - started < 10


def test_the_same_seed_gives_the_same_people_and_another_seed_others(places):
    """To the last digit."""
    first, again = (next(population.registers(places)) for _ in range(2))
    other = next(population.registers(places, seed=7))
    assert first == again
    assert first != other


def test_every_id_number_is_valid_unique_and_agrees_with_the_row(rows):
    """Check digit, date of birth and sex."""
    numbers = [row["id_number"] for row in rows["person"]]
    assert len(set(numbers)) == len(numbers)
    for row in rows["person"]:
        assert resident_id.fault(row["id_number"]) is None
        assert resident_id.birth(row["id_number"]).isoformat() == row["birth_date"]
        assert resident_id.sex(row["id_number"]) == row["sex"]


def test_every_credit_code_is_valid_and_unique(rows):
    """Both check characters are right."""
    codes = [row["uscc"] for row in rows["enterprise"]]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert uscc.fault(code) is None
        assert uscc.body_check(code[8:16]) == code[16]


def test_households_hold_their_members(rows):
    """One head each, the number of members told is right, and all live in one place."""
    members = defaultdict(list)
    for row in rows["person"]:
        members[row["household_number"]].append(row)
    for household in rows["household"]:
        people = members.pop(household["number"])
        assert [row["relation_to_head"] for row in people].count("02") == 1
        assert people[0]["id_number"] == household["head_id_number"]
        assert len(people) == household["members"]
        assert {(row["residence"], row["residency"]) for row in people} == {
            (household["residence"], household["residency"])
        }
        assert len(people) > 1 or people[0]["living_alone"] == "1"
        spouses = [row for row in people if row["relation_to_head"] in ("11", "12")]
        assert all(row["sex"] != people[0]["sex"] for row in spouses)
    assert not members


def test_children_are_younger_and_parents_older_than_the_head_s_generation(rows):
    """By at least eighteen years."""
    heads = {
        row["household_number"]: _age(row)
        for row in rows["person"]
        if row["relation_to_head"] == "02"
    }
    for row in rows["person"]:
        gap = _age(row) - heads[row["household_number"]]
        if row["relation_to_head"] in ("51", "52"):
            assert gap >= 18
        if row["relation_to_head"][0] in "23":
            assert gap <= -18


def test_about_three_in_a_hundred_are_over_eighty(rows):
    """And each place has some."""
    over = [row for row in rows["person"] if _age(row) >= 80]
    assert 0.025 <= len(over) / len(rows["person"]) <= 0.035
    assert len({row["residence"] for row in over}) == 32
    for row in over:
        assert (row["elderly_allowance"] > 0) == (row["residency"] == "1")


def test_rows_are_valid_by_the_dictionary(rows):
    """Every key is a field, every value passes its schema and its code list."""
    lists = {}
    for path in (PACK / "codelists").glob("*.json"):
        one = json_text.loads(path.read_bytes())
        lists[one["code"]] = [value["code"] for value in one["values"]]
    for subject, batch in rows.items():
        document = json_text.loads((PACK / "fields" / f"{subject}.json").read_bytes())
        properties = {}
        for field in document["fields"]:
            extra = {"enum": lists[field["codelist"]]} if field.get("codelist") else {}
            properties[field["code"]] = {**field["schema"], **extra}
        home, keys = document["subject"]["home"], document["subject"]["keys"]
        validator = jsonschema_rs.Draft202012Validator(
            {
                "type": "object",
                "properties": properties,
                "required": [home, *keys],
                "additionalProperties": False,
            },
            formats=registry.checks(),
            validate_formats=True,
        )
        for row in batch:
            assert validator.is_valid(row), next(validator.iter_errors(row)).message


def test_no_number_can_be_anybody_s(rows):
    """Phones are of segments without an operator, accounts of no bank."""
    for row in rows["person"]:
        assert row.get("phone", "161")[:3] in names.MOBILE_SEGMENTS
        assert row.get("bank_card", "9999").startswith("9999")


def test_org_values_are_valid_and_streets_are_sums(places):
    """Every name is an org field of the right kind; a street's count is that of its communities."""
    document = json_text.loads((PACK / "fields" / "org.json").read_bytes())
    fields = {field["code"]: field for field in document["fields"]}
    found = {(one.code, one.period): one.values for one in population.org_values(places)}
    for (_, period), values in found.items():
        for name, value in values.items():
            assert (fields[name].get("temporal") == "period") == (period is not None), name
            assert jsonschema_rs.is_valid(fields[name]["schema"], value), (name, value)
            assert "compute" not in fields[name], name
    inside = [
        found[(place.code, None)]["grids"] for place in places if place.code.startswith("370602011")
    ]
    assert found[("370602011", None)]["grids"] == sum(inside)
    assert len({code for code, _ in found}) == 34


def test_grain_adds_up(places):
    """The sown area is that of its four crops."""
    for one in population.org_values(places):
        if one.period == "2025":
            v = one.values
            assert v["grain_area"] == sum(
                v[name]
                for name in ("wheat_area", "maize_area", "soybean_area", "sweet_potato_area")
            )
