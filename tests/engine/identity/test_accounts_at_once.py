"""Two administrators, or two windows of one person, in the same moment."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from engine.identity import accounts, sessions
from engine.identity.accounts import AdministratorsApart
from engine.identity.sessions import Device
from engine.identity.store import POSITION
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.work import System, Work
from tests import factories, overlapping
from tests.engine.identity.test_factors import person


def held(system: System, account: str) -> list[str]:
    """The roles an account holds."""
    query = select(POSITION.c.role).where(POSITION.c.account_id == account)
    with system.read(factories.TESTER) as work:
        return sorted(work.connection.execute(query).scalars())


def test_of_two_grants_at_once_nobody_gets_two_administrators(system: System) -> None:
    """One is refused in words."""
    keepers = [person(system, login, "security") for login in ("anquan", "anbao")]
    who = person(system, "wang").id
    granting = [
        (keeper, lambda work, role=role: accounts.grant(work, who, role, "370602"))
        for keeper, role in zip(keepers, ("system", "auditor"), strict=True)
    ]
    told = overlapping.both(system, granting[0], granting[1])
    assert [type(one) for one in told] == [type(None), AdministratorsApart]
    assert held(system, who) == ["system"]


@pytest.mark.postgres
def test_the_database_says_so_too(postgres_system: System) -> None:
    """Whoever writes past the program waits for the other as well."""
    who = person(postgres_system, "wang").id

    def written(role: str) -> Any:
        row = {"id": role, "account_id": who, "role": role, "organisation_code": "370602",
               "valid_from": "2026-01-01"}  # fmt: skip
        return factories.TESTER, lambda work: work.connection.execute(insert(POSITION), row)

    overlapping.both(postgres_system, written("system"), written("auditor"))
    assert held(postgres_system, who) == ["system"]


def test_a_log_in_pressed_twice_is_none_lost(system: System) -> None:
    """And so is a notice read in two windows."""
    yu = person(system, "yu")
    device = Device("m" * 43, "browser", "10.0.0.1")
    come = lambda work: sessions.note_device(work.connection, yu.id, device, now=work.now)  # noqa: E731 - twice the same
    assert overlapping.both(system, (yu, come), (yu, come)) == [False, False]

    system.write(yu, lambda work: notices.tell(work, [Notice("account.notice.new-device", yu.id)]))
    with system.read(yu) as work:
        ids = [one.id for one in notices.unread(work, limit=9)]

    def read(work: Work) -> bool:
        return bool(notices.mark_read(work, ids))

    assert overlapping.both(system, (yu, read), (yu, read)) in ([True, True], [True, False])
    with system.read(yu) as work:
        assert notices.unread(work, limit=9) == []
