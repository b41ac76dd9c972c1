"""What a stolen table of passwords costs whoever stole it; the rest of the tests pay less."""

from argon2 import Type, extract_parameters

from engine.identity import store
from tests.hashing import CHEAP


def test_a_password_is_hashed_at_its_price() -> None:
    """Argon2id as OWASP asks for at least; what an unknown name is checked against costs the same."""
    for known in (store.hash_password("x"), *store.hash_passwords(["y", "z"]), store._decoy):
        cost = extract_parameters(known)
        assert (cost.type, cost.salt_len, cost.hash_len) == (Type.ID, 16, 32)
        assert cost.memory_cost * cost.time_cost >= 19456 * 2
        assert cost.memory_cost >= 19456


def test_the_other_tests_pay_less() -> None:
    """Or a quarter of their time goes into passwords that nobody steals."""
    assert extract_parameters(CHEAP.hash("x")).memory_cost < 100
