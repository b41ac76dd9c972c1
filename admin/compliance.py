"""What level 3 of the classified protection scheme and the personal-information law ask for, proved clause by clause.

Every proof is measured when it is asked for: settings, rows, guards of the database, files of the keys.
Nothing here is prose; the words that are put around the figures stand in the texts of the pages.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, inspect, or_, select
from sqlalchemy.orm import aliased

from admin import keeping, stored
from admin.proofs import OPERATOR, WANTING, Proof, ago, count, met
from engine.access import policy
from engine.alerts import store as alerts
from engine.alerts import watch
from engine.audit.checks import last_check
from engine.audit.trail import AUDIT
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.identity import door
from engine.identity.factors import rules as factor_rules
from engine.identity.factors.store import FACTOR, confirmed
from engine.identity.store import ACCOUNT, POSITION
from engine.privacy.lifts import LIFT
from engine.work import Work
from forms import store as forms

THREE = ("system", "security", "auditor")
SECRET = ("L3", "L4")
GUARDED = ("audit", "audit_checkpoint", "history", "cell_change", "flow_event")
IDLE_DAYS = 90
CHECK_HOURS = 26
KEPT_DAYS = 183
LONGEST_IDLE = 120
Measure = Callable[[Work], Proof]
VERB = "compliance.read"


@dataclass(frozen=True, slots=True)
class Clause:
    """One requirement by its number, with its proof."""

    code: str
    chapter: str
    proof: Proof


def clauses(work: Work) -> list[Clause]:
    """Every clause, measured now. Raises Forbidden."""
    work.require(VERB)
    return [Clause(code, chapter, measure(work)) for code, (chapter, measure) in MEASURES.items()]


def _unique_names(work: Work) -> Proof:
    looked = inspect(work.connection)
    indexes = [one for one in looked.get_indexes(ACCOUNT.name) if one["unique"]]
    unique = [*looked.get_unique_constraints(ACCOUNT.name), *indexes]
    held = any(one["column_names"] == ["login"] for one in unique)
    return met(held, accounts=count(work, ACCOUNT), held=_yes(held))


def _passwords(work: Work) -> Proof:
    have = work.settings
    right = have.password_length >= 8 and have.password_kinds >= 2 and have.password_days > 0
    return met(
        right,
        length=have.password_length,
        kinds=have.password_kinds,
        days=have.password_days,
        history=have.password_history,
    )


def _failures(work: Work) -> Proof:
    idle, logins = work.settings.session_idle_minutes, work.settings.logins_per_minute
    return met(
        0 < idle <= LONGEST_IDLE and logins > 0,
        times=door.MAX_FAILED,
        minutes=door.LOCK_MINUTES,
        idle=idle,
        logins=logins,
        hours=work.settings.session_hours,
    )


def _no_clear_credentials(work: Work) -> Proof:
    person = ACCOUNT.c.kind == "person"  # a program has no password at all
    clear = count(work, ACCOUNT, person, ~ACCOUNT.c.password_hash.startswith("$argon2"))
    return met(
        not clear and work.settings.secure_cookies,
        clear=clear,
        https=_yes(work.settings.secure_cookies),
    )


def _two_factors(work: Work) -> Proof:
    must = [
        who for who, roles in _holders(work).items() if factor_rules.required(roles, work.settings)
    ]
    have = set(
        work.connection.execute(select(FACTOR.c.account_id).where(confirmed(FACTOR.c.account_id)))
        .scalars()
        .all()
    )
    missing = len([who for who in must if who not in have])
    asked = work.settings.second_factor
    return met(asked != "optional" and not missing, setting=asked, must=len(must), missing=missing)


def _no_defaults(work: Work) -> Proof:
    published = (work.settings.data_path / "demo-logins.json").exists()
    return met(not work.settings.demo and not published, demo=_yes(work.settings.demo or published))


def _no_surplus(work: Work) -> Proof:
    since = ago(work, days=IDLE_DAYS)
    used = select(AUDIT.c.actor_id).where(AUDIT.c.action == "login.done", AUDIT.c.at >= since)
    idle = count(
        work,
        ACCOUNT,
        ACCOUNT.c.active.is_(True),
        ACCOUNT.c.created_at < since,
        ACCOUNT.c.id.not_in(used),
    )
    endless = count(work, POSITION, _current(work), POSITION.c.valid_to.is_(None))
    return met(not idle, idle=idle, days=IDLE_DAYS, endless=endless)


def _least(work: Work) -> Proof:
    roles = {role for duties in policy.DUTIES.values() for role in duties}
    holders = _holders(work).values()
    mixed = len([one for one in holders if one & set(THREE) and one - set(THREE)])
    unknown = count(work, POSITION, _current(work), POSITION.c.role.not_in(roles))
    return met(
        not mixed and not unknown,
        duties=len(policy.DUTIES),
        roles=len(roles),
        grants=count(work, POSITION, _current(work)),
        mixed=mixed,
        unknown=unknown,
    )


def _separated(work: Work) -> Proof:
    other = aliased(POSITION)
    both = work.connection.execute(
        select(func.count())
        .select_from(POSITION.join(other, POSITION.c.account_id == other.c.account_id))
        .where(
            POSITION.c.role.in_(THREE),
            other.c.role.in_(THREE),
            POSITION.c.role < other.c.role,
            _current(work),
        )
    ).scalar_one()
    held = dict.fromkeys(THREE, 0)
    for roles in _holders(work).values():
        for role in roles & set(THREE):
            held[role] += 1
    guards = stored.apart(work)
    needed = 2 if work.connection.dialect.name == "sqlite" else 1  # one for each event, or for both
    return met(
        not both and guards >= needed and all(held.values()), both=both, guards=guards, **held
    )


def _labels(work: Work) -> Proof:
    known = [one for one in dictionary(work.connection).fields.values() if one.status != "retired"]
    by = {
        level: len([one for one in known if one.sensitivity == level])
        for level in ("L1", "L2", "L3", "L4")
    }
    low = [one for one in known if one.sensitivity not in SECRET and _tells_who(one)]
    return met(sum(by.values()) == len(known) and not low, fields=len(known), low=len(low), **by)


def _tells_who(field: Field) -> bool:
    """Whether a field by its format is somebody's number or private phone."""
    private = field.subject in ("person", "household")
    given = field.schema.get("format")
    return given == "resident-id" or (given == "phone-cn" and private)


