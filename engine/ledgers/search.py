"""Words looked for in a ledger: in its texts, wherever they stand (`registers/words.py`); a whole
number by its blind index.
"""

from sqlalchemy import ColumnElement, and_, false, or_

from engine.formats import registry as formats
from engine.ledgers.ground import Ground
from engine.ledgers.lens import OWN, Column
from engine.registers import words
from engine.work import Work

MOST_WORDS, MOST_LETTERS = 8, 60


def condition(work: Work, ground: Ground, given: str) -> ColumnElement[bool]:
    """Rows in which each of the words stands somewhere."""
    return and_(*(_word(work, ground, word) for word in words_of(given)))


def words_of(given: str) -> list[str]:
    """The words that are looked for."""
    return [word[:MOST_LETTERS] for word in given.split()[:MOST_WORDS]]


def is_searched(column: Column) -> bool:
    """Whether a column is looked through: a plain text of the ledger's own subject."""
    return column.kind == OWN and words.is_text(column.field)


def searched(ground: Ground) -> tuple[Column, ...]:
    """The columns that are looked through: plain texts of the ledger's own subject."""
    return tuple(filter(is_searched, ground.lens.columns))


def _word(work: Work, ground: Ground, word: str) -> ColumnElement[bool]:
    of = [one.field for one in searched(ground)]
    ways = [words.condition(work, ground.dictionary, ground.lens.subject, word, of)] if of else []
    for one in ground.lens.columns:
        name = one.field.schema.get("format")
        whole = formats.normalised(str(name), word) if name in formats.FORMATS else ""
        if one.kind == OWN and whole and formats.FORMATS[str(name)].check(whole):
            if one.field.secret:
                ways.append(ground.blind(one) == work.vault.blind(whole, one.field.code))
            else:
                ways.append(ground.stored(one) == whole)
    return or_(*ways) if ways else false()
