"""Of whom a second factor is asked: nobody, the three administrators, who sees protected data, everybody."""

from collections.abc import Set

from engine.access import policy
from engine.errors import Problem
from engine.settings import Settings

ADMINISTRATORS = frozenset(("system", "security", "auditor"))
SENSITIVE = ADMINISTRATORS | policy.holders("ledger.reveal") | policy.holders("register.read")

PROVIDER = "provider"
"""A log-in whose second factor the provider of single sign-on has asked, where the office trusts it."""


class FactorNeeded(Problem):
    """The password was right; the second factor is asked for."""

    code, status = "login.factor-needed", 401


class FactorDue(Problem):
    """The office asks this person for a second factor, and there is none yet."""

    code, status = "account.factor-due", 403


def required(roles: Set[str], settings: Settings) -> bool:
    """Whether somebody with these roles must have a second factor."""
    match settings.second_factor:
        case "everyone":
            return True
        case "sensitive":
            return bool(roles & SENSITIVE)
        case "administrators":
            return bool(roles & ADMINISTRATORS)
    return False
