"""Words in a register: any two letters or more, wherever they stand in its plain texts, in no time.

Chinese has no spaces, so what is indexed are pairs of neighbouring letters; who has all pairs of a word
is looked at again, so the answer is exactly that of looking through everybody. Names are found by the
initials of their pinyin too. Sealed fields and those of L3 and L4 are never in here.

Whose words changed since they were read (`words_due`) is looked at in the register itself, so nothing
waits for the job that reads them; where no index serves, everybody is looked through as ever.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Table,
    Text,
    any_,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from engine import json_text
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.formats.contract import WIDE
from engine.jobs.registry import JOBS
from engine.jobs.schedule import every
from engine.registers.likeness import NAMES
from engine.registers.schema import column_name, table
from engine.registers.tables import WordsDueRow, WordsIndexRow
from engine.registers.words_tables import make, words_table
from engine.storage.columns import CODE
from engine.storage.prepared import Prepared
from engine.work import Work

DUE = WordsDueRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
INDEX = WordsIndexRow.__table__  # type: ignore[attr-defined]  # as above
KIND = "register.words"
BATCH = 1_000
MOST, MOST_DUE = 10_000, 2_000
"""More than so many are not told one by one: they stand so close that looking through finds them soon."""
MASKED = ("L3", "L4")
_STANDING = Prepared(select(INDEX.c.columns).where(INDEX.c.subject == bindparam("subject")))
_NOTED = Prepared(
    select(DUE.c.subject_id)
    .where(DUE.c.subject == bindparam("subject"))
    .distinct()
    .limit(MOST_DUE + 1)
)


def is_text(field: Field) -> bool:
    """Whether a field's values are looked through: plain text that may stand in the clear."""
    plain = field.schema.get("type") == "string" and "format" not in field.schema
    hidden = field.secret or field.sensitivity in MASKED
    return plain and not (hidden or field.codelist or field.compute or field.periodic)


def fields(known: Dictionary, subject: str) -> tuple[Field, ...]:
    """The fields of a kind of subject whose values are looked through."""
    return tuple(one for one in known.of(subject) if is_text(one))


def folded(given: str) -> str:
    """A text as it is looked for: of half width, small letters."""
    return given.translate(WIDE).casefold()


def initials(name: str) -> str:
    """The first letter of each character's pinyin; what is no Chinese character as it is."""
    return folded("".join(_initials(name)))


def _initials(name: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin  # its tables take a second to load: only where asked

    return lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_each)


def _each(other: str) -> Any:
    """What is no Chinese character, letter by letter: so each letter of a name has one of its own."""
    return list(other)


def texts(field: Field, value: str) -> dict[str, str]:
    """What is looked through of a value, by column."""
    found = {column_name(field): folded(value)}
    if field.name in NAMES:
        found[f"i_{field.name}"] = initials(value)
    return found


def marked(field: Field, shown: str, some: Sequence[str]) -> list[tuple[str, bool]]:
    """A text in parts, each with whether one of the words stands there: for whoever shows what was found."""
    lines = [[folded(letter) for letter in shown]]
    if field.name in NAMES and any(word.isascii() for word in some):
        lines.append([folded(letter) for letter in _initials(shown)])
    hit = [False] * len(shown)
    for line in lines:
        places = [at for at, letters in enumerate(line) for _ in letters]
        whole = "".join(line)
        for word in filter(None, map(folded, some)):
            begins = whole.find(word)
            while begins >= 0:
                for at in places[begins : begins + len(word)]:
                    hit[at] = True
                begins = whole.find(word, begins + 1)
    return [
        ("".join(letter for letter, _ in run), found)
        for found, run in groupby(zip(shown, hit, strict=True), key=itemgetter(1))
    ]


def pairs(lines: Iterable[str | None]) -> set[int]:
    """The pairs of neighbouring letters of some texts, each as a number."""
    return {ord(a) << 21 | ord(b) for line in lines if line for a, b in pairwise(line)}


