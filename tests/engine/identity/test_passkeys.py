"""Passkeys without a browser: where there are any, and that a challenge is taken once and in time.

What a device answers is tested with a real browser's: tests/browser/test_passkeys.py.
"""

import json
from dataclasses import replace

import pytest

from engine.identity.actor import Actor
from engine.identity.factors import passkey
from engine.identity.factors.passkey import PasskeyElsewhere, PasskeyWrong, Place
from engine.settings import Settings
from engine.work import System, Work
from tests import factories
from tests.conftest import Clock


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://yibiao.example.gov.cn", Place("https://yibiao.example.gov.cn", "yibiao.example.gov.cn")),
        ("https://yibiao.example.gov.cn:8443/", Place("https://yibiao.example.gov.cn:8443", "yibiao.example.gov.cn")),
        ("http://localhost:8000", Place("http://localhost:8000", "localhost")),
        ("http://yibiao.example.gov.cn", None),
        ("https://10.1.2.3", None),
        ("http://127.0.0.1:8000", None),
        ("https://[::1]:8000", None),
        ("https://yibiao", None),
        ("", None),
    ],
)  # fmt: skip
def test_passkeys_need_a_name_over_https(address: str, place: Place | None) -> None:
    """Or localhost; by an address of numbers browsers keep none."""
    assert passkey.place_of(Settings(base_url=address)) == place


def test_a_challenge_is_the_visitors_and_holds_five_minutes(system: System, clock: Clock) -> None:
    """A new one ends the old; what is over is removed."""
    first = system.write(factories.TESTER, lambda work: asked(work, "one"))
    assert system.write(factories.TESTER, lambda work: asked(work, "one")) != first
    with system.read(factories.TESTER) as work:
        assert passkey.challenged(work, "two") is None
        assert passkey.challenged(work, "one") not in (None, first)
    clock.forward(minutes=5, seconds=1)
    with system.read(factories.TESTER) as work:
        assert passkey.challenged(work, "one") is None


@pytest.mark.parametrize(
    "answer",
    ["", "{", "[]", "null", "{}", '{"id": 5}', '{"id": "x", "rawId": "x", "type": "public-key"}',
     json.dumps({"id": "x" * 30_000}), "[" * 5000],
)  # fmt: skip
def test_nonsense_proves_nothing_and_uses_the_challenge_up(system: System, answer: str) -> None:
    """For nobody, for somebody, and as a new passkey."""
    object.__setattr__(system, "settings", replace(system.settings, base_url="http://localhost:1"))
    somebody = Actor("a1", "yu", "于淑兰")
    for command in (
        lambda work: passkey.prove(work, "one", answer),
        lambda work: passkey.prove(work, "one", answer, account_id="a1"),
        lambda work: passkey.add(work, "one", answer, "x"),
    ):
        system.write(somebody, lambda work: asked(work, "one"))
        with pytest.raises(PasskeyWrong):
            system.write(somebody, command)


def test_without_a_place_there_are_none(system: System) -> None:
    """The refusal says why."""
    system.write(factories.TESTER, lambda work: asked(work, "one"))
    with pytest.raises(PasskeyElsewhere):
        system.write(factories.TESTER, lambda work: passkey.prove(work, "one", "{}"))


def asked(work: Work, token: str) -> str:
    passkey.challenge(work, token)
    found = passkey.challenged(work, token)
    assert found is not None
    return found
