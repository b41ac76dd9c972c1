"""Words looked for in a ledger: in its texts, wherever they stand; a whole number by its blind index."""

from sqlalchemy import ColumnElement, and_, false, or_

from engine.formats import registry as formats
from engine.ledgers.ground import Ground
from engine.ledgers.lens import OWN, Column
from engine.work import Work

MOST_WORDS, MOST_LETTERS = 8, 60


def condition(work: Work, ground: Ground, words: str) -> ColumnElement[bool]:
    """Rows in which each of the words stands somewhere."""
    given = words.split()[:MOST_WORDS]
    return and_(*(_word(work, ground, word[:MOST_LETTERS]) for word in given))


def searched(ground: Ground) -> tuple[Column, ...]:
    """The columns that are looked through: plain texts of the ledger's own subject."""
    return tuple(one for one in ground.lens.columns if one.kind == OWN and _is_text(one))


def _word(work: Work, ground: Ground, word: str) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = [
        ground.stored(one).icontains(word, autoescape=True) for one in searched(ground)
    ]
    for one in ground.lens.columns:
        name = one.field.schema.get("format")
        whole = formats.normalised(str(name), word) if name in formats.FORMATS else ""
        if one.kind == OWN and whole and formats.FORMATS[str(name)].check(whole):
            if one.field.secret:
                ways.append(ground.blind(one) == work.vault.blind(whole, one.field.code))
            else:
                ways.append(ground.stored(one) == whole)
    return or_(*ways) if ways else false()


def _is_text(one: Column) -> bool:
    field = one.field
    plain = field.schema.get("type") == "string" and "format" not in field.schema
    return plain and not (field.secret or field.codelist or field.compute)
