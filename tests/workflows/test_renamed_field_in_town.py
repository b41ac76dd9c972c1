"""A field is renamed while a report that asks for it is on its way: it lands, and fills the next one."""

from datetime import timedelta
from typing import Any

from engine.dictionary.store import dictionary
from engine.registers import fields
from engine.settings import ROOT
from engine.work import System
from forms import packs as form_packs
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.small_town import OFFICE, ONE, REPORT
from workflows import commands, dispatches


def publish(system: System, code: str, field: str) -> None:
    form = {
        **REPORT, "$id": f"urn:yibiao:form:{code}", "title": code,
        "form": {**REPORT["form"], "code": code, "owner": OFFICE, "sets": [field]},
        "properties": {"count": {"$ref": f"field:{field}", "title": "人数"}},
    }  # fmt: skip
    system.write(TESTER, lambda work: form_packs.load_form(work, form, ROOT))


def send(system: System, code: str) -> None:
    def inside(work: Any) -> None:
        due = work.now + timedelta(days=5)
        dispatches.create(work, code, [ONE], "2026-11", due)

    system.write(small_town.person(system, "office"), inside)


def test_what_is_on_its_way_lands_and_fills_the_next_report(system: System) -> None:
    """Published by the old code, approved after the renaming; the next form says the new one."""
    small_town.build(system)
    publish(system, "test.before", "org.population")
    send(system, "test.before")
    small_town.hand_in(system)

    def rename(work: Any) -> None:
        fields.rename(work, "org.population", "people", 1)

    system.write(TESTER, rename)
    for login in ("vera", "lea"):
        waiting = small_town.task(system, login)
        who = small_town.person(system, login)
        system.write(who, lambda work, task=waiting: commands.pass_(work, task.id))
    for code, field in (("test.new", "org.people"), ("test.old", "org.population")):
        publish(system, code, field)
        send(system, code)
        waiting, ann = small_town.task(system, "ann"), small_town.person(system, "ann")
        held = system.write(ann, lambda work, task=waiting: commands.open_task(work, task.id))
        assert held.record.contents == {"count": 7}
        assert held.record.cells["/count"]["source"]["title"] == "test.before"
        small_town.hand_in(system)
    with system.read(TESTER) as work:
        assert dictionary(work.connection).field("org.people").code == "org.population"
