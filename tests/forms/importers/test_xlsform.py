"""XLSForms as forms of ours: what a questionnaire says is kept, and whatever is not is named."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.formula.document import Document
from engine.json_text import Json
from engine.settings import ROOT
from forms import compile as compiler
from forms import conditions, judge
from forms.checks import run
from forms.importers.xlsform.build import Imported, build
from forms.importers.xlsform.read import XlsFormInvalid
from forms.importers.xlsform.xpath import NotCarried, Said, condition

CORPUS = ROOT.parent / "shared" / "corpus" / "xlsform" / "open"
FILES = sorted(CORPUS.rglob("*.xls*")) if CORPUS.is_dir() else []
NO_SURVEY = {"good.xlsx", "transportation_export.xlsx", "double_image_field_form_data.xlsx"}
"""Exported data that stands among the forms."""


def book(**sheets: str) -> bytes:
    """A workbook from tables as people read them; the first line names the columns."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, text in sheets.items():
        sheet = made.create_sheet(name)
        for line in text.strip().splitlines():
            sheet.append([cell.strip() or None for cell in line.strip().strip("|").split("|")])
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def imported(**sheets: str) -> Imported:
    """The form of these sheets."""
    return build(book(**sheets), code="test.survey")


FARM = {
    "survey": """
| type | name | label::English (en) | label::中文 (zh) | relevant | required | constraint | constraint_message | choice_filter | calculation |
| select_one yn | farms | Do you farm? | 是否种地 | | yes | | | | |
| begin group | land | Land | 土地 | ${farms} = 'y' | | | | | |
| decimal | area | Area | 面积 | | yes | . > 0 and . <= 1000 | 0 到 1000 之间 | | |
| calculate | doubled | | | | | | | | ${area} * 2 |
| end group | | | | | | | | | |
| select_one city | city | City | 市 | | | | | | |
| select_one town | town | Town | 区 | | | | | city=${city} | |
| select_multiple crop | crops | Crops | 作物 | | | count-selected(.) <= 2 | | | |
| text | which | Which | 哪种 | selected(${crops}, 'o') and not(${farms} = 'n') | | regex(., '[a-z]+') | | | |
| begin repeat | people | People | 人 | | | | | | |
| text | name | Name | 姓名 | | yes | | | | |
| integer | age | Age | 年龄 | | | . >= 0 | | | |
| text | school | School | 学校 | ${age} < 18 | true() | | | | |
| end repeat | | | | | | | | | |
| note | thanks | Thank you | 谢谢 | | | | | | |
| image | photo | Photo | 照片 | | | | | | |
| start | start | | | | | | | | |
""",
    "choices": """
| list_name | name | label::English (en) | label::中文 (zh) | city |
| yn | y | Yes | 是 | |
| yn | n | No | 否 | |
| city | yt | Yantai | 烟台 | |
| city | qd | Qingdao | 青岛 | |
| town | zf | Zhifu | 芝罘 | yt |
| town | sn | Shinan | 市南 | qd |
| crop | w | Wheat | 小麦 | |
| crop | m | Maize | 玉米 | |
| crop | o | Other | 其他 | |
""",
    "settings": """
| form_title | form_id | default_language |
| 农户调查 | farm_2026 | English (en) |
""",
}


def test_a_choice_that_stands_under_two_heads_is_offered_under_both() -> None:
    """King is a county of Texas and of Washington: one answer with either condition."""
    found = imported(
        survey="""
| type | name | label | choice_filter |
| select_one states | state | State | |
| select_one counties | county | County | state=${state} |
""",
        choices="""
| list_name | name | label | state |
| states | tx | Texas | |
| states | wa | Washington | |
| counties | king | King | tx |
| counties | king | King | wa |
| counties | bell | Bell | tx |
""",
    )
    assert not [one for one in found.left if one.code == "choice-twice"]
    king, bell = found.form["properties"]["county"]["oneOf"]
    assert [king["const"], bell["const"]] == ["king", "bell"]
    assert all(state in king["show_when"] for state in ('"tx"', '"wa"', " or "))
    assert compiler.problems(found.form, {}, {}) == []


