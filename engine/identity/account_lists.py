"""Accounts from a list: everybody of a county at once, from a sheet that the offices filled in.

A line is a person with a position in an organisation. Each line is told before anything is written,
and what is written is the whole list or nothing. A list that is given a second time changes nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from engine.errors import Problem
from engine.identity import accounts
from engine.identity.accounts import AccountWrong, LoginTaken
from engine.identity.store import ACCOUNT, POSITION
from engine.work import Work

MOST = 500
"""Lines of one list: each new account's password is hashed while somebody waits."""
MOST_ROWS = 2 * MOST
"""Filled rows of one sheet, remarks among them; what is longer is not read further."""
HEADS = 10
"""The row that names the columns is looked for in so many first rows."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "名字", "人员姓名", "name", "full name"),
    "login": ("登录名", "用户名", "账号", "账户", "login", "log-in", "login name", "user name", "account"),
    "organisation": (
        "单位", "单位名称", "所在单位", "单位全称", "单位代码", "机构", "organisation",
        "organization", "organisation code", "office",
    ),
    "role": ("岗位", "角色", "position", "role"),
    "since": ("起始日期", "开始日期", "从哪天起", "起", "since", "from", "start date"),
    "until": ("截止日期", "结束日期", "到期日期", "到哪天为止", "止", "until", "to", "end date"),
}  # fmt: skip
NEEDED = ("name", "organisation", "role")
_ASIDE = re.compile(r"\(.*?\)|[\s*:、]")
_DAY = re.compile(r"(\d{4})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*日?(?:\s+[\d:]+)?")


class ListUnread(Problem):
    """No row of the sheet names the columns that a list needs."""

    code, status = "account.list-unread", 422


class ListTooLong(Problem):
    """More lines than one list takes."""

    code, status = "account.list-too-long", 422
    limit: int


class ListChanged(Problem):
    """What the list would do is no longer what was shown: somebody changed accounts meanwhile."""

    code, status = "account.list-changed", 409


def plain(word: str) -> str:
    """A heading or a position as it is compared: without spaces, remarks in brackets and case."""
    return _ASIDE.sub("", unicodedata.normalize("NFKC", word)).lower()


_HEADS = {plain(word): name for name, words in COLUMNS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Line:
    """A person with a position, as the list has it; `number` is the row of the sheet."""

    number: int
    name: str
    login: str = ""
    organisation: str = ""
    role: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a line does: `new` account, `position` for one that is there, `same` (nothing), or `wrong`."""

    line: Line
    what: str
    login: str = ""
    organisation: str = ""
    role: str = ""
    problem: Problem | None = None


def read(rows: Iterable[tuple[int, Mapping[int, str]]]) -> list[Line]:
    """The lines of a sheet, whose rows are given by number as texts by column.

    Raises ListUnread, ListTooLong.
    """
    heads: dict[int, str] = {}
    lines: list[Line] = []
    seen = 0
    for number, cells in rows:
        if heads:
            texts = {name: cells.get(col, "").strip() for col, name in heads.items()}
            if any(texts.values()):
                lines.append(Line(number, **{**texts, **_days(texts)}))
            if len(lines) > MOST:
                raise ListTooLong(limit=MOST)
            continue
        seen += 1
        found = {
            col: name
            for col, text in cells.items()
            if (name := _HEADS.get(plain(text))) is not None
        }
        if set(NEEDED) <= set(found.values()):
            heads = found
        elif seen == HEADS:
            break
    if not lines:
        raise ListUnread
    return lines


def tried(work: Work, lines: Sequence[Line], roles: Mapping[str, str]) -> list[Told]:
    """What each line would do; nothing is written. `roles` are the positions by what they are called."""
    try:
        with work.attempt():
            raise _Tried(_played(work, lines, roles, lambda _login: ""))
    except _Tried as one:
        return one.found


