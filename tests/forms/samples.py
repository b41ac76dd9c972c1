"""A small dictionary and one form with everything on it, for the tests of the forms core."""

import copy
from collections.abc import Mapping
from typing import Any

from engine import json_text
from engine.dictionary.field import Field
from forms import compile as compiler
from forms.compiled import CompiledForm

CODELISTS = {"GB/T 2261.1": ("1", "2"), "crop": ("wheat", "maize", "rice")}


def _field(code: str, zh: str, en: str, schema: Mapping[str, Any], **more: Any) -> Field:
    return Field(code, {"zh": zh, "en": en}, schema, **more)


FIELDS = {
    field.code: field
    for field in (
        _field(
            "org.population",
            "户籍人口",
            "Population",
            {"type": "integer", "minimum": 0},
            unit="人",
            temporal="period",
        ),
        _field(
            "org.households", "户数", "Households", {"type": "integer", "minimum": 0}, unit="户"
        ),
        _field("org.phone", "联系电话", "Telephone", {"type": "string", "format": "phone-cn"}),
        _field(
            "org.wheat_area", "小麦面积", "Wheat area", {"type": "number", "minimum": 0}, unit="亩"
        ),
        _field(
            "person.id_number",
            "公民身份号码",
            "Resident ID number",
            {"type": "string", "format": "resident-id"},
            sensitivity="L3",
        ),
        _field("person.name", "姓名", "Name", {"type": "string", "minLength": 1, "maxLength": 40}),
        _field("person.sex", "性别", "Sex", {"type": "string"}, codelist="GB/T 2261.1"),
        _field(
            "person.age",
            "年龄",
            "Age",
            {"type": "integer", "minimum": 0, "maximum": 150},
            sources=(),
            compute="age(birth_date)",
        ),
        _field(
            "person.birth_date", "出生日期", "Date of birth", {"type": "string", "format": "date"}
        ),
        _field(
            "person.residence", "居住地", "Residence", {"type": "string", "format": "division-code"}
        ),
        _field("household.address", "住址", "Address", {"type": "string"}),
        _field("person.old_number", "旧号码", "Old number", {"type": "string"}, status="retired"),
    )
}

