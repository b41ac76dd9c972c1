"""Passwords cost little in tests: a small town is built thousands of times, and half of that was hashing."""

from argon2 import PasswordHasher

from engine.identity import store

FOR_PEOPLE = store._hasher
"""As Yibiao hashes, at its price; tests/engine/identity is run with it."""
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The same hash, weak."""


def cheaply() -> None:
    """From here on, in this process."""
    store._hasher = CHEAP
