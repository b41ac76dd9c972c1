"""One row of a ledger: every cell with its source and history, edits, entering and leaving, a look at what is masked."""

from datetime import date
from typing import Annotated, Any, TypeAlias

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from admin.views import cell_view, ledger_files_view, ledger_showing, ledger_view, posted, words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine import clock
from engine.access import policy
from engine.dictionary.store import dictionary
from engine.errors import Forbidden, NotFound
from engine.ledgers import edit, history, look, members, page, past, proposals
from engine.ledgers.edit import Edit, Outcome
from engine.ledgers.ground import Ground, ground
from engine.ledgers.rows import Row
from engine.privacy.lifts import Purpose
from engine.work import Work
from forms import joining
from forms.compiled import CompiledForm
from forms.kinds import ledger

Found: TypeAlias = tuple[CompiledForm, Ground, Row]
Short = Annotated[str, QueryParameter(max_length=100)]


@get("/ledgers/{code:str}/rows/{row_id:str}")
@threaded
def row_page(
    visit: Visiting,
    code: FromPath[str],
    row_id: FromPath[str],
    *,
    column: Short = "",
    on: FromQuery[str] = "",
) -> Response[str]:
    """A row with all its cells; with `column`, that cell open for editing; with `on`, as it was then."""
    return _page(visit, code, row_id, column, on=clock.asked_day(on))


@get("/ledgers/{code:str}/rows/{row_id:str}/cells/{column:str}")
@threaded
def cell_panel(
    visit: Visiting, code: FromPath[str], row_id: FromPath[str], column: FromPath[str]
) -> Response[str]:
    """One cell with its source, history and input, for the table to open beside it."""

    def command(work: Work) -> dict[str, Any]:
        found = _found(work, code, row_id)
        return _cell(work, found, column, visit.language)

    context = visit.write(command)
    return html.page(visit, "components/ledger_cell.html", **context)


@post("/ledgers/{code:str}/rows/{row_id:str}")
@threaded
def save_cell(
    visit: Visiting, form: Posted, code: FromPath[str], row_id: FromPath[str]
) -> Response[Any]:
    """Save one cell, as the page without scripts does."""
    column = form.get("column")
    given, absent = form.get(f"v:/{column}"), form.all(f"absent:/{column}")

    def command(work: Work) -> ledger.Saved:
        found = ledger.form(work.connection, code)
        known = ledger.lens(work.connection, found).by_name.get(column)
        if (
            known is not None
            and known.masked
            and not (given.strip() or form.get("clear") or absent)
        ):
            return ledger.Saved((Outcome(edit.SAME, row_id, column),), ())
        if known is not None and known.files:
            raise edit.NotEditable(column=known.field.label(), reason="files")
        one = Edit(
            row=row_id,
            column=column,
            value=posted.answer(found, f"/{column}", given, absent),
            seen=int(form.get("seen")) if form.get("seen").isdecimal() else 0,
            reason=form.get("reason")[:200],
            over=bool(form.get("over")),
        )
        return ledger.save(work, found, [one], language=visit.language)

    done = visit.write(command)
    if done.problems:
        return _page(visit, code, row_id, column, typed=given, problem=done.problems[0][1].text)
    outcome = done.outcomes[0]
    if outcome.kind == edit.CLASHED:
        return _page(visit, code, row_id, column, typed=given, clash=True)
    visit.tell(
        "ok" if outcome.kind != edit.PROPOSED else "soon",
        text(visit.language, f"ledger.done.{outcome.kind}"),
    )
    return leave(visit, f"/ledgers/{code}/rows/{row_id}")


@post("/ledgers/{code:str}/rows/{row_id:str}/reveal")
@threaded
def reveal(
    visit: Visiting, form: Posted, code: FromPath[str], row_id: FromPath[str]
) -> Response[str]:
    """A masked value whole, for a purpose that is stated; the look is on the trail."""
    column, purpose = form.get("column"), Purpose.given(form.get("purpose"), form.get("for"))

    def command(work: Work) -> dict[str, Any]:
        form_, here, row = _found(work, code, row_id, verb="ledger.reveal")
        value = look.reveal(work, here, row, column, purpose)
        known = here.lens.by_name[column]
        shown = ledger_showing.showing(work, form_, here, [row], visit.language)
        return {
            "code": code,
            "row": row.id,
            "column": column,
            "files": cell_view.files_of("", value) if known.files else [],
            "names": shown.files,
            "purpose": {"purpose": form.get("purpose"), "for": form.get("for")},
            "label": shown.label(known),
            "value": shown.display(known, value, whole=True),
            "back": f"/ledgers/{code}/rows/{row_id}",
        }

    return html.page(visit, "components/ledger_reveal.html", **visit.write(command))