_FORM = """
{
 "$schema": "urn:yibiao:dialect:form:1",
 "$id": "urn:yibiao:form:civil.elderly_monthly",
 "title": "高龄老人情况月报表",
 "type": "object",
 "form": {
  "code": "civil.elderly_monthly", "titles": {"en": "Monthly report on the very old"}, "kind": "report",
  "owner": "370602-mzj", "subject": "org", "period": "month", "flow": "fill_verify_approve",
  "template": {"file": "templates/civil.elderly_monthly.xlsx", "sheet": "Sheet1"},
  "legal": {"number": "烟民统1表"},
  "blocks": [{"role": "reporting_unit", "cell": "B2"}],
  "notes": "填报说明",
  "checks": [
   {"code": "c1", "formula": "total = male + female", "text": "合计等于男女之和", "texts": {"en": "The total is men and women"}},
   {"code": "c2", "formula": "COUNT(elders) <= population", "severity": "gated"},
   {"code": "c3", "formula": "amount <= 500", "over": "elders:rows", "severity": "explain", "text": "发放金额偏高"},
   {"code": "c4", "formula": "r01 >= r02", "over": "crops:columns"},
   {"code": "c5", "formula": "output = area * yield", "over": "crops:rows", "tolerance": 0.5},
   {"code": "c6", "formula": "population >= last(population) - 10"}
  ],
  "sections": [{"title": "一、人口", "titles": {"en": "1. Population"}, "items": ["population", "male", "female", "total", "elders"]}]
 },
 "properties": {
  "population": {"$ref": "field:org.population", "at": "C5"},
  "phone": {"$ref": "field:org.phone", "title": "值班电话", "at": "C6"},
  "male": {"type": "integer", "minimum": 0, "maximum": 9000, "title": "男", "titles": {"en": "Men"}, "unit": "人", "at": "C3"},
  "female": {"type": "integer", "minimum": 0, "title": "女", "titles": {"en": "Women"}, "unit": "人", "at": "C4"},
  "total": {"type": "integer", "title": "合计", "titles": {"en": "Total"}, "unit": "人", "compute": "male + female", "at": "C7"},
  "kind": {"title": "类型", "oneOf": [{"const": "a", "title": "城市", "titles": {"en": "Town"}}, {"const": "b", "title": "农村"}]},
  "crop_codes": {"type": "array", "title": "作物", "codelist": "crop", "items": {"type": "string"}, "uniqueItems": true},
  "note": {"type": "string", "title": "备注", "titles": {"en": "Remark"}, "maxLength": 20, "at": "C9", "hint": "没有可不填"},
  "elders": {
   "type": "array", "title": "名册", "titles": {"en": "Roster"},
   "table": {"kind": "floating", "subject": "person", "key": "id_number", "members": "person where age >= 80 and residence within this", "rows": [6, 15]},
   "items": {"type": "object", "required": ["name"], "properties": {
     "id_number": {"$ref": "field:person.id_number", "at": "A", "present": "spaced"},
     "name": {"$ref": "field:person.name", "at": "B", "header": ["基本信息", "姓名"]},
     "sex": {"$ref": "field:person.sex", "at": "C"},
     "address": {"$ref": "field:household.address", "at": "D"},
     "months": {"type": "integer", "title": "月数", "minimum": 1, "at": "E"},
     "rate": {"type": "number", "title": "标准", "multipleOf": 0.01, "unit": "元", "at": "F", "carry": true},
     "amount": {"type": "number", "title": "本月发放金额", "titles": {"en": "Paid"}, "multipleOf": 0.01, "unit": "元", "compute": "months * rate", "at": "G"}}}},
  "crops": {
   "type": "object", "title": "农作物", "titles": {"en": "Crops"}, "table": {"kind": "fixed"},
   "properties": {
    "r01": {"$ref": "#/$defs/crops_row", "title": "粮食作物", "titles": {"en": "Grain"}, "row_code": "01", "at": 17},
    "r02": {"$ref": "#/$defs/crops_row", "title": "其中：小麦", "titles": {"en": "of which wheat"}, "row_code": "02", "indent": 1, "at": 18,
      "closed": ["price"], "bind": {"area": "org.wheat_area"}}}}
 },
 "$defs": {"crops_row": {"type": "object", "properties": {
   "area": {"type": "number", "minimum": 0, "title": "播种面积", "titles": {"en": "Sown area"}, "unit": "亩", "at": "D"},
   "yield": {"type": "number", "minimum": 0, "title": "亩产", "at": "E"},
   "output": {"type": "number", "minimum": 0, "title": "总产量", "at": "F"},
   "price": {"type": "number", "minimum": 0, "title": "单价", "at": "G"}}}},
 "required": ["population", "elders"]
}
"""


def form() -> dict[str, Any]:
    """A fresh copy of the form, to be spoilt by the test."""
    return copy.deepcopy(json_text.loads(_FORM))


def compiled(document: Any = None, fields: Mapping[str, Field] = FIELDS) -> CompiledForm:
    """The form made ready."""
    return compiler.compile_form(form() if document is None else document, fields, CODELISTS)


def values() -> dict[str, Any]:
    """A document of the form in which nothing is wrong."""
    return json_text.loads("""{
     "population": 120, "phone": "0535-6012345", "male": 60, "female": 60, "total": 120, "kind": "a",
     "crop_codes": ["wheat"],
     "elders": [
      {"_id": "k1", "id_number": "370602194103021523", "name": "张桂英", "sex": "2", "months": 1, "rate": 100.50, "amount": 100.50},
      {"_id": "k2", "name": "王福", "months": 2, "rate": 100, "amount": 200}],
     "crops": {"r01": {"area": 10.5, "yield": 400, "output": 4200}, "r02": {"area": 8, "yield": 400, "output": 3200}}}""")
