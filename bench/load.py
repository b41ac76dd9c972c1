"""Many people at once: sessions of mixed work against a started server, for minutes.

Each session is somebody of their own who logged in over HTTP: most fill in for ten communities (look at
what waits, open a task, keep a draft, hand in, page and search a ledger), the others lead and look
through what waits for approval. Between two requests a person thinks. Told are errors, latencies by
kind of request, and the server's memory every half minute, with its slope over the second half.
"""

import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import linear_regression

import httpx

from bench import world
from bench.clients import Measured
from bench.over_http import TOKEN, Served, serving
from bench.registers import Say, load_people
from bench.scratch import databases
from bench.world import Job
from engine.identity import pack
from engine.json_text import Json
from engine.work import System

LEDGER = "/ledgers/civil.elderly_ledger"
PEOPLE = 20_000
WORDS = ("王英", "秀兰", "12号", "弄3", "李强")
LEADERS = 0.1
EVERY = 30.0
"""Seconds between two looks at the server's memory."""
GOOD = (200, 303)
STAFF_DOES = {"home": 20, "open": 20, "draft": 25, "submit": 5, "ledger": 15, "search": 15}
LEADERS_DO = {"home": 30, "approvals": 70}
_CSRF = re.compile(r'name="csrf(?:-token)?" (?:value|content)="([^"]+)"')


@dataclass
class Figures:
    """What all sessions measured together."""

    times: dict[str, Measured] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def time(self, do: Callable[[], tuple[str, httpx.Response]]) -> None:
        """One request; what is no answer, or another than was hoped for, is an error."""
        began = time.perf_counter()
        try:
            kind, answer = do()
            error = "" if answer.status_code in GOOD else f"{answer.status_code} {answer.text[:80]}"
        except httpx.HTTPError as problem:
            kind, error = "no answer", repr(problem)
        seconds = time.perf_counter() - began
        with self.lock:
            self.times.setdefault(kind, Measured()).latencies.append(seconds)
            if error:
                self.errors[f"{kind}: {error}"] += 1


@dataclass
class Person:
    """Somebody at a browser: a cookie, a token, a task in hand."""

    login: str
    password: str
    does: Mapping[str, int]
    jobs: deque[Job]
    """What waits for their community; the others there take of it too."""
    client: httpx.Client
    chance: Random
    token: str = ""
    job: Job | None = None
    revision: int = 0

    def enter(self) -> httpx.Response:
        """Log in by the page."""
        form = _CSRF.search(self.client.get("/login").text)
        assert form is not None
        data = {"login": self.login, "password": self.password, "csrf": form[1], "next": "/"}
        answer = self.client.post("/login", data=data)
        if answer.status_code == 303:
            found = _CSRF.search(self.client.get("/").text)
            assert found is not None
            self.token = found[1]
        return answer

    def next(self) -> tuple[str, httpx.Response]:
        """One thing that this person does, and the answer."""
        (kind,) = self.chance.choices(list(self.does), list(self.does.values()))
        if kind in ("draft", "submit") and self.job is None:
            kind = "open"
        if kind == "open" and not self._has_task():
            kind = "home"
        return kind, getattr(self, f"_{kind}")()

    def _has_task(self) -> bool:
        if self.job is None and self.jobs:
            self.job, self.revision = self.jobs.popleft(), 0
        return self.job is not None

    def _home(self) -> httpx.Response:
        return self.client.get("/")

    def _open(self) -> httpx.Response:
        assert self.job is not None
        return self.client.get(f"/tasks/{self.job.task}")

    def _draft(self) -> httpx.Response:
        assert self.job is not None
        path = f"/api/documents/{self.job.document}"
        if not self.revision:
            self.revision = int(self.client.get(path).json()["revision"])
        body = {"revision": self.revision, "changes": {"/visits": self.chance.randint(10, 99)}}
        answer = self.client.patch(f"{path}/cells", json=body, headers={TOKEN: self.token})
        if answer.status_code == 200:
            self.revision = int(answer.json()["revision"])
        return answer

    def _submit(self) -> httpx.Response:
        assert self.job is not None
        path = f"/api/tasks/{self.job.task}/submit"
        answer = self.client.post(path, json={}, headers={TOKEN: self.token})
        self.job = None
        return answer

    def _ledger(self) -> httpx.Response:
        return self.client.get(LEDGER, params={"f": "sex:eq:2", "sort": "name"})

    def _search(self) -> httpx.Response:
        return self.client.get(LEDGER, params={"q": self.chance.choice(WORDS)})

    def _approvals(self) -> httpx.Response:
        return self.client.get("/approvals")


