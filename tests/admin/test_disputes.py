"""Why a value, and disputing it: the chain is shown, the steward decides, the register is corrected."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.dictionary.store import dictionary
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System
from forms import disputes, documents, store
from forms.document import dump_cells, load_cells
from forms.filing import Edit
from forms.prefill.why import why
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from workflows import commands

LogIn = Callable[[str], Caller]
HUIAN, PATH = installed.COMMUNITIES[0], "/elder_beds"


def known_beds(system: System, beds: int = 26, organisation: str = HUIAN) -> None:
    """The register says how many beds there are."""

    def command(work) -> None:
        came = registers.add_origin(work, Origin("verified", "养老服务台账", work.at))
        known = dictionary(work.connection)
        registers.set_values(work, known, [Change("org.elder_beds", organisation, beds)], came)

    system.write(installed.ANYBODY, command)


def beds_in_register(system: System) -> tuple[object, Origin]:
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        field = known.field("org.elder_beds")
        found = registers.fetch(work, known, "org", [HUIAN], [field])[HUIAN][field.code]
        return found.value, found.origin


@pytest.fixture
def opened(system: System, log_in: LogIn) -> tuple[Caller, str]:
    """Huian's report, opened by its filler with 26 beds known; the document's id."""
    known_beds(system)
    sent = reports.sent(system)
    filler = log_in("huian")
    task = reports.waiting(system, sent, "huian", "fill")
    assert filler.get(f"/tasks/{task}").status_code == 200
    return filler, reports.document_of(system, sent, HUIAN)


def dispute(caller: Caller, document: str, claimed: str = "30", reason: str = "上周新添四张床位", path: str = PATH):  # fmt: skip
    data = {"csrf": caller.token, "path": path, "claimed": claimed, "reason": reason}
    return caller.send("POST", f"/documents/{document}/dispute", data=data)


def test_the_chain_shows_who_was_asked_and_who_won(system: System, opened) -> None:
    """In the order of authority; the source that knows it is believed, the others said nothing."""
    filler, document = opened
    page = filler.get(f"/documents/{document}/why?path={PATH}")
    assert page.status_code == 200
    assert "养老服务台账" in page.text
    assert "26" in page.text
    with system.read(installed.person(system, "huian")) as work:
        found = why(work, documents.read(work, document), PATH)
    assert [one.source for one in found.stations][:3] == ["steward", "verified", "entered"]
    assert [one.source for one in found.stations if one.won] == ["verified"]
    assert (found.reason, found.value) == ("only", 26)
    assert f"/documents/{document}/why?path={PATH}" in filler.get(filler.get("/tasks/next").headers["location"]).text  # fmt: skip


def test_a_dispute_upheld_corrects_the_register_and_the_open_report(system: System, log_in: LogIn, opened) -> None:  # fmt: skip
    """The steward is told, decides with a reason, and whoever raised it hears of it."""
    filler, document = opened
    assert dispute(filler, document).status_code in (302, 303)
    assert "待核实" in filler.get("/disputes").text
    with system.read(installed.ANYBODY) as work:
        record = documents.get(work.connection, document)
    assert load_cells(record.cells, record.contents)[PATH].disputed
    steward = log_in("minzheng")
    assert "上周新添四张床位" in steward.get("/disputes").text
    with system.read(installed.person(system, "minzheng")) as work:
        (waiting,) = disputes.listed(work)
    assert (waiting.shown, waiting.claimed, waiting.status) == (26, 30, "open")
    assert steward.press(f"/disputes/{waiting.id}", action="uphold", answer="").status_code < 400
    assert beds_in_register(system)[0] == 26
    steward.press(f"/disputes/{waiting.id}", action="uphold", answer="已到现场核实")
    value, origin = beds_in_register(system)
    assert (value, origin.source, origin.verified_by) == (30, "steward", steward_name(system))
    with system.read(installed.ANYBODY) as work:
        record = documents.get(work.connection, document)
    cell = load_cells(record.cells, record.contents)[PATH]
    assert (cell.value, cell.state, cell.disputed) == (30, "known", False)
    page = filler.get("/disputes").text
    assert "已更正" in page
    assert "提出时" in page
    assert not re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d (提出|核实)", page)
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d 核实", page)
    steward.press(f"/disputes/{waiting.id}", action="reject", answer="再想一想")
    assert beds_in_register(system)[0] == 30


def steward_name(system: System) -> str:
    return installed.person(system, "minzheng").name


def test_a_dispute_rejected_leaves_the_value(system: System, log_in: LogIn, opened) -> None:
    """The value stands and may be disputed again."""
    filler, document = opened
    dispute(filler, document)
    steward = log_in("minzheng")
    with system.read(installed.person(system, "minzheng")) as work:
        (waiting,) = disputes.listed(work)
    steward.press(f"/disputes/{waiting.id}", action="reject", answer="床位以登记为准")
    assert beds_in_register(system)[0] == 26
    assert dispute(filler, document).status_code in (302, 303)


@pytest.mark.parametrize(
    ("claimed", "reason", "path", "status"),
    [
        ("30", "x", PATH, 422),
        ("26", "与现在相同没有意义", PATH, 422),
        ("", "应该是多少没有写", PATH, 422),
        ("many", "不是数字的写法", PATH, 422),
        ("-3", "床位不会是负数", PATH, 422),
        ("30", "没有这个单元格", "/nothing", 422),
        ("3", "常住人口是算出来的", "/population", 422),
    ],
)
def test_a_dispute_that_says_nothing_is_refused(opened, claimed, reason, path, status) -> None:
    """With its reason, and nothing is kept."""
    filler, document = opened
    assert dispute(filler, document, claimed, reason, path).status_code == status
    assert "没有异议" in filler.get("/disputes").text


def test_the_same_value_is_disputed_once_at_a_time(opened) -> None:
    """A second one waits for the first to be decided."""
    filler, document = opened
    dispute(filler, document)
    assert dispute(filler, document).status_code == 409


def test_strangers_see_nothing_of_it(system: System, log_in: LogIn, opened) -> None:
    """Neither another community nor an office that is not the steward."""
    filler, document = opened
    dispute(filler, document)
    with system.read(installed.person(system, "minzheng")) as work:
        (waiting,) = disputes.listed(work)
    for login in ("nanyao", "tongji"):
        other = log_in(login)
        assert other.get(f"/documents/{document}/why?path={PATH}").status_code == 404
        assert dispute(other, document).status_code == 404
        assert "没有异议" in other.get("/disputes").text
        assert other.press(f"/disputes/{waiting.id}", action="uphold", answer="我来决定").status_code in (403, 404)  # fmt: skip
    assert filler.press(f"/disputes/{waiting.id}", action="uphold", answer="自己决定").status_code in (403, 404)  # fmt: skip
    assert beds_in_register(system)[0] == 26


def differing(system: System, document: str) -> None:
    """The ledger of the homes says 26 beds, last month's report 24."""

    def command(work) -> None:
        record = documents.get(work.connection, document)
        cells = load_cells(record.cells, record.contents)
        other = {"source": "carried", "title": "上月报表", "at": work.at, "value": 24}
        told = {**(cells[PATH].source or {}), "verified_by": "王核实", "others": [other]}
        cells[PATH] = replace(cells[PATH], source=told)
        documents.set_columns(work, document, cells=dump_cells(cells))

    system.write(installed.ANYBODY, command)


