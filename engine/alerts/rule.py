"""A rule over the trail, as it is declared, and what it finds in entries. Pure: no database, no clock."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.audit.reading import Written
from engine.errors import Problem
from engine.json_text import Json

ACTOR, SUBJECT, ALL = "actor", "subject", "all"
GROUPS = (ACTOR, SUBJECT, ALL)
KEYS = {"code", "acts", "by", "minutes", "at_least", "sum", "distinct", "when", "where"}
LONGEST = timedelta(days=31)
AtWork = Callable[[datetime], bool]
"""Whether the office works at a moment."""


class RuleInvalid(Problem):
    """A declared rule cannot be read; `rule` and `at` say where."""

    code, status = "alert.rule-invalid", 500
    rule: str
    at: str


@dataclass(frozen=True, slots=True)
class Rule:
    """So much of some acts by one person, or about one, within a time."""

    code: str
    acts: tuple[str, ...]
    by: str
    window: timedelta
    at_least: int
    sum: str = ""
    """The detail to add up; an entry without it counts once."""
    distinct: str = ""
    """Count different actors or subjects instead of entries."""
    off_hours: bool = False
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found: about whom, which entries, how much."""

    rule: str
    about: str
    number: int
    entries: tuple[Written, ...]


def read(documents: Json) -> tuple[Rule, ...]:
    """The rules of a declaration. Raises RuleInvalid."""
    listed = documents.get("rules") if isinstance(documents, dict) else None
    if not isinstance(listed, list):
        raise RuleInvalid(rule="", at="rules")
    rules = tuple(_read(one) for one in listed)
    if len({one.code for one in rules}) != len(rules):
        raise RuleInvalid(rule="", at="code")
    return rules


def _read(given: Json) -> Rule:
    code = str(given.get("code", "")) if isinstance(given, dict) else ""
    if not code or not isinstance(given, dict):
        raise RuleInvalid(rule=code, at="code")
    if unknown := set(given) - KEYS:
        raise RuleInvalid(rule=code, at=min(unknown))
    acts: Any = given.get("acts")
    minutes: Any = given.get("minutes")
    least: Any = given.get("at_least")
    by, where, distinct = given.get("by", ACTOR), given.get("where", {}), given.get("distinct", "")
    fits = {
        "acts": isinstance(acts, list) and bool(acts) and all(isinstance(a, str) for a in acts),
        "by": by in GROUPS,
        "distinct": distinct in ("", ACTOR, SUBJECT),
        "where": isinstance(where, dict),
        "minutes": type(minutes) is int and 0 < minutes <= LONGEST.total_seconds() / 60,
        "at_least": type(least) is int and least > 0,
        "when": given.get("when", "any") in ("any", "off-hours"),
    }
    for name, right in fits.items():
        if not right:
            raise RuleInvalid(rule=code, at=name)
    return Rule(
        code,
        tuple(acts),
        by,
        timedelta(minutes=minutes),
        least,
        str(given.get("sum", "")),
        distinct,
        given.get("when") == "off-hours",
        where,
    )


def find(rule: Rule, entries: Iterable[Written], at_work: AtWork) -> list[Hit]:
    """For each person or subject the longest run that reaches the rule's number; entries in their order."""
    groups: dict[str, list[Written]] = defaultdict(list)
    for one in entries:
        key = group(rule, one)
        if key is not None and fits(rule, one, at_work):
            groups[key].append(one)
    return [hit for key, found in groups.items() if (hit := _within(rule, key, found)) is not None]


def _within(rule: Rule, key: str, found: Sequence[Written]) -> Hit | None:
    """From the first window that is full to the last entry of any that is."""
    begin, total, kept = 0, 0, range(0)
    different: Counter[str] = Counter()
    for end, last in enumerate(found):
        total += _amount(rule, last)
        different[_counted(rule, last)] += 1
        since = moment(last) - rule.window
        while begin < end and moment(found[begin]) < since:
            total -= _amount(rule, found[begin])
            different[_counted(rule, found[begin])] -= 1
            if not different[_counted(rule, found[begin])]:
                del different[_counted(rule, found[begin])]
            begin += 1
        if (len(different) if rule.distinct else total) >= rule.at_least:
            kept = range(kept.start if kept else begin, end + 1)
    chosen = tuple(found[number] for number in kept)
    if not chosen:
        return None
    number = (
        len({_counted(rule, one) for one in chosen})
        if rule.distinct
        else sum(_amount(rule, one) for one in chosen)
    )
    return Hit(rule.code, key, number, chosen)


def group(rule: Rule, one: Written) -> str | None:
    """Whom an entry counts against by a rule; None where it names nobody."""
    if rule.by == ALL:
        return ""
    return (one.actor_id if rule.by == ACTOR else subject(one)) or None


def subject(one: Written) -> str:
    """Whom an entry is about: the row looked at, or the person who was found."""
    detail = one.detail or {}
    return str(detail["id"] or "") if "id" in detail else one.target


def fits(rule: Rule, one: Written, at_work: AtWork) -> bool:
    """Whether a rule counts an entry at all; what the program does by itself is nobody's."""
    detail = one.detail or {}
    if one.action not in rule.acts:
        return False
    if rule.by != ALL and one.actor_id.startswith("system:"):
        return False
    if any(detail.get(name) != value for name, value in rule.where.items()):
        return False
    return not rule.off_hours or not at_work(moment(one))


def _counted(rule: Rule, one: Written) -> str:
    return one.actor_id if rule.distinct == ACTOR else subject(one)


def _amount(rule: Rule, one: Written) -> int:
    value = (one.detail or {}).get(rule.sum) if rule.sum else None
    return value if type(value) is int else 1


def moment(one: Written) -> datetime:
    """When an entry was written."""
    return datetime.fromisoformat(one.at)