def _audited(work: Work) -> Proof:
    guards = {table: stored.guards(work, table) for table in GUARDED}
    last = last_check(work.connection)
    fresh = last is not None and last.at >= ago(work, hours=CHECK_HOURS)
    entries = count(work, AUDIT)
    return met(
        min(guards.values()) >= 2 and fresh and last is not None and last.verdict.whole,
        entries=entries,
        guards=sum(guards.values()),
        checked=last.at if last else "",
        whole=_yes(last is not None and last.verdict.whole),
    )


def _kept(work: Work) -> Proof:
    first = work.connection.execute(select(func.min(AUDIT.c.at))).scalar() or work.at
    shipped = _last(work, "audit.exported")
    recent = shipped is not None and shipped >= ago(work, days=KEPT_DAYS)
    return met(recent, first=first, shipped=shipped or "")


def _watched(work: Work) -> Proof:
    rules = watch.declared(work.settings)
    behind = count(work, AUDIT, AUDIT.c.seq > alerts.mark(work), AUDIT.c.at < ago(work, hours=1))
    return met(
        bool(rules) and not behind, rules=len(rules), waiting=alerts.waiting(work), behind=behind
    )


def _in_transit(work: Work) -> Proof:
    https = work.settings.base_url.startswith("https://") and work.settings.secure_cookies
    return met(https, address=work.settings.public_url, cookies=_yes(work.settings.secure_cookies))


def _standby(work: Work) -> Proof:
    kind = work.connection.dialect.name
    return Proof(OPERATOR, {"database": kind, "possible": _yes(kind != "sqlite")})


