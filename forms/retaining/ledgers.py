"""Ledgers whose period is over for whoever has left them: what only the ledger knows of them goes."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select, update

from engine.absence import kind_of
from engine.dictionary.store import dictionary
from engine.erasure.person import blank_history
from engine.erasure.redact import MARK
from engine.ledgers.ground import MEMBER, Ground
from engine.ledgers.imports import IMPORT, LINE
from engine.ledgers.lens import Lens
from engine.ledgers.proposals import PROPOSAL
from engine.ledgers.schema import local_table
from engine.registers.schema import blind_name, column_name, table
from engine.retention import parts, totals
from engine.retention.parts import Turn, Turned
from engine.retention.totals import Gone
from engine.work import HISTORY, Work
from forms.kinds import ledger, ledger_files_gone

KIND = "ledger"


class Ledgers:
    """Those who have left a ledger: by hand on a day, by rule when they fit no more."""

    def about(self, work: Work, code: str) -> tuple[Mapping[str, str], str]:
        """The ledger's titles and its issuer."""
        form = ledger.form(work.connection, code)
        return form.titles, form.owner

    def codes(self, work: Work) -> list[str]:
        """Ledgers that keep anything of their own, or by hand."""
        found = []
        for form in ledger.forms(work.connection):
            lens = ledger.lens(work.connection, form)
            if lens.local() or lens.by_hand:
                found.append(form.code)
        return found

    def due(self, work: Work, code: str, before: str) -> int:
        """How many left before then and are still known here."""
        lens, here = _opened(work, code)
        query = select(func.count()).select_from(here.register).where(_due(lens, here, before))
        return int(work.connection.execute(query).scalar_one())

    def turn(self, work: Work, turn: Turn) -> Turned:
        """Take out what the ledger knows of some who left."""
        lens, here = _opened(work, turn.code)
        after = turn.after[0] if turn.after else ""
        own = here.register.c.id
        query = select(own).where(_due(lens, here, turn.before), own > after)
        ids = list(work.connection.execute(query.order_by(own).limit(turn.limit)).scalars())
        mine = [one for one in ids if one not in turn.held.subjects]
        if mine:
            totals.keep(work, turn.run, KIND, turn.code, _gone(work, lens, here, mine))
            named = ledger_files_gone.of_ledger(work, lens, mine)
            _blank(work, lens, mine)
            ledger_files_gone.release(work, lens.subject, named)
        last = [ids[-1]] if len(ids) == turn.limit else None
        return Turned(last, len(ids), len(mine), set(ids) - set(mine))


def _opened(work: Work, code: str) -> tuple[Lens, Ground]:
    """The whole ledger, whoever looks: what is due is the same for all."""
    lens = ledger.lens(work.connection, ledger.form(work.connection, code))
    known = dictionary(work.connection)
    here = Ground(
        lens, known, table(known, lens.subject), local_table(lens) if lens.local() else None,
        {}, ("",), work.today,
    )  # fmt: skip
    return lens, here


def _due(lens: Lens, here: Ground, before: str) -> ColumnElement[bool]:
    own = here.register.c.id
    day = before[:10]
    if lens.by_hand:
        stays = select(MEMBER.c.subject_id).where(MEMBER.c.ledger == lens.code)
        gone = stays.where(MEMBER.c.left_on <= day, MEMBER.c.entry_reason != MARK)
        later = stays.where(or_(MEMBER.c.left_on.is_(None), MEMBER.c.left_on > day))
        return and_(own.in_(gone), own.not_in(later))
    assert here.local is not None
    filled = [
        here.local.c[column_name(one.field)].is_not(None)
        for one in lens.local()
        if column_name(one.field) in here.local.c
    ]
    recent = select(HISTORY.c.target).where(HISTORY.c.kind == lens.table_name, HISTORY.c.at >= before)  # fmt: skip
    known = select(here.local.c.subject_id).where(or_(*filled), here.local.c.created_at < before)
    return and_(own.in_(known), own.not_in(recent), not_(func.coalesce(here.members(), false())))


def _gone(work: Work, lens: Lens, here: Ground, ids: Sequence[str]) -> Iterable[Gone]:
    """Amounts and codes of the ledger's own columns, by place."""
    if here.local is None:
        return
    home = here.home
    place = home if home is not None else here.register.c.id
    columns = [one for one in lens.local() if column_name(one.field) in here.local.c]
    stored = [here.local.c[column_name(one.field)] for one in columns]
    query = (
        select(place.label("place"), *stored)
        .select_from(here.register.join(here.local, here.local.c.subject_id == here.register.c.id))
        .where(here.register.c.id.in_(ids))
    )
    for row in work.connection.execute(query):
        for one, value in zip(columns, row[1:], strict=True):
            if value is None or one.field.secret or kind_of(value):
                continue
            where = str(row.place or "") if home is not None else ""
            if one.field.adds_up and isinstance(value, int | Decimal):
                yield Gone(where, one.name, amount=Decimal(value))
            elif one.field.codelist or isinstance(value, bool):
                yield Gone(where, one.name, value=str(value).lower() if isinstance(value, bool) else str(value))  # fmt: skip


def _blank(work: Work, lens: Lens, ids: Sequence[str]) -> None:
    if lens.local():
        local = local_table(lens)
        kept = {column_name(one.field) for one in lens.local()}
        kept |= {blind_name(one.field) for one in lens.local()}
        gone: dict[str, Any] = {name: None for name in kept if name in local.c}
        change = update(local).where(local.c.subject_id.in_(ids))
        work.connection.execute(change.values(**gone, absent=None))
    names = frozenset(one.name for one in lens.local())
    blank_history(work, lens.subject, ids, names, only=lens.table_name)
    mine = and_(MEMBER.c.ledger == lens.code, MEMBER.c.subject_id.in_(ids))
    work.connection.execute(update(MEMBER).where(mine).values(entry_reason=MARK, exit_reason=MARK))
    about = and_(PROPOSAL.c.ledger == lens.code, PROPOSAL.c.row_id.in_(ids))
    work.connection.execute(
        update(PROPOSAL).where(about).values(before=None, after=None, reason=MARK)
    )
    imports = select(IMPORT.c.id).where(IMPORT.c.ledger == lens.code)
    lines = update(LINE).where(LINE.c.subject_id.in_(ids), LINE.c.import_id.in_(imports))
    work.connection.execute(lines.values(detail=None, undo=None))


parts.register(KIND, Ledgers())
