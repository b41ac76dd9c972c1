"""A ledger as open data: k-anonymous and l-diverse, judged by the checker before anybody gets it."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from engine.access import policy
from engine.dictionary.store import Dictionary
from engine.errors import Forbidden, Problem
from engine.json_text import Json
from engine.ledgers.ground import Ground, ground
from engine.ledgers.lens import LOCAL, Column
from engine.privacy import anonymity, hierarchies, together
from engine.privacy.anonymity import Anonymised, Beside, Demand, NotApart, ReleaseWrong
from engine.privacy.anonymity_check import Verdict, judge
from engine.privacy.hierarchies import Hierarchy
from engine.privacy.together import Key
from engine.work import Work
from forms.compiled import CompiledForm
from forms.kinds import ledger
from forms.public import released_before
from forms.public.released_before import Before, Telling

MAKE = "publication.make"


class ColumnNotOpen(Problem):
    """A column cannot be in open data; `reason` says why."""

    code, status = "release.column", 422
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Which columns are released: those by which somebody could be known, and what is told of them."""

    quasi: Sequence[str]
    sensitive: Sequence[str]
    demand: Demand
    widths: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Bands of a number by column, where they are not the usual ones."""


@dataclass(frozen=True, slots=True)
class Released:
    """A table to hand out, and what it cost."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    report: Mapping[str, Json]
    ids: tuple[str, ...]
    """Whom each row is about: never handed out, kept so that later tables can be held against this one."""


def opened(work: Work, code: str) -> tuple[CompiledForm, Ground]:
    """A ledger whose open data the actor may make. Raises Forbidden, NotFound."""
    form = ledger.form(work.connection, code)
    work.require(MAKE, owner=form.owner)
    return form, ground(work, ledger.lens(work.connection, form))


def kinds(here: Ground) -> dict[str, str]:
    """What each column of a ledger may be, by name: quasi, sensitive (only), or nothing."""
    found = {}
    for one in here.lens.columns:
        try:
            hierarchies.of_field(one.field, here.dictionary.codelists)
            found[one.name] = "quasi"
        except hierarchies.NotGeneralised:
            found[one.name] = ""
    return found


def roles(here: Ground) -> dict[str, list[str]]:
    """What each column of a ledger may be in open data, by name: quasi, sensitive, both or neither."""
    known, found = kinds(here), {}
    for one in here.lens.columns:
        closed = one.field.secret or one.field.sensitivity == "L4"
        may = [known[one.name]] if known[one.name] and one.field.sensitivity != "L3" else []
        listed = one.field.codelist or one.field.schema.get("type") in ("boolean", "integer")
        found[one.name] = [] if closed else [*may, *(["sensitive"] if listed else [])]
    return found


def release(work: Work, code: str, wish: Wish) -> Released:
    """The ledger's rows, as far as the actor reaches, anonymised; who made what is on the trail.

    Raises Forbidden, NotFound, ColumnNotOpen, NotGeneralised, ReleaseWrong, NotReleasable, NotApart.
    """
    form, here = opened(work, code)
    named = {one.name: ledger.item(form, one.name).label() for one in here.lens.columns}
    return released(work, here, wish, named)


def released(work: Work, here: Ground, wish: Wish, named: Mapping[str, str]) -> Released:
    """The rows of a ledger that is opened, anonymised; `named` are its headings by column."""
    quasi = [_column(here, name) for name in wish.quasi]
    sensitive = [_column(here, name) for name in wish.sensitive]
    _check(quasi, sensitive, wish.demand)
    ladders = [_ladder(here, one, wish) for one in quasi]
    ids, rows = _rows(work, here, [*quasi, *sensitive])
    at = len(quasi)
    values = [row[at:] for row in rows]
    telling = _telling(here, quasi, sensitive)
    before = released_before.tables(work, telling)
    beside = _beside(wish.demand, before, ids, values) if before else None
    try:
        done = anonymity.anonymise([row[:at] for row in rows], values, ladders, wish.demand, beside)
    except NotApart as problem:
        titles = "、".join(f"{one.title}（{one.made_at[:10]}）" for one in before)
        raise NotApart(titles=titles) from problem
    heads = tuple(named[one.name] for one in (*quasi, *sensitive))
    told = tuple(_labelled(here.dictionary, [*quasi, *sensitive], row) for row in done.rows)
    table = [dict(zip((*wish.quasi, *wish.sensitive), row, strict=True)) for row in told]
    verdict = judge(table, wish.quasi, wish.sensitive)
    if not verdict.keeps(wish.demand.k, wish.demand.l):
        raise RuntimeError("a release that the checker does not pass is not handed out")
    report = _report(here, wish, ladders, done, verdict, given=len(rows))
    report["telling"] = telling.to_json()
    report["beside"] = [one.title for one in before]
    work.note(
        "open-data.released", here.lens.code, rows=len(told), left_out=done.loss.left_out,
        k=wish.demand.k, l=wish.demand.l, columns=[*wish.quasi, *wish.sensitive],
    )  # fmt: skip
    return Released(heads, told, report, tuple(ids[one] for one in done.picked))


def _telling(here: Ground, quasi: Sequence[Column], sensitive: Sequence[Column]) -> Telling:
    """What the table tells of whom; a column of the ledger's own is nobody else's."""

    def code(one: Column) -> str:
        return (
            f"{here.lens.code} {one.name}" if one.kind == LOCAL else f"{one.field.code} {one.via}"
        )

    return Telling(here.lens.subject, tuple(map(code, quasi)), tuple(map(code, sensitive)))


