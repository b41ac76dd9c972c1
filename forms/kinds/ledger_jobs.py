"""Jobs of ledgers: an import applied or taken back, some lines a turn, in the name of whoever asked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from engine.errors import NotFound
from engine.identity import store as identity
from engine.jobs.registry import JOBS
from engine.ledgers import imports
from engine.work import Work
from forms.kinds import ledger

KIND = "ledger.import"


def ask(work: Work, code: str, number: str, *, undo: bool = False) -> None:
    """Start applying an import, or taking it back. Raises NotFound, Conflict, Forbidden."""
    lens = ledger.lens(work.connection, ledger.form(work.connection, code))
    imports.start(work, lens, number, undo=undo)
    work.later(KIND, {"ledger": code, "import": number, "account": work.actor.id})


@JOBS.job(KIND, lease=timedelta(minutes=1))  # somebody waits at the page, and a turn takes seconds
def take_turn(work: Work, payload: Mapping[str, Any]) -> dict[str, int]:
    """Apply or take back some lines; ask for the next turn while any are left."""
    actor = identity.actor_of(work.connection, str(payload["account"]), now=work.now)
    if actor is None:
        raise NotFound
    work.actor = actor  # what is written stands under the name of whoever asked for it
    lens = ledger.lens(work.connection, ledger.form(work.connection, str(payload["ledger"])))
    left = imports.turn(work, lens, str(payload["import"]))
    if left:
        work.later(KIND, dict(payload))
    return {"left": int(left)}
