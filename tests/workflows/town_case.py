"""One report on its way through the database, with people by their log-in: for flows of a test's own."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import update

from admin.working import runner
from engine.identity import pack as people
from engine.identity.store import POSITION
from engine.work import System, Work
from forms import documents
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.case import made, one
from tests.workflows.case import person as position
from tests.workflows.small_town import COUNTY, OFFICE, ONE, STREET, person
from tests.workflows.wholeness import assert_whole
from workflows import beside, commands, machine, packs, store
from workflows import events as events_
from workflows.store import TaskRecord

MORE = {
    "val": ("verifier", STREET), "vic": ("verifier", STREET), "lou": ("leader", STREET),
    "cora": ("leader", COUNTY), "solo": ("leader", ONE),
}  # fmt: skip

_VERSIONS = itertools.count(2)
"""A version never changes, so each test has its own."""


class TownCase:
    """Acts, and after each act checks that the tokens are whole and that history rebuilds the state."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.document = ""
        small_town.build(system)
        accounts = [
            {"login": login, "name": login, "positions": [{"role": role, "organisation": place}]}
            for login, (role, place) in MORE.items()
        ]
        system.write(TESTER, lambda work: people.load_accounts(work, accounts))
        self.holds_since("vera", "2020-01-01")

    def holds_since(self, login: str, day: str) -> None:
        """Somebody has held their positions since a day."""
        account = person(self.system, login).id
        query = update(POSITION).where(POSITION.c.account_id == account).values(valid_from=day)
        self.system.write(TESTER, lambda work: work.connection.execute(query))

    def three_steps(self) -> "TownCase":
        """Filled in below, verified and approved by the street."""
        return self.flow(
            one("fill", "fill", "verify"),
            one("verify", "verify", "approve", assign=position("verifier", "parent")),
            one("approve", "approve", "end", assign=position("leader", "parent")),
        )

    def flow(self, *steps: Mapping[str, Any], **more: Any) -> "TownCase":
        """From now on reports follow this flow."""
        document = {
            **made(*steps, **more),
            "code": "fill_verify_approve",
            "version": next(_VERSIONS),
        }
        self.system.write(TESTER, lambda work: packs.load_flow(work, document))
        return self

    def send(self, period: str = "2026-11", *, days: float = 30) -> "TownCase":
        """A report to one community."""
        small_town.send(self.system, ONE, days=days, period=period)
        with self.system.read(TESTER) as work:
            query = store.CASE.select().order_by(store.CASE.c.id.desc()).limit(1)
            self.document = work.connection.execute(query).first().document_id
        self.check()
        return self

    def fill(self, login: str = "ann", **more: Any) -> "TownCase":
        """Fill in and hand in."""
        task = self.task(login)

        def hand_in(work: Work) -> None:
            held = commands.open_task(work, task.id)
            edit = commands.Edit(held.record.revision, {"/count": 7})
            commands.save_cells(work, held.record.id, edit, language="zh")

        self.as_(login, hand_in)
        self.as_(login, lambda work: commands.submit(work, task.id, confirm=True, **more))
        return self

    def pass_(self, login: str, step: str = "") -> "TownCase":
        task = self.task(login, step)
        self.as_(login, lambda work: commands.pass_(work, task.id, comment="行"))
        return self

    def as_(self, login: str, command: Callable[[Work], Any]) -> Any:
        """Somebody does something."""
        done = self.system.write(person(self.system, login), command)
        self.check()
        return done

    def task(self, login: str, step: str = "") -> TaskRecord:
        """The open task of somebody."""
        found = [
            one
            for one in self.tasks(login)
            if step in ("", one.step) and one.document_id == self.document
        ]
        assert found, f"{login} has nothing to do: {self.todo()}"
        return found[0]

    def tasks(self, login: str) -> list[TaskRecord]:
        with self.system.read(person(self.system, login)) as work:
            return store.tasks_of(work, store.TASK.c.status == "open")

    def todo(self) -> dict[str, list[str]]:
        """Who has what to do, by step."""
        everybody = [*small_town.PEOPLE, *MORE]
        found = {login: [task.step for task in self.tasks(login)] for login in everybody}
        return {login: steps for login, steps in found.items() if steps}

    @property
    def case(self) -> store.CaseRecord:
        with self.system.read(TESTER) as work:
            record = documents.get(work.connection, self.document)
            return store.get_case(work.connection, record.case_id or "")

    @property
    def status(self) -> str:
        return self.case.status

    def incidents(self) -> list[str]:
        """What is stuck and why, as the issuing office sees it."""
        with self.system.read(person(self.system, "office")) as work:
            return [f"{one.step}: {one.reason}" for one in beside.incidents(work)]

    def told(self, login: str) -> list[str]:
        """What somebody's page tells, the newest first."""
        with self.system.read(person(self.system, login)) as work:
            from workflows import reminders

            return [told.notice.about for told in reminders.unread(work, limit=20)]

    def work_off(self) -> None:
        """Let every job that is due be done."""
        works = runner(self.system)
        works.work_off()
        works.stop()
        self.check()

    def check(self) -> None:
        """Nothing lost or doubled, rows and state agree, and the history alone rebuilds the state."""
        if not self.document:
            return
        case = self.case
        with self.system.read(TESTER) as work:
            flow = store.flow(work.connection, case.flow_code, case.flow_version)
            history = [
                events_.load(one["document"]) for one in store.events(work.connection, case.id)
            ]
            around = store.open_tasks(work.connection, [self.document])
        rows = [row for row in around if row.case_id == case.id]
        assert machine.replay(flow, history) == case.state
        assert_whole(flow, case.state)
        assert sorted(row.key for row in rows) == sorted(one.key for one in case.state.open_tasks)
        assert case.status == case.state.status
        owners = {one.key: one.owner for one in case.state.open_tasks}
        wrong = [row.key for row in rows if owners[row.key] and owners[row.key] != row.account_id]
        assert wrong == [], "a task by name stands in that person's list alone"
        stuck = {one.key for one in case.state.tasks if one.status == "stuck"}
        with self.system.read(TESTER) as work:
            noted = {one.key for one in beside.incidents(work, case_id=case.id)}
        assert noted == stuck, "what is stuck has an owner"


__all__ = ["OFFICE", "TownCase"]
