"""Changing cells: where a value goes, who must agree, and two people at one cell."""

import pytest

from engine.errors import NotFound
from engine.ledgers import edit, history, page, proposals
from engine.ledgers.edit import Edit
from engine.ledgers.filters import Ask
from engine.ledgers.ground import ground
from engine.ledgers.lens import Lens
from engine.ledgers.rows import Cell
from engine.registers import bulk, store
from engine.work import System
from tests import factories
from tests.engine.ledgers.ground import clerk, lens, officer, prepared, staff


@pytest.fixture
def ledgers(system: System) -> tuple[Lens, Lens]:
    """Two ledgers on one register: of the old, and of everybody."""
    known = prepared(system)
    people = [
        factories.person(id="ann", name="安", phone="13800000001", household_number="H1"),
        factories.person(id="bao", name="鲍", residence="370602011002"),
    ]
    factories.load_people(system, known, people)

    def household(work):
        rows = [{"id": "h1", "number": "H1", "residence": "370602011001", "address": "南大街1号"}]
        bulk.load(work, known, "household", rows, factories.origin(work))

    system.write(factories.TESTER, household)
    return lens(system, known), lens(system, known, "civil.all", "person")


def cell(system: System, who, found: Lens, row: str, column: str) -> Cell:
    """A cell as somebody sees it."""
    with system.read(who) as work:
        return page.one(work, ground(work, found), row).cell(column)


def test_a_phone_changed_in_one_ledger_stands_in_every_other(system: System, ledgers) -> None:
    """One home for a fact; the other ledger tells who changed it, when, and through which ledger."""
    old, everybody = ledgers
    seen = cell(system, staff(), old, "ann", "phone").stamp
    done = system.write(
        staff(), lambda work: edit.save(work, old, [Edit("ann", "phone", "13800000002", seen)])
    )
    assert [one.kind for one in done] == ["saved"]
    there = cell(system, clerk(), everybody, "ann", "phone")
    assert there.value == "13800000002"
    assert (there.origin.actor_name, there.origin.title, there.origin.source) == (
        "江晚晴",
        "高龄老人台账",
        "entered",
    )
    assert there.stamp == done[0].cell.stamp > seen


def test_each_kind_of_column_has_its_own_home(system: System, ledgers) -> None:
    """A household's address goes to the household, a remark stays in its ledger."""
    old, everybody = ledgers
    wanted = [
        Edit(
            "ann",
            "household_address",
            "北大街2号",
            cell(system, staff(), old, "ann", "household_address").stamp,
        ),
        Edit("ann", "remark", "常走访", 0),
    ]
    assert {
        one.kind for one in system.write(staff(), lambda work: edit.save(work, old, wanted))
    } == {"saved"}
    with system.read(factories.TESTER) as work:
        known = ground(work, old).dictionary
        field = known.field("household.address")
        assert (
            store.fetch(work, known, "household", ["h1"], [field])["h1"][field.code].value
            == "北大街2号"
        )
    assert cell(system, staff(), old, "ann", "remark").value == "常走访"
    assert cell(system, staff(), everybody, "ann", "remark").value is None


def test_nobody_writes_beyond_their_area(system: System, ledgers) -> None:
    """A row of another village is not there, for reading and for writing."""
    old, _ = ledgers
    with pytest.raises(NotFound):
        system.write(
            staff(1), lambda work: edit.save(work, old, [Edit("bao", "phone", "13800000003", 0)])
        )
    with pytest.raises(NotFound):
        system.write(staff(1), lambda work: edit.save(work, old, [Edit("ann", "nothing", "1", 0)]))


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [("ann", "age", 90), ("bao", "household_address", "x"), ("ann", "id_number", None)],
)
def test_what_cannot_be_set_is_refused(
    system: System, ledgers, row: str, column: str, value
) -> None:
    """What is computed, what is about nobody, and the number a subject is known by."""
    with pytest.raises(edit.NotEditable):
        system.write(
            clerk(), lambda work: edit.save(work, ledgers[0], [Edit(row, column, value, 0)])
        )


