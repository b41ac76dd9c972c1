"""Whole, consistent things for tests: a test names only what it is about, the rest fits it."""

import itertools
from collections.abc import Iterable
from typing import Any

from engine.dictionary import pack, store
from engine.dictionary.store import Dictionary
from engine.formats import resident_id, uscc
from engine.identity import store as identity
from engine.identity.actor import Actor, Post, system_actor
from engine.json_text import Json
from engine.registers import bulk
from engine.registers import store as registers
from engine.registers.store import Origin
from engine.work import System, Work

TESTER = system_actor("test")
_order = itertools.count(1)

SEX = {
    "code": "GB/T 2261.1",
    "version": "2003",
    "labels": {"zh": "性别"},
    "values": [
        {"code": "1", "labels": {"zh": "男", "en": "Male"}},
        {"code": "2", "labels": {"zh": "女", "en": "Female"}},
    ],
}

PERSON = {
    "subject": {
        "code": "person",
        "labels": {"zh": "人口", "en": "Person"},
        "keys": ["id_number"],
        "home": "residence",
    },
    "fields": [
        {"code": "id_number", "labels": {"zh": "公民身份号码"}, "sensitivity": "L3",
         "schema": {"type": "string", "format": "resident-id"}},
        {"code": "name", "labels": {"zh": "姓名"}, "schema": {"type": "string"}},
        {"code": "sex", "labels": {"zh": "性别"}, "codelist": "GB/T 2261.1", "schema": {"type": "string"}},
        {"code": "birth_date", "labels": {"zh": "出生日期"}, "schema": {"type": "string", "format": "date"}},
        {"code": "age", "labels": {"zh": "年龄"}, "compute": "age(birth_date)", "schema": {"type": "integer"}},
        {"code": "phone", "labels": {"zh": "电话"}, "sensitivity": "L3", "freshness_days": 365,
         "schema": {"type": "string", "format": "phone-cn"}},
        {"code": "residence", "labels": {"zh": "居住地"}, "schema": {"type": "string", "format": "division-code"}},
        {"code": "allowance", "labels": {"zh": "高龄津贴"}, "unit": "元", "schema": {"type": "number"}},
        {"code": "alone", "labels": {"zh": "独居"}, "schema": {"type": "boolean"}},
        {"code": "languages", "labels": {"zh": "语言"}, "schema": {"type": "array", "items": {"type": "string"}}},
        {"code": "illnesses", "labels": {"zh": "病史"}, "sensitivity": "L4",
         "schema": {"type": "array", "items": {"type": "string"}}},
        {"code": "debt", "labels": {"zh": "欠款"}, "sensitivity": "L4", "schema": {"type": "number"}},
    ],
}  # fmt: skip

ORG = {
    "subject": {"code": "org", "labels": {"zh": "组织"}, "keys": ["code"], "home": "code"},
    "fields": [
        {"code": "code", "labels": {"zh": "代码"}, "schema": {"type": "string", "format": "division-code"}},
        {"code": "name", "labels": {"zh": "名称"}, "schema": {"type": "string"}},
        {"code": "population", "labels": {"zh": "人口"}, "temporal": "period", "unit": "人",
         "schema": {"type": "integer"}},
        {"code": "income", "labels": {"zh": "收入"}, "temporal": "period", "sensitivity": "L4",
         "schema": {"type": "number"}},
    ],
}  # fmt: skip


def id_number(birth: str = "1941-03-02", sex: str = "2", place: str = "370602") -> str:
    """A valid resident ID number that nobody else in this run has."""
    further, order = divmod(next(_order), 500)
    order = order * 2 + (sex == "1")
    first17 = f"{int(place) + further}{birth.replace('-', '')}{order:03d}"
    return first17 + resident_id.check_digit(first17)


def alike_id_numbers(birth: str = "1941-03-02") -> tuple[str, str]:
    """Two of them one digit (and the check digit) apart, as a slip of the hand leaves them."""
    first, second = id_number(birth), id_number(birth)
    while first[:16] != second[:16]:
        first, second = second, id_number(birth)
    return first, second


def credit_code(registrar: str = "91", place: str = "370602") -> str:
    """A valid unified social credit code that no other enterprise in this run has."""
    body = f"{next(_order):08d}"
    first17 = f"{registrar}{place}{body}{uscc.body_check(body)}"
    return first17 + uscc.check_character(first17)


def person(**facts: Json) -> dict[str, Json]:
    """A row of the register of persons; ID number, sex and date of birth agree."""
    birth, sex = facts.get("birth_date", "1941-03-02"), facts.get("sex", "2")
    return {
        "id": f"p{next(_order):06d}",
        "id_number": id_number(str(birth), str(sex)),
        "name": "王秀英",
        "sex": sex,
        "birth_date": birth,
        "residence": "370602011001",
        **facts,
    }


def load_dictionary(system: System, *documents: dict[str, Any]) -> Dictionary:
    """Persons and organisations (or what is given) in the dictionary, with their registers."""

    def command(work: Work) -> Dictionary:
        pack.load_codelists(work, [SEX])
        pack.load_fields(work, documents or (PERSON, ORG))
        return store.dictionary(work.connection)

    return system.write(TESTER, command)


def origin(work: Work, source: str = "steward", **facts: Any) -> Origin:
    """An origin that is stored; as of now unless `at` is given."""
    known = {"title": "户籍库", "at": work.at, **facts}
    return registers.add_origin(work, Origin(source=source, **known))


def load_people(
    system: System, dictionary: Dictionary, rows: Iterable[dict[str, Json]], **facts: Any
) -> Origin:
    """Persons in the register, all by one origin."""

    def command(work: Work) -> Origin:
        came = origin(work, **facts)
        bulk.load(work, dictionary, "person", rows, came)
        return came

    return system.write(TESTER, command)


def path_of(*codes: str) -> str:
    """The path of an organisation below others, itself last."""
    return "/" + "".join(f"{code}/" for code in codes)


def organisation(*codes: str, kind: str = "village", name: str = "") -> dict[str, Any]:
    """A row of an organisation; its codes are those above it and then its own."""
    return {
        "code": codes[-1],
        "name": name or f"组织{codes[-1]}",
        "kind": kind,
        "division_code": codes[-1] if kind != "office" else codes[-2],
        "parent_code": codes[-2] if len(codes) > 1 else None,
        "path": path_of(*codes),
        "valid_from": "2020-01-01",
        "valid_to": None,
    }


def load_organisations(system: System, rows: Iterable[dict[str, Any]]) -> None:
    """Organisations in the database."""
    system.write(TESTER, lambda work: identity.add_organisations(work.connection, rows))


def post(role: str, *codes: str) -> Post:
    """A role held in an organisation; its codes are those above it and then its own."""
    return Post(role, codes[-1], f"组织{codes[-1]}", path_of(*codes))


def actor(*posts: Post, name: str = "于淑兰") -> Actor:
    """A person with these posts."""
    number = f"a{next(_order):06d}"
    return Actor(number, number, name, posts)
