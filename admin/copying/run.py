"""Making the copy: a new place, new keys, every table by its rule, one transaction."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import Table, insert, inspect, select
from sqlmodel import SQLModel

from admin import migrate
from admin.copying.ids import Ids
from admin.copying.rows import Copy, batches
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.errors import Problem
from engine.identity import store as identity
from engine.identity.actor import system_actor
from engine.identity.store import ACCOUNT, ORGANISATION, POSITION
from engine.ledgers import schema as ledger_schema
from engine.ledgers.schema import local_table
from engine.privacy.pseudonyms import Pseudonyms
from engine.registers import schema
from engine.storage import postgresql
from engine.storage.addresses import url_of
from engine.work import System, Work
from forms.kinds import ledger
from forms.pseudonymous import Disguise

ACTOR = system_actor("copy")
LOGINS = "demo-logins.json"
ORDER = (
    "division", "organisation", "organisation_former", "boundary", "holiday_plan",
    "dictionary_subject", "dictionary_codelist", "dictionary_field", "flow", "form", "account",
    "position", "origin", "dispatch", "document", "flow_case", "flow_event", "task",
    "task_candidate", "case_counter", "ledger_member",
)  # fmt: skip
Say = Callable[[str, int], None]


class CopyPlaceTaken(Problem):
    """Something is there already; a copy is made where nothing is yet."""

    code, status = "copy.place-taken", 409
    place: str


def pseudonymised(
    source: System, target: System, say: Say = lambda _name, _rows: None
) -> dict[str, int]:
    """Fill an empty installation from another; gives how many rows of each table.

    Raises CopyPlaceTaken.
    """
    with target.database.read() as connection:
        if inspect(connection).get_table_names():
            raise CopyPlaceTaken(place=url_of(target.settings.url).render_as_string())
    migrate.upgrade(target.database)
    key, password = secrets.token_bytes(32), secrets.token_urlsafe(9)
    with source.read(ACTOR) as here:
        found: dict[str, int] = target.write(
            ACTOR, partial(_fill, here=here, key=key, password=password, say=say)
        )
    _tell_logins(target, password)
    return found


def _fill(there: Work, *, here: Work, key: bytes, password: str, say: Say) -> dict[str, int]:
    known = dictionary(here.connection)
    ids = Ids(key)
    disguise = Disguise(Pseudonyms(key), known)
    copy = Copy(here, there, disguise, ids, identity.hash_password(password))
    counts: dict[str, int] = {}
    tables = SQLModel.metadata.tables
    for name in ORDER:
        counts[name] = _moved(copy, tables[name], partial(copy.changed, name))
        say(name, counts[name])
    schema.migrate(there.connection, known)
    for form in ledger.forms(here.connection):
        ledger_schema.migrate(there.connection, ledger.lens(here.connection, form))
    for target, fields, place in _registers(here):
        change = partial(_facts, copy, fields, place)
        counts[target.name] = _moved(copy, target, change)
        say(target.name, counts[target.name])
    there.note("copy.made", "copy", rows=sum(counts.values()))
    return counts


def _moved(copy: Copy, table: Table, change: Callable[[Any], Any]) -> int:
    number = 0
    for rows in batches(copy.here, table, copy.ids):
        made = [one for row in rows if (one := change(row)) is not None]
        if made:
            copy.there.connection.execute(insert(table), made)
        number += len(made)
    if number:
        postgresql.go_on_counting(copy.there.connection, table)
    return number


def _facts(copy: Copy, fields: list[Field], place: Callable[[Any, Field], str], row: Any) -> Any:
    return copy.facts(row, fields, place)


def _registers(here: Work) -> Iterator[tuple[Table, list[Field], Callable[[Any, Field], str]]]:
    known = dictionary(here.connection)
    for kind in known.subjects:
        fields = known.of(kind)
        yield schema.table(known, kind), [one for one in fields if not one.periodic], _of_subject
        if schema.has_periods(known, kind):
            periods = schema.table(known, kind, period=True)
            yield periods, [one for one in fields if one.periodic], _of_period
    for form in ledger.forms(here.connection):
        lens = ledger.lens(here.connection, form)
        if lens.local():
            yield local_table(lens), [one.field for one in lens.local()], _of_subject


def _of_subject(row: Any, field: Field) -> str:
    return f"{field.code}:{row.get('id') or row.get('subject_id')}"


def _of_period(row: Any, field: Field) -> str:
    return f"{field.code}:{row['subject_id']}@{row['period']}"


def _tell_logins(target: System, password: str) -> None:
    """Who may log in, with the one password of this copy, beside its keys."""
    query = (
        select(ACCOUNT.c.login, ORGANISATION.c.name, POSITION.c.role)
        .join(POSITION, POSITION.c.account_id == ACCOUNT.c.id)
        .join(ORGANISATION, ORGANISATION.c.code == POSITION.c.organisation_code)
        .order_by(ACCOUNT.c.login)
    )
    with target.read(ACTOR) as work:
        rows = work.connection.execute(query).all()
    told = {row[0]: {"password": password, "about": f"{row[1]} {row[2]}"} for row in rows}
    path = target.settings.data_path / LOGINS
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=1)