def test_of_two_at_one_cell_the_second_is_asked_and_both_are_told(system: System, ledgers) -> None:
    """Nothing is overwritten unseen; who insists has seen it, and the first hears of it."""
    old, _ = ledgers
    first, second = staff(name="江晚晴"), clerk(name="许望舒")
    seen = cell(system, first, old, "ann", "phone").stamp
    system.write(
        first, lambda work: edit.save(work, old, [Edit("ann", "phone", "13800000002", seen)])
    )
    wanted = Edit("ann", "phone", "13800000003", seen)
    [clash] = system.write(second, lambda work: edit.save(work, old, [wanted]))
    assert (clash.kind, clash.cell.value, clash.cell.origin.actor_name) == (
        "clash",
        "13800000002",
        "江晚晴",
    )
    assert cell(system, first, old, "ann", "phone").value == "13800000002"
    with system.read(first) as work:
        told = edit.clashes(work, old, ["ann"], "")
        assert [(one["second_name"], one["overridden"]) for one in told] == [("许望舒", False)]
    insisting = Edit("ann", "phone", "13800000003", seen, over=True)
    assert system.write(second, lambda work: edit.save(work, old, [insisting]))[0].kind == "saved"
    with system.read(first) as work:
        assert [one["overridden"] for one in edit.clashes(work, old, ["ann"], "")] == [True]


def test_edits_of_different_cells_of_a_row_do_not_meet(system: System, ledgers) -> None:
    """Two people in one row, each at a cell of their own: both are kept."""
    old, _ = ledgers
    phone = cell(system, staff(), old, "ann", "phone").stamp
    money = cell(system, staff(), old, "ann", "allowance").stamp
    for who, one in (
        (staff(), Edit("ann", "phone", "13800000002", phone)),
        (clerk(), Edit("ann", "allowance", 300, money)),
    ):
        assert (
            system.write(who, lambda work, one=one: edit.save(work, old, [one]))[0].kind == "saved"
        )
    assert cell(system, staff(), old, "ann", "phone").value == "13800000002"
    assert cell(system, staff(), old, "ann", "allowance").value == 300


def test_emptying_a_cell_is_a_change_with_its_author(system: System, ledgers) -> None:
    """Blank after a value is not the same as never known: it tells who emptied it."""
    old, _ = ledgers
    seen = cell(system, staff(), old, "ann", "phone").stamp
    system.write(staff(), lambda work: edit.save(work, old, [Edit("ann", "phone", None, seen)]))
    emptied = cell(system, clerk(), old, "ann", "phone")
    assert (emptied.value, emptied.origin.actor_name) == (None, "江晚晴")
    [clash] = system.write(
        clerk(), lambda work: edit.save(work, old, [Edit("ann", "phone", "13800000009", seen)])
    )
    assert clash.kind == "clash"


def test_a_field_of_another_office_is_proposed_and_its_office_decides(
    system: System, ledgers
) -> None:
    """Not written until accepted; then by the steward, with who proposed and who agreed."""
    old, everybody = ledgers
    seen = cell(system, staff(), old, "ann", "name").stamp
    [asked] = system.write(
        staff(),
        lambda work: edit.save(work, old, [Edit("ann", "name", "安安", seen, "户口簿为准")]),
    )
    assert asked.kind == "proposed"
    assert cell(system, staff(), old, "ann", "name").value == "安"
    with system.read(officer()) as work:
        [found] = proposals.listed(work)
        assert (found.before, found.after, found.reason) == ("安", "安安", "户口簿为准")
    with pytest.raises(NotFound):
        system.write(clerk(), lambda work: proposals.decide(work, found.id, accept=True))
    system.write(officer(), lambda work: proposals.decide(work, found.id, accept=True))
    now = cell(system, staff(), everybody, "ann", "name")
    assert (now.value, now.origin.source, now.origin.actor_name, now.origin.verified_by) == (
        "安安", "steward", "江晚晴", "柳如琢",
    )  # fmt: skip
    with pytest.raises(proposals.ProposalDone):
        system.write(officer(), lambda work: proposals.decide(work, found.id, accept=True))


