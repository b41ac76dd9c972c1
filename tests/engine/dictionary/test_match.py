"""Labels of sheets find their fields of the dictionary."""

import pytest

from engine.dictionary.field import Field
from engine.dictionary.match import Asked, Matcher, initials, path_key, plain


def _field(code: str, zh: str, *synonyms: str, **more: object) -> Field:
    schema = more.pop("schema", {"type": "string"})
    return Field(code, {"zh": zh, "en": code}, schema, synonyms=synonyms, **more)  # type: ignore[arg-type]  # the fixture passes Field's own options


FIELDS = [
    _field("person.name", "姓名"),
    _field("person.id_number", "公民身份号码", "身份证号", "身份证号码", "证件号码", schema={"type": "string", "format": "resident-id"}),
    _field("person.phone", "联系电话", "电话", "手机", schema={"type": "string", "format": "phone-cn"}),
    _field("person.sex", "性别", codelist="GB/T 2261.1"),
    _field("person.age", "年龄", schema={"type": "integer"}, unit="岁"),
    _field("person.address", "住址", "家庭住址", "地址"),
    _field("enterprise.name", "企业名称", "单位名称"),
    _field("enterprise.uscc", "统一社会信用代码", "社会信用代码", schema={"type": "string", "format": "uscc"}),
    _field("enterprise.phone", "联系电话", "企业电话", schema={"type": "string", "format": "phone-cn"}),
    _field("org.male_count", "男性人口", "人口男", schema={"type": "integer"}, unit="人"),
    _field("org.wheat_area", "小麦播种面积", schema={"type": "number"}, unit="亩"),
    _field("org.wheat_output", "小麦产量", schema={"type": "number"}, unit="吨"),
    _field("person.old", "曾用名", status="retired"),
]  # fmt: skip

MATCHER = Matcher(FIELDS)


def best(*path: str, **more: object) -> tuple[str | None, float]:
    found = MATCHER.match([Asked(path=path, **more)])[0]  # type: ignore[arg-type]  # passes Asked's own options
    return (found[0].field, found[0].confidence) if found else (None, 0.0)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("姓    名",), "person.name"),
        (("姓名*",), "person.name"),
        (("1、姓名：",), "person.name"),
        (("身份证号码（18位）",), "person.id_number"),
        (("基本信息", "身份证号"), "person.id_number"),
        (("人口", "男"), "org.male_count"),
        (("小麦", "播种面积（亩）"), "org.wheat_area"),
        (("xm",), "person.name"),
    ],
)
def test_a_label_finds_its_field(path: tuple[str, ...], field: str) -> None:
    """Padding, numbering, remarks, header paths and initials do not hide it."""
    found, confidence = best(*path)
    assert found == field
    assert confidence >= 0.7


def test_a_heading_of_anything_is_like_nothing() -> None:
    """数量 over a column of fish is no 灭火器数; a field that is called so is still found."""
    extinguishers = _field("enterprise.extinguishers", "灭火器数", "灭火器数量", unit="个")
    asked = [Asked(path=("数量",), unit="吨")]
    assert Matcher([*FIELDS, extinguishers]).match(asked) == [()]
    amount = _field("event.amount", "数量")
    assert [one.field for one in Matcher([amount]).match(asked)[0]] == ["event.amount"]


def test_what_has_no_field_gets_none_that_seems_sure() -> None:
    """A wrong binding is worse than none."""
    for label in ("备注", "学籍号", "宿舍号", "曾用名"):
        assert best(label)[1] < 0.75


def test_values_with_a_right_checksum_outvote_a_vague_label() -> None:
    """Eighteen digits that pass the checksum are an ID number, whatever the column is called."""
    samples = ("11010519491231002X", "440524188001010014")
    assert best("号码", samples=samples)[0] == "person.id_number"


def test_values_that_prove_something_else_lower_a_match() -> None:
    """A column called 身份证号 that holds telephone numbers is not sure."""
    sure = best("身份证号")[1]
    assert best("身份证号", samples=("13800000001", "13900000002"))[1] < sure - 0.2


