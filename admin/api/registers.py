"""The registers over the API: one subject by its natural key, within reach, secrets masked.

Every look-up is on the audit trail, whether it found somebody or not; the key itself is not.
"""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from admin.web.answer import Day, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine import clock
from engine.access import policy
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import Forbidden, NotFound, Problem
from engine.formats import registry as formats
from engine.identity import store as identity
from engine.privacy import masks
from engine.registers import limits, past, store, united
from engine.registers.relocating import ORGANISATIONS
from engine.registers.store import KnownValue
from engine.work import Work

Key = Annotated[str, QueryParameter(name="key", min_length=1, max_length=48)]
Value = Annotated[str, QueryParameter(name="value", min_length=1, max_length=200)]
Units = Annotated[str, QueryParameter(name="units", pattern="^(then|today)$")]


class NotAKey(Problem):
    """This kind of subject is not found by this field."""

    code, status = "api.not-a-key", 422
    key: str
    keys: str


class RegisterValue(msgspec.Struct):
    """What is known of one field, and where it came from; `masked` values are not whole."""

    field: str
    """The code it is kept by: it stays when the field is renamed."""
    label: str
    value: Any
    masked: bool
    stale: bool
    source: str
    title: str
    at: str
    verified_by: str


class Subject(msgspec.Struct):
    """One subject of a register with what is known of it."""

    subject: str
    id: str
    values: list[RegisterValue]


@get("/api/registers/{subject:str}")
@threaded
def look_up(
    caller: Visiting,
    subject: FromPath[str],
    *,
    key: Key,
    value: Value,
    on: Day = "",
    units: Units = "then",
) -> Response[Subject]:
    """One subject by a natural key, e.g. a person by `id_number`, if the caller's positions reach it;
    with `on` what the register said of them at the end of that day. Of an organisation that others
    went into since: what it said of it alone, or with `units=today` of all that are one today.
    """
    day = clock.asked_day(on)
    found = caller.write(
        lambda work: _looked_up(
            work, subject, key, value, caller.language, on=day, today=units == "today"
        )
    )
    if found is None:
        raise NotFound
    return answer(found)


def _looked_up(
    work: Work, subject: str, key: str, value: str, language: str, *, on: date | None, today: bool
) -> Subject | None:
    if not policy.reaches(work.actor, "register.read"):
        raise Forbidden
    known = dictionary(work.connection)
    kind = known.subjects.get(subject)
    if kind is None:
        raise NotFound
    key = known.fields[whole].name if (whole := f"{subject}.{key}") in known.fields else key
    if key not in kind.keys:
        raise NotAKey(key=key, keys="、".join(kind.keys))
    field = known.field(f"{subject}.{key}")
    if field.code in work.rules.withheld():
        raise NotFound
    wanted = formats.normalised(field.schema.get("format"), value)
    subject_id = store.find(work, known, field, [wanted]).get(wanted)
    values = _values(work, known, subject, subject_id) if subject_id else {}
    reached = (
        subject_id is not None
        and subject_id in limits.open_ids(work, known, subject, [subject_id])
        and _within_reach(work, known, subject, values, past=on is not None)
    )
    if reached and subject_id is not None and on is not None:
        if today and subject == ORGANISATIONS:
            values = united.each_on(work, known, {subject_id: values}, day=on).get(subject_id, {})
        else:
            values = past.on(work, known, subject, subject_id, values, day=on)
    work.note("register.looked-up", subject, key=key, found=reached, id=subject_id or "")
    if subject_id is None or not reached:
        return None
    withheld, cleared = work.rules.withheld(), work.rules.cleared()
    told = [
        _told(known.fields[code], one, language, clear=code in cleared)
        for code, one in sorted(values.items())
        if code not in withheld
    ]
    return Subject(subject, subject_id, told)


def _values(work: Work, known: Dictionary, subject: str, subject_id: str) -> dict[str, KnownValue]:
    fields = [one for one in known.of(subject) if not one.periodic]
    return store.fetch(work, known, subject, [subject_id], fields).get(subject_id, {})


def _within_reach(
    work: Work, known: Dictionary, subject: str, values: dict[str, KnownValue], *, past: bool
) -> bool:
    """By the place the subject belongs to, what was before by whoever has the place today; one that
    belongs nowhere is seen by who sees all.
    """
    home = values.get(f"{subject}.{known.subjects[subject].home}")
    path = ""
    if home is not None:
        try:
            path = identity.organisation(work.connection, str(home.value)).path
        except NotFound:
            path = ""
    return policy.covers(work.actor, "register.read", path=path, past=past)


def _told(field: Field, known: KnownValue, language: str, *, clear: bool) -> RegisterValue:
    masked = masks.is_masked(field) and not clear
    return RegisterValue(
        field=field.code,
        label=field.label(language),
        value=masks.masked(field, known.value) if masked else known.value,
        masked=masked,
        stale=known.stale,
        source=known.origin.source,
        title=known.origin.title,
        at=known.origin.at,
        verified_by=known.origin.verified_by,
    )
