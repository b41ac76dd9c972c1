"""A new version over what was really submitted: what would fail, be lost, be typed, or fill itself."""

import json
from datetime import timedelta
from typing import Any

import pytest

from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.errors import Forbidden, NotFound
from engine.work import System
from forms import store
from forms.designing import design, replay
from forms.designing.replayed import Finding, Part
from tests import installed
from tests.admin import reports
from workflows import dispatches

FORM = reports.FORM


def drafted(system: System, *changes: Any) -> None:
    """The next version of the form, changed step by step."""

    def inside(work: Any) -> None:
        now = store.published(work.connection, FORM)
        document = store.document_of(work.connection, FORM, now.version)
        for change in changes:
            document = change(document)
        store.insert_draft(work, document)

    system.write(installed.person(system, "designer"), inside)


def field(system: System, code: str) -> Field:
    with system.read(installed.ANYBODY) as work:
        return dictionary(work.connection).field(code)


def replayed(system: System, **more: Any) -> Part:
    with system.read(installed.person(system, "designer")) as work:
        return replay.replay(work, FORM, **more)


def found(part: Part, kind: str) -> dict[str, Finding]:
    return {one.path: one for one in part.findings if one.kind == kind}


def test_an_unchanged_version_finds_nothing(system: System) -> None:
    """The very form that was filled in: everything passes, nothing is lost."""
    reports.handed_in(system, reports.sent(system), disabled=4, disabled_severe=1)
    drafted(system)
    part = replayed(system)
    assert (part.period, part.total, part.looked_at, part.passing) == (reports.PERIOD, 1, 1, 1)
    assert part.findings == ()


def test_what_would_newly_fail_and_what_is_lost_is_counted_and_named(system: System) -> None:
    """A new check fails in one of two reports; a removed item takes its values along from both."""
    dispatch = reports.sent(system)
    reports.handed_in(system, dispatch, "huian", disabled=4, disabled_severe=3, veterans=7)
    reports.handed_in(system, dispatch, "nanyao", disabled=4, disabled_severe=0, veterans=0)
    check = {"code": "few", "formula": "disabled_severe <= 2", "severity": "error", "text": "不多"}
    drafted(
        system,
        lambda form: {**form, "form": {**form["form"], "checks": [*form["form"].get("checks", ()), check]}},
        lambda form: design.remove(form, "/veterans"),
    )  # fmt: skip
    part = replayed(system)
    fails = found(part, "fails")["/disabled_severe"]
    assert (fails.documents, fails.cells, fails.text, fails.severity) == (1, 1, "不多", "error")
    assert [(one.organisation, one.document) for one in fails.places] == [
        ("惠安社区居民委员会", "")
    ]
    assert part.passing == 1
    assert found(part, "lost")["/veterans"].documents == 2


def test_what_fills_itself_now_and_what_no_more(system: System) -> None:
    """An item that gets a field fills itself where it is known; one that loses it has to be typed."""
    reports.final(system, reports.sent(system), "huian", grids=6)
    office = installed.person(system, "minzheng")
    later = system.write(
        office,
        lambda work: dispatches.create(work, FORM, reports.TWO, "2026-12", work.now + timedelta(days=40)),
    )  # fmt: skip
    reports.handed_in(system, later, "huian")
    known = field(system, "org.grids")
    new = {"title": "网格（再）", "$ref": "field:org.grids"}
    drafted(
        system,
        lambda form: design.unbind(form, "/grids", known),
        lambda form: design.add(form, "grids_again", new),
    )
    part = replayed(system)
    assert found(part, "unbound")["/grids"].cells == 1
    filled = found(part, "prefilled")["/grids_again"]
    assert (filled.documents, filled.cells, filled.differ) == (1, 1, 0)


def test_a_renamed_item_keeps_its_values(system: System) -> None:
    """What only got another name is neither lost nor missing."""
    reports.handed_in(system, reports.sent(system), "huian", veterans=7)
    drafted(system, renamed)
    assert replayed(system).findings == ()


def renamed(form: dict[str, Any]) -> dict[str, Any]:
    names = {"veterans": "old_soldiers"}
    items = {names.get(name, name): node for name, node in form["properties"].items()}
    needed = [names.get(name, name) for name in form.get("required", ())]
    sections = json.loads(json.dumps(form["form"].get("sections", [])).replace('"veterans"', '"old_soldiers"').replace("/veterans", "/old_soldiers"))  # fmt: skip
    head = {**form["form"], **({"sections": sections} if sections else {})}
    return {**form, "properties": items, "required": needed, "form": head}


def test_the_page_is_told_part_by_part(system: System, log_in: Any) -> None:
    """Over the API as on the command line; before anything was submitted it says so."""
    drafted(system)
    designer = log_in("designer")
    assert designer.get(f"/api/designs/{FORM}/replay").status_code == 404
    reports.handed_in(system, reports.sent(system), "huian")
    told = designer.get(f"/api/designs/{FORM}/replay").json()
    assert (told["total"], told["looked_at"], told["passing"], told["after"]) == (1, 1, 1, None)


def test_parts_come_to_the_same_as_the_whole(system: System) -> None:
    """Asked for one document at a time, the sum is the same."""
    dispatch = reports.sent(system)
    for login in ("huian", "nanyao"):
        reports.handed_in(system, dispatch, login, veterans=4)
    drafted(system, lambda form: design.remove(form, "/veterans"))
    whole = replayed(system)
    with system.read(installed.person(system, "designer")) as work:
        part = replay.part(work, FORM, limit=1)
        while part.after is not None:
            part = part.plus(replay.part(work, FORM, limit=1, after=part.after))
    assert part.to_json() == {**whole.to_json(), "findings": part.to_json()["findings"]}
    counted = {(one.kind, one.path): (one.documents, one.cells) for one in whole.findings}
    assert {(o.kind, o.path): (o.documents, o.cells) for o in part.findings} == counted


def test_nothing_submitted_is_told_and_only_a_designer_may_ask(system: System) -> None:
    """Before the first report there is nothing to try it on."""
    drafted(system)
    with pytest.raises(NotFound):
        replayed(system)
    with system.read(installed.person(system, "huian")) as work, pytest.raises(Forbidden):
        replay.replay(work, FORM)
