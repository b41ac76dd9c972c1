"""公示 from a report: the rows of a list that its units filed, masked and decided like a ledger's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity import store as identity
from engine.json_text import Json
from engine.privacy import public_masks
from engine.privacy.public_masks import Mask
from engine.registers import store as registers
from engine.work import Work
from forms import document, masking, rollup
from forms.compiled import CompiledForm, Item, Table
from forms.documents import DocumentRecord
from forms.public import lists as public_lists
from forms.public.lists import MAKE, MOST_ROWS, Contents, PublicListWrong, Wish

UNIT = "unit"
"""The column that tells which unit filed the row."""


@dataclass(frozen=True)
class Roster:
    """A list of a report, as far as the maker sees it."""

    form: CompiledForm
    table: Table
    known: Dictionary
    rows: Sequence[tuple[DocumentRecord, Mapping[str, Json]]]
    withheld: frozenset[str]

    @property
    def items(self) -> list[Item]:
        """The columns that may be asked for."""
        found = (
            self.form.by_path.get(f"{self.table.path}/*/{one.name}") for one in self.table.columns
        )
        return [one for one in found if one is not None and one.path not in self.withheld]

    def field(self, item: Item) -> Field:
        """The dictionary's field of a column, or one as the form defines it."""
        known = self.known.fields.get(item.field) if item.field else None
        return known or Field(
            code=f"{self.form.code}.{item.name}",
            labels=item.titles,
            schema=item.schema,
            codelist=item.codelist,
        )

    def mask(self, item: Item) -> Mask:
        """What would become of a column in public."""
        if item.attachment:
            return Mask(refused="free-text")
        return public_masks.mask_of(self.field(item), local=item.field is None)


def roster(work: Work, form: CompiledForm, path: str, records: Sequence[DocumentRecord]) -> Roster:
    """A list of a report over final documents, without what rules withhold. Raises Forbidden, NotFound."""
    work.require(MAKE, owner=form.owner)
    found = form.table_by_path.get(path)
    if found is None or found.kind != "floating":
        raise NotFound
    veil = masking.veil(work, form)
    final = rollup.leaves([one for one in records if one.status == "final"])
    rows = []
    for record in final:
        gone = veil.over(record.contents)
        ids = document.row_ids(record.contents, path)
        listed = document.get(record.contents, path) or []
        rows += [
            (record, row)
            for own, row in zip(ids, listed, strict=True)
            if not gone.hides(f"{path}/{own}")
        ]
    return Roster(form, found, dictionary(work.connection), rows, veil.withheld)


def draft(work: Work, here: Roster, wish: Wish, *, source: str) -> str:
    """Make what would be public, to be looked at dry. Gives its id. Raises PublicListWrong."""
    items = _items(here, wish)
    if len(here.rows) > MOST_ROWS:
        raise PublicListWrong(reason="too-many", detail=str(MOST_ROWS))
    if not here.rows:
        raise PublicListWrong(reason="empty")
    rules = [here.mask(one).rule for one in items]
    places = _places(work, here, items)
    fields = [here.field(one) for one in items]
    texts = tuple(
        (
            places.get(record.organisation_code, record.organisation_code),
            *(
                public_masks.masked(
                    field, rule, public_lists.text(here.known, field, row.get(item.name), places)
                )
                for item, field, rule in zip(items, fields, rules, strict=True)
            ),
        )
        for record, row in here.rows
    )
    heads = ("单位", *(one.label() for one in items))
    contents = Contents(heads, ("plain", *rules), texts, _subjects(work, here))
    return public_lists.keep(work, source, here.form.owner, contents, wish)


def _items(here: Roster, wish: Wish) -> list[Item]:
    wanted = [one for one in here.items if one.name in set(wish.columns)]
    if not wanted:
        raise PublicListWrong(reason="columns")
    for one in wanted:
        if refused := here.mask(one).refused:
            raise PublicListWrong(reason=refused, detail=one.label())
    if together := public_masks.told_together(here.field(one) for one in wanted):
        raise PublicListWrong(reason=together)
    return wanted


def _places(work: Work, here: Roster, items: Sequence[Item]) -> dict[str, str]:
    placed = [one.name for one in items if one.format == "division-code"]
    codes = {record.organisation_code for record, _ in here.rows}
    codes |= {str(row.get(name) or "") for _, row in here.rows for name in placed} - {""}
    return dict(identity.organisation_names(work.connection, sorted(codes)))


def _subjects(work: Work, here: Roster) -> tuple[str, ...]:
    """Whom each row is about, so that whoever is deleted goes from the list too."""
    for item in here.form.items:
        field: Any = here.known.fields.get(item.field or "")
        if item.table != here.table.path or field is None:
            continue
        if field.name in here.known.subjects[field.subject].keys:
            keys = [str(row.get(item.name) or "") for _, row in here.rows]
            found = registers.find(work, here.known, field, sorted(set(keys) - {""}))
            return tuple(found.get(key, "") for key in keys)
    return tuple("" for _ in here.rows)
