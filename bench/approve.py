"""A thousand approvals with one press: each by itself, the page that shows them, and one refused among them."""

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import select

from bench import world
from bench.scratch import databases
from engine.identity import store as identity
from engine.identity.actor import Actor
from engine.json_text import Json
from engine.work import System
from workflows import bulk, commands, handwriting
from workflows.store import TASK


def measure(
    url: str,
    folder: Path,
    *,
    count: int,
    signed: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Json]:
    """Seconds for `count` approvals, of which one is refused because somebody was faster.

    `signed`: the step asks for a handwritten signature, and one drawing is for all of them.
    """
    with databases(url, folder) as scratch:
        system = world.opened(scratch.fresh(), folder)
        try:
            say(f"备 {count} 份待审批的报表 · preparing {count} reports")
            leader, ids = _prepared(system, count, signed=signed)
            hand = handwriting.drawn(_drawing()) if signed else None
            taken = ids[len(ids) // 2]
            system.write(leader, lambda work: commands.pass_(work, taken, signed=hand))
            say("审批 · approving")
            began = time.perf_counter()
            results = dict(bulk.pass_all(lambda command: system.write(leader, command), ids, hand))
            took = time.perf_counter() - began
            refused = [one for one, problem in results.items() if problem is not None]
            return {
                "database": "sqlite" if system.database.is_sqlite else "postgresql",
                "approvals": len(ids),
                "signed_by_hand": signed,
                "seconds": round(took, 2),
                "bar_seconds": 5,
                "approved": len(results) - len(refused),
                "refused": len(refused),
                "only_the_taken_one_refused": refused == [taken],
            }
        finally:
            system.close()


def _drawing() -> bytes:
    """A stroke on nothing, as large as the pages make them."""
    picture = Image.new("RGBA", (600, 240), (0, 0, 0, 0))
    line = [(20 + 28 * n, 120 + (-1) ** n * (10 + 4 * n)) for n in range(20)]
    ImageDraw.Draw(picture).line(line, fill=(10, 20, 120, 255), width=5)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _signs(document: dict[str, Any]) -> None:
    document["steps"][-1]["signature"] = "drawn"


def _prepared(system: System, count: int, *, signed: bool) -> tuple[Actor, list[str]]:
    world.build(system)
    if signed:
        world.flow_with(system, _signs)
    jobs = world.send(system, count)[:count]
    world.fill(system, jobs)
    for job in jobs:
        system.write(job.actor, lambda work, one=job: commands.submit(work, one.task))  # type: ignore[misc]  # bound early on purpose
    verifier, leader = _holder(system, "verifier"), _holder(system, "leader")
    list(bulk.pass_all(lambda command: system.write(verifier, command), _open(system, "verify")))
    return leader, _open(system, "approve")


def _holder(system: System, role: str) -> Actor:
    with system.read(world.BENCH) as work:
        held = identity.POSITION.c
        query = select(held.account_id).where(
            held.role == role, held.organisation_code == world.STREET
        )
        account = work.connection.execute(query).scalars().first()
        found = identity.actor_of(work.connection, str(account), now=work.now)
        assert found is not None
        return found


def _open(system: System, kind: str) -> list[str]:
    with system.read(world.BENCH) as work:
        query = select(TASK.c.id).where(TASK.c.kind == kind, TASK.c.status == "open")
        return list(work.connection.execute(query).scalars())
