"""Open data by two people: a ledger made k-anonymous and l-diverse, seen dry with what it cost, decided."""

from engine.work import Work
from forms import open_data, public_lists, released_before
from forms.public_lists import Contents, Wish


def draft(work: Work, code: str, asked: open_data.Wish, wish: Wish) -> str:
    """Make what would be handed out, to be looked at dry. Gives its id.

    Raises Forbidden, NotFound, ColumnNotOpen, NotGeneralised, ReleaseWrong, NotReleasable,
    PublicListWrong, NotApart.
    """
    form, _ = open_data.opened(work, code)
    made = open_data.release(work, code, asked)
    contents = Contents(made.heads, ("plain",) * len(made.heads), made.rows, made.ids, made.report)
    return public_lists.keep(work, released_before.SOURCE + code, form.owner, contents, wish)
