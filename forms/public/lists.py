"""公示: a list made public from a ledger. Masked by declared rules, seen dry as the public will see
it, decided by a second person, open from one day to another, withdrawn at once.

What was seen dry is what is kept and shown: nothing is read from the registers afterwards.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, update

from engine import absence, json_text
from engine.access import policy
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.erasure import sweep
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.json_text import Json
from engine.ledgers import page
from engine.ledgers.filters import Ask
from engine.ledgers.ground import Ground, ground
from engine.ledgers.lens import LOCAL, Column
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.privacy import public_masks
from engine.privacy.public_masks import Mask
from engine.privacy.tables import PublicListRow
from engine.work import Work
from forms.compiled import CompiledForm
from forms.kinds import ledger
from forms.public import released_before

LIST = PublicListRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
DRAFT, WAITING, APPROVED, REFUSED, WITHDRAWN = (
    "draft", "waiting", "approved", "refused", "withdrawn",
)  # fmt: skip
MAKE, APPROVE = "publication.make", "publication.approve"
MOST_ROWS = 5_000
LONGEST, LONGEST_DATA = timedelta(days=90), timedelta(days=1_830)
"""A list of people is public for a time only; open data tells of nobody."""
SHORTEST_REASON = 5
_ABOUT = [column for column in LIST.c if column.name != "contents"]


class PublicListWrong(Problem):
    """A list cannot be made public so; `reason` says why, `detail` where."""

    code, status = "public.wrong", 422
    reason: str
    detail: str = ""


class PublicListState(Problem):
    """It is not in the state for this: somebody decided, withdrew or changed it meanwhile."""

    code, status = "public.state", 409


class SecondPerson(Problem):
    """Whoever made a list public does not approve it as well."""

    code, status = "public.second-person", 403


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be public, and how long."""

    title: str
    columns: Sequence[str]
    first_day: str
    last_day: str
    about: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class PublicList:
    """A list without its contents."""

    id: str
    address: str
    title: str
    ledger: str
    owner: str
    owner_path: str
    about: str
    contact: str
    first_day: str
    last_day: str
    digest: str
    state: str
    made_by: str
    made_name: str
    made_at: str
    decided_by: str
    decided_name: str
    decided_at: str | None
    reason: str
    withdrawn_name: str
    withdrawn_at: str | None

    def open_on(self, day: date) -> bool:
        """Whether the public sees it on a day."""
        return self.state == APPROVED and self.first_day <= day.isoformat() <= self.last_day


@dataclass(frozen=True, slots=True)
class Contents:
    """What the public sees: headings, how each column is masked, rows of texts."""

    heads: tuple[str, ...]
    rules: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    ids: tuple[str, ...]
    """Whom each row is about: never shown, kept so that whoever is deleted goes from here too."""
    report: Mapping[str, Json] | None = None
    """Of open data, what was told less exactly and what was left out."""


def masks(here: Ground) -> dict[str, Mask]:
    """What would become of each column of a ledger in public, by name."""
    return {
        one.name: public_masks.mask_of(one.field, local=one.kind == LOCAL)
        for one in here.lens.columns
    }


def opened(work: Work, code: str) -> tuple[CompiledForm, Ground]:
    """A ledger whose lists the actor may make public. Raises Forbidden, NotFound."""
    form = ledger.form(work.connection, code)
    work.require(MAKE, owner=form.owner)
    return form, ground(work, ledger.lens(work.connection, form), verb="ledger.reveal")


def draft(work: Work, code: str, ask: Ask, wish: Wish) -> str:
    """Make what would be public, to be looked at; nothing is public yet. Gives its id.

    Raises Forbidden, NotFound, FilterInvalid, PublicListWrong.
    """
    form, here = opened(work, code)
    columns = _columns(here, wish)
    if ask.on is not None:
        raise NotFound
    number = page.count(work, here, ask, most=MOST_ROWS + 1)
    if number > MOST_ROWS:
        raise PublicListWrong(reason="too-many", detail=str(MOST_ROWS))
    if not number:
        raise PublicListWrong(reason="empty")
    contents = _contents(work, form, here, ask, columns)
    return keep(work, code, form.owner, contents, wish)


