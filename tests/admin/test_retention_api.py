"""Retention over the API: a program asks, another person decides, the certificate is read."""

from typing import Any

from admin.working import runner
from engine.dictionary.store import dictionary
from engine.retention import store
from engine.work import System
from tests import factories, installed

FIELD, RUNS = "person.guardian_phone", "/api/retention/runs"


def test_asked_decided_and_certified(system: System, log_in: Any) -> None:
    """Due today, asked for, not by the same person, done by the job, signed."""
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
    old = [factories.person(birth_date="1990-03-02", guardian_phone="13964591111")]
    factories.load_people(system, known, old, at="2019-03-01T00:00:00.000000+00:00")
    owner = installed.person(system, "minzheng")
    period = system.write(
        owner, lambda work: store.set_period(work, "field", FIELD, 12, "档案管理规定：短期保管")
    )
    asker, second, staff = log_in("minzheng"), log_in("xitong"), log_in("huian")
    [told] = asker.get("/api/retention").json()["periods"]
    assert (told["id"], told["due"], told["months"]) == (period, 1, 12)
    assert staff.get("/api/retention").status_code == 403
    assert asker.post(RUNS, {"periods": []}).status_code in (400, 422)
    assert asker.post(RUNS, {"periods": ["none"]}).status_code == 404
    run = asker.post(RUNS, {"periods": [period, period]}).json()
    assert (run["state"], [part["due"] for part in run["parts"]]) == ("asked", [1])
    assert asker.post(RUNS, {"periods": [period]}).status_code == 409
    path = f"{RUNS}/{run['id']}"
    assert asker.post(f"{path}/decision", {"approve": True}).status_code == 403
    assert second.post(f"{path}/decision", {"approve": False}).status_code == 422
    assert second.post(f"{path}/withdraw").status_code == 404
    decided = second.post(f"{path}/decision", {"approve": True}).json()
    assert (decided["state"], decided["certificate"]) == ("running", "")
    works = runner(system)
    for _ in range(20):
        works.work_off()
    works.stop()
    done = asker.get(path).json()
    assert (done["state"], done["parts"][0]["changed"], done["signature_fits"]) == ("done", 1, True)
    assert done["certificate"].startswith(f"retention {run['id']}")
    assert second.post(f"{path}/decision", {"approve": True}).status_code == 404
