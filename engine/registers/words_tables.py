"""Where the words of a register are kept to be found: made from the dictionary, beside the register.

`words_person` has a row for each person that has any: its texts folded for looking through, and the
initials of its names. Over it stands an index of pairs of neighbouring letters: FTS5 on SQLite (without content, without places: who is found is
looked at again), an array under GIN on PostgreSQL. Whoever writes to the register need not know of it:
triggers note in `words_due` whose words are to be read again, in the writer's own transaction.
"""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, MetaData, Table, text
from sqlalchemy.dialects.postgresql import ARRAY

from engine.storage.columns import CODE


@lru_cache(maxsize=64)
def words_table(subject: str, names: tuple[str, ...], dialect: str) -> Table:
    """The words of a kind of subject, in columns of these names."""
    columns: list[Column[object]] = [
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("subject_id", CODE, nullable=False, unique=True),
    ]
    columns += [Column(name, CODE) for name in names]
    indexes = []
    if dialect == "postgresql":
        columns.append(Column("pairs", ARRAY(BigInteger), nullable=False))
        indexes.append(Index(f"pairs_{subject}", "pairs", postgresql_using="gin"))
    return Table(f"words_{subject}", MetaData(), *columns, *indexes)


def make(connection: Connection, words: Table, register: Table, read: Sequence[str]) -> None:
    """Make the table, its index and the triggers for what is read of a register; what was is dropped."""
    subject = words.name.removeprefix("words_")
    drop(connection, subject, register.name)
    words.create(connection)
    for statement in _made(connection, subject, register.name, ", ".join(read)):
        connection.execute(text(statement))


def drop(connection: Connection, subject: str, register: str) -> None:
    """Take away what `make` made."""
    postgres = connection.dialect.name == "postgresql"
    on = f" ON {register}" if postgres else ""
    for event in ("new", "changed", "gone"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS words_{event}_{subject}{on}"))
    if not postgres:
        connection.execute(text(f"DROP TABLE IF EXISTS pairs_{subject}"))
    connection.execute(text(f"DROP TABLE IF EXISTS words_{subject}"))


def _made(connection: Connection, subject: str, register: str, columns: str) -> list[str]:
    if connection.dialect.name == "postgresql":
        return [
            (
                f"CREATE TRIGGER words_new_{subject} AFTER INSERT ON {register} REFERENCING NEW TABLE"
                f" AS fresh FOR EACH STATEMENT EXECUTE FUNCTION yibiao_words_new('{subject}')"
            ),
            (
                f"CREATE TRIGGER words_changed_{subject} AFTER UPDATE OF id, {columns} ON {register}"
                f" FOR EACH ROW EXECUTE FUNCTION yibiao_words_due('{subject}')"
            ),
            (
                f"CREATE TRIGGER words_gone_{subject} AFTER DELETE ON {register}"
                f" FOR EACH ROW EXECUTE FUNCTION yibiao_words_due('{subject}')"
            ),
        ]
    due = f"INSERT INTO words_due (subject, subject_id) VALUES ('{subject}', {{}}.id);"  # noqa: S608 - codes that the dictionary has checked
    return [
        f"CREATE VIRTUAL TABLE pairs_{subject} USING fts5(pairs, content='', detail=none, columnsize=0)",
        f"CREATE TRIGGER words_new_{subject} AFTER INSERT ON {register} BEGIN {due.format('new')} END",
        (
            f"CREATE TRIGGER words_changed_{subject} AFTER UPDATE OF id, {columns} ON {register}"
            f" BEGIN {due.format('old')} {due.format('new')} END"
        ),
        (
            f"CREATE TRIGGER words_gone_{subject} AFTER DELETE ON {register}"
            f" BEGIN {due.format('old')} END"
        ),
    ]