@pytest.mark.parametrize(
    ("given", "source", "over"),
    [
        ({"changes": {}, "confirm": [PATH]}, "verified", ["上月报表"]),
        ({"changes": {PATH: 24}}, "carried", ["养老服务台账"]),
        ({"changes": {PATH: 30}}, "typed", ["养老服务台账", "上月报表"]),
    ],
)
def test_sources_that_differ_stand_side_by_side_and_the_choice_is_kept(
    system: System, opened, given, source, over
) -> None:
    """Each with its verifier; afterwards who took which, on the page, on the cell's own and in the data."""
    filler, document = opened
    differing(system, document)
    address = filler.get("/tasks/next").headers["location"]
    page = filler.get(address).text
    assert "几个来源说的不一样，请选一个" in page
    assert "王核实" in page
    with system.read(installed.ANYBODY) as work:
        revision = documents.get(work.connection, document).revision
    edit = Edit(revision, **given)
    who = installed.person(system, "huian")
    system.write(who, lambda work: commands.save_cells(work, document, edit, language="zh"))
    with system.read(installed.ANYBODY) as work:
        record = documents.get(work.connection, document)
    chosen = load_cells(record.cells, record.contents)[PATH].chosen
    assert chosen is not None
    assert (chosen["by"], chosen["source"], chosen["over"]) == (who.name, source, over)
    told = "没有采用任何来源" if source == "typed" else f"{who.name}选用："
    page = filler.get(address).text
    assert told in page
    assert "几个来源说的不一样，请选一个" not in page
    assert told in filler.get(f"/documents/{document}/why?path={PATH}").text


def test_a_disputed_value_says_so_wherever_it_is_shown(
    system: System, log_in: LogIn, opened
) -> None:
    """To whoever fills, on every page, and no longer once it is decided; another's report is not told."""
    filler, document = opened
    address = filler.get("/tasks/next").headers["location"]
    told = "这个值有异议，责任单位正在核实"
    assert told not in filler.get(address).text
    dispute(filler, document)
    assert told in filler.get(address).text
    with system.read(installed.ANYBODY) as work:
        record = documents.get(work.connection, document)
        form = store.published(work.connection, record.form_code, record.form_version)
        assert disputes.open_in(work, form, record) == {PATH}
        elsewhere = record._replace(organisation_code=installed.COMMUNITIES[1])
        assert disputes.open_in(work, form, elsewhere) == set()
    with system.read(installed.person(system, "minzheng")) as work:
        (waiting,) = disputes.listed(work)
    log_in("minzheng").press(f"/disputes/{waiting.id}", action="reject", answer="以登记为准")
    assert told not in filler.get(address).text
