"""The dictionary in the database: the fields in force, kept in memory until somebody changes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection, Table, func, insert, select, update

from engine.dictionary.field import (
    ByAnyCode,
    CodeList,
    Codes,
    Field,
    FieldInvalid,
    FieldUnknown,
    SubjectKind,
    read_codelist,
    read_field,
    read_subject,
)
from engine.dictionary.tables import CodeListRow, FieldRow, SubjectRow
from engine.json_text import Json
from engine.storage.database import advisory_lock, place
from engine.storage.prepared import Prepared
from engine.work import Work

FIELD = FieldRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
SUBJECT = SubjectRow.__table__  # type: ignore[attr-defined]  # as above
CODELIST = CodeListRow.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, eq=False)
class Dictionary:
    """All fields, kinds of subject and code lists in force, read once; hashed by identity."""

    fields: Mapping[str, Field]
    """By the code they are kept under; a code that a field was given since leads to it, too."""
    subjects: Mapping[str, SubjectKind]
    codelists: Mapping[str, CodeList]
    stamp: str

    def field(self, code: str) -> Field:
        """A field by its code. Raises FieldUnknown."""
        try:
            return self.fields[code]
        except KeyError:
            raise FieldUnknown(field=code) from None

    def of(self, subject: str) -> tuple[Field, ...]:
        """The fields of one kind of subject."""
        return tuple(field for field in self.fields.values() if field.subject == subject)

    def codes(self) -> dict[str, Codes]:
        """The values of every code list, for the compiler."""
        return {code: Codes.of(codelist) for code, codelist in self.codelists.items()}


_cache: dict[str, Dictionary] = {}
_STAMP = Prepared(
    select(
        *(
            select(asked).select_from(t).scalar_subquery().label(f"{t.name}_{asked.name}")
            for t in (FIELD, SUBJECT, CODELIST)
            for asked in (func.count(), func.max(t.c.changed_at))
        )
    )
)
_CHANGED = "the transaction that changed the dictionary"


def dictionary(connection: Connection) -> Dictionary:
    """The dictionary in force. One small query when nothing has changed."""
    if connection.info.get(_CHANGED, connection) is connection.get_transaction():
        return _read(connection, "")  # not to be kept: it may yet be undone
    stamp = f"{place(connection)}|{_STAMP.row(connection)}"
    cached = _cache.get(stamp)
    if cached is None:
        cached = _read(connection, stamp)
        if len(_cache) > 8:
            _cache.clear()
        _cache[stamp] = cached
    return cached


def save_field(work: Work, field: Field, *, fits: bool = False) -> Field:
    """Add a field, or a new version of one; an unchanged field is left alone.

    Raises Forbidden; FieldInvalid if the change would make kept values mean something else. Decimals
    become whole numbers only if the caller has seen that all that are kept fit.
    """
    work.require("dictionary.change")
    row = work.connection.execute(
        select(FIELD.c.version, FIELD.c.document).where(
            FIELD.c.code == field.code, FIELD.c.current.is_(True)
        )
    ).first()
    if row is None:
        saved = replace(field, version=1)
    else:
        known = read_field(row.document)
        saved = replace(field, version=row.version)
        if saved == known:
            return saved
        _refuse_other_meaning(known, field, fits=fits)
        saved = replace(field, version=row.version + 1)
        work.connection.execute(
            update(FIELD)
            .where(FIELD.c.code == field.code, FIELD.c.current.is_(True))
            .values(current=False)
        )
    work.connection.execute(
        insert(FIELD),
        {
            "code": saved.code,
            "version": saved.version,
            "current": True,
            "document": saved.to_json(),
            "changed_at": _changed_at(work, FIELD),
        },
    )
    work.note("dictionary.field-saved", saved.code, version=saved.version)
    return saved


def history(connection: Connection, code: str) -> list[tuple[Field, str]]:
    """Every version of a field with the time it was saved, the newest first."""
    query = (
        select(FIELD.c.document, FIELD.c.changed_at)
        .where(FIELD.c.code == code)
        .order_by(FIELD.c.version.desc())
    )
    return [(read_field(row.document), row.changed_at) for row in connection.execute(query)]


def save_subject(work: Work, document: Mapping[str, Json]) -> SubjectKind:
    """Add or replace a kind of subject."""
    work.require("dictionary.change")
    subject = read_subject(document)
    _replace(work, SUBJECT, subject.code, document)
    return subject


def save_codelist(work: Work, document: Mapping[str, Json]) -> CodeList:
    """Add or replace a code list."""
    work.require("dictionary.change")
    codelist = read_codelist(document)
    _replace(work, CODELIST, codelist.code, document)
    return codelist


def versions(connection: Connection, wanted: Sequence[tuple[str, int]]) -> dict[str, Field]:
    """Fields in exact versions, for a published form. Raises FieldUnknown."""
    codes = sorted({code for code, _ in wanted})
    documents = {}
    for start in range(0, len(codes), 500):
        query = select(FIELD).where(FIELD.c.code.in_(codes[start : start + 500]))
        documents.update({(r.code, r.version): r.document for r in connection.execute(query)})
    missing = next((code for code, version in wanted if (code, version) not in documents), None)
    if missing is not None:
        raise FieldUnknown(field=missing)
    return {code: read_field(documents[code, version]) for code, version in wanted}


def _refuse_other_meaning(known: Field, field: Field, *, fits: bool) -> None:
    """Values are kept by type, sealed or open, by period or not; under another rule they are lost.

    Whole numbers and decimals are kept alike, so a field widens from one to the other in no time.
    """
    types = (known.schema.get("type"), field.schema.get("type"))
    alike = types == ("integer", "number") or (fits and types == ("number", "integer"))
    if types[0] != types[1] and not alike:
        raise FieldInvalid(where=field.code, reason="type-change")
    if known.secret != field.secret:
        raise FieldInvalid(where=field.code, reason="secret-change")
    if known.temporal != field.temporal:
        raise FieldInvalid(where=field.code, reason="temporal-change")


def _changed_at(work: Work, table: Table) -> str:
    """Now, but always after the change before: by it everybody notices that something changed."""
    advisory_lock(work.connection, "dictionary")
    work.connection.info[_CHANGED] = work.connection.get_transaction()
    newest = work.connection.execute(select(func.max(table.c.changed_at))).scalar()
    if newest is None or newest < work.at:
        return work.at
    after = datetime.fromisoformat(newest) + timedelta(microseconds=1)
    return after.isoformat(timespec="microseconds")


def _replace(work: Work, table: Table, code: str, document: Mapping[str, Json]) -> None:
    values = {"document": dict(document), "changed_at": _changed_at(work, table)}
    changed = work.connection.execute(update(table).where(table.c.code == code).values(**values))
    if not changed.rowcount:
        work.connection.execute(insert(table), {"code": code, **values})


def _by_kept_names(kind: SubjectKind, fields: Mapping[str, Field]) -> SubjectKind:
    """A kind of subject with its keys and its home by the names they are kept under."""

    def kept(name: str) -> str:
        field = fields.get(f"{kind.code}.{name}")
        return field.name if field else name

    home = kept(kind.home) if kind.home else kind.home
    return replace(kind, keys=tuple(kept(name) for name in kind.keys), home=home)


def _read(connection: Connection, stamp: str) -> Dictionary:
    rows = connection.execute(
        select(FIELD.c.document).where(FIELD.c.current.is_(True)).order_by(FIELD.c.code)
    )
    fields = ByAnyCode(read_field(row.document) for row in rows)
    subjects = [
        _by_kept_names(read_subject(d), fields)
        for d in connection.execute(select(SUBJECT.c.document)).scalars()
    ]
    lists = [read_codelist(d) for d in connection.execute(select(CODELIST.c.document)).scalars()]
    return Dictionary(
        MappingProxyType(fields),
        MappingProxyType({subject.code: subject for subject in subjects}),
        MappingProxyType({codelist.code: codelist for codelist in lists}),
        stamp,
    )
