"""What was said in a dispute outlives neither the period of the field nor the person."""

from typing import Any

import pytest
from sqlalchemy import select

from admin import packs, working
from engine import clock as clocks
from engine.dictionary.store import dictionary
from engine.erasure import store as erasures
from engine.retention.parts import Held, Turn
from engine.storage import sealed
from engine.work import System
from forms import disputes
from forms.disputes import DISPUTE, Fact
from forms.retaining import fields as retaining_fields
from tests import factories, installed

HELD, CLAIMED, WHY, ANSWER = "13964591111", "13964592222", "本人换了号码", "已电话核实"
FIELD = "person.phone"
NOBODY_HELD = Held()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest) -> System:
    """The pack on either database."""
    opened: System = request.getfixturevalue(f"{request.param}_system")
    packs.load(opened, installed.PACK)
    working.load()
    return opened


@pytest.fixture
def who(town: System) -> dict[str, Any]:
    """Somebody of the register."""
    made = factories.person(residence=installed.COMMUNITIES[0], residency="1", phone=HELD)
    with town.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    factories.load_people(town, known, [made])
    return made


def _asked(town: System, who: dict[str, Any], *, decided: bool) -> str:
    """A correction that was asked for, and rejected: what was claimed stands in no register."""

    def command(work: Any) -> str:
        field = dictionary(work.connection).field(FIELD)
        about = Fact(field, who["id"], "", installed.COMMUNITIES[0], HELD)
        number = disputes.raise_about(work, about, CLAIMED, WHY)
        if decided:
            disputes.decide(work, number, upheld=False, answer=ANSWER)
        return number

    return town.write(installed.ANYBODY, command)


def _said(town: System, number: str) -> str:
    with town.read(installed.ANYBODY) as work:
        row = (
            work.connection.execute(select(DISPUTE).where(DISPUTE.c.id == number)).mappings().one()
        )
        names = ("shown", "claimed", "words")
        return str(
            [sealed.unseal(work.connection, row[one], f"dispute:{number}.{one}") for one in names]
        )


def _over(town: System, *, held: Held = NOBODY_HELD) -> int:
    """One turn over the field, of what is older than now."""
    before = clocks.stamp(town.now())
    turn = Turn("run", FIELD, before, None, 100, held)
    return town.write(
        installed.ANYBODY, lambda work: retaining_fields.Fields().turn(work, turn)
    ).changed


def test_a_decided_correction_goes_with_the_period_of_its_field(
    town: System, who: dict[str, Any], clock: Any
) -> None:
    """What was held, claimed and said; an open one waits for its decision, a held one for its hold."""
    done = _asked(town, who, decided=True)
    open_ = _asked(town, who, decided=False)
    clock.forward(days=800)
    with town.read(installed.ANYBODY) as work:
        fields = retaining_fields.Fields()
        assert fields.due(work, FIELD, clocks.stamp(town.now())) >= 1
    _over(town, held=Held(subjects=frozenset([who["id"]])))
    assert CLAIMED in _said(town, done)
    _over(town)
    assert not [one for one in (HELD, CLAIMED, WHY, ANSWER) if one in _said(town, done)]
    assert CLAIMED in _said(town, open_)
    assert _over(town) == 0


def test_what_somebody_claimed_goes_when_they_are_deleted(
    town: System, who: dict[str, Any]
) -> None:
    """Although it stands in no register, and so is none of the texts that are looked for."""
    number = _asked(town, who, decided=True)
    asker, second = (installed.person(town, one) for one in ("anquan", "xitong"))
    request = town.write(
        asker,
        lambda work: erasures.ask(
            work, "person", who["id"], basis="consent-withdrawn", reason="本人到窗口申请，已核实"
        ),
    )
    town.write(second, lambda work: erasures.decide(work, request, agreed=True))
    installed.work_until(town, lambda work: erasures.get(work, request).state == erasures.DONE)
    assert not [one for one in (HELD, CLAIMED, WHY) if one in _said(town, number)]