def test_the_unit_decides_between_area_and_output() -> None:
    """小麦 alone is nothing; in 吨 it is the output."""
    found = MATCHER.match([Asked(path=("小麦", "产量"), unit="吨", type="number")])[0]
    assert (found[0].field, "unit" in found[0].reasons) == ("org.wheat_output", True)


def test_neighbours_decide_whose_telephone_it_is() -> None:
    """联系电话 beside 企业名称 is the enterprise's, beside 姓名 the person's."""
    firm = MATCHER.match([Asked(("企业名称",)), Asked(("统一社会信用代码",)), Asked(("联系电话",))])
    person = MATCHER.match([Asked(("姓名",)), Asked(("性别",)), Asked(("联系电话",))])
    assert firm[2][0].field == "enterprise.phone"
    assert person[2][0].field == "person.phone"


def test_neighbours_of_the_same_section_count_most() -> None:
    """One card asks for a person above and a firm below; each telephone is its section's."""
    found = MATCHER.match(
        [
            Asked(("申请人", "姓名")),
            Asked(("申请人", "联系电话")),
            Asked(("用人单位", "单位名称")),
            Asked(("用人单位", "统一社会信用代码")),
            Asked(("用人单位", "联系电话")),
        ]
    )
    assert (found[1][0].field, found[4][0].field) == ("person.phone", "enterprise.phone")


def test_what_a_person_chose_before_is_used_again() -> None:
    """A correction is remembered for the label with its path."""
    key = path_key(("补贴对象", "编码"))
    taught = Matcher(FIELDS, {key: "person.id_number"})
    found = taught.match([Asked(("补贴对象", " 编  码 "))])[0]
    assert (found[0].field, found[0].reasons[0]) == ("person.id_number", "learned")


def test_a_figure_is_not_a_name() -> None:
    """Numbers in the column speak against a field of text."""
    assert best("姓名", type="integer", samples=("12", "15"))[1] < 0.75


def test_plain_labels_and_initials() -> None:
    """What labels are compared by."""
    assert plain("（一） 乡 村 人口数（人）：") == "乡村人口数"
    assert initials("本月发放金额（元）") == "byffje"


PEOPLE = [
    _field("org.female", "常住人口（女）", "女性人口", schema={"type": "integer"}, unit="人"),
    _field("org.population", "常住人口", schema={"type": "integer"}, unit="人"),
    _field("org.workers", "从业人员", "从业人员数", schema={"type": "integer"}, unit="人"),
    _field("org.land", "耕地面积", schema={"type": "number"}, unit="亩"),
    _field("org.firms", "企业数", schema={"type": "integer"}, unit="家"),
    _field("org.income", "村集体收入", schema={"type": "number"}, unit="万元"),
]


@pytest.mark.parametrize(
    ("label", "more", "field", "sure"),
    [
        ("常住人口", {}, "org.population", True),
        ("常住人口（女）", {}, "org.female", True),
        ("常住人口（人）", {}, "org.population", True),
        ("外来从业人员数", {}, "org.workers", False),
        ("耕地面积", {"unit": "亩"}, "org.land", True),
        ("耕地面积", {"unit": "公顷"}, "org.land", False),
        ("企业数", {"unit": "个"}, "org.firms", True),
        ("村集体收入", {"units": "万元、人"}, "org.income", True),
        ("村集体收入", {"units": "元"}, "org.income", False),
        ("村集体收入", {"units": "人"}, "org.income", True),
    ],
)
def test_what_is_narrower_or_counted_otherwise_is_offered_and_not_taken(
    label: str, more: dict[str, str], field: str, sure: bool
) -> None:
    """A part is no whole, hectares are no 亩; 家 and 个 count alike. A person who chose it is believed."""
    asked = Asked(path=(label,), type="number", **more)  # type: ignore[arg-type]  # passes Asked's own options
    found = Matcher(PEOPLE).match([asked])[0]
    assert (found[0].field, found[0].confidence >= 0.75) == (field, sure)
    chosen = Matcher(PEOPLE, {path_key((label,)): field}).match([asked])[0]
    assert chosen[0].confidence >= 0.75
