"""Changes of organisations in a small town: what follows, what stays, what comes back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from admin.views import units_view
from admin.working import runner
from engine.access import policy
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.errors import Forbidden
from engine.identity import lineage
from engine.identity import pack as people
from engine.identity import store as identity
from engine.identity.reform import Wish
from engine.identity.store import ORGANISATION, POSITION
from engine.periods import Period
from engine.registers import bulk, query, store
from engine.registers import fields as registers_fields
from engine.registers.store import Change
from engine.work import System
from forms import documents, predecessors, rollup
from forms import packs as form_packs
from forms import store as forms
from forms.documents import DOCUMENT
from forms.prefill.prefill import prefill
from tests import factories
from tests.conftest import MORNING
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.small_town import COUNTY, OFFICE, ONE, STREET, TWO, person, send, task
from workflows import beside, commands
from workflows.reforming import commands as reforming
from workflows.reforming.commands import ChangeState, ChangeUsed
from workflows.reforming.gather import UnitOwns
from workflows.store import TASK

THREE = "370602011003"


def wish(kind: str, *units: str, days: int = 0, **more: Any) -> Wish:
    """A wish for the test's day, or so many days later."""
    day = (MORNING + timedelta(days=days)).date().isoformat()
    return Wish.read(
        {"kind": kind, "units": list(units), "effective": day, "number": "鲁民〔2026〕1号", **more}
    )


def done(system: System, asked: Wish) -> str:
    """A change that is made."""
    return system.write(TESTER, lambda work: reforming.keep(work, asked))


