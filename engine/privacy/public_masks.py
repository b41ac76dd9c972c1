"""How a column is masked when a list is made public, by what kind of fact it is; or why it cannot be.

Declared here and nowhere else: nobody chooses a weaker mask on a page. Real leaks came from rosters
with whole numbers, addresses and cards.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.dictionary.field import Field
from engine.formats import registry as formats
from engine.formats.contract import starred

PLAIN, NAME, NUMBER, ADDRESS, YEAR, FIRST = "plain", "name", "number", "address", "year", "first"
"""As it is; 张*; six and four of an ID number, three and four of a phone; to the community; the year."""
NUMBERS = ("resident-id", "phone-cn")
OPEN = ("uscc", "division-code", "postcode", "period")
PEOPLE = ("person", "household", "house", "parcel")
_PLACE = re.compile(r"^(.*?(?:街道|镇|乡|社区|村|小区|路|街))?")


@dataclass(frozen=True, slots=True)
class Mask:
    """What becomes of a column: a rule, or why it may not be public."""

    rule: str = ""
    refused: str = ""


def mask_of(field: Field, *, local: bool = False) -> Mask:
    """The mask of a field's values in public."""
    shape, kind = str(field.schema.get("format", "")), field.schema.get("type")
    if field.sensitivity == "L4":
        return Mask(refused="l4")
    if shape in NUMBERS:
        return Mask(NUMBER)
    if field.sensitivity == "L3":
        return Mask(refused="l3")
    if shape in OPEN or field.codelist or kind in ("integer", "number", "boolean"):
        return Mask(PLAIN)
    if local:
        return Mask(refused="free-text")
    personal = field.subject in PEOPLE
    if shape == "date":
        return Mask(YEAR if personal else PLAIN)
    if not personal:
        return Mask(PLAIN)
    if field.name == "name" or field.name.endswith("_name"):
        return Mask(NAME)
    return Mask(ADDRESS if "address" in field.name else FIRST)


def told_together(fields: Iterable[Field]) -> str:
    """Why these columns may not be public together; empty if they may.

    Six and four of an ID number leave eight digits of birth, of which the check digit gives away one
    in eleven: with the year or the age some thirty numbers are left, with a day of birth one.
    """
    found = list(fields)
    number = any(one.schema.get("format") == "resident-id" for one in found)
    birth = any(one.name in ("birth_date", "birth_year", "age") for one in found)
    return "id-with-birth" if number and birth else ""


def masked(field: Field, rule: str, text: str) -> str:
    """One value in public."""
    if not text or rule == PLAIN:
        return text
    if rule == NUMBER:
        return formats.FORMATS[str(field.schema["format"])].mask(text)
    if rule == YEAR:
        return text[:4]
    if rule == ADDRESS:
        found = _PLACE.match(text)
        return (found.group(1) if found and found.group(1) else "") + "***"
    return starred(text, 1, 0) if len(text) > 1 else "*"
