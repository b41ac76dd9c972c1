"""Carrying out what was approved: some of it in each job, resumed where it was cut off; and the
monthly word to those who answer. A restored backup is swept again from a list beside the keys.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from engine.dictionary.store import dictionary
from engine.erasure import person
from engine.erasure.redact import Sought
from engine.erasure.store import HOLD
from engine.errors import NotFound
from engine.jobs.registry import JOBS
from engine.jobs.schedule import daily
from engine.notices import administrators
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.retention import parts, store
from engine.retention.parts import Held, Turn
from engine.retention.store import DONE, KIND, RUN, RUNNING
from engine.work import Work

BATCH = 200
LIST = "retained.jsonl"
"""Beside the keys: what was deleted and what a hold kept, by ids only."""


@JOBS.job(KIND)
def sweep(work: Work, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Some of one run; asks for the next while any is left."""
    left = turn(work, str(payload["run"]))
    if left:
        work.later(KIND, dict(payload))
    return {"left": left}


@JOBS.job("retention.watch", slots=daily(utc_hour=18))
def watch(work: Work, _payload: Mapping[str, Any]) -> int:
    """Tell the administrators once a month that something is due; gives how much."""
    number = sum(one.month for one in store.due(work))
    if number:
        month = work.today.isoformat()[:7]
        administrators.tell(
            work, ("security",), "retention.notice.due", detail={"number": number},
            key=f"retention {month}",
        )  # fmt: skip
    return number


def turn(work: Work, own: str, held_then: Mapping[str, Any] | None = None) -> bool:
    """Delete some of a run; gives whether any is left. `held_then` are ids a hold kept at the time."""
    query = select(RUN).where(RUN.c.id == own).with_for_update()
    row = work.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    if row["state"] != RUNNING:
        return False
    run = store.read(row)
    told = [dict(one) for one in run.parts]
    progress = dict(run.progress)
    here = progress.get("part", 0)
    if here < len(told):
        _some(work, own, told[here], progress, _held(work, held_then or {}))
        change = update(RUN).where(RUN.c.id == own)
        work.connection.execute(change.values(parts=told, progress=progress))
        return True
    _finish(work, row, progress)
    return False


def _some(work: Work, own: str, one: dict[str, Any], progress: dict[str, Any], held: Held) -> None:
    if (one["kind"], one["code"]) in held.things:
        one["held"] = True
        progress["part"] = progress.get("part", 0) + 1
        return
    asked = Turn(own, one["code"], one["before"], progress.get("after"), BATCH, held)
    done = parts.part(one["kind"]).turn(work, asked)
    one["changed"] = one.get("changed", 0) + done.changed
    one["kept"] = one.get("kept", 0) + len(done.kept)
    progress["kept"] = sorted({*progress.get("kept", ()), *done.kept})
    progress["looked"] = progress.get("looked", 0) + done.looked
    progress["after"] = list(done.after) if done.after is not None else None
    if done.after is None:
        progress["part"] = progress.get("part", 0) + 1


def _held(work: Work, then: Mapping[str, Any]) -> Held:
    """What holds keep now, and in a restored backup what they kept at the time."""
    rows: Sequence[Any] = work.connection.execute(
        select(HOLD.c.subject, HOLD.c.subject_id).where(HOLD.c.lifted_at.is_(None)).distinct()
    ).all()
    known = dictionary(work.connection)
    things, ids = set(), set(then.get("kept", ()))
    texts: set[str] = set()
    for subject, own in rows:
        if subject in parts.kinds():
            things.add((subject, own))
        elif subject in known.subjects:
            mine = person.everywhere(work, subject, own)
            ids.update(mine)
            texts |= person.sought(work, known, subject, mine).texts
    return Held(frozenset(things), frozenset(ids), Sought(frozenset(texts), frozenset()))


def _finish(work: Work, row: Mapping[Any, Any], progress: dict[str, Any]) -> None:
    progress = {name: one for name, one in progress.items() if name not in ("part", "after")}
    values: dict[str, Any] = {
        "state": DONE,
        "done_at": work.at,
        "progress": progress,
        "generation": work.vault.generation,
    }
    done = store.read({**row, **values})
    values["signature"] = work.vault.witness(done.certificate())
    work.connection.execute(update(RUN).where(RUN.c.id == row["id"]).values(**values))
    changed = sum(one.get("changed", 0) for one in done.parts)
    work.note("retention.done", done.id, changed=changed, kept=len(progress.get("kept", ())))
    notices.tell(
        work, [Notice("retention.done", account_id=row["asked_by"], detail={"retention": done.id})]
    )
    _keep_in_list(work.settings.data_path / LIST, done, values["signature"])


def _keep_in_list(path: Path, done: store.Run, signature: str) -> None:
    """Add a line to the list beside the keys; a second one for the same run says the same."""
    line = {"run": done.id, "parts": done.parts, "kept": done.progress.get("kept", []),
            "at": done.done_at, "by": done.asked_by_name, "signature": signature}  # fmt: skip
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_list(folder: Path) -> list[dict[str, Any]]:
    """The lines beside the keys, each run once."""
    path = folder / LIST
    if not path.exists():
        return []
    lines = [json.loads(one) for one in path.read_text(encoding="utf-8").splitlines() if one]
    return list({str(one["run"]): one for one in lines}.values())


def unfinished(work: Work, lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of a list beside the keys, what this database does not know as done: it is older than they are."""
    done = set(work.connection.execute(select(RUN.c.id).where(RUN.c.state == DONE)).scalars())
    return [line for line in lines if line.get("run") not in done]


def again(work: Work, line: Mapping[str, Any]) -> None:
    """Delete anew in a database that was restored from before; all of it, here and now."""
    own = str(line["run"])
    told = [
        {name: one for name, one in part.items() if name not in ("changed", "kept")}
        for part in line["parts"]
        if not part.get("held")
    ]
    values = {"state": RUNNING, "parts": told, "progress": {}, "decided_at": work.at}
    if work.connection.execute(select(RUN.c.id).where(RUN.c.id == own)).first() is None:
        row = {
            "id": own, "asked_at": work.at, "asked_by": work.actor.id,
            "asked_by_name": str(line.get("by", "")), "decided_by_name": work.actor.name,
            "answer": "", "generation": 0, "signature": "",
        }  # fmt: skip
        work.connection.execute(RUN.insert(), {**row, **values})
    else:
        work.connection.execute(update(RUN).where(RUN.c.id == own).values(**values))
    while turn(work, own, line):
        pass