def test_a_questionnaire_becomes_a_form() -> None:
    """Titles in both languages, sections of groups, lists of repeats, choices; what has no place is named."""
    found = imported(**FARM)
    form = found.form
    assert form["title"] == "农户调查"
    assert [one["title"] for one in form["form"]["sections"]] == ["农户调查", "土地", "农户调查"]
    area = form["properties"]["area"]
    assert (area["type"], area["title"], area["titles"]) == ("number", "面积", {"en": "Area"})
    assert form["required"] == ["farms"]
    assert area["required_when"] == "true"
    assert form["properties"]["crops"]["maxItems"] == 2
    assert form["properties"]["which"]["pattern"] == "^(?:[a-z]+)$"
    assert form["properties"]["people"]["items"]["required"] == ["name"]
    assert {(one.code, one.name) for one in found.left} == {("system", "start")}
    assert form["properties"]["photo"]["attachment"] == {"kind": "photo"}
    assert all("第" in one.text("zh") and "Row" in one.text("en") for one in found.left)


def judged(values: dict[str, Json]) -> set[tuple[str, str]]:
    """What is wrong with a filled questionnaire."""
    form = compiler.compile_form(imported(**FARM).form, {}, {})
    found = judge.problems(form, Document(values), language="zh", draft=False)
    return {(one.path, one.code.partition(".")[0]) for one in found}


def test_defaults_come_along_where_they_are_written_out() -> None:
    """Of each kind of question; one that is worked out, or that the question would refuse, is named."""
    survey = """
| type | name | label | default | constraint |
| integer | people | People | 3 | |
| decimal | area | Area | 2.50 | |
| date | day | Day | 2026-02-01 | |
| date | now | Now | today() | |
| date | wrong | Wrong | soon | |
| select_one yn | farms | Farms | y | |
| select_one yn | lives | Lives | maybe | |
| select_multiple yn | both | Both | y n | |
| acknowledge | agreed | Agreed | true | |
| integer | many | Many | 1e5 | |
"""
    choices = "| list_name | name | label |\n| yn | y | Yes |\n| yn | n | No |"
    found = imported(survey=survey, choices=choices)
    told = {name: one.get("default") for name, one in found.form["properties"].items()}
    assert told == {
        "people": 3, "area": Decimal("2.50"), "day": "2026-02-01", "now": None, "wrong": None,
        "farms": "y", "lives": None, "both": ["y", "n"], "agreed": True, "many": None,
    }  # fmt: skip
    left = {one.name.rpartition("/")[2]: one.what for one in found.left if "default" in one.code}
    assert left == {"now": "today()", "wrong": "soon", "lives": "maybe", "many": "1e5"}


def test_the_form_asks_as_the_questionnaire_did() -> None:
    """Relevance, cascade, constraint and what is required only when shown."""
    assert judged({"farms": "n"}) == set()
    assert judged({"farms": "y"}) == {("/area", "required")}
    assert judged({"farms": "y", "area": 0}) == {("/area", "check")}
    assert judged({"farms": "n", "city": "yt", "town": "sn"}) == {("/town", "not-offered")}
    assert judged({"farms": "n", "city": "qd", "town": "sn"}) == set()
    people = [{"_id": "a", "name": "甲", "age": 9}, {"_id": "b", "name": "乙", "age": -1}]
    assert judged({"farms": "n", "people": people}) == {
        ("/people/a/school", "required"), ("/people/b/school", "required"), ("/people/b/age", "check"),
    }  # fmt: skip
    form = compiler.compile_form(imported(**FARM).form, {}, {})
    told, _ = conditions.apply(form, Document({"farms": "y", "crops": ["w", "o"]}))
    assert not told.hides("/which")
    assert conditions.apply(form, Document({"farms": "n", "crops": ["o"]}))[0].hides("/which")
    assert conditions.apply(form, Document({"farms": "y", "crops": ["w"]}))[0].hides("/which")


KINDS = {"a": Said("a", "one"), "n": Said("n", "number"), "t": Said("t", "text"), "m": Said("m", "many", choices=("x", "y"))}  # fmt: skip


def resolve(name: str) -> Said:
    """Names of the expressions below."""
    if name not in KINDS:
        raise NotCarried(name)
    return KINDS[name]


