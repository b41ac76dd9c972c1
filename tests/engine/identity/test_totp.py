"""Codes of an authenticator app, by the vectors of RFC 6238 and by what clocks do."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.identity.factors import totp

RFC = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
           (2000000000, "279037"), (20000000000, "353130")]  # fmt: skip


@pytest.mark.parametrize(("second", "code"), VECTORS)
def test_the_vectors_of_the_standard(second: int, code: str) -> None:
    """Appendix B, the last six of its eight digits."""
    assert totp.code(RFC, second // totp.PERIOD) == code
    moment = datetime.fromtimestamp(second, UTC)
    assert totp.matching_step(RFC, code, moment) == second // totp.PERIOD


@given(st.integers(600, 4_000_000_000), st.integers(-3, 3))
def test_a_clock_may_be_one_period_off(second: int, off: int) -> None:
    """No more; and the period told is the one whose code it was."""
    secret = totp.new_secret()
    moment = datetime.fromtimestamp(second, UTC)
    step = totp.step_of(moment)
    shown = totp.code(secret, step + off)
    found = totp.matching_step(secret, shown, moment)
    near = {totp.code(secret, one) for one in (step - 1, step, step + 1)}
    assert (found is not None) == (shown in near)


def test_what_was_used_is_used_up() -> None:
    """Neither that code again nor one before it."""
    secret, moment = totp.new_secret(), datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    step = totp.step_of(moment)
    shown = totp.code(secret, step)
    assert totp.matching_step(secret, shown, moment, after=step - 1) == step
    assert totp.matching_step(secret, shown, moment, after=step) is None
    later = moment + timedelta(seconds=30)
    assert totp.matching_step(secret, shown, later, after=step + 1) is None


@pytest.mark.parametrize("odd", ["", "12345", "1234567", "abcdef", "１２３４５６", "\0" * 6])
def test_what_is_no_code_is_no_code(odd: str) -> None:
    """And no fault."""
    assert totp.matching_step(RFC, odd, datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_what_the_app_reads_from_the_picture() -> None:
    """Name and house, with what an address must not hold written out."""
    told = totp.uri("ABC234", "wang.fang", "Yibiao localhost:8000")
    assert told == (
        "otpauth://totp/Yibiao%20localhost%3A8000%3Awang.fang"
        "?secret=ABC234&issuer=Yibiao+localhost%3A8000"
    )
