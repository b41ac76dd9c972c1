"""What is different between two versions of a form, in words.

An item that moved to another name keeps its history: it is told as renamed when the same field, or
the same label in the same table, is gone on one side and new on the other.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import messages
from forms import defaults, document, structure
from forms.compiled import Check, CompiledForm, Item, Table

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `breaking` tells that documents of the old version may not fit the new."""

    kind: str
    path: str
    label: Mapping[str, str]
    details: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    breaking: bool = False

    def text(self, language: str = "zh") -> str:
        """The difference as a sentence."""
        told = {name: words.get(language, "") for name, words in self.details.items()}
        named = {"label": self.label.get(language, self.path), **told}
        return messages.text(f"form.change.{self.kind}", language, named)

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """For the wire."""
        return {
            "kind": self.kind,
            "path": self.path,
            "breaking": self.breaking,
            "text": self.text(language),
        }


def diff(old: CompiledForm, new: CompiledForm) -> list[Change]:
    """Every difference: the form itself, its items in their order, tables, sections, checks."""
    return [
        *_about_form(old, new),
        *_about_items(old, new),
        *_about_tables(old, new),
        *_about_sections(old, new),
        *_about_checks(old, new),
    ]


def _both(told: Callable[[str], object]) -> dict[str, str]:
    return {language: str(told(language))[:_SHOWN] for language in messages.LANGUAGES}


def _plain(value: object) -> dict[str, str]:
    return _both(lambda _: "—" if value in (None, "", ()) else value)


def _kept(value: object) -> dict[str, str]:
    """A stored word (month, error, integer …) in the reader's language."""
    return _both(
        lambda language: messages.table(language).get(f"form.word.{value}", str(value or "—"))
    )


