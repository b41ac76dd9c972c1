"""The pages of the field dictionary: search, reading, adding, changing, retiring."""

from typing import Any

import pytest

from engine.dictionary.store import Dictionary, dictionary
from engine.registers import store as registers
from engine.registers.store import Change
from engine.work import System
from tests import factories, installed

ROSTER = "person.phone"


def _typed(**changed: str) -> dict[str, str]:
    """A new field as the page posts it."""
    first = {
        "subject": "person", "name": "shoe_size", "label_zh": "鞋码", "label_en": "Shoe size",
        "definition": "", "synonyms": "鞋号\r\n尺码", "type": "integer", "format": "", "codelist": "",
        "unit": "码", "minimum": "10", "maximum": "60", "max_length": "", "standard": "",
        "steward": "", "sensitivity": "L1", "freshness_days": "365", "temporal": "state",
    }  # fmt: skip
    return first | changed


@pytest.mark.parametrize("words", ["身份证号", "gmsfhm", "id_number"])
def test_a_field_is_found_by_what_people_type(log_in: Any, words: str) -> None:
    """A synonym, pinyin initials, the code."""
    found = log_in("minzheng").get(f"/dictionary?q={words}")
    assert found.status_code == 200
    assert "/dictionary/person.id_number" in found.text


def test_the_search_box_gets_the_list_alone(log_in: Any) -> None:
    """And the whole page where the browser goes back to it."""
    designer = log_in("designer")
    part = designer.get("/dictionary?q=电话", headers={"hx-request": "true"}).text
    assert part.lstrip().startswith('<div id="fields"')
    again = {"hx-request": "true", "hx-history-restore-request": "true"}
    assert "<html" in designer.get("/dictionary?q=电话", headers=again).text


def test_pages_of_the_list_hold_every_field_once(log_in: Any) -> None:
    """Going on by the link at the end shows all 292."""
    designer, seen = log_in("designer"), []
    path: str | None = "/dictionary"
    while path:
        text = designer.get(path).text
        seen += [part.split('"')[0] for part in text.split('href="/dictionary/')[1:]]
        rest = text.split('class="btn btn-quiet" href="/dictionary?')
        path = (
            "/dictionary?" + rest[1].split('"')[0].replace("&amp;", "&") if len(rest) > 1 else None
        )
    seen = [code for code in seen if code != "new"]
    assert len(seen) == len(set(seen)) >= 150


def test_who_may_only_read_sees_no_button(log_in: Any) -> None:
    """Staff read a field; saving is refused whoever asks for it directly."""
    huian = log_in("huian")
    page = huian.get(f"/dictionary/{ROSTER}")
    assert (page.status_code, 'type="submit" class' in page.text) == (200, False)
    assert f'action="/dictionary/{ROSTER}"' in page.text
    assert huian.press(f"/dictionary/{ROSTER}", **_typed(version="1")).status_code == 403
    assert huian.press("/dictionary/new", **_typed()).status_code == 403
    assert huian.get("/dictionary/new").status_code == 403


def test_a_field_is_added_with_a_column_and_found_at_once(log_in: Any) -> None:
    """What was typed comes back as it was typed."""
    designer = log_in("designer")
    assert designer.press("/dictionary/new", **_typed()).headers["location"] == (
        "/dictionary/person.shoe_size"
    )
    page = designer.get("/dictionary/person.shoe_size").text
    for part in ('value="鞋码"', 'value="10"', 'value="60"', "鞋号\n尺码", 'value="365"'):
        assert part in page
    assert "person.shoe_size" in designer.get("/dictionary?q=尺码").text


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({"label_zh": " "}, "label_zh"),
        ({"name": "Shoe Size"}, "name"),
        ({"name": "id_number"}, "name"),
        ({"minimum": "few"}, "minimum"),
        ({"minimum": "61"}, "maximum"),
        ({"minimum": "1e400"}, "minimum"),
        ({"freshness_days": "0"}, "freshness_days"),
        ({"type": "choice"}, "codelist"),
        ({"type": "choice", "codelist": "no such list"}, "codelist"),
        ({"type": "format"}, "format"),
        ({"sensitivity": "L9"}, "sensitivity"),
        ({"temporal": "sometimes"}, "temporal"),
        ({"subject": "ghost"}, "subject"),
        ({"definition": "长" * 2001}, "definition"),
        ({"synonyms": "长" * 4001}, "synonyms"),
    ],
)
def test_what_cannot_be_a_field_is_told_at_its_input(
    log_in: Any, changed: dict[str, str], at: str
) -> None:
    """Nothing is kept then, and what was typed stands on the page."""
    designer = log_in("designer")
    answer = designer.press("/dictionary/new", **_typed(**changed))
    assert answer.status_code == 422
    assert f'id="{at}-error"' in answer.text
    assert answer.text.count('class="error"') == 1
    assert 'value="Shoe size"' in answer.text
    assert "/dictionary/person.shoe_size" not in designer.get("/dictionary?q=shoe_size").text