def test_a_refusal_says_why_and_changes_nothing(system: System, ledgers) -> None:
    """Without a reason it is no refusal."""
    old, _ = ledgers
    seen = cell(system, staff(), old, "ann", "sex").stamp
    [asked] = system.write(
        staff(), lambda work: edit.save(work, old, [Edit("ann", "sex", "1", seen)])
    )
    with pytest.raises(proposals.AnswerMissing):
        system.write(officer(), lambda work: proposals.decide(work, asked.proposal, accept=False))
    system.write(
        officer(), lambda work: proposals.decide(work, asked.proposal, accept=False, answer="不符")
    )
    assert cell(system, staff(), old, "ann", "sex").value == "2"


def test_accepting_does_not_undo_what_came_after(system: System, ledgers) -> None:
    """The value changed since it was proposed: the steward is told, and may insist."""
    old, everybody = ledgers
    seen = cell(system, staff(), old, "ann", "name").stamp
    [asked] = system.write(
        staff(), lambda work: edit.save(work, old, [Edit("ann", "name", "安安", seen)])
    )

    def other(work):
        known = ground(work, old).dictionary
        came = factories.origin(work, title="户籍库")
        store.set_values(work, known, [store.Change("person.name", "ann", "安宁")], came)

    system.write(factories.TESTER, other)
    with pytest.raises(proposals.ProposalOvertaken):
        system.write(officer(), lambda work: proposals.decide(work, asked.proposal, accept=True))
    system.write(
        officer(), lambda work: proposals.decide(work, asked.proposal, accept=True, over=True)
    )
    assert cell(system, staff(), everybody, "ann", "name").value == "安安"


def test_the_steward_of_a_field_needs_to_ask_nobody(system: System, ledgers) -> None:
    """The office that answers for it writes at once, with the steward's authority."""
    old, _ = ledgers
    with system.read(factories.TESTER) as work:
        known = ground(work, old).dictionary
    from dataclasses import replace

    column = replace(
        old.by_name["name"], field=replace(known.field("person.name"), steward="370602-mzj")
    )
    own = replace(old, columns=(column, *old.columns[1:]))
    seen = cell(system, officer(), own, "ann", "name").stamp
    [done] = system.write(
        officer(), lambda work: edit.save(work, own, [Edit("ann", "name", "安安", seen)])
    )
    assert (done.kind, done.cell.origin.source) == ("saved", "steward")


def test_history_tells_who_when_why_before_and_after(system: System, ledgers) -> None:
    """Of a row over all homes of its cells, and of one cell; sealed values are opened for it."""
    old, _ = ledgers
    for phone in ("13800000002", "13800000003"):
        seen = cell(system, staff(), old, "ann", "phone").stamp
        system.write(
            staff(),
            lambda work, p=phone, s=seen: edit.save(
                work, old, [Edit("ann", "phone", p, s, "本人来电")]
            ),
        )
    system.write(staff(), lambda work: edit.save(work, old, [Edit("ann", "remark", "好", 0)]))
    with system.read(staff()) as work:
        here = ground(work, old)
        row = page.one(work, here, "ann")
        whole = history.of_row(work, here, row)
        phones = history.of_row(work, here, row, column="phone")
    assert [(one.column, one.before, one.after) for one in whole] == [
        ("remark", None, "好"),
        ("phone", "13800000002", "13800000003"),
        ("phone", "13800000001", "13800000002"),
    ]
    assert {one.reason for one in phones} == {"高龄老人台账：本人来电"}
    with system.read(factories.TESTER) as work:
        from sqlalchemy import select

        from engine.work import HISTORY

        kept = str(work.connection.execute(select(HISTORY.c.before, HISTORY.c.after)).all())
    assert "13800000002" not in kept


def test_one_wrong_row_undoes_the_whole_save(system: System, ledgers) -> None:
    """All edits of a save, or none."""
    old, _ = ledgers
    seen = cell(system, clerk(), old, "ann", "phone").stamp
    wanted = [Edit("ann", "phone", "13800000002", seen), Edit("nobody", "phone", "13800000003", 0)]
    with pytest.raises(NotFound):
        system.write(clerk(), lambda work: edit.save(work, old, wanted))
    assert cell(system, clerk(), old, "ann", "phone").value == "13800000001"
    with system.read(clerk()) as work:
        assert page.page(work, ground(work, old), Ask()).rows