def everything(system: System) -> dict[str, Any]:
    """All that a change may touch, to be compared before and after."""
    with system.read(TESTER) as work:
        rows = {
            table.name: [
                tuple(row)
                for row in work.connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in (ORGANISATION, POSITION, TASK, DOCUMENT)
        }
        known = dictionary(work.connection)
        for subject, ids in (("person", ["p1", "p2", "p3"]), ("org", [ONE, TWO, THREE])):
            fields = [
                one
                for one in known.fields.values()
                if one.subject == subject and not one.compute and not one.periodic
            ]
            there = store.fetch(work, known, subject, ids, fields)
            rows[subject] = sorted(
                (one, code, str(value.value), value.origin.id)
                for one, all_ in there.items()
                for code, value in all_.items()
            )
        return rows


@pytest.fixture
def town(system: System) -> System:
    """Three people and some beds in the two communities."""
    small_town.build(system)
    beds_ = Field("org.elder_beds", {"zh": "床位"}, {"type": "integer"}, unit="张")
    system.write(TESTER, lambda work: registers_fields.add(work, beds_))

    def load(work: Any) -> None:
        known = dictionary(work.connection)
        rows = [
            {"id": f"p{n}", "residence": home, "sex": "12"[n % 2]}
            for n, home in enumerate((ONE, ONE, TWO), 1)
        ]
        bulk.load(work, known, "person", rows, factories.origin(work))
        origin = factories.origin(work)
        beds = [Change("org.elder_beds", ONE, 3), Change("org.elder_beds", TWO, 4)]
        store.set_values(work, known, beds, origin)

    system.write(TESTER, load)
    return system


def residences(system: System) -> dict[str, str]:
    with system.read(TESTER) as work:
        known = dictionary(work.connection)
        found = store.fetch(
            work, known, "person", ["p1", "p2", "p3"], [known.field("person.residence")]
        )
        return {one: values["person.residence"].value for one, values in found.items()}


@pytest.mark.parametrize(
    "asked",
    [
        wish("rename", ONE, name="新名"),
        wish("recode", ONE, code=THREE),
        wish("recode", STREET, code="370602012"),
        wish("merge", ONE, into=TWO),
        wish("split", ONE, parts=[{"code": ONE, "name": "甲"}, {"code": THREE, "name": "乙", "rule": 'person where sex = "1"'}]),
        wish("abolish", ONE),
        wish("found", parent=STREET, code=THREE, name="新", level="village"),
    ],
    ids=lambda one: f"{one.kind} {len(one.units and one.units[0])}",
)  # fmt: skip
def test_what_was_changed_and_undone_is_as_it_was(town: System, asked: Wish) -> None:
    """Tree, posts, open tasks, documents, registers: the very same rows, and the preview counted them."""
    send(town, *((ONE,) if asked.kind == "merge" else (ONE, TWO)))
    before = everything(town)
    with town.read(TESTER) as work:
        told = reforming.preview(work, asked)
    change = done(town, asked)
    with town.read(TESTER) as work:
        counted = lineage.counted(work.connection, change)
        assert {
            key: n for key, n in counted.items() if not key[0].startswith("reg_")
        } == told.effects
    assert everything(town) != before
    assert town.write(TESTER, lambda work: reforming.undo(work, change)) == 0
    after = everything(town)
    for name, rows in before.items():
        assert after[name] == rows, name
    with pytest.raises(ChangeState):
        town.write(TESTER, lambda work: reforming.undo(work, change))


def test_work_people_and_facts_go_where_the_unit_went(town: System) -> None:
    """Ann of the first community has her task and her people in the second; beds are added."""
    send(town, ONE)
    done(town, wish("merge", ONE, into=TWO))
    assert task(town, "ann").organisation_code == TWO
    assert {post.organisation for post in person(town, "ann").posts} == {TWO}
    assert residences(town) == dict.fromkeys(("p1", "p2", "p3"), TWO)
    with town.read(TESTER) as work:
        known = dictionary(work.connection)
        beds = store.fetch(work, known, "org", [TWO], [known.field("org.elder_beds")])
        assert beds[TWO]["org.elder_beds"].value == 7
        all_beds = {"beds": "sum(org.elder_beds)"}
        assert query.grouped(work, known, all_beds, [STREET]) == {STREET: {"beds": 7}}
        assert lineage.today(work.connection, [ONE, TWO]) == {ONE: (TWO,)}
    small_town.hand_in(town)


def test_where_the_other_has_the_same_report_one_is_enough(town: System) -> None:
    """The ended unit's open report ends, with why; undone, it begins again."""
    send(town, ONE, TWO)
    change = done(town, wish("merge", ONE, into=TWO))
    assert [one.subject_code for one in [task(town, "tom")]] == [TWO]
    with town.read(TESTER) as work:
        ended = documents.listed(work, documents.DOCUMENT.c.organisation_code == ONE)
        assert [one.status for one in ended] == ["terminated"]
    town.write(TESTER, lambda work: reforming.undo(work, change))
    assert task(town, "ann").subject_code == ONE


def test_of_a_unit_that_none_follows_open_tasks_are_the_offices_to_see_to(town: System) -> None:
    """An incident with an owner, never a task that nobody can see."""
    send(town, ONE)
    done(town, wish("abolish", ONE))
    with town.read(person(town, "office")) as work:
        (stuck,) = beside.incidents(work)
        assert (stuck.reason, stuck.owner, stuck.subject_code) == ("abolished", OFFICE, ONE)


def test_a_change_waits_for_its_day_and_tells_what_stood_in_its_way(
    town: System, clock: Any
) -> None:
    """The job does it in the morning; what became impossible meanwhile is kept with the reason."""
    first = done(town, wish("merge", ONE, into=TWO, days=3))
    second = done(town, wish("rename", ONE, name="新名", days=3))
    assert residences(town)["p1"] == ONE
    clock.forward(days=3)
    runner(town).work_off()
    with town.read(TESTER) as work:
        states = {one.id: one for one in lineage.changes(work.connection)}
    assert states[first].state == "done"
    assert states[second].state == "failed"
    assert states[second].problem["code"] == "organisation.no-such-unit"
    town.write(TESTER, lambda work: reforming.cancel(work, second))


def test_history_is_read_by_who_has_the_unit_today_and_by_who_could_before(town: System) -> None:
    """A community moves to another street: its old report is seen from both, its new one from one."""
    factories.load_organisations(town, [factories.organisation(COUNTY, "370602022", kind="town")])
    town.write(TESTER, lambda work: employed(work, "vic", "verifier", "370602022"))
    send(town, ONE, period="2026-10")
    small_town.hand_in(town)
    passed(town, "vera")
    passed(town, "lea")
    done(town, wish("move", ONE, parent="370602022", code="370602022001"))
    with town.read(TESTER) as work:
        (old,) = documents.listed(work, documents.DOCUMENT.c.organisation_code == ONE)
    assert old.status == "final"
    for login in ("vic", "vera", "ann"):
        with town.read(person(town, login)) as work:
            assert documents.read(work, old.id).id == old.id
            assert [one.id for one in documents.listed(work)] == [old.id]
    assert not policy.covers(person(town, "tom"), "document.read", path=old.organisation_path)
    send(town, "370602022001")
    with town.read(person(town, "vic")) as work:
        (new,) = documents.listed(work, documents.DOCUMENT.c.period == "2026-11")
    assert not policy.covers(person(town, "vera"), "document.read", path=new.organisation_path)


def test_last_period_of_a_merged_unit_is_the_sum(town: System, clock: Any) -> None:
    """Seven in each community are fourteen in the one they became; each report keeps its unit's name,
    and the roll-up says the same by the units of then and of today.
    """
    for login, code in (("ann", ONE), ("tom", TWO)):
        send(town, code, period="2026-10")
        small_town.hand_in(town, login)
        passed(town, "vera")
        passed(town, "lea")
    clock.forward(days=1)
    done(town, wish("merge", ONE, into=TWO, name="合成", days=1))
    with town.read(TESTER) as work:
        final = documents.listed(work, documents.DOCUMENT.c.status == "final")
        then = units_view.then(work, final)
        assert [then[code].name for code in (ONE, TWO)] == [f"组织{ONE}", f"组织{TWO}"]
        rolled = rollup.roll_up(forms.published(work.connection, "test.count", 1), final, then)
        now = units_view.by_today(work, rolled)
        assert now is not None
        assert [(one.organisation.name, one.values) for one in now.lines] == [("合成", (14,))]
        assert (now.totals, now.counted) == (rolled.totals, rolled.counted) == ((14,), 2)
        form = forms.published(work.connection, "test.count", 1)
        found = predecessors.newest(work.connection, form, [TWO], Period.parse("2026-10"))
    assert found[TWO].contents == {"count": 14}


def test_a_shared_fact_of_the_period_before_is_the_sum_too(town: System, clock: Any) -> None:
    """Where the registers hold it of the one unit alone; the one that nobody went into carries its own."""
    heads = Field("org.heads", {"zh": "人数"}, {"type": "integer"}, unit="人", temporal="period")
    shared = {
        **small_town.REPORT,
        "form": {**small_town.REPORT["form"], "sets": ["org.heads"]},
        "properties": {"count": {"$ref": "field:org.heads"}},
    }
    town.write(TESTER, lambda work: registers_fields.add(work, heads))
    town.write(TESTER, lambda work: form_packs.load_form(work, shared, small_town.ROOT))
    for login, code in (("ann", ONE), ("tom", TWO)):
        send(town, code, period="2026-10")
        small_town.hand_in(town, login)
        passed(town, "vera")
        passed(town, "lea")

    def carried() -> Any:
        with town.read(TESTER) as work:
            form = forms.published(work.connection, "test.count")
            place = [identity.organisation(work.connection, TWO)]
            return prefill(work, form, place, "2026-11")[TWO]

    assert carried().contents == {"count": 7}
    clock.forward(days=1)
    done(town, wish("merge", ONE, into=TWO, name="合成", days=1))
    assert carried().contents == {"count": 14}
    assert carried().cells["/count"].state == "carried"


def test_a_part_is_told_why_last_period_says_nothing(town: System, clock: Any) -> None:
    """What was reported before a unit was parted is nobody's alone; one that went into another is named."""
    for login, code in (("ann", ONE), ("tom", TWO)):
        send(town, code, period="2026-10")
        small_town.hand_in(town, login)
        passed(town, "vera")
        passed(town, "lea")
    clock.forward(days=1)
    parts = [{"code": ONE, "name": "甲"}, {"code": THREE, "name": "乙"}]
    split = done(town, wish("split", ONE, parts=parts, days=1))
    before = Period.parse("2026-10")
    with town.read(TESTER) as work:
        form = forms.published(work.connection, "test.count", 1)
        assert predecessors.newest(work.connection, form, [THREE], before) == {}
        told = predecessors.gone(work.connection, form, THREE, before, "/count")
        assert told == predecessors.Gone("parted", (f"组织{ONE}",))
        assert predecessors.gone(work.connection, form, TWO, before, "/count") is None
        assert predecessors.gone(work.connection, form, THREE, before.previous(), "/count") is None
    town.write(TESTER, lambda work: reforming.undo(work, split))
    done(town, wish("merge", ONE, into=TWO, days=1))
    with town.read(TESTER) as work:
        told = predecessors.gone(work.connection, form, TWO, before, "/count")
    assert told == predecessors.Gone("merged", (f"组织{ONE}",))


def test_what_new_work_stands_on_is_not_undone(town: System) -> None:
    """A task handed in since, a later change, somebody who moved in."""
    send(town, ONE)
    change = done(town, wish("recode", ONE, code=THREE))
    later = done(town, wish("rename", THREE, name="后来"))
    with pytest.raises(ChangeUsed, match="1"):
        town.write(TESTER, lambda work: reforming.undo(work, change))
    town.write(TESTER, lambda work: reforming.undo(work, later))
    small_town.hand_in(town)
    with pytest.raises(ChangeUsed):
        town.write(TESTER, lambda work: reforming.undo(work, change))


def test_who_may_not_and_what_is_owned(town: System) -> None:
    """Only the system administrator; an office with forms is not ended."""
    with pytest.raises(Forbidden):
        town.write(person(town, "office"), lambda work: reforming.keep(work, wish("abolish", ONE)))
    with pytest.raises(UnitOwns):
        done(town, wish("abolish", OFFICE))


def employed(work: Any, login: str, role: str, place: str) -> None:
    people.load_accounts(
        work,
        [{"login": login, "name": login, "positions": [{"role": role, "organisation": place}]}],
    )


def passed(system: System, login: str) -> None:
    waiting = task(system, login)
    system.write(person(system, login), lambda work: commands.pass_(work, waiting.id))