@post("/ledgers/{code:str}/members")
@threaded
def enter_member(visit: Visiting, form: Posted, code: FromPath[str]) -> Redirect:
    """Enter a subject by its number into a ledger that is kept by hand."""
    wanted, on, reason = form.get("key"), form.get("on"), form.get("reason").strip()[:200]

    def command(work: Work) -> str:
        lens = ledger.lens(work.connection, ledger.form(work.connection, code))
        found = look.by_key(work, lens, wanted)
        members.enter(work, lens, found, on=look.day(on, work.today), reason=reason)
        return found

    row_id = visit.write(command)
    visit.tell("ok", text(visit.language, "ledger.done.entered"))
    return leave(visit, f"/ledgers/{code}/rows/{row_id}")


@post("/ledgers/{code:str}/rows/{row_id:str}/leave")
@threaded
def leave_ledger(
    visit: Visiting, form: Posted, code: FromPath[str], row_id: FromPath[str]
) -> Redirect:
    """Take a subject out of a ledger that is kept by hand."""
    on, reason = form.get("on"), form.get("reason").strip()[:200]

    def command(work: Work) -> None:
        lens = ledger.lens(work.connection, ledger.form(work.connection, code))
        here = ground(work, lens, verb="ledger.edit")
        page.one(work, here, row_id)
        members.leave(work, lens, row_id, on=look.day(on, work.today), reason=reason)

    visit.write(command)
    visit.tell("ok", text(visit.language, "ledger.done.left"))
    return leave(visit, f"/ledgers/{code}")


@get("/proposals")
@threaded
def proposal_list(visit: Visiting) -> Response[str]:
    """Changes that others propose to the visitor's office, and those the visitor proposed."""
    if not policy.reaches(visit.who(), "ledger.read"):
        raise Forbidden
    context = visit.write(lambda work: _proposals(work, visit.language))
    return html.page(visit, "proposals.html", **context)


@post("/proposals/{number:str}")
@threaded
def decide_proposal(visit: Visiting, form: Posted, number: FromPath[str]) -> Redirect:
    """Accept, refuse or take back a proposed change."""
    action = form.pressed("accept", "refuse", "withdraw")

    def command(work: Work) -> None:
        if action == "withdraw":
            proposals.withdraw(work, number)
        else:
            proposals.decide(
                work,
                number,
                accept=action == "accept",
                answer=form.get("answer")[:200],
                over=bool(form.get("over")),
            )

    visit.write(command)
    visit.tell("ok", text(visit.language, f"ledger.done.{action}"))
    return leave(visit, "/proposals")


def _found(
    work: Work, code: str, row_id: str, *, verb: str = "ledger.read", on: date | None = None
) -> Found:
    form = ledger.form(work.connection, code)
    here = ground(work, ledger.lens(work.connection, form), verb=verb, on=on)
    if on is not None:
        return form, here, past.row_on(work, here, row_id, on)
    return form, here, page.one(work, here, row_id)


def _cell(
    work: Work,
    found: Found,
    column: str,
    language: str,
    *,
    typed: str | None = None,
    problem: str = "",
) -> dict[str, Any]:
    form, here, row = found
    known = page.known(here, column)
    shown = ledger_showing.showing(work, form, here, [row], language)
    if known.masked:
        work.note("ledger.looked", here.lens.code, row=row.id, columns=1)
    happened = history.of_row(work, here, row, column=column)
    shown = _with_files(work, shown, happened)
    nobody = known.kind == "related" and column not in row.subjects
    may = policy.reaches(work.actor, "ledger.edit") != () and not known.computed and not nobody
    return {
        "code": here.lens.code,
        "row": row.id,
        "cell": ledger_view.control(
            work, shown, known, row.cell(column), typed=typed, problem=problem
        ),
        "files": ledger_files_view.cell(shown, known, row),
        "history": [_happened(shown, one, language) for one in happened],
        "may": may,
        "can_reveal": known.masked
        and policy.reaches(work.actor, "ledger.reveal") != ()
        and row.cell(column).value is not None,
    }


def _with_files(
    work: Work, shown: ledger_showing.Showing, happened: list[history.Happened]
) -> ledger_showing.Showing:
    """The same showing, which knows what the files are called that were there before."""
    columns = {one.name for one in shown.lens.columns if one.files}
    told = [one for one in happened if one.column in columns]
    values = [value for one in told for value in (one.before, one.after)]
    return ledger_files_view.told_of(work, shown, values) if values else shown


