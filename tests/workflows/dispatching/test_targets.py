"""Whom a report goes to: by level, group, rule, part of the tree, and by hand; resolved when it is used."""

from typing import Any

import pytest

from engine.errors import NotFound
from engine.work import System
from tests.factories import TESTER
from tests.workflows import small_town
from workflows.dispatching import cadence, targets
from workflows.dispatching.targets import GroupInUse, GroupNamed, Targets, TargetsInvalid

ONE, TWO, STREET, OFFICE = (
    small_town.ONE,
    small_town.TWO,
    small_town.STREET,
    small_town.OFFICE,
)
AREA = "/370602/"


@pytest.fixture
def town(system: System) -> System:
    """A street with two communities."""
    small_town.build(system)
    return system


def resolved(system: System, **given: Any) -> list[str]:
    """The codes that a choice means."""
    with system.read(TESTER) as work:
        found = targets.resolve(work, OFFICE, AREA, Targets.read(given))
    return [one.code for one in found]


def keep(system: System, name: str, group_id: str = "", **given: Any) -> str:
    """The office keeps a group."""
    office = small_town.person(system, "office")
    return system.write(
        office,
        lambda work: targets.keep_group(work, OFFICE, name, Targets.read(given), group_id=group_id),
    )


def test_parts_add_up_and_are_taken_away(town: System) -> None:
    """Levels, a part of the tree, a single one; what is left out goes with all below it."""
    assert resolved(town, levels=["village"]) == [ONE, TWO]
    assert resolved(town, trees=[STREET]) == [ONE, TWO]
    assert resolved(town, trees=[STREET], without=[TWO]) == [ONE]
    assert resolved(town, picked=[TWO]) == [TWO]
    assert resolved(town, levels=["village"], without=[STREET]) == []
    assert resolved(town, levels=["village"], below="370699") == []
    assert resolved(town, levels=["town"]) == []  # nobody there fills in


def test_a_group_by_hand_and_one_by_level(town: System) -> None:
    """One keeps its members; the other is made anew whenever it is used."""
    hand = keep(town, "重点社区", picked=[TWO])
    level = keep(town, "所有社区", levels=["village"], without=[TWO])
    assert resolved(town, groups=[hand]) == [TWO]
    assert resolved(town, groups=[level]) == [ONE]
    assert resolved(town, groups=[hand, level]) == [ONE, TWO]
    keep(town, "所有社区", level, levels=["village"])
    assert resolved(town, groups=[level]) == [ONE, TWO]


def test_groups_have_names_of_their_own_and_an_owner(town: System) -> None:
    """The same name twice, nothing chosen, a group in a group, another office: refused in words."""
    hand = keep(town, "重点", picked=[TWO])
    with pytest.raises(GroupNamed):
        keep(town, " 重点 ", picked=[ONE])
    for wrong in ({}, {"groups": [hand]}, {"levels": ["moon"]}, {"rule": "((", "levels": []}):
        with pytest.raises(TargetsInvalid):
            keep(town, "另一个", **wrong)
    with town.read(TESTER) as work, pytest.raises(NotFound):
        targets.members(work, STREET, hand, AREA)
    ann = small_town.person(town, "ann")
    with town.read(ann) as work, pytest.raises(NotFound):
        targets.group(work, hand)


def test_a_group_in_use_stays(town: System) -> None:
    """A cadence sends to it; when that is stopped it can go."""
    hand = keep(town, "重点", picked=[TWO])
    office = small_town.person(town, "office")
    begun = town.write(
        office,
        lambda work: cadence.begin(
            work,
            "test.count",
            Targets(groups=(hand,)),
            cadence.deadlines.read("月后5日前", "month"),
            "2026-12",
        ),
    )
    with pytest.raises(GroupInUse):
        town.write(office, lambda work: targets.forget_group(work, hand))
    town.write(office, lambda work: cadence.stop(work, begun.id))
    town.write(office, lambda work: targets.forget_group(work, hand))
    with town.read(office) as work:
        assert targets.groups(work, OFFICE) == []
