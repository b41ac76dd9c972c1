"""Organisations and people as values of conditions: found by name while a condition is picked, and said by name."""

from collections.abc import Iterable, Sequence
from functools import partial

from engine import clock
from engine.access import policy
from engine.identity import store as identity
from engine.registers import colleagues, finding
from engine.work import Work
from forms.picking import ACCOUNT, ORGANISATION, PERSON, Candidate

EVERYWHERE = "/"


def candidates(work: Work, pick: str, words: str, levels: Sequence[str] = ()) -> list[Candidate]:
    """Whom or what a condition may name, the best first; of the register only people within reach."""
    if pick == ORGANISATION:
        found = finding.organisations(work.connection, words, below=[EVERYWHERE], levels=levels)
        parents = sorted({one.parent_code for one in found if one.parent_code})
        above = identity.organisation_names(work.connection, parents)
        return [
            Candidate(one.code, one.name, above.get(one.parent_code or "", "")) for one in found
        ]
    if not words.strip():  # a list of everybody is no search
        return []
    if pick == ACCOUNT:
        today = clock.day(work.now).isoformat()
        staff = colleagues.colleagues(work.connection, words, below=EVERYWHERE, today=today)
        return [Candidate(one.value, one.name, _offices(one)) for one in staff]
    reaches = policy.reaches(work.actor, "register.read")
    people = finding.people(work, words, "", reaches)
    work.note("register.looked-up", PERSON, key="words", found=bool(people), id="")
    return [Candidate(one.value, one.label, one.note) for one in people]


def called(work: Work, pick: str, values: Iterable[str]) -> dict[str, str]:
    """What the values are called; who is not within the reader's reach stays a number."""
    asked = sorted(set(values))
    if pick == ORGANISATION:
        return identity.organisation_names(work.connection, asked)
    if pick == ACCOUNT:
        return identity.account_names(work.connection, asked)
    reaches = policy.reaches(work.actor, "register.read")
    mine = finding.reached(work, asked, "", reaches)
    return {one.value: one.label for one in finding.people_of(work, sorted(mine))}


def calling(work: Work) -> "partial[dict[str, str]]":
    """The same for whoever says conditions in words, with the reader in it."""
    return partial(called, work)


def _offices(one: colleagues.Colleague) -> str:
    return "、".join(dict.fromkeys(office for office, _ in one.offices))
