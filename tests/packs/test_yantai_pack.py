"""The pack holds together: every reference in it ends at something that is there."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from engine import json_text
from engine.dictionary import field as dictionary
from engine.formats import division, registry
from engine.formula.parse import parse, parse_members
from engine.formula.tree import Aggregate, Name, walk
from forms.compile import compile_form

PACK = Path(__file__).parents[2] / "packs" / "yantai"
LEVEL_OF = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}
STANDARD = {"id_number": "resident-id", "uscc": "uscc", "phone": "phone-cn"}
SENSITIVE = ("id_number", "bank_card", "disability_kind", "disability_grade", "annual_income")


def read(path):
    """One JSON file of the pack."""
    return json_text.loads((PACK / path).read_bytes())


@pytest.fixture(scope="module")
def divisions():
    """Rows of divisions.csv."""
    with (PACK / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def fields():
    """The dictionary by code."""
    found = []
    for path in sorted((PACK / "fields").glob("*.json")):
        document = json_text.loads(path.read_bytes())
        kind = dictionary.read_subject(document["subject"])
        read_fields = [dictionary.read_field(one, kind.code) for one in document["fields"]]
        names = {one.name for one in read_fields}
        assert set(kind.keys) <= names
        assert kind.home in names
        found += read_fields
    return dictionary.by_code(found)


@pytest.fixture(scope="module")
def codelists():
    """Code lists by code."""
    lists = [
        dictionary.read_codelist(json_text.loads(path.read_bytes()))
        for path in (PACK / "codelists").glob("*.json")
    ]
    assert len({one.code for one in lists}) == len(lists)
    return {one.code: one for one in lists}


@pytest.fixture(scope="module")
def organisations(divisions):
    """Codes of all organisations."""
    offices = read("organisations.json")["offices"]
    return {row["code"] for row in divisions} | {office["code"] for office in offices}


def form_codes():
    """The forms of the pack."""
    return sorted(path.stem for path in (PACK / "forms").glob("*.json"))


def test_divisions_are_6683_and_two_of_the_past(divisions):
    """Each below one that is there, of the level that its code says."""
    current = [row for row in divisions if not row["valid_to"]]
    assert len(current) == 6683
    assert {row["code"] for row in divisions if row["valid_to"]} == {"370634", "370684"}
    codes = {row["code"] for row in divisions}
    assert len(codes) == len(divisions)
    for row in divisions:
        assert division.fault(row["code"]) is None
        assert row["level"] == LEVEL_OF[len(row["code"])]
        assert row["parent_code"] in codes or row["level"] == "province"
        assert row["code"].startswith(row["parent_code"])


def test_offices_and_accounts_sit_in_organisations_that_exist(organisations):
    """Names of people are unique, and every role is declared and held."""
    for office in read("organisations.json")["offices"]:
        assert office["parent"] in organisations
        assert office["kind"] == "office"
    accounts = read("accounts.json")["accounts"]
    roles = {one["role"] for one in read("positions.json")["positions"]}
    held = [position for account in accounts for position in account["positions"]]
    assert {position["role"] for position in held} == roles
    assert {position["organisation"] for position in held} <= organisations
    assert len({account["login"] for account in accounts}) == len(accounts)
    assert "password" not in json_text.dumps(accounts)


def test_every_office_that_answers_for_a_field_has_somebody(fields):
    """A dispute or a correction ends with a person, whatever it is about."""
    held = {
        position["organisation"]
        for account in read("accounts.json")["accounts"]
        for position in account["positions"]
        if position["role"] == "department"
    }
    assert {field.steward for field in fields.values()} <= held


def test_every_community_of_the_street_has_its_filler(divisions):
    """All ten, 惠安社区 among them under `huian`."""
    filled = {
        position["organisation"]: account["login"]
        for account in read("accounts.json")["accounts"]
        for position in account["positions"]
        if position["role"] == "staff"
    }
    communities = [row["code"] for row in divisions if row["parent_code"] == "370602011"]
    assert len(communities) == 10
    assert set(communities) <= set(filled)
    assert filled["370602011001"] == "huian"


def test_there_are_at_least_150_fields_well_described(fields, codelists, organisations):
    """Labels in both languages, a definition, a steward that exists, a known code list and format."""
    assert len(fields) >= 150
    for field in fields.values():
        assert field.labels["zh"]
        assert field.labels["en"]
        assert field.definition.endswith("。"), field.code
        assert field.steward in organisations, field.code
        assert field.codelist is None or field.codelist in codelists
        assert field.schema.get("format", "date") in {*registry.FORMATS, "date"}
        if field.name in STANDARD:
            assert field.schema["format"] == STANDARD[field.name]
        if field.name in SENSITIVE:
            assert field.sensitivity in ("L3", "L4"), field.code


def test_labels_of_one_subject_do_not_clash(fields):
    """A label or synonym of one field is the label of no other field of the same subject."""
    for subject in {field.subject for field in fields.values()}:
        labels = Counter(f.labels["zh"] for f in fields.values() if f.subject == subject)
        assert max(labels.values()) == 1, labels.most_common(2)
        own = {f.labels["zh"]: f.code for f in fields.values() if f.subject == subject}
        for field in fields.values():
            if field.subject == subject:
                for synonym in field.synonyms:
                    assert own.get(synonym, field.code) == field.code, (field.code, synonym)


def test_no_synonym_belongs_to_two_fields(fields):
    """Within a subject, a word leads to one field."""
    for subject in {field.subject for field in fields.values()}:
        words = Counter(s for f in fields.values() if f.subject == subject for s in f.synonyms)
        assert [word for word, times in words.items() if times > 1] == []


def test_computed_fields_read_what_the_database_can_read(fields):
    """A formula names fields that exist and are not encrypted, and code values that exist."""
    computed = [field for field in fields.values() if field.compute]
    assert len(computed) >= 50
    for field in computed:
        for node in walk(parse(field.compute)):
            if isinstance(node, Aggregate):
                subject = node.source.partition(".")[0]
                inside = [one for one in walk(node) if isinstance(one, Name)]
                for name in inside:
                    if name.path != "this" and not name.path.startswith(subject):
                        target = fields[f"{subject}.{name.path}"]
                        assert not target.secret, (field.code, target.code)


def test_code_lists_are_those_of_the_standards(codelists):
    """Sizes and entries that are easy to get wrong."""
    ethnic = codelists["GB/T 3304"]
    assert [value.code for value in ethnic.values][:56] == [f"{n:02d}" for n in range(1, 57)]
    assert [ethnic.label(c) for c in ("01", "51", "52", "53", "56")] == [
        "汉族",
        "独龙族",
        "鄂伦春族",
        "赫哲族",
        "基诺族",
    ]
    assert codelists["GB/T 2261.2"].label("30") == "丧偶"
    assert codelists["GB/T 2261.4"].label("80") == "退（离）休人员"
    assert codelists["GB/T 4762"].label("13") == "群众"
    industry = codelists["GB/T 4754"]
    assert [v.code for v in industry.values if v.parent is None] == list("ABCDEFGHIJKLMNOPQRST")
    assert [v.code for v in industry.values if v.parent] == [f"{n:02d}" for n in range(1, 98)]
    for one in codelists.values():
        codes = {value.code for value in one.values}
        for value in one.values:
            assert value.labels["zh"]
            assert value.labels["en"]
            assert value.parent is None or value.parent in codes


def test_twelve_forms_of_three_departments():
    """And their owners are offices with somebody who can dispatch them."""
    owners = Counter(read(f"forms/{code}.json")["form"]["owner"] for code in form_codes())
    assert sum(owners.values()) == 12
    assert set(owners) == {"370602-mzj", "370602-tjj", "370602-yjj"}


@pytest.mark.parametrize("code", form_codes())
def test_forms_compile_against_the_dictionary(code, fields, codelists):
    """Every item, binding, formula and section is in order; the flow is there."""
    document = read(f"forms/{code}.json")
    lists = {name: [value.code for value in one.values] for name, one in codelists.items()}
    form = compile_form(document, fields, lists)
    assert (form.code, len(form.checks) > 0) == (code, True)
    assert (PACK / "flows" / f"{document['form']['flow']}.json").exists()
    for schema in document["properties"].values():
        if members := schema.get("table", {}).get("members"):
            parse_members(members)


@pytest.mark.parametrize("code", form_codes())
def test_units_of_bound_items_are_those_of_the_field(code, fields):
    """亩 and 公顷 of one name are two facts; a form never rebinds one as the other."""

    def visit(schema, unit=None):
        if isinstance(schema, dict):
            reference = str(schema.get("$ref", ""))
            if reference.startswith("field:") and "unit" in schema:
                assert schema["unit"] == fields[reference[6:]].unit
            for column, bound in schema.get("bind", {}).items():
                printed = schema.get("unit") or unit.get(column)
                assert printed == fields[bound].unit, (bound, printed)
            for one in schema.values():
                visit(one, unit)

    document = read(f"forms/{code}.json")
    rows = document.get("$defs", {}).get("row", {}).get("properties", {})
    visit(document["properties"], {name: column.get("unit") for name, column in rows.items()})


def _bound(code):
    found = {}
    for name, schema in read(f"forms/{code}.json")["properties"].items():
        reference = schema.get("$ref", "")
        if reference.startswith("field:"):
            found[reference[6:]] = name
    return found


def test_the_second_form_asks_what_the_first_has_told():
    """At least nine tenths of its known items are items of the first."""
    first, second = _bound("civil.community_monthly"), _bound("emergency.community_monthly")
    typed = {"org.hazards_found", "org.hazards_fixed"}
    known = set(second) - typed
    assert len(known & set(first)) / len(known) >= 0.9
    assert len(known) / (len(second) + 2) >= 0.85
