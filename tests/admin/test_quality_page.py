"""The page of data quality: figures of what one reaches, the rows behind them, a file, counting now."""

from collections.abc import Callable
from typing import Any

import pytest

from admin import working
from engine.audit.trail import AUDIT
from engine.dictionary.store import dictionary
from engine.registers import quality
from engine.work import JOB, System
from tests import factories, installed
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]
HERE, THERE = installed.COMMUNITIES[:2]


@pytest.fixture
def counted(system: System) -> None:
    """Two people here of whom one has no phone, one there; counted."""
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    people = [
        factories.person(id="q1", name="王秀英", residence=HERE, phone="13800138000"),
        factories.person(id="q2", name="李桂兰", residence=HERE),
        factories.person(id="q3", name="于淑兰", residence=THERE),
    ]
    factories.load_people(system, known, people)
    count(system)


def count(system: System, **payload: Any) -> None:
    """What the job does every night."""
    with system.read(working.ACTOR) as work:
        seen = quality._count_all(work, payload)
    system.write(working.ACTOR, lambda work: quality.keep_all(work, {"seen": seen}))


def test_everybody_sees_their_own_place(system: System, log_in: LogIn, counted: None) -> None:
    """A community its two people, their street all three; a name leads on to the organisations."""
    path = "/quality?subject=person&field=person.phone"
    community = log_in("huian").get(path).text
    assert 'class="number">2</td>' in community
    street = log_in("lingdao").get(path).text
    assert 'class="number">3</td>' in street
    assert f"org={HERE}" in street
    assert f"org={THERE}" in street


def test_the_rows_behind_a_figure_are_the_readers_and_the_look_is_on_the_trail(
    system: System, log_in: LogIn, counted: None
) -> None:
    """Who has no phone: here one, of the other community nobody is told."""
    page = log_in("huian").get("/quality?subject=person&field=person.phone&kind=blank").text
    assert "李桂兰" in page
    assert "王秀英" not in page
    assert "于淑兰" not in page
    with system.read(installed.ANYBODY) as work:
        told = work.connection.execute(
            AUDIT.select().where(AUDIT.c.action == "register.rows-seen")
        ).all()
    assert len(told) == 1
    elsewhere = f"/quality?subject=person&field=person.phone&kind=blank&org={THERE}"
    assert "于淑兰" not in log_in("huian").get(elsewhere).text
    assert "13800138000" not in log_in("huian").get("/quality?field=person.phone&kind=filled").text


@pytest.mark.parametrize(
    "asked",
    ["subject=ghost", "subject=person&field=person.ghost", "subject=org&field=person.phone",
     "subject=person&field=person.phone&kind=ghost", "subject=person&kind=blank",
     "subject=person&field=person.phone&org=999"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(log_in: LogIn, counted: None, asked: str) -> None:
    """Whatever part of the address was made up."""
    assert log_in("huian").get(f"/quality?{asked}").status_code == 404


def test_a_department_sees_the_fields_it_is_steward_of(log_in: LogIn, counted: None) -> None:
    """Of others it sees none, and finds none by their address."""
    office = log_in("minzheng")
    assert office.get("/quality?subject=person&field=person.phone").status_code == 404
    mine = office.get("/quality?subject=person").text
    assert "高龄津贴" in mine
    assert "联系电话" not in mine
    assert log_in("anquan").get("/quality").status_code == 403


def test_the_file_holds_what_the_page_shows(log_in: LogIn, counted: None) -> None:
    """Both sides of every share; in the reader's language."""
    answer = log_in("huian").get("/quality/export?subject=person")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"名称","总数","已填","空白"')
    assert '"联系电话","2","1","1","0","0","0","0","0","0","0"' in lines


def test_counting_now_is_a_job(system: System, log_in: LogIn, counted: None) -> None:
    """For whoever sees the register; of one that is none nobody is told."""
    done = log_in("huian").press("/quality/count", subject="person")
    assert done.headers["location"] == "/quality?subject=person"
    with system.read(installed.ANYBODY) as work:
        jobs = work.connection.execute(JOB.select().where(JOB.c.kind == quality.KIND)).all()
    assert len(jobs) == 1
    assert log_in("huian").press("/quality/count", subject="ghost").status_code == 404