def _happened(
    shown: ledger_showing.Showing, one: history.Happened, language: str
) -> dict[str, Any]:
    column = shown.lens.by_name[one.column]
    none = text(language, "ledger.blank")
    return {
        "at": words.moment(one.at),
        "by": one.by,
        "label": shown.label(column),
        "before": shown.display(column, one.before) or none,
        "after": shown.display(column, one.after) or none,
        "reason": one.reason,
    }


def _page(
    visit: Visit,
    code: str,
    row_id: str,
    column: str = "",
    *,
    typed: str | None = None,
    problem: str = "",
    clash: bool = False,
    on: date | None = None,
) -> Response[str]:
    language = visit.language

    def command(work: Work) -> dict[str, Any]:
        form, here, row = _found(work, code, row_id, on=on)
        shown = ledger_showing.showing(work, form, here, [row], language)
        told = ledger_view.rows(work, shown, [row])[0]
        work.note("ledger.looked", code, row=row_id, columns=len(here.lens.columns))
        open_cell = (
            _cell(work, (form, here, row), column, language, typed=typed, problem=problem)
            if column in here.lens.by_name and on is None
            else None
        )
        end = clock.end(on).isoformat(timespec="microseconds") if on else work.at
        happened = [one for one in history.of_row(work, here, row) if one.at <= end]
        shown = _with_files(work, shown, happened)
        return {
            "ledger": {"code": code, "title": here.lens.title(language), "by_hand": here.lens.by_hand},
            "row": told,
            "cells": [
                {
                    **one,
                    "source": ledger_view.source(row.cell(one["column"]).origin, work, language),
                    "href": f"/ledgers/{code}/rows/{row_id}?column={one['column']}#cell",
                }
                for one in told["cells"]
            ],
            "open": open_cell,
            "clash": clash,
            "history": [
                _happened(shown, one, language) for one in happened
            ],
            "stays": [
                {"entered_on": one.entered_on, "reason": one.entry_reason, "by": one.entered_by,
                 "left_on": one.left_on, "exit_reason": one.exit_reason, "left_by": one.left_by}
                for one in members.stays(work, here.lens, row_id)
            ],
            "others": _others(work, here, row, language),
            "joins": f"/registers/{here.lens.subject}/{row.id}/split"
            if policy.reaches(work.actor, joining.VERB) and here.lens.subject in joining.subjects(work)
            else None,
            "can_edit": on is None and policy.reaches(work.actor, "ledger.edit") != (),
            "on": on.isoformat() if on else "",
            "today": work.today.isoformat(),
        }  # fmt: skip

    context = visit.write(command)
    return html.page(
        visit, "ledger_row.html", http_status=422 if problem else 409 if clash else 200, **context
    )


def _others(work: Work, here: Ground, row: Row, language: str) -> list[dict[str, str]]:
    """In which other ledgers of the same register the subject stands, as far as the visitor sees them."""
    found = []
    for form in ledger.forms(work.connection):
        lens = ledger.lens(work.connection, form)
        if lens.code == here.lens.code or lens.subject != here.lens.subject:
            continue
        try:
            there = ground(work, lens)
        except (Forbidden, NotFound):
            continue
        if page.by_ids(work, there, [row.id]):
            found.append(
                {"title": lens.title(language), "href": f"/ledgers/{lens.code}/rows/{row.id}"}
            )
    return found


def _proposals(work: Work, language: str) -> dict[str, Any]:
    offices = {post.organisation for post in work.actor.posts_as("department")}
    told = []
    for one in proposals.listed(work):
        form = ledger.form(work.connection, one.ledger)
        here_lens = ledger.lens(work.connection, form).seen_by(work.rules)
        column = here_lens.by_name.get(one.column)
        if column is None:
            continue
        shown = ledger_showing.Showing(form, here_lens, dictionary(work.connection), language)
        whole = one.decider in offices
        none = text(language, "ledger.blank")
        told.append(
            {
                "id": one.id,
                "ledger": here_lens.title(language),
                "href": f"/ledgers/{one.ledger}/rows/{one.row_id}",
                "label": shown.label(column),
                "before": shown.display(column, one.before, whole=whole) or none,
                "after": shown.display(column, one.after, whole=whole) or none,
                "reason": one.reason,
                "by": one.proposed_by_name,
                "at": words.moment(one.proposed_at),
                "state": one.state,
                "decided_by": one.decided_by_name,
                "answer": one.answer,
                "decide": whole and one.state == proposals.WAITING,
                "withdraw": one.proposed_by == work.actor.id and one.state == proposals.WAITING,
            }
        )
        if whole and column.masked:
            work.note(
                "ledger.revealed",
                one.row_id,
                ledger=one.ledger,
                column=one.column,
                purpose="proposal",
            )
    return {"proposals": told}