def _about_form(old: CompiledForm, new: CompiledForm) -> Iterator[Change]:
    label = _both(new.title)
    if old.titles != new.titles:
        yield Change("form.title", "", label, {"old": _both(old.title), "new": label})
    for name in ("period", "kind"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Change(f"form.{name}", "", label, {"old": _kept(was), "new": _kept(now)}, True)
    for name in ("owner", "flow", "notes"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Change(f"form.{name}", "", label, {"old": _plain(was), "new": _plain(now)})
    if _printing(old) != _printing(new):
        yield Change("form.print", "", label)


def _printing(form: CompiledForm) -> tuple[object, ...]:
    breaks = ((one.titles, one.items) for one in form.sections if one.page_break)
    return (form.printing, *breaks)


def renamed(old: CompiledForm, new: CompiledForm) -> dict[str, Item]:
    """Items that go on under another name: what each was, by its path now."""
    gone = {path: item for path, item in old.by_path.items() if path not in new.by_path}
    moved: dict[str, Item] = {}
    for path, item in new.by_path.items():
        if path not in old.by_path:
            was = _moved_from(item, gone)
            if was is not None:
                moved[path] = gone.pop(was.path)
    return moved


def _about_items(old: CompiledForm, new: CompiledForm) -> Iterator[Change]:
    moved = renamed(old, new)
    left = {item.path for item in moved.values()}
    gone = {p: i for p, i in old.by_path.items() if p not in new.by_path and p not in left}
    for path, item in new.by_path.items():
        before = old.by_path.get(path)
        if before is not None:
            yield from _about_item(before, item, old, new)
        elif path in moved:
            label = _both(item.full_label)
            yield Change("item.renamed", path, label, {"old": _plain(moved[path].path)}, True)
            yield from _about_item(moved[path], item, old, new)
        else:
            kind = "item.added-required" if item.required else "item.added"
            yield Change(kind, path, _both(item.full_label), breaking=item.required)
    for path, item in gone.items():
        yield Change("item.removed", path, _both(item.full_label), breaking=True)


def _moved_from(item: Item, gone: Mapping[str, Item]) -> Item | None:
    """The vanished item that this new one is under another name."""
    for was in gone.values():
        if was.table != item.table or was.type != item.type or was.row != item.row:
            continue
        if (item.field and was.field == item.field) or was.titles == item.titles:
            return was
    return None


def _about_item(
    old: Item, new: Item, before: CompiledForm, after: CompiledForm
) -> Iterator[Change]:
    label = _both(new.full_label)
    if old.titles != new.titles or old.row_titles != new.row_titles:
        yield Change("item.relabelled", new.path, label, {"old": _both(old.full_label)})
    yield from _about_binding(old, new, before, after)
    if old.type != new.type or old.format != new.format:
        told = {"old": _kept(old.format or old.type), "new": _kept(new.format or new.type)}
        yield Change("item.retyped", new.path, label, told, True)
    if old.required != new.required:
        kind = "item.required" if new.required else "item.optional"
        yield Change(kind, new.path, label, breaking=new.required)
    for name in structure.CONDITIONS:
        was, now = old.schema.get(name), new.schema.get(name)
        if was != now:
            yield Change(f"item.{name}", new.path, label, {"old": _plain(was), "new": _plain(now)})
    for name in ("unit", "codelist", "compute", "at", "header"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            told = {"old": _plain(_joined(was)), "new": _plain(_joined(now))}
            yield Change(f"item.{name}", new.path, label, told, name in ("unit", "codelist"))
    if old.carry != new.carry:
        yield Change("item.carry" if new.carry else "item.not-carried", new.path, label)
    was, now = defaults.of(old), defaults.of(new)
    if not document.same(was, now):
        yield Change("item.default", new.path, label, {"old": _option(old), "new": _option(new)})
    yield from _about_limits(old, new)


def _option(item: Item) -> dict[str, str]:
    """What an item proposes, by the words of its choices."""
    told = defaults.of(item)
    if told is None:
        return _plain(None)
    named = {str(one.value): one for one in item.options}
    values = [str(one) for one in (told if isinstance(told, list) else [told])]
    return _both(
        lambda language: "、".join(
            named[one].label(language) if one in named else one for one in values
        )
    )


def _joined(value: object) -> object:
    return " / ".join(value) if isinstance(value, tuple) else value


def _about_binding(
    old: Item, new: Item, before: CompiledForm, after: CompiledForm
) -> Iterator[Change]:
    label = _both(new.full_label)
    if old.field != new.field:
        told = {"old": _field(old, before), "new": _field(new, after)}
        if new.field is None:
            yield Change("item.unbound", new.path, label, told)
        else:
            kind = "item.bound" if old.field is None else "item.rebound"
            yield Change(kind, new.path, label, told)
    elif old.field and before.fields[old.field].version != after.fields[old.field].version:
        versions = (before.fields[old.field].version, after.fields[old.field].version)
        told = {"old": _plain(versions[0]), "new": _plain(versions[1])}
        yield Change("item.field-version", new.path, label, {**told, "field": _field(new, after)})


def _field(item: Item, compiled: CompiledForm) -> dict[str, str]:
    return _both(compiled.fields[item.field].label) if item.field else _plain(None)


_LIMITS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "minItems", "maxItems",
)  # fmt: skip


def _about_limits(old: Item, new: Item) -> Iterator[Change]:
    label = _both(new.full_label)
    for name in _LIMITS:
        was, now = old.schema.get(name), new.schema.get(name)
        if was != now:
            told = {"limit": _kept(name), "old": _plain(was), "new": _plain(now)}
            yield Change("item.limit", new.path, label, told, now is not None)
    values = [tuple(str(one.value) for one in item.options) for item in (old, new)]
    if values[0] != values[1] and old.codelist == new.codelist:
        told = {
            "old": _plain("、".join(one for one in values[0] if one not in values[1])),
            "new": _plain("、".join(one for one in values[1] if one not in values[0])),
        }
        yield Change("item.options", new.path, label, told, bool(set(values[0]) - set(values[1])))


def _about_tables(old: CompiledForm, new: CompiledForm) -> Iterator[Change]:
    for path, table in new.table_by_path.items():
        before = old.table_by_path.get(path)
        if before is None:
            yield Change("table.added", path, _both(table.label))
            continue
        if before.titles != table.titles:
            yield Change("table.relabelled", path, _both(table.label), {"old": _both(before.label)})
        if before.members != table.members:
            told = {"old": _plain(before.members), "new": _plain(table.members)}
            yield Change("table.members", path, _both(table.label), told)
        yield from _about_rows(before, table)
    for path, table in old.table_by_path.items():
        if path not in new.table_by_path:
            yield Change("table.removed", path, _both(table.label), breaking=True)


def _about_rows(old: Table, new: Table) -> Iterator[Change]:
    if new.kind != "fixed" or old.kind != "fixed":
        return
    label = _both(new.label)
    was, now = {row.name: row for row in old.rows}, {row.name: row for row in new.rows}
    for name, row in now.items():
        if name not in was:
            yield Change("row.added", f"{new.path}/{name}", label, {"row": _both(row.label)})
    for name, row in was.items():
        if name not in now:
            told = {"row": _both(row.label)}
            yield Change("row.removed", f"{new.path}/{name}", label, told, True)


def _about_sections(old: CompiledForm, new: CompiledForm) -> Iterator[Change]:
    """What came or went is told as such; here only what both have, if it is parted or ordered anew."""
    before, after = ({one for part in form.sections for one in part.items} for form in (old, new))
    was, now = (
        [
            (one.titles, kept)
            for one in form.sections
            if (kept := [name for name in one.items if name in before & after])
        ]
        for form in (old, new)
    )
    if was != now:
        yield Change("sections", "", _both(new.title))


def _about_checks(old: CompiledForm, new: CompiledForm) -> Iterator[Change]:
    was, now = {one.code: one for one in old.checks}, {one.code: one for one in new.checks}
    for code, check in now.items():
        if code not in was:
            yield _about_check("check.added", check, breaking=check.severity != "explain")
        elif was[code] != check:
            told = {"old": _plain(was[code].formula), "new": _plain(check.formula)}
            if was[code].formula == check.formula:
                kind = "check.severity" if was[code].severity != check.severity else "check.changed"
                told = {"old": _kept(was[code].severity), "new": _kept(check.severity)}
                yield _about_check(kind, check, told)
            else:
                yield _about_check("check.formula", check, told, breaking=True)
    for code, check in was.items():
        if code not in now:
            yield _about_check("check.removed", check)


def _about_check(
    kind: str,
    check: Check,
    details: Mapping[str, Mapping[str, str]] | None = None,
    *,
    breaking: bool = False,
) -> Change:
    path = f"/form/checks/{check.code}"
    return Change(kind, path, _both(check.text), details or {}, breaking)
