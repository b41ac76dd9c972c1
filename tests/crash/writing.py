"""The program that `test_kill` kills: it writes as fast as it can and tells what was acknowledged.

It loads everything once and then forks for each round, so that a round costs no start: for every
line on standard input (`<database url> <data folder> <round>`) a child is begun, its process id is
told, and `end` when it is dead.
"""

import itertools
import os
import sys
import threading

from engine.identity.actor import system_actor
from engine.settings import Settings
from engine.work import System, Work

THREADS = 8
ACTOR = system_actor("crash")


def tell(*words: object) -> None:
    """One line at once, so that a kill cannot cut it or mix it with another."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write_for_ever(url: str, folder: str, number: str) -> None:
    """Eight threads of notes with a row of history and a job each, until killed."""
    system = System(Settings(database_url=url, data_dir=folder))

    def thread(mine: int) -> None:
        for count in itertools.count():
            key = f"{number}.{mine}.{count}"

            def command(work: Work, key: str = key) -> None:
                work.record("crash", key, before=None, after={"key": key, "much": "x" * 500})
                work.later("crash", {"key": key}, key=key)
                work.note("crash.written", key)

            system.write(ACTOR, command)
            tell("ack", key)

    threads = [threading.Thread(target=thread, args=(mine,)) for mine in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def main() -> None:
    """Rounds, until standard input ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            write_for_ever(*line.split())
        tell("pid", child)
        os.waitpid(child, 0)
        tell("end")


if __name__ == "__main__":
    main()
