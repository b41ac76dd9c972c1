"""已用印: the stamped page of a final report, scanned and brought; seen, checked, taken away, told when it is old."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from admin import working
from engine.attachments.store import ATTACHMENT
from engine.audit.tables import AuditRow
from engine.storage import sealed
from engine.work import HISTORY, System, Work
from forms import documents
from forms.retaining import documents as retaining_documents
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from tests.admin.test_masked_records import COUNTS, ELDER, PHONE, PURPOSE
from tests.engine.attachments import samples
from workflows import stamping
from workflows.dispatching import terms

AUDIT = AuditRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
LogIn = Callable[[str], Caller]
LINK = re.compile(r'href="(/records/[a-z0-9]+/stamped/[a-z2-7]{24})"')


@pytest.fixture
def record(system: System) -> str:
    """The first community's report, final, with nobody on its list."""
    return reports.final(system, reports.sent(system))


def bring(caller: Caller, record: str, content: bytes = b"", name: str = "用印页.jpg") -> Any:
    """Send a scan from the page."""
    files = [("scan", (name, content or samples.photo(), "image/jpeg"))]
    return caller.send("POST", f"/records/{record}/stamped", data={"csrf": caller.token}, files=files)  # fmt: skip


def test_a_scan_is_brought_and_the_report_counts_as_stamped(
    system: System, log_in: LogIn, record: str
) -> None:
    """On its page, in the list, at its case and in the archive; who, when and the hash of what is given back."""
    filler, other = log_in("huian"), log_in("luyang")
    assert "还没有用印件" in filler.get(f"/records/{record}").text
    assert bring(filler, record).status_code == 303
    page = filler.get(f"/records/{record}").text
    [link] = LINK.findall(page)
    assert ("已用印" in page, "还没有用印件" in page) == (True, False)
    taken = filler.get(link)
    assert b"PlantedPhone" not in taken.content  # made anew: not where it was taken
    assert hashlib.sha256(taken.content).hexdigest() in page
    assert filler.get(f"{link}?little=1").headers["content-type"] == "image/jpeg"
    assert other.get(link).status_code == 404
    case = re.search(r'href="(/cases/[a-z0-9]+)"', page)
    assert case
    assert "已用印" in filler.get(case[1]).text
    assert record in filler.get("/records?state=stamped").text
    assert record not in filler.get("/records?state=unstamped").text
    [kept] = filler.get(f"/api/records/{record}/stamped").json()["pages"]
    assert (kept["current"], kept["whole"], kept["name"]) == (True, True, "用印页.jpg")
    office = log_in("minzheng")
    with system.read(installed.ANYBODY) as work:
        sent = str(documents.get(work.connection, record).dispatch_id)
    for act in (
        lambda work: terms.freeze(work, sent, "收齐"),
        lambda work: terms.archive(work, sent),
    ):
        system.write(installed.person(system, "minzheng"), act)
    assert "其中 1 份已用印" in office.get(f"/dispatches/{sent}/manage").text


def test_only_what_is_final_is_stamped_and_only_by_those_it_concerns(
    system: System, log_in: LogIn
) -> None:
    """Not before; the auditor looks and brings nothing; a page of the web is no scan."""
    sent = reports.sent(system)
    waiting = reports.handed_in(system, sent)
    filler = log_in("huian")
    assert "用印件" not in filler.get(f"/records/{waiting}").text
    bring(filler, waiting)
    assert "还没有办结" in filler.get(f"/records/{waiting}").text
    final = reports.final(system, sent, "nanyao")
    assert bring(filler, final).status_code == 404
    assert bring(log_in("shenji"), final).status_code == 403
    own = log_in("nanyao")
    bring(own, final, samples.SVG, "页.jpg")
    assert "页.jpg" in own.get(f"/records/{final}").text
    assert own.get(f"/api/records/{final}/stamped").json()["pages"] == []
    answer = own.send("POST", f"/api/records/{final}/stamped?name=a.pdf", content=samples.PDF)
    assert (answer.status_code, answer.json()["pages"][0]["media_type"]) == (201, "application/pdf")