def condition(
    work: Work, known: Dictionary, subject: str, word: str, of: Sequence[Field]
) -> ColumnElement[bool]:
    """Whoever has a word in one of these fields of its register, which are among those looked through."""
    register = table(known, subject)
    sought, names = folded(word), _names(known, subject)
    if len(sought) < 2 or _columns(work, subject) != names:
        return _plainly(register, word, of)
    due = {row["subject_id"] for row in _NOTED.all(work.connection, subject=subject)}
    words = words_table(subject, names, work.connection.dialect.name)
    place = func.strpos if work.connection.dialect.name == "postgresql" else func.instr
    columns = [words.c[name] for one in of for name in texts(one, "")]
    holds = or_(false(), *(place(column, sought) > 0 for column in columns))
    if len(due) > MOST_DUE:
        again = exists().where(DUE.c.subject == subject, DUE.c.subject_id == register.c.id)
        by_words = exists().where(words.c.subject_id == register.c.id, holds)
        return or_(_plainly(register, word, of) & again, by_words & ~again)
    seen = _seen(work, register, sorted(due), sought, of)
    found = _found(work, subject, names, sought, of)
    if len(found) <= MOST:
        return _among(work, register.c.id, sorted((set(found) - due) | seen))
    by_words = exists().where(words.c.subject_id == register.c.id, holds)
    if not due:
        return by_words
    sure = by_words & ~_among(work, register.c.id, sorted(due))
    return or_(sure, _among(work, register.c.id, sorted(seen)))


@JOBS.job(KIND, slots=every(5))
def read_again(work: Work, _payload: Mapping[str, Any]) -> dict[str, int]:
    """Read the words of those who are due, and ask for the next turn while any are left."""
    _ready(work)
    done = index(work)
    if done == BATCH:
        work.later(KIND, {})
    return {"rows": done}


def index(work: Work, limit: int = BATCH) -> int:
    """Read the words of so many who are due; gives how many notes that were."""
    query = select(DUE).order_by(DUE.c.id).limit(limit).with_for_update(skip_locked=True)
    rows = work.connection.execute(query).all()
    known = dictionary(work.connection)
    for subject in sorted({row.subject for row in rows}):
        ids = sorted({row.subject_id for row in rows if row.subject == subject})
        if subject in known.subjects:
            _read(work, known, subject, ids)
    work.connection.execute(delete(DUE).where(DUE.c.id.in_([row.id for row in rows])))
    return len(rows)


def rebuild(work: Work, subject: str) -> None:
    """Make the index of a kind of subject anew, everybody due; searches go on without it meanwhile."""
    known = dictionary(work.connection)
    names, register = _names(known, subject), table(known, subject)
    words = words_table(subject, names, work.connection.dialect.name)
    make(work.connection, words, register, [column_name(one) for one in fields(known, subject)])
    work.connection.execute(delete(INDEX).where(INDEX.c.subject == subject))
    work.connection.execute(insert(INDEX), {"subject": subject, "columns": list(names)})
    work.connection.execute(delete(DUE).where(DUE.c.subject == subject))
    everybody = select(literal(subject), register.c.id)
    work.connection.execute(insert(DUE).from_select(["subject", "subject_id"], everybody))


def _ready(work: Work) -> None:
    """Make what the dictionary asks for and is not there yet."""
    known = dictionary(work.connection)
    for subject in known.subjects:
        names = _names(known, subject)
        if names and _columns(work, subject) != names:
            rebuild(work, subject)


def _names(known: Dictionary, subject: str) -> tuple[str, ...]:
    """The columns that the words of a kind of subject stand in, by the dictionary."""
    return tuple(name for one in fields(known, subject) for name in texts(one, ""))


def _columns(work: Work, subject: str) -> tuple[str, ...]:
    """The columns that they do stand in; none if there is no index."""
    return tuple(_STANDING.scalar(work.connection, subject=subject) or ())


def _read(work: Work, known: Dictionary, subject: str, ids: Sequence[str]) -> None:
    register, read = table(known, subject), fields(known, subject)
    names, postgres = _names(known, subject), work.connection.dialect.name == "postgresql"
    if _columns(work, subject) != names:
        return  # it is about to be made anew
    words = words_table(subject, names, work.connection.dialect.name)
    old = work.connection.execute(select(words).where(words.c.subject_id.in_(ids))).all()
    _forget(work, words, old)
    query = select(register.c.id, *(register.c[column_name(one)] for one in read))
    new: list[dict[str, Any]] = []
    for subject_id, *values in work.connection.execute(query.where(register.c.id.in_(ids))):
        row: dict[str, Any] = dict.fromkeys(names)
        for field, value in zip(read, values, strict=True):
            row.update(texts(field, value) if value else {})
        if any(row.values()):
            found = {"pairs": sorted(pairs(row.values()))} if postgres else {}
            new.append({"subject_id": subject_id, **row, **found})
    if not new:
        return
    work.connection.execute(insert(words), new)
    if not postgres:
        fresh = select(words).where(words.c.subject_id.in_(ids))
        _pairs(work, words, "rowid, pairs", ":number, :pairs", work.connection.execute(fresh).all())