def test_a_change_is_a_new_version_told_in_words(log_in: Any) -> None:
    """Who, which version, what; what the page does not show stays as it was."""
    designer = log_in("designer")
    designer.press("/dictionary/new", **_typed())
    path = "/dictionary/person.shoe_size"
    answer = designer.press(path, **_typed(version="1", unit="号", maximum="70"))
    assert answer.status_code == 303
    page = designer.get(path).text
    assert "改动：计量单位、最大值" in page
    name = designer.get("/api/session").json()["name"]
    assert page.split('class="timeline"')[1].count(name) == 2
    same = designer.press(path, **_typed(version="2", unit="号", maximum="70"))
    assert same.status_code == 303
    assert 'name="version" value="2"' in designer.get(path).text


def test_two_designers_do_not_overwrite_each_other(log_in: Any) -> None:
    """Who saves on an old version is told that somebody was faster."""
    designer = log_in("designer")
    designer.press("/dictionary/new", **_typed())
    path = "/dictionary/person.shoe_size"
    designer.press(path, **_typed(version="1", unit="号"))
    late = designer.press(path, **_typed(version="1", unit="寸"))
    assert late.status_code == 409
    assert 'value="号"' in designer.get(path).text


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({"type": "text"}, "type"),
        ({"temporal": "period"}, "temporal"),
        ({"sensitivity": "L4"}, "sensitivity"),
    ],
)
def test_kept_values_do_not_change_their_meaning(
    log_in: Any, changed: dict[str, str], at: str
) -> None:
    """Another type, another time, sealed instead of open: a new field is asked for."""
    designer = log_in("designer")
    designer.press("/dictionary/new", **_typed())
    answer = designer.press("/dictionary/person.shoe_size", **_typed(version="1", **changed))
    assert answer.status_code == 422
    assert f'id="{at}-error"' in answer.text


def test_what_a_change_would_find_is_told_before_it_is_made(system: System, log_in: Any) -> None:
    """Pressed beside the save button: how many values do not fit, or that all do; nothing is saved."""
    factories.load_people(
        system,
        known_fields(system),
        [
            factories.person(id=f"p{n}", employer="很长的工作单位名称" if n else "只有一人的单位")
            for n in range(6)
        ],
    )
    designer = log_in("designer")
    field = _typed(
        type="text", label_zh="工作单位", minimum="", maximum="", unit="", max_length="4"
    )
    told = designer.press("/dictionary/person.employer", version="1", action="check", **field)
    assert told.status_code == 200
    assert "已有 6 个值不符合" in told.text
    assert "很长的工作单位名称</code> ×5" in told.text
    assert "只有一人" not in told.text  # that would tell a person apart
    assert 'value="4"' in told.text  # what was typed stays
    refused = designer.press("/dictionary/person.employer", version="1", **field)
    assert refused.status_code == 409
    assert "很长的工作单位名称 ×5" in refused.text
    fits = designer.press(
        "/dictionary/person.employer", version="1", action="check", **{**field, "max_length": "20"}
    )
    assert "全部符合" in fits.text
    assert "第 2 版" not in designer.get("/dictionary/person.employer").text
    assert (
        log_in("huian").press("/dictionary/person.employer", action="check", **field).status_code
        == 403
    )


def known_fields(system: System) -> Dictionary:
    """The dictionary in force."""
    with system.read(installed.ANYBODY) as work:
        return dictionary(work.connection)


def test_a_retired_field_leaves_the_search_and_can_come_back(log_in: Any) -> None:
    """Its page stays, and says so."""
    designer = log_in("designer")
    designer.press("/dictionary/new", **_typed())
    path = "/dictionary/person.shoe_size"
    assert designer.press(path, version="1", action="retire").status_code == 303
    assert "停用" in designer.get(path).text
    hits = designer.get("/api/fields?q=shoe_size").json()["fields"]
    assert hits == []
    assert designer.press(path, version="2", action="retire").status_code == 303
    assert len(designer.get("/api/fields?q=shoe_size").json()["fields"]) == 1


def test_a_field_names_the_forms_that_use_it(log_in: Any) -> None:
    """With a link to each, and the list tells how many."""
    designer = log_in("designer")
    page = designer.get("/dictionary/org.population").text
    assert 'href="/forms/' in page
    assert designer.get("/dictionary/no.such").status_code == 404


