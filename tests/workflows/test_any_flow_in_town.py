"""Any flow, any actions, through the database: what the rows say is what the history says.

Flows and actions are drawn as for the pure core; here every act goes through `perform`, with rules
looked up, clocks armed, notices and incidents written. After each: nothing lost or doubled, every
open step has an owner or an incident, the history alone rebuilds the state, and every open task
with a time has its clock.
"""

import itertools
from collections import Counter
from collections.abc import Callable
from random import Random
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from admin.working import runner
from engine.errors import Conflict, Problem
from engine.identity import store as identity
from engine.identity.actor import Actor
from engine.work import System
from forms import documents
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.acting import PEOPLE, act, finish, possible
from tests.workflows.drawn import block_flow
from tests.workflows.small_town import ONE, send
from tests.workflows.wholeness import assert_whole
from workflows import beside, machine, packs, perform, store
from workflows import events as events_
from workflows.core.state import State

CHANCE = st.randoms(use_true_random=True)
SETTINGS = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
_VERSIONS, _MONTHS = itertools.count(5000), itertools.count()


class RowCase:
    """A case as `acting` wants one, kept in the database."""

    def __init__(self, system: System, clock: Clock, chance: Random) -> None:
        self.system, self.clock = system, clock
        self.holds: Callable[[str], bool | None] = lambda _formula: None
        version = next(_VERSIONS)
        document = {**block_flow(chance), "code": "fill_verify_approve", "version": version}
        system.write(TESTER, lambda work: packs.load_flow(work, document))
        month = next(_MONTHS)
        period = f"{2027 + month // 12}-{month % 12 + 1:02d}"
        dispatch = send(system, ONE, days=40, period=period)
        with system.read(TESTER) as work:
            self.document = documents.of_dispatch(work.connection, dispatch)[0].id
            query = select(store.CASE.c.id).where(store.CASE.c.document_id == self.document)
            self.id = work.connection.execute(query).scalar_one()
            self.flow = store.flow(work.connection, "fill_verify_approve", version)
        self.check()

    @property
    def state(self) -> State:
        if self._state is None:
            with self.system.read(TESTER) as work:
                self._state = store.get_case(work.connection, self.id).state
        return self._state

    _state: State | None = None

    def do(self, kind: str, by: str = "system", **values: Any) -> "RowCase":
        self.clock.forward(minutes=1)
        self.send(kind, by, **values)
        self._state = None
        self.check()
        return self

    def send(self, kind: str, by: str, **values: Any) -> None:
        event = events_.KINDS[kind](at=self.clock.at, by=by, **values)
        self.system.write(Actor(by, by, by), lambda work: perform.by_itself(work, self.id, event))

    def time_passes(self) -> None:
        """A day, and every job that is due."""
        self.clock.forward(days=1)
        works = runner(self.system)
        works.work_off()
        works.stop()
        self._state = None
        self.check()

    def check(self) -> None:
        with self.system.read(TESTER) as work:
            case = store.get_case(work.connection, self.id)
            history = [
                events_.load(one["document"]) for one in store.events(work.connection, self.id)
            ]
            rows = store.open_tasks(work.connection, [self.document])
            stuck = {one.key for one in beside.incidents(work, case_id=self.id)}
            timers = Counter(
                work.connection.execute(
                    select(beside.TIMER.c.key).where(beside.TIMER.c.case_id == self.id)
                ).scalars()
            )
            status = documents.get(work.connection, self.document).status
        state = case.state
        assert machine.replay(self.flow, history) == state
        assert_whole(self.flow, state)
        assert sorted(row.key for row in rows) == sorted(one.key for one in state.open_tasks)
        assert stuck == {one.key for one in state.tasks if one.status == "stuck"}
        assert case.status == state.status
        timed = {
            one.key
            for one in state.open_tasks
            if (due := self.flow.by_code[one.step].due) and due.then != "remind"
        }
        assert set(timers) <= timed
        assert not timers or max(timers.values()) == 1
        assert (status == "final") == (state.status == "done")


@pytest.fixture
def town(system: System) -> System:
    """The street, with six people of its own who hold every position in one community."""
    small_town.build(system)
    at = "2026-01-01T00:00:00.000000+00:00"

    def people(work: Any) -> None:
        for who in PEOPLE:
            identity.add_account(
                work.connection,
                {"id": who, "login": who, "name": who, "password_hash": "x", "created_at": at},
            )
            for role in ("staff", "verifier", "leader"):
                place = {"role": role, "organisation_code": ONE, "valid_from": "2026-01-01"}
                identity.add_position(
                    work.connection, {"id": work.new_id(), "account_id": who, **place}
                )

    system.write(TESTER, people)
    return system


def test_rows_say_what_the_history_says(town: System, clock: Clock) -> None:
    """Any twenty actions and now and then a day that passes; then it can still be brought to its end."""

    @SETTINGS
    @given(chance=CHANCE)
    def any_actions(chance: Random) -> None:
        case = RowCase(town, clock, chance)
        for _ in range(chance.randint(3, 20)):
            if chance.random() < 0.1:
                case.time_passes()
            act(case, chance)
        finish(case)

    any_actions()


def test_two_at_once_end_lawfully(town: System, clock: Clock) -> None:
    """Both act in the same moment: each is taken, refused in words, or told to look again."""
    said: Counter[str] = Counter()

    @SETTINGS
    @given(chance=CHANCE)
    def at_once(chance: Random) -> None:
        case = RowCase(town, clock, chance)
        for _ in range(chance.randint(1, 8)):
            act(case, chance)
        pair = [possible(case, chance), possible(case, chance)]
        told: list[str] = []

        def one(action: tuple[str, str, dict[str, Any]]) -> None:
            kind, by, values = action
            try:
                case.send(kind, by, comment="x", **values)
                told.append("taken")
            except Conflict:
                told.append("again")
            except Problem as problem:
                told.append(problem.code)

        threads = [Thread(target=one, args=(action,)) for action in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(told) == 2, "a thread failed with a fault of ours"
        said.update(told)
        case._state = None
        case.check()
        finish(case)

    at_once()
    assert said["taken"] > 0