def keep(work: Work, source: str, office: str, contents: Contents, wish: Wish) -> str:
    """Keep a draft of an office, made from a ledger or a report. Gives its id. Raises PublicListWrong."""
    if not wish.title.strip():
        raise PublicListWrong(reason="title")
    data = contents.report is not None
    first, last = _days(work, wish, LONGEST_DATA if data else LONGEST)
    lists = {name: getattr(contents, name) for name in ("heads", "rules", "rows", "ids")}
    kept = _lists(lists) | ({"report": dict(contents.report)} if contents.report else {})
    digest = hashlib.sha256(json_text.dumps(kept).encode()).hexdigest()
    owner = identity.organisation(work.connection, office)
    own = work.new_id()
    work.connection.execute(
        insert(LIST),
        {
            "id": own, "address": secrets.token_urlsafe(24), "title": wish.title.strip()[:100],
            "ledger": source, "owner": office, "owner_path": owner.path,
            "about": wish.about.strip()[:2000], "contact": wish.contact.strip()[:100],
            "first_day": first, "last_day": last, "contents": kept, "digest": digest,
            "state": DRAFT, "made_by": work.actor.id, "made_name": work.actor.name,
            "made_at": work.at, "decided_by": "", "decided_name": "", "decided_at": None,
            "reason": "", "withdrawn_name": "", "withdrawn_at": None,
        },
    )  # fmt: skip
    work.note(
        "public.drafted", own, source=source, rows=len(contents.rows), columns=list(contents.heads),
        digest=digest,
    )  # fmt: skip
    return own


def get(work: Work, own: str) -> tuple[PublicList, Contents]:
    """A list of an office that the actor makes lists for or approves. Raises Forbidden, NotFound."""
    _require_either(work)
    row = work.connection.execute(select(LIST).where(LIST.c.id == own, _seen(work))).mappings()
    return _read(row.first())


def listed(work: Work, *, limit: int = 200) -> list[PublicList]:
    """Lists of the offices that the actor makes them for or approves, the newest first."""
    _require_either(work)
    query = select(*_ABOUT).where(_seen(work)).order_by(LIST.c.made_at.desc()).limit(limit)
    return [PublicList(**row) for row in work.connection.execute(query).mappings()]


def may_decide(work: Work, found: PublicList) -> bool:
    """Whether the actor is a second person for it."""
    return found.made_by != work.actor.id and policy.covers(
        work.actor, APPROVE, path=found.owner_path, owner=found.owner
    )


def submit(work: Work, own: str) -> None:
    """Ask a second person to approve what was seen dry. Raises NotFound, PublicListState."""
    found, _ = get(work, own)
    if found.made_by != work.actor.id:
        raise NotFound
    _turn(work, found, DRAFT, {"state": WAITING})
    work.note("public.submitted", own, digest=found.digest)
    notices.tell(
        work,
        [
            Notice(
                "public.notice.waiting", organisation_code=found.owner, role="department",
                detail={"list": own, "title": found.title, "name": work.actor.name},
            )
        ],
    )  # fmt: skip


def decide(work: Work, own: str, *, accept: bool, digest: str, reason: str = "") -> None:
    """The second person's word about exactly what they saw: `digest` says what that was.

    Raises NotFound, SecondPerson, PublicListState, ReleasedSince, PublicListWrong (no reason to refuse).
    """
    found, _ = get(work, own)
    if found.made_by == work.actor.id:
        raise SecondPerson
    work.require(APPROVE, path=found.owner_path, owner=found.owner)
    if digest != found.digest:
        raise PublicListState
    if not accept and len(reason.strip()) < SHORTEST_REASON:
        raise PublicListWrong(reason="reason")
    if accept and found.last_day < work.today.isoformat():
        raise PublicListWrong(reason="period")
    if accept:
        released_before.refuse_overtaken(work, own)
    values = {"decided_by": work.actor.id, "decided_name": work.actor.name, "decided_at": work.at}
    state = APPROVED if accept else REFUSED
    _turn(work, found, WAITING, {**values, "state": state, "reason": reason.strip()[:400]})
    work.note("public.approved" if accept else "public.refused", own, digest=found.digest)


def withdraw(work: Work, own: str, reason: str) -> None:
    """Take it away from the public at once, or give up a draft; its maker or a second person does.

    Raises NotFound, PublicListState, PublicListWrong without a reason for what is public.
    """
    found, _ = get(work, own)
    if found.made_by != work.actor.id and not may_decide(work, found):
        raise NotFound
    if found.state == APPROVED and len(reason.strip()) < SHORTEST_REASON:
        raise PublicListWrong(reason="reason")
    if found.state not in (DRAFT, WAITING, APPROVED):
        raise PublicListState
    values = {"withdrawn_name": work.actor.name, "withdrawn_at": work.at}
    values |= {"state": WITHDRAWN, "reason": reason.strip()[:400]}
    _turn(work, found, found.state, values)
    work.note("public.withdrawn", own, was=found.state)


def public(work: Work, address: str) -> tuple[PublicList, Contents]:
    """What stands under an address today, for everybody. Raises NotFound."""
    query = select(LIST).where(LIST.c.address == address, LIST.c.state == APPROVED)
    found, contents = _read(work.connection.execute(query).mappings().first())
    if not found.open_on(work.today):
        raise NotFound
    return found, contents