def test_the_last_change_is_undone_by_a_press(log_in: Any) -> None:
    """Whole numbers become decimals and go back; a first version has nothing to undo."""
    designer = log_in("designer")
    assert designer.press("/dictionary/new", **_typed()).status_code == 303
    address = "/dictionary/person.shoe_size"
    assert 'value="undo"' not in designer.get(address).text
    told = designer.press(address, version="1", action="undo")
    assert told.status_code == 409
    assert designer.press(address, **_typed(type="number", version="1")).status_code == 303
    assert designer.press(address, version="1", action="undo").status_code == 409
    assert designer.press(address, version="2", action="undo").status_code == 303
    page = designer.get(address).text
    assert '<option value="integer" selected' in page
    assert "已恢复" in page


def test_a_field_is_renamed_and_everything_of_its_goes_on(log_in: Any) -> None:
    """By the page, told at its input where it cannot be; both codes lead to it, forms and API too."""
    designer = log_in("designer")
    old, new = "person.phone", "person.mobile"
    using = designer.get(f"/dictionary/{old}").text.split('id="used"')[1].split("</ul>")[0]
    for name in ("Mobile", "name", "phone"):
        refused = designer.press(f"/dictionary/{old}", action="rename", new_name=name, version="1")
        assert (refused.status_code, 'id="new_name-error"' in refused.text) == (422, True)
    done = designer.press(f"/dictionary/{old}", action="rename", new_name="mobile", version="1")
    assert done.headers["location"] == f"/dictionary/{new}"
    for code in (old, new):
        page = designer.get(f"/dictionary/{code}").text
        assert f"原编码 {old} 仍可用" in page
        assert page.split('id="used"')[1].split("</ul>")[0] == using
        told = designer.get(f"/api/fields/{code}").json()
        assert (told["code"], told["kept_by"], told["codes"]) == (new, old, [new, old])
    hits = designer.get("/api/fields?q=mobile").json()["fields"]
    assert new in [one["code"] for one in hits]
    back = designer.post(f"/api/fields/{new}/undo", {"version": 2})
    assert (back.status_code, back.json()["code"], back.json()["version"]) == (200, old, 3)
    late = designer.post(f"/api/fields/{new}/rename", {"name": "cell", "version": 2})
    assert late.status_code == 409
    again = designer.post(f"/api/fields/{old}/rename", {"name": "mobile", "version": 3})
    assert again.json()["codes"] == [new, old]


def test_what_a_change_would_find_is_told_over_the_api(log_in: Any, system: System) -> None:
    """How many and which, masked where protected; nothing is changed."""
    designer = log_in("designer")
    found = designer.post("/api/fields/person.name/check", {"max_length": "1"}).json()
    assert found == {
        "fits": True, "count": 0, "values": [], "turned": 0, "changes": [], "loses": "",
    }  # fmt: skip
    factories.load_people(system, _now(system), [factories.person(id="x", name="欧阳修文")])
    found = designer.post("/api/fields/person.name/check", {"max_length": "1"}).json()
    assert (found["fits"], found["count"]) == (False, 1)
    assert "欧阳修文" not in str(found)
    wrong = designer.post("/api/fields/person.name/check", {"max_length": "few"})
    assert wrong.status_code == 422


def _now(system: System) -> Dictionary:
    with system.read(installed.ANYBODY) as work:
        return dictionary(work.connection)


def test_words_are_turned_into_codes_by_a_press_and_over_the_api(
    log_in: Any, system: System
) -> None:
    """Shown first with what becomes of them; what has no counterpart leaves only the telling."""
    designer = log_in("designer")
    given = _typed(name="living", label_zh="性别手写", type="text", unit="", minimum="", maximum="")
    designer.press("/dictionary/new", **given)
    path = "/dictionary/person.living"
    people = [factories.person(id=f"x{n}", living=word) for n, word in enumerate(("男", "女", "?"))]
    factories.load_people(system, _now(system), people)
    coded = given | {"type": "choice", "codelist": "GB/T 2261.1", "version": "1"}
    page = designer.press(path, **coded, action="check").text
    told = page.split('id="checked"')[1].split("</form>")[0]
    assert "<code>?</code> ×1" in told
    assert "<code>男</code> → <code>1</code> ×1" in told
    assert 'value="convert"' not in told
    assert designer.press(path, **coded, action="convert").status_code == 409
    system.write(
        installed.ANYBODY,
        lambda work: registers.set_values(
            work, _now(system), [Change("person.living", "x2", None)], factories.origin(work)
        ),
    )
    assert 'value="convert"' in designer.press(path, **coded, action="check").text
    assert designer.press(path, **coded, action="convert").status_code == 303
    back = designer.post("/api/fields/person.living/undo", {"version": 2})
    assert back.json()["codelist"] is None
    rules = {"type": "choice", "codelist": "GB/T 2261.1"}
    found = designer.post("/api/fields/person.living/check", rules).json()
    assert (found["fits"], found["turned"], found["loses"]) == (True, 2, "")
    done = designer.post("/api/fields/person.living/convert", {"rules": rules, "version": 3})
    assert (done.status_code, done.json()["codelist"]) == (200, "GB/T 2261.1")