@pytest.mark.parametrize(
    ("expression", "formula"),
    [
        ("${a} = 1", '(a = "1")'),
        ("${a}='1' or ${n}>'5'", '((a = "1") or (n > 5))'),
        ("${t} != ''", "not ISBLANK(t)"),
        ("${a} != 'x'", 'COALESCE((a <> "x"), true)'),
        ("not(selected(${m}, 'x'))", 'not COALESCE(CONTAINS(" " & m & " ", " x "), false)'),
        ("${n} div 2 > 3 and ${n} mod 2 = 0", "(((n / 2) > 3) and (MOD(n, 2) = 0))"),
        ("count-selected(${m}) > 1", '((IF(CONTAINS(" " & m & " ", " x "), 1, 0) + IF(CONTAINS(" " & m & " ", " y "), 1, 0)) > 1)'),
        ("string-length(${t}) < 5", "(LEN(t) < 5)"),
    ],
)  # fmt: skip
def test_expressions_keep_their_meaning(expression: str, formula: str) -> None:
    """An empty answer is unlike any text there; here it is blank."""
    assert condition(expression, resolve) == formula


@pytest.mark.parametrize(
    "expression", ["pulldata('a', 'b')", "${nobody} = 1", "1 +", "((1)", "a b", "${t} * 2", "#"]
)
def test_what_has_no_meaning_here_is_not_guessed(expression: str) -> None:
    """The importer is told what stopped it, and tells the designer."""
    with pytest.raises(NotCarried):
        condition(expression, resolve)


@pytest.mark.parametrize(
    ("survey", "reason"),
    [
        ("| type | name |\n| begin group | a |\n| text | b |", "not-closed"),
        ("| type | name |\n| text | b |\n| end repeat | |", "not-open"),
        ("| kind | name |\n| text | b |", "no-type"),
    ],
)
def test_a_broken_questionnaire_is_refused(survey: str, reason: str) -> None:
    """Nothing is made of half a form."""
    with pytest.raises(XlsFormInvalid) as refused:
        imported(survey=survey)
    assert refused.value.reason == reason


@pytest.mark.skipif(not FILES, reason="the corpus is not beside the project")
@pytest.mark.parametrize("chosen", [FILES[start::6] for start in range(6)])
def test_every_form_of_the_corpus_is_imported(chosen: list[Path]) -> None:
    """It compiles, and every question is an item of it or is named among what was left."""
    for path in chosen:
        if path.name in NO_SURVEY or path.stat().st_size > 400_000:
            continue
        found = build(path.read_bytes(), code="corpus.form")
        assert compiler.problems(found.form, {}, {}) == [], path.name
        assert all(one.text("zh") and one.text("en") for one in found.left)
        asked = count(found.form["properties"])
        assert asked or found.left, path.name


def count(properties: dict[str, Any]) -> int:
    """How many items there are."""
    return sum(
        count(one["items"]["properties"]) if "table" in one else 1 for one in properties.values()
    )


def test_a_list_within_a_list_names_a_row_that_is_there() -> None:
    """Its rows say to which row of the outer list they belong; that one must exist."""
    form = compiler.compile_form(
        imported(
            survey="""
| type | name | label |
| begin repeat | kids | 孩子 |
| text | name | 姓名 |
| begin repeat | shots | 接种 |
| text | which | 疫苗 |
| end repeat | | |
| end repeat | | |
"""
        ).form,
        {},
        {},
    )
    values: dict[str, Any] = {"kids": [{"_id": "a", "name": "甲"}]}

    def failing(row: int) -> list[str]:
        shots = [{"_id": "s", "parent_row": row, "which": "x"}]
        seen = Document({**values, "shots": shots})
        return [one.text("zh") for one in run.failures(form, seen)]

    assert failing(1) == []
    (told,) = failing(2)
    assert "不能超过它的行数" in told
    assert not form.validator.is_valid({**values, "shots": [{"_id": "s", "which": "x"}]})


@pytest.mark.parametrize(("kind", "typed"), [("time", "09:30"), ("dateTime", "2026-11-20T10:30")])
def test_a_time_is_what_a_control_for_times_gives(kind: str, typed: str) -> None:
    """A person has no offset from UTC to type."""
    form = compiler.compile_form(
        imported(survey=f"| type | name | label |\n| {kind} | at | 何时 |").form, {}, {}
    )
    assert form.validator.is_valid({"at": typed})
    assert not form.validator.is_valid({"at": "上午"})