def _beside(
    demand: Demand,
    before: Sequence[Before],
    ids: Sequence[str],
    values: Sequence[tuple[str, ...]],
) -> Beside:
    """Who is left out for the tables that others have already."""
    number = {one: at for at, one in enumerate(ids)}
    whole: dict[Hashable, Key] = dict(zip(ids, values, strict=True))

    def left_out(keys: Sequence[tuple[str, ...]]) -> set[int]:
        groups: dict[Hashable, Key] = dict(zip(ids, keys, strict=True))
        out = together.left_out(
            groups, whole, [one.earlier for one in before],
            k=demand.k, l=demand.l,
        )  # fmt: skip
        return {number[str(one)] for one in out}

    return left_out


def _column(here: Ground, name: str) -> Column:
    found = here.lens.by_name.get(name)
    if found is None:
        raise ColumnNotOpen(column=name, reason="unknown")
    if found.field.secret or found.field.sensitivity == "L4":
        raise ColumnNotOpen(column=found.field.label(), reason="secret")
    return found


def _check(quasi: Sequence[Column], sensitive: Sequence[Column], demand: Demand) -> None:
    names = [one.name for one in (*quasi, *sensitive)]
    if not quasi:
        raise ReleaseWrong(reason="columns")
    for name in names:
        if names.count(name) > 1:
            raise ColumnNotOpen(column=name, reason="twice")
    for one in sensitive:
        listed = one.field.codelist or one.field.schema.get("type") in ("boolean", "integer")
        if not listed:
            raise ColumnNotOpen(column=one.field.label(), reason="free")
    protected = [one for one in sensitive if one.field.sensitivity == "L3"]
    if protected and demand.l < 2:
        raise ColumnNotOpen(column=protected[0].field.label(), reason="diversity")
    for one in quasi:
        if one.field.sensitivity == "L3":
            raise ColumnNotOpen(column=one.field.label(), reason="sensitive")


def _ladder(here: Ground, column: Column, wish: Wish) -> Hierarchy:
    try:
        return hierarchies.of_field(
            column.field, here.dictionary.codelists, wish.widths.get(column.name, ())
        )
    except ValueError as error:
        raise ColumnNotOpen(column=column.field.label(), reason="bands") from error


def _rows(
    work: Work, here: Ground, columns: Sequence[Column]
) -> tuple[list[str], list[tuple[str, ...]]]:
    """Whom each row is about, and what it holds."""
    if not policy.reaches(work.actor, "ledger.read"):
        raise Forbidden(reason="")
    stored = [here.stored(one).label(f"c{at}") for at, one in enumerate(columns)]
    own = here.register.c.id
    query = select(own, *stored).select_from(here.joined(columns)).where(here.members())
    found = work.connection.execute(query.order_by(own)).all()
    return [row[0] for row in found], [tuple(_text(one) for one in row[1:]) for row in found]


def _text(value: Any) -> str:
    if value is None:
        return hierarchies.BLANK
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        value = Decimal(str(value))
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def _labelled(known: Dictionary, columns: Sequence[Column], row: Sequence[str]) -> tuple[str, ...]:
    """Codes in words, as open data is read by people; divisions stay codes, which are public."""
    found = []
    for column, value in zip(columns, row, strict=True):
        codes = known.codelists.get(column.field.codelist or "")
        if codes is not None:
            found.append(codes.label(value))
        elif column.field.schema.get("type") == "boolean" and value in ("0", "1"):
            found.append("是" if value == "1" else "否")
        else:
            found.append(value)
    return tuple(found)


def _report(
    here: Ground,
    wish: Wish,
    ladders: Sequence[Hierarchy],
    done: Anonymised,
    verdict: Verdict,
    *,
    given: int,
) -> dict[str, Json]:
    """What was released, what was left out, how much is told less, and who judged it."""
    columns: list[Json] = [
        {
            "column": name,
            "label": here.lens.by_name[name].field.label(),
            "level": level,
            "told": ladder.names[level],
            "of": ladder.top,
            "loss": round(lost, 4),
        }
        for name, ladder, level, lost in zip(
            wish.quasi, ladders, done.levels, done.loss.columns, strict=True
        )
    ]
    others: list[Json] = [
        {
            "levels": {
                name: ladder.names[level]
                for name, ladder, level in zip(wish.quasi, ladders, levels, strict=True)
            },
            "loss": round(loss.total, 4),
            "left_out": loss.left_out,
        }
        for levels, loss in done.others
    ]
    demanded: dict[str, Json] = {
        "k": wish.demand.k,
        "l": wish.demand.l,
        "most_left_out": Decimal(str(wish.demand.most_left_out)),
    }
    judged: dict[str, Json] = {
        "rows": verdict.rows,
        "groups": verdict.groups,
        "smallest_group": verdict.k,
        "fewest_values": dict(verdict.l),
    }
    return {
        "ledger": here.lens.code,
        "title": here.lens.title(),
        "demanded": demanded,
        "given": given,
        "released": len(done.rows),
        "left_out": done.loss.left_out,
        "left_out_part": Decimal(str(round(done.loss.left_out / given, 4))) if given else 0,
        "columns": columns,
        "sensitive": list(wish.sensitive),
        "loss": Decimal(str(round(done.loss.total, 4))),
        "judged": judged,
        "nodes_tried": done.tried,
        "others": others,
    }