def test_a_wrong_page_goes_for_a_reason(system: System, log_in: LogIn, record: str) -> None:
    """Without one it stays; the reason stays when the page is gone, and it may be brought again."""
    filler = log_in("huian")
    bring(filler, record)
    [link] = LINK.findall(filler.get(f"/records/{record}").text)
    filler.press(f"{link}/remove", reason=" ")
    page = filler.get(f"/records/{record}").text
    assert ("请写明为什么删去" in page, LINK.findall(page)) == (True, [link])
    assert filler.press(f"{link}/remove", reason="扫成了别的报表").status_code == 303
    assert filler.get(link).status_code == 404
    with system.database.read() as connection:
        rows = connection.execute(HISTORY.select().where(HISTORY.c.kind == "stamped")).all()
    assert [row.reason for row in rows] == ["", "扫成了别的报表"]
    bring(filler, record)
    [again] = filler.get(f"/api/records/{record}/stamped").json()["pages"]
    assert again["whole"]


def test_what_was_stamped_before_a_change_is_told(
    system: System, log_in: LogIn, record: str
) -> None:
    """The scan stays with the version that it shows."""
    filler = log_in("huian")
    bring(filler, record)

    def change(work: Work) -> None:
        found = documents.get(work.connection, record)
        documents.set_columns(work, record, contents={**found.contents, "population": 9})

    system.write(installed.ANYBODY, change)
    page = filler.get(f"/records/{record}").text
    assert ("用印件是旧版的" in page, "改动以前的内容" in page) == (True, True)


def test_a_forged_note_of_it_shows(system: System, log_in: LogIn, record: str) -> None:
    """Whoever writes another hash into the history has no key to sign it with."""
    filler = log_in("huian")
    bring(filler, record)

    def forge(work: Work) -> None:
        row = work.connection.execute(HISTORY.select().where(HISTORY.c.kind == "stamped")).one()
        place = f"history:stamped:{record}:{row.at}"
        told = sealed.unseal(work.connection, row.after, place)
        kept = sealed.seal(work.connection, {**told, "sha256": "0" * 64}, place, "history")
        work.connection.execute(update(HISTORY).where(HISTORY.c.id == row.id).values(after=kept))

    system.write(installed.ANYBODY, forge)
    assert "与签名不符" in filler.get(f"/records/{record}").text


def test_a_scan_of_masked_values_opens_for_a_purpose(system: System, log_in: LogIn) -> None:
    """It shows what the page masks: not by its address, and with the purpose on the trail."""
    record = reports.final(system, reports.sent(system), elders=[ELDER], **COUNTS)
    leader = log_in("lingdao")
    bring(leader, record)
    page = leader.get(f"/records/{record}").text
    assert (PHONE in page, LINK.findall(page)) == (False, [])
    [kept] = leader.get(f"/api/records/{record}/stamped").json()["pages"]
    address = f"/records/{record}/stamped/{kept['mark']}"
    assert leader.get(address).status_code == 404
    assert leader.get(f"/api{address}").status_code == 404
    assert leader.press(f"{address}/open").status_code == 422
    opened = leader.press(f"{address}/open", **PURPOSE)
    assert (opened.status_code, opened.content[:2]) == (200, b"\xff\xd8")
    with system.database.read() as connection:
        noted = connection.execute(AUDIT.select().where(AUDIT.c.action == "record.revealed")).all()
    assert [(row.target, PURPOSE["purpose"] in str(row.detail)) for row in noted] == [
        (record, True)
    ]


def test_it_goes_with_the_values_it_shows(system: System, record: str) -> None:
    """When a report's personal values are over their time, so is the page that shows them."""
    who = installed.person(system, "huian")
    scan = stamping.cleaned(samples.photo(), "页.jpg")
    system.write(who, lambda work: stamping.add(work, record, scan))
    working.load()

    def over(work: Work) -> None:
        for step in retaining_documents._beside:
            step(work, documents.get(work.connection, record))

    system.write(installed.ANYBODY, over)
    with system.database.read() as connection:
        left = connection.execute(ATTACHMENT.select().where(ATTACHMENT.c.place == "stamped")).all()
    assert left == []