def _forget(work: Work, words: Table, old: Sequence[Any]) -> None:
    if not old:
        return
    if work.connection.dialect.name != "postgresql":
        _pairs(work, words, f"{_index(words)}, rowid, pairs", "'delete', :number, :pairs", old)
    work.connection.execute(delete(words).where(words.c.number.in_([row.number for row in old])))


def _pairs(work: Work, words: Table, into: str, values: str, rows: Sequence[Any]) -> None:
    """Put pairs of these rows into the index of SQLite, or take them out."""
    given = [{"number": row.number, "pairs": _tokens(pairs(row[2:]))} for row in rows]
    statement = f"INSERT INTO {_index(words)} ({into}) VALUES ({values})"  # noqa: S608 - of constants and a checked code
    work.connection.execute(text(statement), given)


def _index(words: Table) -> str:
    return f"pairs_{words.name.removeprefix('words_')}"


def _tokens(numbers: Iterable[int]) -> str:
    """Pairs as FTS5 reads them: words of plain letters, whatever the characters were."""
    return " ".join(f"x{one:x}" for one in sorted(numbers))


def _plainly(register: Table, word: str, of: Sequence[Field]) -> ColumnElement[bool]:
    stored = (register.c[column_name(one)] for one in of)
    return or_(false(), *(one.icontains(word, autoescape=True) for one in stored))


def _found(
    work: Work, subject: str, names: tuple[str, ...], sought: str, of: Sequence[Field]
) -> Sequence[str]:
    """Who has a word, by the index; at most one more than MOST."""
    dialect = work.connection.dialect.name
    columns = tuple(name for one in of for name in texts(one, ""))
    wanted = sorted(pairs([sought]))
    match: Any = wanted if dialect == "postgresql" else " AND ".join(_tokens(wanted).split())
    finder = _finder(dialect, subject, names, columns)
    return [row["subject_id"] for row in finder.all(work.connection, sought=sought, match=match)]


@lru_cache(maxsize=64)
def _finder(
    dialect: str, subject: str, names: tuple[str, ...], columns: tuple[str, ...]
) -> Prepared:
    """The statement that looks a word up in some columns of an index."""
    words = words_table(subject, names, dialect)
    place = func.strpos if dialect == "postgresql" else func.instr
    sought = bindparam("sought", type_=Text)
    holds = or_(false(), *(place(words.c[name], sought) > 0 for name in columns))
    query = select(words.c.subject_id).where(holds).limit(MOST + 1)
    if dialect == "postgresql":
        match = bindparam("match", type_=words.c.pairs.type)
        return Prepared(query.where(words.c.pairs.contains(match)))
    index_ = Table(_index(words), MetaData(), Column("rowid", Integer))
    told = literal_column(index_.name).op("MATCH")(bindparam("match", type_=Text))
    joined = query.join_from(index_, words, words.c.number == index_.c.rowid)
    return Prepared(joined.where(told))


def _seen(
    work: Work, register: Table, ids: Sequence[str], sought: str, of: Sequence[Field]
) -> set[str]:
    """Which of those whose words are not read yet have a word."""
    if not ids:
        return set()
    columns = [register.c[column_name(one)] for one in of]
    query = select(register.c.id, *columns).where(_among(work, register.c.id, ids))
    return {
        subject_id
        for subject_id, *values in work.connection.execute(query)
        if any(
            sought in line
            for field, value in zip(of, values, strict=True)
            if value
            for line in texts(field, value).values()
        )
    }


def _among(work: Work, column: ColumnElement[str], ids: Sequence[str]) -> ColumnElement[bool]:
    """One of many ids, handed over as one value."""
    if work.connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(ids), type_=ARRAY(CODE)))
    each = func.json_each(json_text.dumps(list(ids))).table_valued("value")
    return column.in_(select(each.c.value))
