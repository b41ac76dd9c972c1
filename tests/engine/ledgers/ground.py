"""A small register with ledgers on it, for the tests of this folder."""

from typing import Any

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.identity.actor import Actor
from engine.ledgers import schema
from engine.ledgers.lens import LOCAL, OWN, RELATED, Column, Lens
from engine.work import System
from tests import factories

HOUSEHOLD = {
    "subject": {
        "code": "household",
        "labels": {"zh": "家庭"},
        "keys": ["number"],
        "home": "residence",
    },
    "fields": [
        {"code": "number", "labels": {"zh": "户编号"}, "schema": {"type": "string"}},
        {"code": "residence", "labels": {"zh": "居住地"}, "schema": {"type": "string"}},
        {"code": "address", "labels": {"zh": "户住址"}, "schema": {"type": "string"}},
    ],
}
LINK = {"code": "household_number", "labels": {"zh": "户编号"}, "schema": {"type": "string"}}
STREET = ("37", "3706", "370602", "370602011")
OLD, HAND = "civil.old", "civil.hand"


def prepared(system: System) -> Dictionary:
    """The dictionary with persons and households, and the organisations of two villages."""
    person: dict[str, Any] = {**factories.PERSON, "fields": [*factories.PERSON["fields"], LINK]}
    known = factories.load_dictionary(system, person, HOUSEHOLD)
    codes = [STREET[: depth + 1] for depth in range(len(STREET))]
    villages = [(*STREET, f"370602011{number:03d}") for number in (1, 2)]
    rows = [factories.organisation(*one, kind="street") for one in codes]
    rows += [factories.organisation(*one) for one in villages]
    rows.append(factories.organisation("370602", "370602-mzj", kind="office"))
    factories.load_organisations(system, rows)
    return known


def lens(
    system: System,
    known: Dictionary,
    code: str = OLD,
    rule: str = "person where age >= 80",
    **more: Any,
) -> Lens:
    """A ledger of persons: own columns, their household's address, and a local remark."""
    names = ("name", "id_number", "sex", "age", "phone", "residence", "allowance", "alone")
    columns = [Column(name, known.field(f"person.{name}")) for name in names]
    columns.append(
        Column("household_address", known.field("household.address"), RELATED, "household_number")
    )
    shell = Lens(code, 1, {"zh": "高龄老人台账"}, "370602-mzj", "person", rule, ())
    remark = Field(f"{shell.table_name}.remark", {"zh": "备注"}, {"type": "string"})
    columns.append(Column("remark", remark, LOCAL))
    direct = frozenset(
        one.name for one in columns if one.kind == OWN and one.name in ("phone", "allowance")
    )
    made = Lens(
        code,
        1,
        shell.titles,
        shell.owner,
        "person",
        rule,
        tuple(columns),
        direct | {"household_address"},
        **more,
    )
    system.write(factories.TESTER, lambda work: schema.migrate(work.connection, made))
    return made


def staff(village: int = 1, name: str = "江晚晴") -> Actor:
    """Somebody who fills in for a village."""
    return factories.actor(factories.post("staff", *STREET, f"370602011{village:03d}"), name=name)


def clerk(name: str = "许望舒") -> Actor:
    """Somebody of the street."""
    return factories.actor(factories.post("staff", *STREET), name=name)


def officer(name: str = "柳如琢") -> Actor:
    """Somebody of the office that owns the ledgers."""
    return factories.actor(factories.post("department", "370602", "370602-mzj"), name=name)


__all__ = ["HAND", "OLD", "clerk", "lens", "officer", "prepared", "staff"]
