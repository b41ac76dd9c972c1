"""常用语: words that somebody uses often in opinions, kept by themselves."""

from sqlalchemy import Connection, delete, insert, select

from engine.errors import NotFound, Problem
from engine.work import Work
from workflows.tables import PhraseRow

PHRASE = PhraseRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
MOST, LONGEST = 30, 200


class PhraseWrong(Problem):
    """A phrase is empty or too long, or there are as many as anybody could look through."""

    code, status = "flow.phrase-wrong", 422
    most: int = MOST
    longest: int = LONGEST


def of(connection: Connection, account_id: str) -> list[tuple[str, str]]:
    """Somebody's phrases, the newest first: (id, text)."""
    query = (
        select(PHRASE.c.id, PHRASE.c.text)
        .where(PHRASE.c.account_id == account_id)
        .order_by(PHRASE.c.id.desc())
    )
    return [(row.id, row.text) for row in connection.execute(query)]


def keep(work: Work, text: str) -> bool:
    """Keep a phrase of the actor; False if it is there. Raises PhraseWrong."""
    words = " ".join(text.split())
    known = [one for _, one in of(work.connection, work.actor.id)]
    if not words or len(words) > LONGEST or len(known) >= MOST:
        raise PhraseWrong
    if words in known:
        return False
    row = {"id": work.new_id(), "account_id": work.actor.id, "text": words, "created_at": work.at}
    work.connection.execute(insert(PHRASE), row)
    return True


def forget(work: Work, phrase_id: str) -> None:
    """Remove a phrase of the actor. Raises NotFound."""
    gone = delete(PHRASE).where(PHRASE.c.id == phrase_id, PHRASE.c.account_id == work.actor.id)
    if not work.connection.execute(gone).rowcount:
        raise NotFound
