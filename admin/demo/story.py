"""The whole of Yibiao's promise played through by its people, without a browser.

Every step is the command that a page calls, as its person; the story's clock is its own.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from admin.demo import figures
from admin.demo.figures import Figures
from admin.views import placing, print_view, proof, record_view, words
from admin.views.print_view import Frame
from engine.dictionary.field import read_field
from engine.dictionary.store import dictionary, save_field
from engine.errors import Problem
from engine.identity import store as identity
from engine.identity.actor import Actor, system_actor
from engine.json_text import Json
from engine.registers import schema
from engine.work import System, Work
from forms import document, documents, explaining, filing, publish, rollup, store
from forms.admission import admission
from forms.designing import design, intake
from forms.documents import DocumentRecord
from forms.filing import CellLocked, Edit, Opened
from renderers import pdf, workbook
from workflows import bulk, commands, dispatches
from workflows import store as tasks
from workflows.dispatch import DispatchRecord
from workflows.store import TASK, TaskRecord

BEGIN = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
PERIOD = "2026-11"
DUE = datetime(2026, 12, 5, 15, 59, 59, tzinfo=UTC)
STREET = "370602011"
FIRST, SECOND = "civil.community_monthly", "emergency.community_monthly"
UPLOAD = "uploads/civil.visits.xlsx"
REASON = "与派出所通报的出生人数不一致，请核对"
EXPLANATION = "整改单位正在施工，预计十二月十日前完成"
BOUND = {"F": "person.address", "G": "person.assistance_kind"}
"""Two columns of the uploaded sheet, by letter, and what the designer decides that they are."""
MONEY: dict[str, Any] = {
    "code": "person.visit_money",
    "labels": {"zh": "走访慰问金", "en": "Money given at a visit"},
    "schema": {"type": "number", "minimum": 0},
    "definition": "走访慰问时发放的慰问金。",
    "unit": "元",
    "steward": "370602-mzj",
}

P = ParamSpec("P")
T = TypeVar("T")
Tell = Callable[[str, Mapping[str, Any]], None]


class StoryClock:
    """A Wednesday morning in November; each step of the story takes a minute."""

    def __init__(self) -> None:
        self.at = BEGIN

    def __call__(self) -> datetime:
        return self.at

    def minute(self) -> None:
        """Time goes on."""
        self.at += timedelta(minutes=1)


@dataclass
class Outcome:
    """What the story came to."""

    first: Figures = field(default_factory=Figures)
    second: Figures = field(default_factory=Figures)
    files: list[str] = field(default_factory=list)

    @property
    def whole(self) -> Figures:
        """Both reports together."""
        return self.first + self.second


class Play:
    """The people of the pack and the installation they work in."""

    def __init__(self, system: System, clock: StoryClock, pack: Path, tell: Tell) -> None:
        self.system, self.clock, self.pack, self._tell = system, clock, pack, tell
        accounts = json.loads((pack / "accounts.json").read_text(encoding="utf-8"))["accounts"]
        self.staff = {
            post["organisation"]: one["login"]
            for one in accounts
            for post in one["positions"]
            if post["role"] == "staff" and post["organisation"].startswith(STREET)
        }
        self.staff.pop(STREET, None)
        self.places = sorted(self.staff)
        self._actors: dict[str, Actor] = {}

    def tell(self, code: str, **details: Any) -> None:
        """A step is done."""
        self._tell(code, details)
        self.clock.minute()

    def who(self, login: str) -> Actor:
        """A person of the pack by log-in name."""
        if login not in self._actors:
            with self.system.read(system_actor("story")) as work:
                self._actors[login] = identity.actor_by_login(work.connection, login, now=work.now)
        return self._actors[login]

    def do(
        self,
        actor: Actor,
        command: Callable[Concatenate[Work, P], T],
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """One command by one person, as a page runs it."""
        return self.system.write(actor, lambda work: command(work, *args, **more))

    def todo(self, login: str, dispatch: DispatchRecord) -> list[TaskRecord]:
        """What waits for a person in a dispatch."""
        with self.system.read(self.who(login)) as work:
            return tasks.tasks_of(work, TASK.c.status == "open", TASK.c.dispatch_id == dispatch.id)

    def opened(self, document_id: str) -> Opened:
        """A document as it stands, for telling about it."""
        with self.system.read(system_actor("story")) as work:
            return filing.opened(work, documents.get(work.connection, document_id))


def play(system: System, clock: StoryClock, pack: Path, folder: Path, tell: Tell) -> Outcome:
    """The story from the sheet to the second form; files are written to `folder`."""
    cast = Play(system, clock, pack, tell)
    outcome = Outcome()
    design_form(cast)
    first = send(cast, "minzheng", FIRST)
    fill_all(cast, first, typing=True)
    verify(cast, first)
    approve(cast, first)
    collect(cast, first, folder, outcome)
    second = send(cast, "yingji", SECOND)
    show_sources(cast, second)
    fill_all(cast, second, typing=False)
    finish_all(cast, second, "yingji")
    outcome.first = _figures(cast, first)
    outcome.second = _figures(cast, second)
    return outcome


def design_form(cast: Play) -> None:
    """A department's sheet becomes a form; two bindings put right, a field, a check, published."""
    designer, path = cast.who("designer"), cast.pack / UPLOAD
    draft = cast.do(
        designer, intake.start, path.read_bytes(), path.name, sheet=None, owner="370602-mzj"
    )
    proposal: Any = draft.proposal
    bound = sum(1 for item in proposal["items"] if item["field"])
    cast.tell("imported", file=path.name, title=draft.document["title"],
              items=len(proposal["items"]), bound=bound)  # fmt: skip
    code, form = draft.code, draft.document
    for letter, wanted in BOUND.items():
        form = design.bind(form, _column(form, letter), wanted)
    cast.tell("bound", fields="、".join(BOUND.values()))
    cast.do(designer, _add_field)
    form = design.bind(form, _column(form, "K"), MONEY["code"])
    cast.tell("field", field=MONEY["labels"]["zh"], name=MONEY["code"])
    checked = {"code": "money", "formula": f"{_column(form, 'K').rpartition('/')[2]} <= 2000",
               "severity": "explain", "text": "慰问金一般不超过2000元",
               "over": f"{_column(form, 'K').split('/')[1]}:rows"}  # fmt: skip
    with cast.system.read(designer) as work:
        known = dictionary(work.connection)
    form = design.add_check(form, checked, known.fields, known.codes())
    cast.tell("check", text=checked["text"])
    cast.do(designer, store.update_draft, code, draft.revision, form)
    done = cast.do(designer, publish.publish, code, note="走访慰问按户另行登记")
    cast.tell("published", title=done.title(), version=done.version)


