"""Accounts from a list, for the security administrator: shown line by line first, then made at once."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from litestar import Response, get, post

from admin.web import html
from admin.web.html import text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Problem
from engine.identity import account_lists, accounts
from engine.identity import store as identity
from engine.identity.account_lists import COLUMNS, Line, ListChanged, ListTooLong, Told
from engine.identity.actor import ROLES
from forms.importers.excel.files.read import open_sheet

WHATS = ("wrong", "new", "position", "same")


class ListMissing(Problem):
    """Neither a file nor lines were given."""

    code, status = "account.list-missing", 422


@get("/accounts/list")
@threaded
def list_page(visit: Visiting) -> Response[str]:
    """Where a list is given, with the columns it needs."""
    _allowed(visit)
    return _asked(visit)


@post("/accounts/list")
@threaded
def preview_list(visit: Visiting, form: Posted) -> Response[str]:
    """What each line would do; nothing is written."""
    _allowed(visit)
    given = form.file("sheet")
    typed = form.get("lines")
    content = given.file.read() if given is not None else typed.encode()
    try:
        if not content.strip():
            raise ListMissing
        lines = _lines(content)
    except Problem as problem:
        return _asked(visit, typed, problem)
    return _shown(visit, lines)


@post("/accounts/list/made")
@threaded
def make_list(visit: Visiting, form: Posted) -> Response[str]:
    """All of it at once; first passwords are told this once. What is no longer as it was shown is
    shown anew instead.
    """
    _allowed(visit)
    lines = _lines(form.get("lines").encode())
    told = visit.write(lambda work: account_lists.tried(work, lines, _roles()))
    if any(one.what == "wrong" for one in told):
        return _shown(visit, lines)
    passwords = {one.login: accounts.first_password() for one in told if one.what == "new"}
    with ThreadPoolExecutor() as hashing:
        digests = dict(
            zip(passwords, hashing.map(identity.hash_password, passwords.values()), strict=True)
        )
    try:
        told = visit.write(lambda work: account_lists.made(work, lines, _roles(), digests))
    except ListChanged as changed:
        return _shown(visit, lines, changed)
    return html.page(
        visit,
        "account_list_made.html",
        told=Counter(one.what for one in told),
        slips=[
            {**_row(one, visit.language), "password": passwords[one.login]}
            for one in told
            if one.what == "new"
        ],
    )


def _allowed(visit: Visit) -> None:
    with visit.read() as work:
        work.require("account.manage")


def _lines(content: bytes) -> list[Line]:
    grid = open_sheet(content, rows=account_lists.MOST_ROWS)
    if any(one.code == "sheet.rows-left-out" for one in grid.warnings):
        raise ListTooLong(limit=account_lists.MOST)
    rows = (
        (number, {cell.col: cell.text for cell in grid.row(number)})
        for number in range(1, grid.rows + 1)
    )
    return account_lists.read(rows)


def _roles() -> Mapping[str, str]:
    """The positions by what lists call them, in both languages."""
    return {word: role for role in ROLES for word in (role, *_called(role))}


def _called(role: str) -> list[str]:
    return [text(language, f"role.{role}") for language in ("zh", "en")]


def _asked(visit: Visit, typed: str = "", problem: Problem | None = None) -> Response[str]:
    return html.page(
        visit,
        "account_list.html",
        http_status=problem.status if problem else 200,
        typed=typed,
        error=problem.text(visit.language) if problem else None,
        roles=[text(visit.language, f"role.{role}") for role in ROLES],
        most=account_lists.MOST,
    )


def _shown(visit: Visit, lines: Sequence[Line], problem: Problem | None = None) -> Response[str]:
    told = visit.write(lambda work: account_lists.tried(work, lines, _roles()))
    told.sort(key=lambda one: WHATS.index(one.what))
    counts = Counter(one.what for one in told)
    new = counts["new"] + counts["position"]
    state = "not_ready" if counts["wrong"] else "ready" if new else "no_new"
    return html.page(
        visit,
        "account_list_shown.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else None,
        rows=[_row(one, visit.language) for one in told],
        counts=[(what, counts[what]) for what in WHATS if counts[what]],
        state=state,
        lines=_written(lines, visit.language),
    )


def _row(one: Told, language: str) -> dict[str, Any]:
    return {
        "number": one.line.number,
        "name": one.line.name,
        "login": one.login or one.line.login,
        "organisation": one.organisation or one.line.organisation,
        "role": text(language, f"role.{one.role}") if one.role else one.line.role,
        "since": one.line.since,
        "until": one.line.until,
        "what": one.what,
        "why": one.problem.text(language) if one.problem else "",
    }


def _written(lines: Sequence[Line], language: str) -> str:
    """The lines as delimited text under the page's own headings: the page gives them back."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(text(language, f"accounts.list.{name}") for name in COLUMNS)
    writer.writerows([getattr(line, name) for name in COLUMNS] for line in lines)
    return out.getvalue()
