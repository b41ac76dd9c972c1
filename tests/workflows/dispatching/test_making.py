"""One-click reports: what is known is made for everybody in one job; what is not is told and left."""

import pytest

from admin import working
from engine.dictionary.store import dictionary
from engine.errors import Forbidden, NotFound
from engine.registers import bulk
from engine.settings import ROOT
from engine.work import System
from forms import documents
from forms import packs as form_packs
from forms.documents import DOCUMENT
from tests import factories
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.small_town import OFFICE, ONE, TWO, person
from workflows import dispatches
from workflows.dispatches import NoTargets, OutsideArea, PeriodWrong
from workflows.dispatching import making
from workflows.dispatching.making import Left, Making

COUNTED = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": "urn:yibiao:form:test.counted",
    "title": "高龄人口月报",
    "type": "object",
    "form": {
        "code": "test.counted", "kind": "report", "owner": OFFICE, "subject": "org",
        "period": "month", "flow": "fill_verify_approve", "sets": [],
        "checks": [{"code": "few", "formula": "old <= 2", "severity": "error"}],
    },
    "properties": {
        "name": {"$ref": "field:org.name"},
        "population": {"$ref": "field:org.population"},
        "old": {
            "type": "integer", "title": "高龄人口",
            "compute": "count(person where age >= 80 and residence within this)",
        },
        "remark": {"type": "string", "title": "备注"},
    },
    "required": ["name", "population", "old"],
}  # fmt: skip
PERIOD = "2026-10"


@pytest.fixture
def town(system: System) -> System:
    """Two communities; of the second the population is not known."""
    small_town.build(system)
    system.write(TESTER, lambda work: form_packs.load_form(work, COUNTED, ROOT))

    def fill(work) -> None:
        known = dictionary(work.connection)
        came = factories.origin(work, title="组织基础库")
        places = [{"id": code, "code": code, "name": code[-3:]} for code in (ONE, TWO)]
        bulk.load(work, known, "org", places, came)
        bulk.load(work, known, "org", [{"id": ONE, "population": 1200}], came, period=PERIOD)
        old = [factories.person(birth_date="1940-01-01", residence=ONE) for _ in range(2)]
        bulk.load(work, known, "person", old, came)

    system.write(TESTER, fill)
    return system


def make(system: System, *codes: str, period: str = PERIOD, who: str = "office") -> Making:
    """Begin, let the runner work everything off, and see what came of it."""
    actor = person(system, who)
    begun = system.write(actor, lambda work: making.begin(work, "test.counted", codes, period))
    runner = working.runner(system)
    runner.work_off()
    runner.stop()
    with system.read(actor) as work:
        return making.get(work, begun.id)


def test_what_is_known_is_made_and_the_rest_is_left_with_its_reason(town: System) -> None:
    """The made report is final, with the origin of every cell; nobody was given a task."""
    done = make(town, ONE, TWO)
    assert (done.status, done.made, done.not_made, done.total) == ("done", 1, 1, 2)
    assert done.left == [Left(TWO, "/population", "missing")]
    with town.read(person(town, "office")) as work:
        (record,) = documents.of_dispatch(work.connection, done.id)
        progress = dispatches.progress(work, done.id)
    assert (record.organisation_code, record.status, record.case_id) == (ONE, "final", None)
    assert record.contents == {"name": ONE[-3:], "population": 1200, "old": 2}
    assert record.cells["/population"]["source"]["title"] == "组织基础库"
    assert record.cells["/old"]["state"] == "computed"
    assert progress.counts == {"done": 1}
    with town.read(person(town, "ann")) as work:
        assert small_town.store.tasks_of(work, small_town.store.TASK.c.status == "open") == []


def test_what_does_not_pass_a_check_is_left(town: System) -> None:
    """A third person of eighty in the first community breaks the check."""

    def more(work) -> None:
        rows = [factories.person(birth_date="1940-01-01", residence=ONE)]
        bulk.load(work, dictionary(work.connection), "person", rows, factories.origin(work))

    town.write(TESTER, more)
    assert make(town, ONE).left == [Left(ONE, "/old", "check")]


def test_last_periods_value_must_be_confirmed_by_a_person(town: System) -> None:
    """What is only carried over is nobody's word for this month."""
    assert make(town, ONE, period="2026-11").left == [Left(ONE, "/population", "confirm")]


def test_nobody_gets_the_same_report_twice(town: System) -> None:
    """A second making finds it there and leaves it; nothing is overwritten."""
    assert make(town, ONE).made == 1
    again = make(town, ONE)
    assert (again.made, again.left) == (0, [Left(ONE, "", "there")])
    with town.read(TESTER) as work:
        assert documents.count(work.connection, DOCUMENT.c.form_code == "test.counted") == 1


def test_a_making_goes_on_where_it_was(
    town: System, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches are jobs of their own; one that is tried again after a failure counts nobody twice."""
    monkeypatch.setattr(making, "BATCH", 1)
    real, failed = making.make_some, []

    def fails_once(work, found, codes):
        made = real(work, found, codes)
        if codes == [TWO] and not failed:
            failed.append(codes)
            raise Forbidden
        return made

    monkeypatch.setattr(making, "make_some", fails_once)
    first = make(town, ONE, TWO)
    assert (first.status, first.made, first.done) == ("running", 1, 1)
    clock.forward(hours=1)
    runner = working.runner(town)
    runner.work_off()
    runner.stop()
    with town.read(TESTER) as work:
        done = making.get(work, first.id)
    assert (done.status, done.made, done.not_made) == ("done", 1, 1)


def test_only_whoever_may_send_may_make(town: System) -> None:
    """Within the office's area, for a period of the form's kind, for somebody."""
    with pytest.raises(Forbidden):
        make(town, ONE, who="ann")
    with pytest.raises(NoTargets):
        make(town)
    with pytest.raises(PeriodWrong):
        make(town, ONE, period="2026")
    factories.load_organisations(town, [factories.organisation("999999", kind="county")])
    with pytest.raises(OutsideArea):
        make(town, "999999")
    done = make(town, ONE)
    with town.read(person(town, "ann")) as work, pytest.raises(NotFound):
        making.get(work, done.id)