def _add_field(work: Work) -> None:
    save_field(work, read_field(MONEY))
    schema.migrate(work.connection, dictionary(work.connection))


def _column(form: Mapping[str, Any], letter: str) -> str:
    """The path of a column of the form's one list, by its letter on the sheet."""
    for name, table in form["properties"].items():
        for column, node in table.get("items", {}).get("properties", {}).items():
            if node.get("at") == letter:
                return f"/{name}/*/{column}"
    raise LookupError(letter)


def send(cast: Play, login: str, code: str) -> DispatchRecord:
    """A department is told what is known already, then sends the report to the ten communities."""
    office = cast.who(login)
    with cast.system.read(office) as work:
        form = store.published(work.connection, code)
        places = list(identity.organisations(work.connection, cast.places).values())
        found = admission(work, form, places, PERIOD)
    cast.tell("admission", title=form.title(), items=len(found.items), known=found.known,
              cells=found.cells, filled=found.filled)  # fmt: skip
    sent = cast.do(office, dispatches.create, code, cast.places, PERIOD, DUE)
    cast.tell("sent", title=sent.title, count=sent.targets, due=DUE.date().isoformat())
    return sent


def fill_all(cast: Play, sent: DispatchRecord, *, typing: bool) -> None:
    """All ten accept what is known, confirm what was carried over, type the rest and hand in."""
    for place in cast.places:
        login = cast.staff[place]
        task = cast.todo(login, sent)[0]
        person = cast.who(login)
        held = cast.do(person, commands.open_task, task.id)
        if typing and place == cast.places[0]:
            _mistake(cast, person, held.record)
        _complete(cast, person, held.record.id)
        cast.do(person, commands.submit, task.id, confirm=True)
        done = figures.of_document(cast.opened(held.record.id))
        name = person.posts_as("staff")[0].organisation_name
        cast.tell("filled", name=name, asked=done.asked, accepted=done.accepted_unchanged,
                  typed=done.typed)  # fmt: skip