def measure(
    url: str,
    folder: Path,
    sessions: int,
    *,
    minutes: float,
    pause: float,
    say: Say = lambda _: None,
) -> dict[str, Json]:
    """Measure on a database of our own: `sqlite`, or a PostgreSQL server's URL."""
    with databases(url, folder) as scratch:
        say("建库 · preparing")
        made = scratch.fresh()
        system = world.opened(made, folder)
        world.build(system)
        wanted = sessions * 3 + int(sessions * minutes * 60 / max(pause, 0.2) * 0.04)
        jobs = world.send(system, wanted)
        world.fill(system, jobs, only=True)
        with system.read(world.BENCH) as work:
            places = world.places(work)
        load_people(system, places, PEOPLE)
        passwords = _accounts(system, places, sessions)
        system.close()
        with serving(made, folder, {"YIBIAO_LOGINS_PER_MINUTE": "0"}) as served:
            say("登录 · logging in")
            fresh = served.memory_mb()
            persons = _persons(served, passwords, jobs)
            figures = Figures()
            _each(persons, lambda one: figures.time(lambda: ("log in", one.enter())))
            say(f"{sessions} 人，{minutes:g} 分钟 · at work")
            memory = _work(served, persons, figures, minutes=minutes, pause=pause, say=say)
    done = sum(one.count for kind, one in figures.times.items() if kind != "log in")
    return {
        "database": "sqlite" if url == "sqlite" else "postgresql",
        "sessions": sessions,
        "minutes": minutes,
        "pause_seconds": pause,
        "requests_per_second": round(done / (minutes * 60), 1),
        "errors": sum(figures.errors.values()),
        "errors_by_kind": dict(figures.errors.most_common(10)),
        "memory_mb": {"before_log_in": fresh, **memory},
        "kinds": {
            kind: {
                "requests": one.count,
                "p50_ms": round(one.percentile(0.5), 1),
                "p99_ms": round(one.percentile(0.99), 1),
                "longest_ms": round(one.percentile(1.0), 1),
            }
            for kind, one in sorted(figures.times.items())
        },
    }


def _accounts(system: System, places: Sequence[str], sessions: int) -> dict[str, str]:
    """So many people with a post each; their passwords by log-in."""
    leaders = max(1, int(sessions * LEADERS))
    accounts = []
    for at in range(sessions):
        leads = at < leaders
        post = {"role": "leader" if leads else "staff"}
        post["organisation"] = world.STREET if leads else places[at % len(places)]
        name = "领导" if leads else "填报人"
        accounts.append(
            {"login": f"load{at}-{post['role']}", "name": f"{name}{at}", "positions": [post]}
        )
    return system.write(world.BENCH, lambda work: pack.load_accounts(work, accounts))


def _persons(served: Served, passwords: Mapping[str, str], jobs: Sequence[Job]) -> list[Person]:
    waiting: dict[str, deque[Job]] = {}
    for job in jobs:
        waiting.setdefault(job.actor.id, deque()).append(job)
    queues = list(waiting.values())
    by_place = {queue[0].actor.posts[0].organisation: queue for queue in queues}
    places = sorted(by_place)
    found = []
    for at, (login, password) in enumerate(passwords.items()):
        leads = login.endswith("leader")
        found.append(
            Person(
                login,
                password,
                LEADERS_DO if leads else STAFF_DOES,
                deque() if leads else by_place[places[at % len(places)]],
                httpx.Client(base_url=served.base, timeout=60, trust_env=False),
                Random(at),
            )
        )
    return found


def _work(
    served: Served,
    persons: Sequence[Person],
    figures: Figures,
    *,
    minutes: float,
    pause: float,
    say: Say,
) -> dict[str, Json]:
    """Let them work; gives the server's memory on the way."""
    begun = time.perf_counter()
    ends = begun + minutes * 60
    seen = [(0.0, served.memory_mb())]
    done = threading.Event()

    def look() -> None:
        while not done.wait(EVERY):
            seen.append((time.perf_counter() - begun, served.memory_mb()))
            say(f"{seen[-1][0]:.0f} s: {seen[-1][1]} MB")

    def one(person: Person) -> None:
        time.sleep(person.chance.uniform(0, pause))  # they do not all begin at once
        while time.perf_counter() < ends:
            figures.time(person.next)
            time.sleep(person.chance.uniform(0, 2 * pause))
        person.client.close()

    looking = threading.Thread(target=look)
    looking.start()
    _each(persons, one)
    done.set()
    looking.join()
    seen.append((time.perf_counter() - begun, served.memory_mb()))
    return memory_told(seen)


def memory_told(seen: Sequence[tuple[float, float]]) -> dict[str, Json]:
    """What was seen of a memory, by second: at both ends, on the way, and how it rises in the second half."""
    half = seen[-1][0] / 2
    later = [one for one in seen if one[0] >= half]
    return {
        "start": seen[0][1],
        "every_half_minute": [megabytes for _, megabytes in seen[1:-1]],
        "end": seen[-1][1],
        "second_half_mb_a_minute": round(_slope(later) * 60, 2),
    }


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """The rise of the straight line that lies closest to the points."""
    if len(points) < 2:
        return 0.0
    return linear_regression(*zip(*points, strict=True)).slope


def _each(persons: Sequence[Person], do: Callable[[Person], object]) -> None:
    threads = [threading.Thread(target=do, args=(one,)) for one in persons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
