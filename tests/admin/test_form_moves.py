"""Moving running reports on its pages, over the API and on the command line; what whoever fills in is told."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from admin import working
from admin.cli.__main__ import collect
from engine.work import System, Work
from forms import documents, publish, store
from tests import installed
from tests.admin import reports
from workflows import store as flows

NEW = {"type": "integer", "title": "新增的项目"}


def next_version(system: System) -> int:
    """One item more, and one less."""

    def inside(work: Work) -> int:
        now = store.published(work.connection, reports.FORM)
        document = json.loads(
            json.dumps(store.document_of(work.connection, reports.FORM, now.version), default=str)
        )
        del document["properties"]["remark"]
        document["properties"]["added_item"] = NEW
        for section in document["form"].get("sections", []):
            section["items"] = [one for one in section["items"] if one != "remark"]
        document["form"]["sections"][0]["items"].append("added_item")
        document["required"] = [*document.get("required", ()), "added_item"]
        store.insert_draft(work, document)
        return publish.publish(work, reports.FORM).version

    return system.write(installed.person(system, "designer"), inside)


def task_of(system: System, login: str) -> str:
    with system.read(installed.person(system, login)) as work:
        return flows.tasks_of(work, flows.TASK.c.status == "open")[0].id


def test_the_page_tries_it_does_it_and_tells_whoever_fills_in(system: System, log_in: Any) -> None:
    """From the form's page to the task: what would happen, that it happened, what is new and where it stands."""
    sent = reports.sent(system)
    staff, office = log_in("huian"), log_in("minzheng")
    page = f"/tasks/{task_of(system, 'huian')}"
    assert 'data-version="1"' in staff.get(page).text
    staff.press(page, action="save", **{"v:/remark": "有雨"})
    version = next_version(system)
    assert "还在旧版上" in office.get(f"/forms/{reports.FORM}").text
    here = f"/dispatches/{sent.id}/version"
    assert here in office.get(f"/dispatches/{sent.id}").text
    assert here in office.get(f"/forms/{reports.FORM}/moving").text
    assert "先试算" in office.get(here).text
    office.press(here, **{"action": "try", "handed-in": "stay"})
    assert "hx-trigger" in office.get(f"{here}/state").text
    working.runner(system).work_off()
    tried = office.get(here).text
    for word in ("新增的项目", "新版没有的", "需要说明的情况", "会换到新版", "惠安社区"):
        assert word in tried, word
    office.press(here, action="go")
    working.runner(system).work_off()
    assert f"已换到第 {version} 版" in office.get(here).text
    told = staff.get(page).text
    assert f"现在是第 {version} 版" in told
    assert "minzheng" in told or "民政" in told
    assert 'href="#v.added_item"' in told
    assert f'data-version="{version}"' in told


def test_what_is_refused_is_told_in_words(system: System, log_in: Any) -> None:
    """Two at once, and an action that nobody knows."""
    sent = reports.sent(system)
    next_version(system)
    office, designer = log_in("minzheng"), log_in("designer")
    here = f"/dispatches/{sent.id}/version"
    office.press(here, action="try")
    assert designer.press(here, action="try").status_code == 303
    assert "请等做完或停下后再来" in designer.get(here).text
    refused = designer.post(f"/api{here}", {"action": "try"})
    assert (refused.status_code, refused.json()["code"]) == (409, "form-move.there")
    assert office.press(here, action="moon").status_code == 422


def test_over_the_api(system: System, log_in: Any) -> None:
    """Tried, carried out, watched; unit by unit with findings."""
    sent = reports.sent(system)
    version = next_version(system)
    office = log_in("minzheng")
    here = f"/api/dispatches/{sent.id}/version"
    assert office.get(here).json()["behind"] == 2
    assert office.post(here, {"action": "try"}).json()["move"]["state"] == "trying"
    working.runner(system).work_off()
    told = office.get(here).json()["move"]
    assert (told["state"], told["outcomes"]["moved"]) == ("tried", 2)
    assert [one["kind"] for one in told["findings"]] == ["asked"]
    each = office.get(f"{here}/units").json()["units"]
    assert {one["outcome"] for one in each} == {"moved"}
    office.post(here, {"action": "go"})
    working.runner(system).work_off()
    done = office.get(here).json()
    assert (done["behind"], done["form_version"], done["move"]["state"]) == (0, version, "done")