def _mistake(cast: Play, person: Actor, record: DocumentRecord) -> None:
    edit = Edit(record.revision, {"/births": -1})
    saved = cast.do(person, commands.save_cells, record.id, edit, language="zh")
    said = next(one.text for one in saved.problems if one.path == "/births")
    cast.tell("mistake", value=-1, text=said)
    right = Edit(saved.revision, {"/births": 3})
    cast.do(person, commands.save_cells, record.id, right, language="zh")


def _complete(cast: Play, person: Actor, document_id: str) -> None:
    """Type what nobody knew, and say why a check that asks for it does not hold."""
    found = cast.opened(document_id)
    changes = dict(_visits(found))
    with cast.system.read(person) as work:
        _, left = filing.obstacles(work, found.record)
    reasons = explaining.for_all(left, EXPLANATION)
    if changes or reasons:
        edit = Edit(found.record.revision, changes, explanations=reasons)
        cast.do(person, commands.save_cells, document_id, edit, language="zh")


def _visits(found: Opened) -> Mapping[str, Json]:
    """How often each of the very old was visited: those that no grid worker noted, and the sum."""
    noted = {
        path: document.get(found.contents, path)
        for row in document.row_ids(found.contents, "/elders")
        if found.form.item(path := f"/elders/{row}/visits") is not None
    }
    typed = {path: 1 for path, value in noted.items() if value is None}
    if not noted:
        return {}
    total = sum(value for value in noted.values() if value is not None) + len(typed)
    return {**typed, "/elderly_visits": total}


def verify(cast: Play, sent: DispatchRecord) -> None:
    """The street passes nine, returns one cell of the tenth with a reason; then passes it too."""
    verifier, back = cast.who("shenhe"), cast.places[0]
    for task in cast.todo("shenhe", sent):
        if task.subject_code == back:
            cast.do(verifier, commands.return_, task.id, {"/births": REASON})
        else:
            cast.do(verifier, commands.pass_, task.id)
    cast.tell("verified", passed=len(cast.places) - 1, reason=REASON)
    login = cast.staff[back]
    person, task = cast.who(login), cast.todo(login, sent)[0]
    record = cast.opened(task.document_id).record

    def correct(path: str, value: Json) -> None:
        edit = Edit(record.revision, {path: value})
        cast.do(person, commands.save_cells, record.id, edit, language="zh")

    locked = False
    try:
        correct("/deaths", 9)
    except CellLocked:
        locked = True
    correct("/births", 4)
    cast.do(person, commands.submit, task.id, confirm=True)
    cast.tell("corrected", name=person.name, locked="✓" if locked else "✗")
    again = cast.todo("shenhe", sent)[0]
    cast.do(verifier, commands.pass_, again.id)
    cast.tell("passed", name=verifier.name)


def approve(cast: Play, sent: DispatchRecord) -> None:
    """The leader approves nine at once and one alone."""
    leader = cast.who("lingdao")
    waiting = cast.todo("lingdao", sent)
    alone = next(one for one in waiting if one.subject_code == cast.places[0])
    many = [one.id for one in waiting if one.id != alone.id]
    results = cast.do(leader, bulk.pass_each, many)
    done = sum(1 for _, problem in results if problem is None)
    cast.tell("approved_many", count=done)
    cast.do(leader, commands.pass_, alone.id)
    cast.tell("approved_one", name=leader.name)


