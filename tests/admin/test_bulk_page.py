"""Many approved with one press on the page: the others are named, each with the reason, and wait or are gone."""

import json
from base64 import urlsafe_b64decode
from typing import Any

from admin.web.visit import flash_cookie
from engine.identity import store as identity
from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.test_signing_pages import waiting
from workflows import commands, store
from workflows.acting import course_of_case, take_back


def test_which_ones_were_not_approved_and_why(system: System, log_in: Any) -> None:
    """Suspended, taken back, done by another hand meanwhile: the reasons stood there without a name."""
    sent = reports.sent(system, installed.COMMUNITIES[:3])
    for login in reports.STAFF:
        reports.handed_in(system, sent, login)
    verifier = installed.person(system, "shenhe")
    passed = waiting(system, "shenhe")
    system.write(verifier, lambda work: [commands.pass_(work, task) for task in passed])
    leader, tasks = log_in("lingdao"), waiting(system, "lingdao")
    leader.get("/approvals")
    with system.read(installed.ANYBODY) as work:
        held, taken, _ = (store.task_by_id(work.connection, one) for one in tasks)
        back = next(
            one
            for one in passed
            if store.task_by_id(work.connection, one).document_id == taken.document_id
        )
    office = installed.person(system, "minzheng")
    system.write(office, lambda work: course_of_case.suspend(work, held.case_id, comment="等文件"))
    system.write(verifier, lambda work: take_back.take_back(work, back))
    leader.send("POST", "/approvals", data={"csrf": leader.token, "task": [*tasks, "nothing"]})
    page = leader.get("/approvals").text
    assert "已批准 1 份。" in page
    assert "3 份没有批准，原因如下：" in page
    with system.read(installed.person(system, "lingdao")) as work:
        called = identity.organisation_names(
            work.connection, [held.subject_code, taken.subject_code]
        )
    suspended = called[held.subject_code] + " 社区基本情况和高龄老人月报表 2026年11月：流程已挂起"
    assert suspended in page
    assert called[taken.subject_code] + " 社区基本情况和高龄老人月报表 2026年11月：" in page
    assert "已经不在您这里" in page


def test_what_is_told_fits_a_cookie() -> None:
    """Browsers drop one of more than 4 KB: nothing at all was told then."""
    told = [{"kind": "late", "text": f"{n} " + "很长的原因" * 40} for n in range(9)]
    cookie = flash_cookie(told)
    assert cookie.value is not None
    assert len(cookie.value) < 4000
    kept = json.loads(urlsafe_b64decode(cookie.value))
    assert kept == told[: len(kept)]
    assert len(kept) >= 3
