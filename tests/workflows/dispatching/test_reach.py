"""Each level sees its own: a city's report over four levels, with nil returns, exempt units and returns."""

from typing import Any

import pytest

from engine.errors import NotFound
from engine.identity import pack as people
from engine.work import System
from forms import packs as form_packs
from forms import rollup, store
from forms.filing import Edit
from tests.conftest import Clock
from tests.factories import TESTER, load_dictionary, load_organisations, organisation
from tests.workflows import small_town
from tests.workflows.small_town import person
from workflows import commands, dispatches, nil_returns
from workflows import packs as flow_packs
from workflows import store as tasks
from workflows.dispatching import exports, overview, progress, terms, urging

CITY, OFFICE = "3706", "3706-tjj"
COUNTIES = ("370602", "370611")
TOWNS = ("370602001", "370602002", "370611001", "370611002")
VILLAGES = tuple(f"{town}00{number}" for town in TOWNS for number in (1, 2))


@pytest.fixture
def city(system: System) -> System:
    """A city, two districts, four towns, eight villages; the city's office collects from the villages."""
    load_dictionary(system)
    rows = [organisation(CITY, kind="city"), organisation(CITY, OFFICE, kind="office")]
    rows += [organisation(CITY, one, kind="county") for one in COUNTIES]
    rows += [organisation(CITY, one[:6], one, kind="town") for one in TOWNS]
    rows += [organisation(CITY, one[:6], one[:9], one) for one in VILLAGES]
    load_organisations(system, rows)
    posts: dict[str, tuple[str, str]] = {"office": ("department", OFFICE)}
    posts |= {f"s{one}": ("staff", one) for one in VILLAGES}
    posts |= {f"v{one}": ("verifier", one) for one in TOWNS}
    posts |= {f"l{one}": ("leader", one) for one in (*TOWNS, *COUNTIES, CITY)}
    accounts = [
        {"login": login, "name": login, "positions": [{"role": role, "organisation": place}]}
        for login, (role, place) in posts.items()
    ]
    form = {
        **small_town.REPORT,
        "form": {**small_town.REPORT["form"], "owner": OFFICE, "nil": True},
    }  # type: ignore[dict-item]  # a form as JSON
    flow = small_town.json_text.loads(
        (small_town.ROOT / "packs/yantai/flows/fill_verify_approve.json").read_bytes()
    )
    system.write(TESTER, lambda work: people.load_accounts(work, accounts))
    system.write(TESTER, lambda work: flow_packs.load_flow(work, flow))
    system.write(TESTER, lambda work: form_packs.load_form(work, form, small_town.ROOT))
    return system


def handed_in(system: System, village: str, count: int | None) -> None:
    """Filled in with a number, or as a nil return; verified and approved by its town."""
    who = person(system, f"s{village}")
    (waiting,) = _open(system, who)
    held = system.write(who, lambda work: commands.open_task(work, waiting.id))
    if count is None:
        system.write(
            who, lambda work: nil_returns.submit(work, waiting.id, remark="本期没有", clear=True)
        )
    else:
        edit = Edit(held.record.revision, {"/count": count})
        system.write(
            who, lambda work: commands.save_cells(work, held.record.id, edit, language="zh")
        )
        system.write(who, lambda work: commands.submit(work, waiting.id, confirm=True))
    for login in (f"v{village[:9]}", f"l{village[:9]}"):
        actor = person(system, login)
        (mine,) = [one for one in _open(system, actor) if one.document_id == held.record.id]
        system.write(actor, lambda work, one=mine: commands.pass_(work, one.id))


def _open(system: System, who: Any) -> list[Any]:
    with system.read(who) as work:
        return tasks.tasks_of(work, tasks.TASK.c.status == "open")


def total(system: System, login: str, sent: str) -> tuple[int, Any]:
    """What somebody's roll-up adds up: of how many, and to what."""
    with system.read(person(system, login)) as work:
        found = dispatches.progress(work, sent)
        form = store.published(work.connection, found.dispatch.form_code)
        records = [one.document for one in found.standings]
        names = {one.document.organisation_code: one.organisation for one in found.standings}
        rolled = rollup.roll_up(form, records, names, rollup.parts(form)[0])
        return rolled.counted, next(iter(rolled.totals), None)


def test_each_level_sees_its_own_and_the_figures_add_up(city: System, clock: Clock) -> None:
    """Four levels; a nil return counts as nought, an exempt village not at all; one returned leaves the sums."""
    office = person(city, "office")
    sent = city.write(
        office,
        lambda work: dispatches.create(
            work, "test.count", VILLAGES, "2026-11", work.now + small_town.timedelta(days=5)
        ),
    ).id
    for number, village in enumerate(VILLAGES[:6], 1):
        handed_in(city, village, None if number == 2 else number)
    city.write(office, lambda work: terms.exempt(work, sent, [VILLAGES[6]], "没有这项业务"))
    assert total(city, "office", sent) == (6, 1 + 0 + 3 + 4 + 5 + 6)
    assert total(city, f"l{CITY}", sent) == total(city, "office", sent)
    assert [total(city, f"l{one}", sent) for one in COUNTIES] == [(4, 8), (2, 11)]
    assert [total(city, f"l{one}", sent) for one in TOWNS[:3]] == [(2, 1), (2, 7), (2, 11)]
    with city.read(person(city, f"l{TOWNS[3]}")) as work:
        seen = progress.units(work, dispatches.get(work, sent))
        assert [(one.organisation, one.mark) for one in seen] == [
            (VILLAGES[6], "exempt"), (VILLAGES[7], ""),
        ]  # fmt: skip
        assert [one.id for one in dispatches.listed(work)] == [sent]
        top = overview.top(work, [sent])
        assert sum(row[sent].total for row in overview.levels(work, [sent], top).values()) == 2
    city.write(office, lambda work: terms.send_back(work, sent, [VILLAGES[3]], "请核实"))
    assert total(city, "office", sent) == (5, 15)
    assert total(city, f"l{COUNTIES[0]}", sent) == (3, 4)
    assert total(city, f"l{COUNTIES[1]}", sent) == (2, 11)


def test_a_leader_of_another_area_sees_nothing_of_it(city: System) -> None:
    """Neither the dispatch, nor a sum, nor the reports as files; within it only their own."""
    office = person(city, "office")
    sent = city.write(
        office,
        lambda work: dispatches.create(
            work, "test.count", VILLAGES[:4], "2026-11", work.now + small_town.timedelta(days=5)
        ),
    ).id
    for number, village in enumerate(VILLAGES[:4], 1):
        handed_in(city, village, number)
    for login in (f"l{TOWNS[2]}", f"l{COUNTIES[1]}"):
        stranger = person(city, login)
        with city.read(stranger) as work:
            assert dispatches.listed(work) == []
            for look in (dispatches.get, dispatches.progress):
                with pytest.raises(NotFound):
                    look(work, sent)
        with pytest.raises(NotFound):
            city.write(stranger, lambda work: exports.ask(work, sent, "zip"))
        with pytest.raises(NotFound):
            city.write(stranger, lambda work: urging.urge(work, sent))
    leader = person(city, f"l{TOWNS[0]}")
    whole = city.write(office, lambda work: exports.ask(work, sent, "zip"))
    mine = city.write(leader, lambda work: exports.ask(work, sent, "zip"))
    with city.read(leader) as work:
        assert len(exports.get(work, mine).documents) == 2
        with pytest.raises(NotFound):
            exports.get(work, whole)
    with city.read(office) as work:
        assert len(exports.get(work, whole).documents) == 4
