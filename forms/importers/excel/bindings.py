"""Fields of the dictionary and names for the items of a proposal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.dictionary.field import Field
from engine.dictionary.match import Asked, Match, Matcher
from forms.importers.excel import figures
from forms.importers.excel.naming import Names, path_names, pinyin
from forms.importers.excel.proposal import Candidate, Item, Table

BIND_FROM = 0.75


def matched(
    items: list[Item],
    tables: Sequence[Table],
    fields: Sequence[Field],
    learned: Mapping[str, str] | None,
    unit: str | None = None,
) -> list[Item]:
    """The items with the fields they may be; a field stands once in a table or a section.

    A printed row may be a fact too, where one column holds its figure. `unit` is what is said of all figures.
    """
    asking = [n for n, item in enumerate(items) if item.axis != "row" and item.role == "value"]
    if not fields:
        return items
    matcher = Matcher(fields, learned)
    found = matcher.match(
        [
            Asked(
                path=items[n].path,
                unit=items[n].unit,
                type=items[n].type,
                choices=items[n].choices,
                samples=items[n].samples,
                units=unit or "",
            )
            for n in asking
        ]
    )
    for n, matches in zip(asking, found, strict=True):
        items[n] = _bound(items[n], matches)
    rows = figures.asking(items, tables)
    for n, matches in zip(rows, figures.matched(items, rows, fields, matcher, unit), strict=True):
        items[n] = _bound(items[n], matches)
    return _each_field_once(items)


def _bound(item: Item, matches: tuple[Match, ...]) -> Item:
    best = matches[0] if matches else None
    return replace(
        item,
        field=best.field if best and best.confidence >= 0.5 else None,
        confidence=best.confidence if best else 0.0,
        candidates=tuple(Candidate(m.field, m.confidence, m.reasons) for m in matches),
    )


def _each_field_once(items: list[Item]) -> list[Item]:
    """Two columns of one table cannot be the same fact: the surer one keeps the field."""
    best: dict[tuple[object, ...], float] = {}
    for item in items:
        if item.field:
            key = _scope(item)
            best[key] = max(best.get(key, 0.0), item.confidence)
    seen: set[tuple[object, ...]] = set()
    found = []
    for item in items:
        key = _scope(item)
        if item.field and (item.confidence < best[key] or key in seen):
            found.append(replace(item, field=None, confidence=0.0))
            continue
        if item.field:
            seen.add(key)
        found.append(item)
    return found


def _scope(item: Item) -> tuple[object, ...]:
    """Where a field may stand once: in a table, or in a section of a card."""
    section = item.path[:-1] if item.axis == "cell" else ()
    return (item.table, section, item.field)


def named(items: list[Item], taken: Collection[str] = ()) -> list[Item]:
    """A name for every item, unique among what will stand side by side in the form; at its root none
    that is `taken` by another sheet of the same form.
    """
    scopes: dict[tuple[int, str], Names] = {}
    found = []
    for item in items:
        others = taken if item.axis == "cell" else ()
        names = scopes.setdefault((item.table, item.axis), Names(others))
        wishes: list[str] = []
        if item.axis != "row" and item.field and item.confidence >= BIND_FROM:
            wishes.append(item.field.partition(".")[2])
        prefix = {"row": "r", "column": "c", "cell": "q"}[item.axis]
        wishes.extend(path_names(item.path, code=item.code, prefix=prefix))
        if item.axis == "row" and not item.code:
            wishes = [f"{prefix}_{wish}" for wish in wishes]
        found.append(replace(item, name=names.take(*wishes)))
    return found


def named_tables(
    tables: Sequence[Table], items: Sequence[Item], title: str, taken: Collection[str] = ()
) -> list[Table]:
    """The tables with the names under which the form and its formulas will know them."""
    names = Names([*taken, *(item.name for item in items if item.axis == "cell")])
    return [
        replace(table, name=names.take(_table_name(table, title, n), f"table_{n + 1}"))
        for n, table in enumerate(tables)
    ]


def _table_name(table: Table, title: str, index: int) -> str:
    name = pinyin(table.title or (title if index == 0 else ""))[:16]
    return name if len(name) > 1 else f"table_{index + 1}"