@sweep.beside
def _forgotten(work: Work, found: sweep.Swept) -> int:
    """Whoever is deleted is in no public list any more, and named behind no row of open data."""
    gone, number = set(found.ids), 0
    for row in work.connection.execute(select(LIST.c.id, LIST.c.contents)):
        kept = row.contents
        stay = [at for at, own in enumerate(kept["ids"]) if own not in gone]
        if len(stay) < len(kept["ids"]):
            left = {name: [kept[name][at] for at in stay] for name in ("rows", "ids")}
            if kept.get("report"):  # nobody is told there, and a row less would tell whose it was
                left = {"ids": ["" if own in gone else own for own in kept["ids"]]}
            values = {"contents": {**kept, **left}}
            work.connection.execute(update(LIST).where(LIST.c.id == row.id).values(**values))
            number += 1
    return number


def _require_either(work: Work) -> None:
    if not policy.reaches(work.actor, APPROVE):
        work.require_any(MAKE)


def _turn(work: Work, found: PublicList, was: str, values: Mapping[str, Any]) -> None:
    done = work.connection.execute(
        update(LIST).where(LIST.c.id == found.id, LIST.c.state == was).values(**values)
    )
    if done.rowcount != 1:
        raise PublicListState


def _seen(work: Work) -> ColumnElement[bool]:
    makes = policy.sees(work.actor, MAKE, owner=LIST.c.owner)
    decides = policy.sees(work.actor, APPROVE, path=LIST.c.owner_path, owner=LIST.c.owner)
    drafts = or_(LIST.c.state != DRAFT, LIST.c.made_by == work.actor.id)
    return or_(makes, decides) & drafts


def _read(row: Any) -> tuple[PublicList, Contents]:
    if row is None:
        raise NotFound
    kept = row["contents"]
    contents = Contents(
        tuple(kept["heads"]),
        tuple(kept["rules"]),
        tuple(tuple(one) for one in kept["rows"]),
        tuple(kept["ids"]),
        kept.get("report"),
    )
    return PublicList(**{name: row[name] for name in PublicList.__slots__}), contents


def _columns(here: Ground, wish: Wish) -> list[Column]:
    wanted = [one for one in here.lens.columns if one.name in set(wish.columns)]
    if not wanted:
        raise PublicListWrong(reason="columns")
    for one in wanted:
        mask = public_masks.mask_of(one.field, local=one.kind == LOCAL)
        if mask.refused:
            raise PublicListWrong(reason=mask.refused, detail=one.field.label())
    if together := public_masks.told_together(one.field for one in wanted):
        raise PublicListWrong(reason=together)
    return wanted


def _days(work: Work, wish: Wish, longest: timedelta) -> tuple[str, str]:
    try:
        first, last = date.fromisoformat(wish.first_day), date.fromisoformat(wish.last_day)
    except ValueError as error:
        raise PublicListWrong(reason="date") from error
    if last < first or last < work.today:
        raise PublicListWrong(reason="period")
    if last - first > longest:
        raise PublicListWrong(reason="too-long", detail=str(longest.days))
    return first.isoformat(), last.isoformat()


def _contents(
    work: Work, form: CompiledForm, here: Ground, ask: Ask, columns: Sequence[Column]
) -> Contents:
    rows = list(page.every(work, here, ask))
    placed = [one for one in columns if one.field.schema.get("format") == "division-code"]
    codes = {str(row.cell(one.name).value or "") for row in rows for one in placed} - {""}
    places = identity.organisation_names(work.connection, sorted(codes))
    rules = [public_masks.mask_of(one.field, local=one.kind == LOCAL).rule for one in columns]
    texts = tuple(
        tuple(
            public_masks.masked(
                one.field, rule, text(here.dictionary, one.field, row.cell(one.name).value, places)
            )
            for one, rule in zip(columns, rules, strict=True)
        )
        for row in rows
    )
    heads = tuple(ledger.item(form, one.name).label() for one in columns)
    return Contents(heads, tuple(rules), texts, tuple(row.id for row in rows))


def text(known: Dictionary, field: Field, value: Json, places: Mapping[str, str]) -> str:
    """A value as the public reads it, before its mask."""
    if value is None:
        return ""
    if (gone := absence.shown(value, "zh")) is not None:
        return gone
    if isinstance(value, list):
        return "、".join(text(known, field, one, places) for one in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if field.codelist:
        found = known.codelists.get(field.codelist)
        return found.label(str(value)) if found else str(value)
    if field.schema.get("format") == "division-code":
        return places.get(str(value), str(value))
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _lists(kept: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    return {
        "heads": list(kept["heads"]),
        "rules": list(kept["rules"]),
        "rows": [list(row) for row in kept["rows"]],
        "ids": list(kept["ids"]),
    }
