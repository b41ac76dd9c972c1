"""The default of a form on its way: proposed, confirmed, typed over, in new rows; last period's comes before it."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine.work import System
from forms import documents, filing, publish, store
from forms.documents import DocumentRecord
from forms.filing import Edit
from tests import installed
from tests.admin.conftest import Caller
from workflows import commands, dispatches
from workflows import store as tasks

LogIn = Callable[[str], Caller]
CODE = "test.proposals"
FORM: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": f"urn:yibiao:form:{CODE}",
    "title": "走访安排",
    "type": "object",
    "form": {"code": CODE, "kind": "report", "period": "month", "owner": "370602-mzj", "flow": "fill_verify_approve", "titles": {"en": "Visits planned"}},
    "properties": {
        "way": {"title": "方式", "oneOf": [{"const": "door", "title": "上门"}, {"const": "phone", "title": "电话"}], "default": "door"},
        "law": {"type": "string", "title": "依据", "readonly": True, "default": "《走访办法》"},
        "abroad": {"type": "boolean", "title": "在外地"},
        "place": {"type": "string", "title": "所在地", "show_when": "abroad", "default": "烟台"},
        "visits": {
            "type": "array", "title": "名单", "table": {"kind": "floating"},
            "items": {"type": "object", "properties": {"name": {"type": "string", "title": "姓名"}, "times": {"type": "integer", "title": "次数", "default": 2}}},
        },
    },
}  # fmt: skip


def sent(system: System, period: str) -> str:
    """The form sent to one community; its staff's task."""
    dispatch = system.write(
        installed.person(system, "minzheng"),
        lambda work: dispatches.create(
            work, CODE, installed.COMMUNITIES[:1], period, work.now + timedelta(days=5)
        ),
    )
    with system.read(installed.person(system, "huian")) as work:
        found = tasks.tasks_of(work, tasks.TASK.c.status == "open", tasks.TASK.c.kind == "fill")
    return next(one.id for one in found if one.dispatch_id == dispatch.id)


@pytest.fixture
def published(system: System) -> None:
    """The form, in force."""

    def write(work: Any) -> None:
        store.insert_draft(work, FORM)
        publish.publish(work, CODE)

    system.write(installed.person(system, "designer"), write)


def saved(system: System, task: str, **edit: Any) -> DocumentRecord:
    """The document after a save by its staff."""
    who = installed.person(system, "huian")
    held = system.write(who, lambda work: commands.open_task(work, task))
    system.write(
        who,
        lambda work: filing.save(work, held.record, Edit(held.record.revision, **edit), only=None),
    )
    return read(system, held.record.id)


def read(system: System, document_id: str) -> DocumentRecord:
    """As it stands."""
    with system.read(installed.ANYBODY) as work:
        return documents.get(work.connection, document_id)


@pytest.mark.usefixtures("published")
def test_a_default_is_proposed_confirmed_and_gives_way(system: System, log_in: LogIn) -> None:
    """Named as the form's own in the language of the page; nobody hands it in unseen; what was filed wins next month."""
    task = sent(system, "2026-10")
    page = log_in("huian").get(f"/tasks/{task}").text
    assert 'data-cell="/way" data-type="choice" data-state="proposed" data-needs="1"' in page
    assert "本表的默认值" in page
    other = log_in("huian")
    other.cookies.set("lang", "en")
    assert "Default of the form" in html.unescape(other.get(f"/tasks/{task}").text)

    record = saved(system, task, changes={"/visits/a/name": "张三"}, added={"/visits": ["a", "b"]})
    assert record.contents["way"] == "door"
    assert record.contents["law"] == "《走访办法》"
    assert [row["times"] for row in record.contents["visits"]] == [2, 2]
    with system.read(installed.person(system, "huian")) as work:
        _, missing = filing.obstacles(work, record)
    asked = {one.path for one in missing if one.code == "unconfirmed"}
    assert asked == {"/way", "/visits/a/times", "/visits/b/times"}

    record = saved(
        system, task, changes={"/way": "phone", "/visits/b/times": 5}, confirm=["/visits/a/times"]
    )
    with system.read(installed.person(system, "huian")) as work:
        assert filing.obstacles(work, record)[1] == []
    for login, kind in (("huian", "fill"), ("shenhe", "verify"), ("lingdao", "approve")):
        hand_on(system, login, kind, record.id)
    done = read(system, record.id).contents
    assert (done["way"], [row["times"] for row in done["visits"]]) == ("phone", [2, 5])
    assert "place" not in done

    following = sent(system, "2026-11")
    held = system.write(
        installed.person(system, "huian"), lambda work: commands.open_task(work, following)
    )
    assert held.record.contents["way"] == "phone"
    assert held.record.cells["/way"]["source"]["source"] == "carried"
    named = re.findall(
        r"<dt>(?:Form|Report)</dt><dd>([^<]*)", other.get(f"/tasks/{following}").text
    )
    assert set(named) == {"Visits planned"}


def test_a_blank_preview_shows_what_the_form_proposes_and_whose_it_is(
    system: System, log_in: LogIn
) -> None:
    """The designer sees the page as it opens where nothing is known."""
    system.write(installed.person(system, "designer"), lambda work: store.insert_draft(work, FORM))
    page = log_in("designer").get(f"/designs/{CODE}/preview").text
    assert 'data-cell="/way" data-type="choice" data-state="proposed"' in page
    assert "《走访办法》" in page
    assert "发表单位：芝罘区民政局" in page


def hand_on(system: System, login: str, kind: str, document_id: str) -> None:
    """Submit, or pass, whatever waits for somebody."""
    who = installed.person(system, login)
    with system.read(who) as work:
        found = tasks.tasks_of(work, tasks.TASK.c.status == "open", tasks.TASK.c.kind == kind)
    task = next(one.id for one in found if one.document_id == document_id)
    act = commands.submit if kind == "fill" else commands.pass_
    system.write(who, lambda work: act(work, task))
