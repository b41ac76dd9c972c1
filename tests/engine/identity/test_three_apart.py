"""No account holds two of the three administrators' posts at a time, however it is tried: the database refuses."""

from itertools import permutations

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.errors import Problem
from engine.work import System
from tests import factories
from tests.engine.identity.test_positions import TREE, hold, on

THREE = ("system", "security", "auditor")
PLACE = "370602-mzj"
COLUMNS = "INSERT INTO position (id, account_id, role, organisation_code, valid_from, valid_to)"


def _row(own: str, account: str, role: str, since: str = "2026-11-01", until: str = "NULL") -> str:
    return f"('{own}', '{account}', '{role}', '{PLACE}', '{since}', {until})"


def _refused(system: System, *statements: str) -> None:
    """Each of them in SQL, past our program; and nothing of it stays."""

    def inside(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    with pytest.raises((DBAPIError, Problem)) as refused:
        system.database.write(inside)
    told = str(refused.value) + str(refused.value.__cause__)
    assert "administrators apart" in told


@pytest.fixture
def apart(system: System) -> System:
    """Two administrators: one who will be for ever, one until a day."""
    factories.load_organisations(system, TREE)
    return system


@pytest.mark.parametrize(("held", "other"), [*permutations(THREE, 2)])
def test_no_way_in_sql_leads_to_two_posts(apart: System, held: str, other: str) -> None:
    """A second row, two at once, a changed role, another's post, a post that is prolonged into the other."""
    one = hold(apart, "one", (held, PLACE, on(-9), None)).id
    two = hold(apart, "two", (other, PLACE, on(-9), None)).id
    three = hold(apart, "three", ("staff", PLACE, on(-9), None)).id
    four = hold(
        apart, "four", (held, PLACE, on(-90), on(-30)), (other, PLACE, on(-20), None)
    ).id  # one after the other may be
    _refused(apart, f"{COLUMNS} VALUES {_row('p1', one, other)}")
    _refused(apart, f"{COLUMNS} VALUES {_row('p1', one, other, '2027-01-01')}")
    _refused(apart, f"{COLUMNS} VALUES {_row('p1', three, held)}, {_row('p2', three, other)}")
    _refused(apart, f"UPDATE position SET account_id = '{one}' WHERE account_id = '{two}'")
    _refused(apart, f"UPDATE position SET account_id = '{two}' WHERE account_id = '{one}'")
    _refused(apart, f"UPDATE position SET valid_to = NULL WHERE account_id = '{four}'")
    _refused(
        apart, f"UPDATE position SET valid_from = '2020-01-01' WHERE account_id = '{four}' AND role = '{other}'"
    )  # fmt: skip
    _refused(
        apart,
        f"{COLUMNS} VALUES {_row('p1', one, 'staff')}",
        f"UPDATE position SET role = '{other}' WHERE id = 'p1'",
    )
    if apart.database.is_sqlite:
        _refused(apart, f"INSERT OR REPLACE INTO position SELECT 'p9', '{one}', '{other}', '{PLACE}', '2026-01-01', NULL")  # fmt: skip
    else:
        _refused(
            apart,
            f"{COLUMNS} VALUES {_row('p1', one, 'staff')}"
            f" ON CONFLICT (id) DO UPDATE SET role = '{other}'",
            f"{COLUMNS} VALUES {_row('p1', one, 'staff')}"
            f" ON CONFLICT (id) DO UPDATE SET role = '{other}'",
        )
    with apart.database.read() as connection:
        held_now = connection.execute(text("SELECT count(*) FROM position")).scalar_one()
    assert held_now == 5
