"""Open data by two people: a ledger made k-anonymous and l-diverse, seen dry with what it cost, decided.
Whoever keeps the machine may hand a table out as a file; it counts as public from then on.
"""

from sqlalchemy import update

from engine.work import Work
from forms.public import lists as public_lists
from forms.public import open_data, released_before
from forms.public.lists import LIST, Contents, Wish
from forms.public.open_data import Released


def draft(work: Work, code: str, asked: open_data.Wish, wish: Wish) -> str:
    """Make what would be handed out, to be looked at dry. Gives its id.

    Raises Forbidden, NotFound, ColumnNotOpen, NotGeneralised, ReleaseWrong, NotReleasable,
    PublicListWrong, NotApart.
    """
    return _kept(work, code, open_data.release(work, code, asked), wish)


def hand_out(work: Work, code: str, asked: open_data.Wish) -> Released:
    """Make a table that leaves as a file at once. It is kept with whom each row is about, so that every
    later one, of a page or of a command, is held against it.

    Raises as `draft`.
    """
    released_before.take_turn(work)
    made = open_data.release(work, code, asked)
    today = work.today.isoformat()
    own = _kept(work, code, made, Wish(f"{made.report['title']} {today}", (), today, today))
    values = {"state": released_before.HANDED, "decided_at": work.at}
    work.connection.execute(update(LIST).where(LIST.c.id == own).values(**values))
    work.note("public.handed-out", own, rows=len(made.rows))
    return made


def _kept(work: Work, code: str, made: Released, wish: Wish) -> str:
    form, _ = open_data.opened(work, code)
    contents = Contents(made.heads, ("plain",) * len(made.heads), made.rows, made.ids, made.report)
    return public_lists.keep(work, released_before.SOURCE + code, form.owner, contents, wish)