def made(
    work: Work, lines: Sequence[Line], roles: Mapping[str, str], digests: Mapping[str, str]
) -> list[Told]:
    """Do what the list says; `digests` are the hashed first passwords of the new accounts by log-in.

    Raises ListChanged if that is not just what `tried` had told.
    """

    def digest(login: str) -> str:
        if login not in digests:
            raise ListChanged
        return digests[login]

    found = _played(work, lines, roles, digest)
    if any(one.what == "wrong" for one in found):
        raise ListChanged
    work.note("account.list", work.actor.id, lines=len(found), new=len(digests))
    return found


class _Tried(Exception):  # noqa: N818 - no error: how a trial is undone
    def __init__(self, found: list[Told]) -> None:
        super().__init__()
        self.found = found


def _played(
    work: Work, lines: Sequence[Line], roles: Mapping[str, str], digest: Callable[[str], str]
) -> list[Told]:
    work.require("account.manage")
    names = {plain(word): role for word, role in roles.items()}
    found: list[Told] = []
    for line in lines:
        try:
            with work.attempt():
                found.append(_line(work, line, names.get(plain(line.role), ""), digest))
        except ListChanged:
            raise
        except Problem as problem:
            found.append(Told(line, "wrong", problem=problem))
    return found


def _line(work: Work, line: Line, role: str, digest: Callable[[str], str]) -> Told:
    place = accounts.find_organisation(work.connection, line.organisation)
    if not role:
        raise AccountWrong(reason="role")
    known, login = _who(work, line, place.code)
    held = known and _holds(work, known, role, place.code)
    if not held:
        account = known or accounts.add(work, login, line.name, digest(login))
        accounts.grant(work, account, role, place.code, first=line.since, last=line.until)
    what = "same" if held else "position" if known else "new"
    return Told(line, what, login, place.name, role)


def _who(work: Work, line: Line, place: str) -> tuple[str | None, str]:
    """The account of a line and its log-in: the one that has this log-in, or without one who of this
    name is there in this organisation; None if there is none yet.
    """
    account = ACCOUNT.c.id, ACCOUNT.c.login, ACCOUNT.c.name
    if line.login:
        login = line.login.lower()
        row = work.connection.execute(select(*account).where(ACCOUNT.c.login == login)).first()
        if row is not None and row.name != line.name:
            raise LoginTaken(login=login)
        return (row.id if row else None), login
    same = (
        select(*account)
        .distinct()
        .join(POSITION, POSITION.c.account_id == ACCOUNT.c.id)
        .where(ACCOUNT.c.name == line.name, POSITION.c.organisation_code == place, _in_force(work))
    )
    rows = work.connection.execute(same).all()
    if len(rows) > 1:
        raise AccountWrong(reason="namesakes")
    if rows:
        return rows[0].id, rows[0].login
    return None, _proposed(work, line.name)


def _holds(work: Work, account: str, role: str, place: str) -> bool:
    query = select(POSITION.c.id).where(
        POSITION.c.account_id == account,
        POSITION.c.role == role,
        POSITION.c.organisation_code == place,
        _in_force(work),
    )
    return work.connection.execute(query).first() is not None


def _in_force(work: Work) -> ColumnElement[bool]:
    return or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > work.today.isoformat())


def _proposed(work: Work, name: str) -> str:
    """A log-in from the pinyin of a name, with a number if others have it."""
    from pypinyin import lazy_pinyin  # its tables take a second to load: only where asked

    letters = re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(name)).lower())[:28]
    if not accounts.LOGIN.fullmatch(letters):
        raise AccountWrong(reason="login")
    query = select(ACCOUNT.c.login).where(ACCOUNT.c.login.startswith(letters, autoescape=True))
    taken = set(work.connection.execute(query).scalars())
    number = 1
    while (login := letters + (str(number) if number > 1 else "")) in taken:
        number += 1
    return login


def _days(texts: Mapping[str, str]) -> dict[str, str]:
    """Days as they are typed in sheets, as ISO dates; what is none stays, to be told."""
    found = {}
    for name in ("since", "until"):
        if match := _DAY.fullmatch(texts.get(name, "")):
            year, month, day = match.groups()
            found[name] = f"{year}-{int(month):02d}-{int(day):02d}"
    return found
