"""What publishing tells of a new report, on a phone: the sum on one screen, groups folded, exceptions first."""

from playwright.sync_api import expect

from engine.work import Work
from forms import store
from tests.browser.conftest import Come
from tests.browser.house import PHONE, House

FORM = "civil.community_monthly"


def copied(work: Work) -> None:
    """A new form with many items, some held already and some to be asked."""
    now = store.published(work.connection, FORM)
    document = store.document_of(work.connection, FORM, now.version)
    own = {f"own{n}": {"type": "string", "title": f"本表自有{n}"} for n in range(20)}
    head = {**document["form"], "code": "test.copied", "sections": [], "checks": []}
    document = {**document, "$id": "urn:yibiao:form:test.copied", "form": head}
    store.insert_draft(work, {**document, "properties": {**document["properties"], **own}})


def test_the_sum_is_on_one_screen_and_the_rest_is_folded(house: House, come: Come) -> None:
    """A list of dozens of items takes no more than a screen until a group is opened."""
    house.does("designer", copied)
    visitor = come("designer", phone=True, path="/designs/test.copied")
    page = visitor.page
    page.locator("nav.tabs button").last.click()
    items = page.locator("#publish-items")
    expect(items).to_contain_text("项要新问")
    box = items.bounding_box()
    assert box is not None
    assert box["height"] < PHONE["height"]
    asked = items.locator("details[data-group=new]")
    asked.locator("summary").click()
    expect(asked).to_contain_text("本表自有7")
    visitor.sound()


def test_an_item_in_english_has_english_brackets(house: House, come: Come) -> None:
    """Between English words no Chinese brackets or commas stand."""
    visitor = come("designer", path="/designs/test.copied")
    page = visitor.page
    page.locator("button[name=lang][value=en]").click()
    page.goto(f"{house.url}/designs/test.copied")
    expect(page.locator(".item-field").first).to_be_visible()
    said = page.locator(".item-field").all_inner_texts()
    assert not [one for one in said if set(one) & set("（），、")]