def collect(cast: Play, sent: DispatchRecord, folder: Path, outcome: Outcome) -> None:
    """All ten arrived: totals, the rows behind one, the workbook in its layout, the PDF."""
    office = cast.who("minzheng")
    with cast.system.read(office) as work:
        progress = dispatches.progress(work, sent.id)
        form = store.published(work.connection, sent.form_code, sent.form_version)
        places = identity.organisations(work.connection, cast.places)
        records = [one.document for one in progress.standings]
        summed = rollup.roll_up(form, records, places)
        behind = list(rollup.rows_behind(rollup.roll_up(form, records, places, "/elders")))
    cast.tell("arrived", arrived=progress.arrived, targets=sent.targets)
    number = summed.place("/elderly_80")
    cast.tell("rolled_up", item=form.name_of("/elderly_80"), total=summed.totals[number],
              parts=" + ".join(str(line.values[number]) for line in summed.lines))  # fmt: skip
    first = behind[0]
    cast.tell("drilled", rows=len(behind), organisation=first.organisation.name)
    with cast.system.read(office) as work:
        _write_files(cast, work, records[0], folder, outcome)


def _write_files(
    cast: Play, work: Work, record: DocumentRecord, folder: Path, outcome: Outcome
) -> None:
    found = record_view.reading(work, record)
    token = proof.token(work.vault, record.id, found.version, found.digest)
    frame = Frame(
        organisation=identity.organisation(work.connection, record.organisation_code).name,
        period=words.period(record.period, "zh"),
        sign_offs=record_view.signoffs(found, "zh"),
        record_id=record.id,
        version=found.version,
        verify_url=f"{work.settings.public_url}/v/{token}",
        digest=found.digest,
    )
    known = dictionary(work.connection)
    template = store.template_of(work.connection, found.form.code, found.form.version)
    if template is not None:
        placed = placing.placed(found.form, record.contents, known, frame)
        sheet = workbook.fill(template.content, placed, identity=placing.identity(found.form))
        _file(cast, folder / f"{found.form.code}.xlsx", sheet, outcome)
    page = print_view.printed(filing.opened(work, record), known, frame)
    try:
        paper = pdf.render(page)
    except Problem as problem:
        cast.tell("no_pdf", reason=problem.text("zh"))
    else:
        _file(cast, folder / f"{found.form.code}.pdf", paper, outcome)


def _file(cast: Play, path: Path, content: bytes, outcome: Outcome) -> None:
    path.write_bytes(content)
    outcome.files.append(str(path))
    cast.tell("file", path=path, size=len(content) // 1024 + 1)


def show_sources(cast: Play, sent: DispatchRecord) -> None:
    """The second form opens filled, and says from which form, task and people each value came."""
    login = cast.staff[cast.places[0]]
    task = cast.todo(login, sent)[0]
    held = cast.do(cast.who(login), commands.open_task, task.id)
    cells = document.load_cells(held.record.cells, held.record.contents)
    from_first = {
        path: cell for path, cell in cells.items() if (cell.source or {}).get("form_code") == FIRST
    }
    cast.tell("second_opened", known=sum(1 for cell in cells.values() if cell.filled),
              cells=len(cells), from_first=len(from_first))  # fmt: skip
    for path, cell in list(from_first.items())[:1]:
        source: Any = cell.source
        cast.tell("source", label=_label(cast, held.record, path), value=cell.value,
                  title=source["title"], task=source.get("task_id", "")[-6:],
                  verifier=source.get("verified_by", ""), day=source["at"][:10])  # fmt: skip


def finish_all(cast: Play, sent: DispatchRecord, office: str) -> None:
    """Verified and approved, all at once; the office sees that everybody arrived."""
    for login in ("shenhe", "lingdao"):
        ids = [one.id for one in cast.todo(login, sent)]
        cast.do(cast.who(login), bulk.pass_each, ids)
    with cast.system.read(cast.who(office)) as work:
        progress = dispatches.progress(work, sent.id)
    cast.tell("arrived", arrived=progress.arrived, targets=sent.targets)


def _label(cast: Play, record: DocumentRecord, path: str) -> str:
    return cast.opened(record.id).form.name_of(path)


def _figures(cast: Play, sent: DispatchRecord) -> Figures:
    with cast.system.read(system_actor("story")) as work:
        records: Sequence[DocumentRecord] = documents.of_dispatch(work.connection, sent.id)
        return figures.of_documents(filing.opened(work, one) for one in records)
