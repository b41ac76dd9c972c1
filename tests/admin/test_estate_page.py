"""The estate page, and publishing what another form asks already."""

from collections.abc import Callable

import pytest

from engine.work import System
from forms import publish, store
from forms.publish import FormRepeats
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]


def twin(system: System) -> str:
    """A draft that asks what the monthly report asks, under another code."""

    def command(work) -> str:
        document = dict(store.document_of(work.connection, reports.FORM, 1))
        head = {**document["form"], "code": "test.twin"}
        head.pop("template", None)
        document |= {"$id": "urn:yibiao:form:test.twin", "title": "又一张月报", "form": head}
        store.insert_draft(work, document)
        return "test.twin"

    return system.write(installed.person(system, "designer"), command)


def test_the_page_tells_what_is_asked_twice(log_in: LogIn) -> None:
    """Figures, merges and the facts most often asked; not for whoever only fills."""
    page = log_in("minzheng").get("/estate")
    assert page.status_code == 200
    assert "12 张表" in page.text
    assert "常住人口" in page.text
    assert "社区基本情况和高龄老人月报表" in page.text
    assert log_in("huian").get("/estate").status_code == 403


def test_a_duplicate_is_published_with_a_reason_that_is_kept(system: System, log_in: LogIn) -> None:
    """Without one it is refused with the form it repeats; with one the version says why."""
    code = twin(system)
    designer = installed.person(system, "designer")
    with pytest.raises(FormRepeats) as told:
        system.write(designer, lambda work: publish.publish(work, code))
    assert told.value.percent == 100
    assert "社区基本情况" in told.value.text("zh")
    assert "Monthly" in told.value.text("en")
    assert "社区" not in told.value.text("en")
    told_page = log_in("designer").get(f"/api/designs/{code}/difference").json()
    items = {one["label"]: one for one in told_page["items"]}
    assert len(items) > 3
    assert {one["known"] for one in items.values()} <= {
        "register", "ledger", "form", "computed", "carried", "new",
    }  # fmt: skip
    assert any(
        "社区基本情况和高龄老人月报表" in title
        for one in items.values()
        for title in one["also_in"]
    )
    reason = "市里要求单独成表，下季度合并"
    system.write(designer, lambda work: publish.publish(work, code, note=reason))
    with system.read(designer) as work:
        (version,) = store.versions(work.connection, code)
    assert (version.status, version.note) == ("published", reason)
    assert reason in log_in("minzheng").get(f"/forms/{code}").text