@pytest.mark.parametrize("scripted", [True, False])
def test_a_page_that_was_open_meanwhile_is_told(
    system: System, log_in: Any, *, scripted: bool
) -> None:
    """What has a cell is saved, what has none is named; without scripts a press hands nothing in unseen."""
    sent = reports.sent(system)
    staff, office = log_in("huian"), log_in("minzheng")
    task = task_of(system, "huian")
    staff.get(f"/tasks/{task}")
    record = reports.document_of(system, sent, reports.TWO[0])
    next_version(system)
    here = f"/dispatches/{sent.id}/version"
    for action in ("try", "go"):
        office.press(here, action=action)
        working.runner(system).work_off()
    if scripted:
        saved = staff.patch(
            f"/api/documents/{record}/cells",
            {"revision": 1, "version": 1, "changes": {"/births": 7, "/remark": "大雨"}},
        )
        assert saved.status_code == 200, saved.text
        changed = saved.json()["form_changed"]
        assert (changed["version"], changed["items"]) == (2, ["新增的项目"])
        assert [(one["path"], one["value"]) for one in changed["left"]] == [("/remark", "大雨")]
    else:
        pressed = staff.press(
            f"/tasks/{task}",
            action="submit",
            version="1",
            revision="1",
            **{"v:/births": "7", "v:/remark": "大雨"},
        )
        assert (pressed.status_code, pressed.headers["location"]) == (303, f"/tasks/{task}")
        assert "您打开这页之后表单改版了" in staff.get(f"/tasks/{task}").text
    with system.read(installed.ANYBODY) as work:
        now = documents.get(work.connection, record)
        changes = documents.changes_since(work.connection, record, 0)
    assert (now.status, now.contents["births"]) == ("open", 7)
    assert "remark" not in now.contents
    assert ("/remark", "大雨") in {(one.path, one.after) for one in changes}


def test_on_the_command_line(system: System) -> None:
    """Tried without being asked, carried out with --go; told as lines and as JSON."""
    reports.sent(system)
    version = next_version(system)
    around = {"YIBIAO_DATA_DIR": system.settings.data_dir, "YIBIAO_DATABASE_URL": ""}
    run = CliRunner()
    tried = run.invoke(collect(), ["form", "move", reports.FORM], env=around)
    assert tried.exit_code == 0, tried.output
    assert "moved 2" in tried.output
    assert "新增的项目" in tried.output
    done = run.invoke(collect(), ["form", "move", reports.FORM, "--go", "--json"], env=around)
    assert done.exit_code == 0, done.output
    (one,) = json.loads(done.output)["dispatches"]
    assert (one["behind"], one["form_version"]) == (0, version)


def test_the_reasons_of_the_program_are_in_the_readers_language(
    system: System, log_in: Any
) -> None:
    """Given back by the program: its words are read in English by whoever reads English."""
    sent = reports.sent(system, reports.TWO[:1])
    reports.handed_in(system, sent)
    next_version(system)
    office, staff = log_in("minzheng"), log_in("huian")
    here = f"/dispatches/{sent.id}/version"
    office.press(here, **{"action": "try", "handed-in": "back"})
    working.runner(system).work_off()
    office.press(here, action="go")
    working.runner(system).work_off()
    page = f"/tasks/{task_of(system, 'huian')}"
    assert "表单已改为第 2 版，请填写或核对：新增的项目" in staff.get(page).text
    staff.press("/settings/display", lang="en")
    english = staff.get(page).text
    assert "New in the changed form; please fill it in" in english
    assert "The form is at version 2 now. Please fill in or look at: " in english
