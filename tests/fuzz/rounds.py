"""Fuzzing with a budget: a few examples in `make test`, round upon round for FUZZ_MINUTES in `make fuzz`."""

import faulthandler
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

MINUTES = float(os.environ.get("FUZZ_MINUTES", "0"))
"""How long all fuzzing together may take; 0: only the short runs."""
SHORT, LONG = 12, 200
"""Examples of one round."""
HANGS_AFTER = 120
"""Seconds after which one step is a hang: its trace is printed and the run ends."""


def fuzz(strategy: SearchStrategy[Any], once: Callable[[Any], None], *, share: float) -> None:
    """Give `once` examples until its share of the budget is over; each way to fail is told once."""
    found: dict[str, str] = {}
    examples = 0

    def counted(case: Any) -> None:
        nonlocal examples
        examples += 1
        once(case)

    for number in rounds(share):
        bounded = settings(
            max_examples=LONG if MINUTES else SHORT,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if MINUTES else [Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        try:
            seed(number)(bounded(given(strategy)(counted)))()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            found.setdefault(where(error), "".join(traceback.format_exception(error))[-6000:])
    if MINUTES:
        told = f"\n{once.__name__}: {examples} examples, {len(found)} findings\n"
        (sys.__stderr__ or sys.stderr).write(told)  # past what pytest keeps for itself
    if found:
        pytest.fail(f"{len(found)} findings\n\n" + "\n\n".join(found.values()), pytrace=False)


def rounds(share: float) -> Iterator[int]:
    """The numbers of the rounds: one in a short run, else as many as the share of the minutes allows."""
    until = time.monotonic() + 60 * MINUTES * share
    number = 0
    while number == 0 or time.monotonic() < until:
        alive()
        try:
            yield number
        finally:
            still()
        number += 1


def alive() -> None:
    """A step begins: from now on its time is counted. A round of many steps says so at each.

    In a long run the processor's time counts, so that a busy machine is no hang: the handler prints the
    trace even where a library never comes back, and then lets the signal end the run.
    """
    if not MINUTES:
        faulthandler.dump_traceback_later(HANGS_AFTER, file=sys.__stderr__)
        return
    faulthandler.unregister(signal.SIGPROF)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    faulthandler.register(signal.SIGPROF, file=sys.__stderr__, chain=True)
    signal.setitimer(signal.ITIMER_PROF, HANGS_AFTER)


def still() -> None:
    """The last step is over: nothing is counted any more."""
    faulthandler.cancel_dump_traceback_later()
    signal.setitimer(signal.ITIMER_PROF, 0)


def where(error: BaseException) -> str:
    """The kind of a failure: its class and the innermost line of ours; the same twice is one finding."""
    if isinstance(error, BaseExceptionGroup):
        return " & ".join(sorted({where(one) for one in error.exceptions}))
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in frame.filename and "/tests/" not in frame.filename
    ]
    last = ours[-1] if ours else None
    place = f"{Path(last.filename).name}:{last.lineno}" if last else ""
    return f"{type(error).__name__} {place}"