def _minimal(work: Work) -> Proof:
    known = dictionary(work.connection).fields
    secret = {code for code, one in known.items() if one.sensitivity in SECRET}
    published = forms.published_forms(work.connection)
    asking = [one for one in published if secret & set(one.fields)]
    facts = {"forms": len(published), "asking": len(asking), "fields": len(secret)}
    return Proof(OPERATOR, facts)  # whether each is needed only people can say


def _purposes(work: Work) -> Proof:
    since = ago(work, days=30)
    shown = (
        work.connection.execute(
            select(AUDIT.c.detail).where(AUDIT.c.action == "ledger.revealed", AUDIT.c.at >= since)
        )
        .scalars()
        .all()
    )
    bare = len([one for one in shown if not (one or {}).get("purpose")])
    lifted = select(func.count(LIFT.c.id.distinct())).where(LIFT.c.at >= since)
    bare += work.connection.execute(lifted.where(LIFT.c.words == "")).scalar_one()
    looks = count(
        work,
        AUDIT,
        AUDIT.c.action.in_(("ledger.looked", "register.looked-up")),
        AUDIT.c.at >= since,
    )
    seen = max(
        len(shown), work.connection.execute(lifted).scalar_one()
    )  # one row's look is in both
    return met(not bare, shown=seen, bare=bare, looks=looks)


def _operators(work: Work) -> Proof:
    return Proof(OPERATOR, {"address": work.settings.public_url})


MEASURES: Mapping[str, tuple[str, Measure]] = {
    "unique-names": ("8.1.4.1", _unique_names),
    "passwords": ("8.1.4.1", _passwords),
    "failures": ("8.1.4.1", _failures),
    "no-clear-credentials": ("8.1.4.1", _no_clear_credentials),
    "two-factors": ("8.1.4.1", _two_factors),
    "no-defaults": ("8.1.4.2", _no_defaults),
    "no-surplus": ("8.1.4.2", _no_surplus),
    "least": ("8.1.4.2", _least),
    "separated": ("8.1.4.2", _separated),
    "labels": ("8.1.4.2", _labels),
    "audited": ("8.1.4.3", _audited),
    "kept": ("8.1.4.3", _kept),
    "watched": ("8.1.4.3", _watched),
    "at-rest": ("8.1.4.5", stored.at_rest),
    "in-transit": ("8.1.4.5", _in_transit),
    "backed-up": ("8.1.4.5", stored.backed_up),
    "standby": ("8.1.4.5", _standby),
    "minimal": ("8.1.4.6", _minimal),
    "purposes": ("8.1.4.6", _purposes),
    "published": ("8.1.4.6", keeping.published),
    "own-access": ("PIPL", keeping.own_access),
    "deletion": ("PIPL", keeping.deletion),
    "retention": ("PIPL", keeping.retention),
    "assessment": ("PIPL", _operators),
    "surroundings": ("8.1.4", _operators),
}
"""By code: the chapter of GB/T 22239 (or the law) and what measures it."""


def _current(work: Work) -> ColumnElement[bool]:
    today = work.today.isoformat()
    return and_(
        POSITION.c.valid_from <= today,
        or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today),
    )


def _holders(work: Work) -> dict[str, set[str]]:
    """The roles that active accounts hold today, by account."""
    query = (
        select(POSITION.c.account_id, POSITION.c.role)
        .join(ACCOUNT, ACCOUNT.c.id == POSITION.c.account_id)
        .where(ACCOUNT.c.active.is_(True), _current(work))
    )
    found: dict[str, set[str]] = {}
    for row in work.connection.execute(query):
        found.setdefault(row.account_id, set()).add(row.role)
    return found


def _last(work: Work, action: str) -> str | None:
    return work.connection.execute(
        select(func.max(AUDIT.c.at)).where(AUDIT.c.action == action)
    ).scalar()


def _yes(given: bool) -> str:
    return "yes" if given else "no"


def told(given: Sequence[Clause]) -> dict[str, Any]:
    """As a program reads it."""
    rows = [
        {
            "code": one.code,
            "chapter": one.chapter,
            "state": one.proof.state,
            "facts": dict(one.proof.facts),
        }
        for one in given
    ]
    return {"clauses": rows, "wanting": len([one for one in rows if one["state"] == WANTING])}
