"""Registers from the command line: how many by what, and who stands there twice."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin.cli._shared import emit, installation, language, told
from engine.identity.actor import system_actor

if TYPE_CHECKING:
    from admin.register_load import Found

ACTOR = system_actor("cli")
REFUSED = {
    "key": "号码与库里的不同 · another number than the register has",
    "several": "号码属于两个不同的登记 · numbers of two different subjects",
}
LOSES = {"day": "日 · the day", "month": "月和日 · month and day"}


@click.group()
def register() -> None:
    """登记库：交叉表、查重。 · Registers."""


@register.command()
@click.argument("subject")
@click.argument("axes", nargs=-1, required=True, metavar="AXIS...")
@click.option("--where", default="", help="条件，写公式 · a condition, as a formula")
@click.option(
    "--this", default="", metavar="CODE", help="条件里的 this 是哪个组织 · what `this` is"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def cross(subject: str, axes: Sequence[str], where: str, this: str, *, as_json: bool) -> None:
    """交叉表：按几个维度数人（户、房、企业）。 · Count subjects by several axes.

    维度是字段名，或带分段的数：age:0,16,60,80。例：register cross person residence age:0,60,80 sex
    An axis is a field's name, or a number with the bands it is divided into.
    """
    from engine.dictionary.store import dictionary
    from engine.registers.cross import Axis, cross_table

    with installation() as system, system.read(ACTOR) as work:
        found = cross_table(
            work,
            dictionary(work.connection),
            subject,
            [Axis.read(one) for one in axes],
            where=where,
            this=this,
        )
    rows = [
        [*(axis.label(key) for axis, key in zip(found.axes, keys, strict=True)), count]
        for keys, count in sorted(found.cells.items(), key=lambda one: tuple(map(str, one[0])))
    ]
    if as_json:
        emit({"axes": [axis.name for axis in found.axes], "rows": rows, "total": found.total})
        return
    for row in rows:
        click.echo("\t".join(map(str, row)))
    click.echo(f"合计 · total\t{found.total}")


@register.command()
@click.argument("subject", metavar="REGISTER")
@click.option("--listed", is_flag=True, help="只列已发现的，不重新查 · only what is known already")
@click.option("--limit", default=200, show_default=True, help="最多列多少对 · how many at most")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def duplicates(subject: str, *, listed: bool, limit: int, as_json: bool) -> None:
    """查重：按号码、姓名、出生、住址找出可能重复的登记。 · Likely duplicates of a register.

    查一遍后列出待核对的，不合并；合并在页面上由人核对。中断后再运行，从断处继续。
    Searches, then lists; a person merges on the page. Cut off, it goes on from there when run again.
    """
    from admin.cli._progress import steps
    from engine.dictionary.store import dictionary
    from engine.errors import NotFound
    from engine.registers import duplicates as searching
    from engine.registers import pairs

    with installation() as system, steps(quiet=as_json) as say:
        with system.read(ACTOR) as work:
            if subject not in dictionary(work.connection).subjects:
                raise NotFound
        if not listed:
            searching.whole(system, ACTOR, subject, say=lambda one: say(f"{one.percent}%"))
        with system.read(ACTOR) as work:
            found = pairs.listed(work, subject, pairs.FOUND, limit=limit)
            number = pairs.count(work, subject, pairs.FOUND)
            last = searching.newest(work, subject)
    if as_json:
        emit(
            {
                "register": subject,
                "rows": last.rows if last else None,
                "crowded": last.crowded if last else None,
                "total": number,
                "pairs": [
                    {"id": one.id, "first": one.first_id, "second": one.second_id,
                     "score": one.score, "why": dict(one.why)}
                    for one in found
                ],
            }
        )  # fmt: skip
        return
    for one in found:
        why = " ".join(f"{name}:{alike}" for name, alike in one.why.items())
        click.echo(f"{one.score}\t{one.first_id}\t{one.second_id}\t{why}")
    click.echo(f"待核对 · to look at\t{number}")


@register.command()
@click.argument("subject", metavar="REGISTER")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source", required=True, help="从哪里来，如 户籍库 2026-11 · what people call the source"
)
@click.option(
    "--update",
    is_flag=True,
    help="已有的按表改；空格不改 · change those that are there; an empty cell changes nothing",
)
@click.option("--preview", is_flag=True, help="只看会怎样，不写 · only what it would do")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def load(
    subject: str, file: Path, source: str, *, update: bool, preview: bool, as_json: bool
) -> None:
    """成批载入一张表（CSV、Excel）；不详、不适用、拒答记为没有值的回答。 · Load a sheet into a register.

    表头写字段名称或代码。号码已在库里的行不动，列出数目；加 --update 则按表改，先用 --preview 看。
    不合规则的行不进，列出原因。写完给出载入编号，register unload 可以整批撤销。
    Rows whose key is there already are left and counted, or changed with --update; rows against the
    rules stay out, with why. What was written has a number, by which register unload undoes it.
    """
    from admin.register_load import load_sheet

    with installation() as system:
        found = load_sheet(
            system, ACTOR, subject, file, source=source, preview=preview, update=update
        )
    if as_json:
        emit(_loaded(found, written=not preview))
        return
    click.echo(f"新的 · new\t{found.new}")
    if update:
        click.echo(f"改动 · changed\t{found.changed}\n不变 · unchanged\t{found.same}")
    if found.there or not update:
        click.echo(f"已有 · there already\t{found.there}")
    click.echo(f"不合 · rejected\t{found.rejected}")
    for reason, count in found.refused.items():
        click.echo(f"{REFUSED[reason]}\t{count}")
    for name, count in found.fields.items():
        click.echo(f"{name}\t{count}")
    for (field, kind), count in found.absences.items():
        click.echo(f"{field}\t{kind}\t{count}")
    for change in found.shown[:50]:
        click.echo(f"{change.subject}\t{change.field}\t{change.before} → {change.after}")
    for one in found.faults[:50]:
        click.echo(f"{one.row}\t{one.field}\t{one.text(language())}")
    if found.number:
        click.echo(f"载入编号 · load number\t{found.number}")


def _loaded(found: "Found", *, written: bool) -> dict[str, object]:
    return {
        "new": found.new, "there": found.there, "changed": found.changed, "same": found.same,
        "rejected": found.rejected, "refused": dict(found.refused), "fields": dict(found.fields),
        "changes": [
            {"id": one.subject, "field": one.field, "before": one.before, "after": one.after}
            for one in found.shown
        ],
        "absences": [[field, kind, n] for (field, kind), n in found.absences.items()],
        "written": written, "number": found.number or None,
        "faults": [
            {"row": one.row, "field": one.field, "why": one.text(language())} for one in found.faults
        ],
    }  # fmt: skip


@register.command()
@click.argument("subject", metavar="REGISTER")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--preview", is_flag=True, help="只看会怎样，不写 · only what it would do")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def unload(subject: str, number: int, *, preview: bool, as_json: bool) -> None:
    """整批撤销一次载入：新进的删去，改动的改回；之后有人改过的不动。 · Undo a load as a whole.

    Who came in goes, what was changed is as it was; what somebody has said since stays, and is counted.
    """
    from admin.register_unload import undo

    with installation() as system:
        found = undo(system, ACTOR, subject, number, preview=preview)
    if as_json:
        emit({"removed": found.removed, "restored": found.restored, "kept": found.kept,
              "written": not preview})  # fmt: skip
        return
    click.echo(f"删去 · removed\t{found.removed}\n改回 · restored\t{found.restored}")
    click.echo(f"之后有人改过，未动 · left, changed since\t{found.kept}")


@register.command("rename-field")
@click.argument("code")
@click.argument("name")
@told
def rename_field(code: str, name: str) -> None:
    """更换数据项的编码，数据不动，旧编码仍然有效。 · Give a field another code; values stay.

    例：register rename-field person.phone mobile
    The code it had goes on leading to it; renaming back undoes it.
    """
    from engine.dictionary.store import dictionary
    from engine.registers import fields

    with installation() as system:
        with system.read(ACTOR) as work:
            seen = dictionary(work.connection).field(code).version
        saved = system.write(ACTOR, lambda work: fields.rename(work, code, name, seen))
    click.echo(f"{code} → {saved.called}")


@register.command("convert-field")
@click.argument("code")
@click.option("--codelist", help="文字换成这个代码表的代码 · words become the codes of this list")
@click.option(
    "--period",
    "grain",
    type=click.Choice(["month", "year"]),
    help="日期换成年月或年 · days become months or years",
)
@click.option("--preview", is_flag=True, help="只看会怎样，不写 · only what it would do")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def convert_field(
    code: str, codelist: str | None, grain: str | None, *, preview: bool, as_json: bool
) -> None:
    """已有的值换成意思相同的代码或年月；有一个对不上就都不动。 · Turn kept values into codes or months.

    例：register convert-field person.marriage_note --codelist "GB/T 2261.2" --preview
    Refused as long as one value has no counterpart; `undo-field` puts all back from the history.
    """
    from admin.views import field_view
    from engine.dictionary.store import dictionary
    from engine.registers import fields

    if (codelist is None) == (grain is None):
        raise click.UsageError(
            "--codelist 和 --period 要给一个，只给一个 · give --codelist or --period, one of them"
        )
    into = {"type": "choice", "codelist": codelist or ""}
    if grain:
        into = {"type": "format", "format": "period"}
    with installation() as system:
        with system.read(ACTOR) as work:
            now = dictionary(work.connection).field(code)
            field = field_view.read(field_view.inputs(now) | into, now)
            turned = fields.conversion_of(work, now, field, grain or "month")
            can = turned.count or turned.misfits.count
            wrong = turned.misfits if can else fields.misfits_of(work, now, field)
            changes = fields.told_changes(now, turned)
            misfits = fields.told_values(now, wrong)
        if not preview:
            system.write(
                ACTOR, lambda work: fields.convert(work, field, now.version, grain or "month")
            )
    if as_json:
        emit({"field": now.called, "fits": not wrong.count, "turned": turned.count,
              "misfits": wrong.count, "loses": turned.loses, "written": not preview,
              "changes": [list(one) for one in changes],
              "values": [list(one) for one in misfits]})  # fmt: skip
        return
    for before, after, number in changes:
        click.echo(f"{before} → {after}\t{number}")
    for value, number in misfits:
        click.echo(f"对不上 · no counterpart\t{value}\t{number}")
    if turned.loses:
        click.echo(f"换算后不再知道 · no longer told\t{LOSES[turned.loses]}")
    click.echo(f"换算 · turned\t{turned.count}")
    if wrong.count:
        click.echo(f"对不上，全部改正后才能换算 · to be corrected first\t{wrong.count}")


@register.command("undo-field")
@click.argument("code")
@told
def undo_field(code: str) -> None:
    """撤销数据项的上次修改，换算过的值换回来。 · Take back a field's last change, and what it converted.

    例：register undo-field person.marriage_note
    """
    from engine.dictionary.store import dictionary
    from engine.registers import fields

    with installation() as system:
        with system.read(ACTOR) as work:
            seen = dictionary(work.connection).field(code).version
        saved = system.write(ACTOR, lambda work: fields.undo(work, code, seen))
    click.echo(f"{saved.called}\t第 {saved.version} 版 · version {saved.version}")


@register.command()
@click.argument("subject")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@told
def quality(subject: str, *, as_json: bool) -> None:
    """统计一个登记库的数据质量，记为本月的，并按数据项列出。 · Count a register's quality by field.

    例：register quality person
    The same figures as the page of data quality, of the whole register.
    """
    from engine.dictionary.field import FieldUnknown
    from engine.dictionary.store import dictionary
    from engine.registers import quality as counting

    with installation() as system:
        with system.read(ACTOR) as work:
            known = dictionary(work.connection)
            if subject not in known.subjects:
                raise FieldUnknown(field=subject)
            found = counting.count(work, known, subject)
        system.write(ACTOR, lambda work: counting.keep(work, subject, found))
    sums: dict[str, list[int]] = {}
    for by_field in found.values():
        for code, numbers in by_field.items():
            before = sums.get(code, [0] * len(numbers))
            sums[code] = [one + more for one, more in zip(before, numbers, strict=True)]
    if as_json:
        emit({code: dict(zip(counting.COUNTS, one, strict=True)) for code, one in sums.items()})
        return
    click.echo("\t".join(("field", *counting.COUNTS)))
    for code, numbers in sorted(sums.items()):
        click.echo("\t".join((known.fields[code].called, *map(str, numbers))))
