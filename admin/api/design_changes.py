"""One step of the designer as it comes over the wire, and what it makes of a draft."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from admin.api import design_defaults, design_head
from admin.web.answer import Revision
from engine.dictionary.store import Dictionary, dictionary
from engine.json_text import Json
from engine.work import Work
from forms import publish, structure
from forms.complaints import FormInvalid
from forms.designing import design, layout, palette

Words = Annotated[str, msgspec.Meta(max_length=200)]
Formula = Annotated[str, msgspec.Meta(max_length=4000)]
Path = Annotated[str, msgspec.Meta(max_length=400)]
Keyword = str | msgspec.UnsetType | None
Limit = int | float | msgspec.UnsetType | None

UNSET = msgspec.UNSET


class ChoiceDraft(msgspec.Struct, forbid_unknown_fields=True):
    """One choice of an item; without a value it gets one."""

    label: Words
    value: Words = ""
    label_en: Words = ""
    show_when: Formula = ""


class Scope(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where organisations and people are picked from."""

    within: Literal["this", "above", "all"] = "this"
    levels: list[Literal["province", "city", "county", "town", "village", "office"]] = []


class ItemChange(msgspec.Struct, forbid_unknown_fields=True):
    """What the designer changed of one item; absent means as it was, null takes it away."""

    label: Words | msgspec.UnsetType = UNSET
    label_en: Words | msgspec.UnsetType = UNSET
    hint: Keyword = UNSET
    hint_en: Keyword = UNSET
    field: str | msgspec.UnsetType | None = UNSET
    kind: str | msgspec.UnsetType = UNSET
    unit: Keyword = UNSET
    type: str | msgspec.UnsetType = UNSET
    required: bool | msgspec.UnsetType = UNSET
    compute: Keyword = UNSET
    absences: list[str] | msgspec.UnsetType = UNSET
    """Answers that may stand in place of a value."""
    show_when: Keyword = UNSET
    required_when: Keyword = UNSET
    readonly_when: Keyword = UNSET
    minimum: Limit = UNSET
    maximum: Limit = UNSET
    max_length: int | msgspec.UnsetType | None = UNSET
    codelist: str | msgspec.UnsetType = UNSET
    choices: list[ChoiceDraft] | msgspec.UnsetType = UNSET
    most: int | msgspec.UnsetType | None = UNSET
    """How many photos or files at most."""
    max_mb: int | msgspec.UnsetType | None = UNSET
    accept: list[str] | msgspec.UnsetType | None = UNSET
    """Kinds of files that are taken."""
    carry: bool | msgspec.UnsetType | None = UNSET
    default: Keyword = UNSET
    """What is proposed in a blank cell, as it is typed there; several choices with commas between them."""
    widget: Keyword = UNSET
    scope: Scope | msgspec.UnsetType | None = UNSET
    """Where organisations and people are picked from."""
    fills: bool | msgspec.UnsetType | None = UNSET
    pick: Keyword = UNSET
    """Of a code list with levels: `leaf` takes only codes with none below."""
    parents: list[Words] | msgspec.UnsetType = UNSET
    """The headings above a column, the widest first."""
    row_code: Keyword = UNSET
    indent: int | msgspec.UnsetType | None = UNSET
    confirmed: bool | msgspec.UnsetType = UNSET


class Added(msgspec.Struct, forbid_unknown_fields=True):
    """A new item, column, row or table: of a kind, or a field of the dictionary."""

    kind: str = "text"
    label: Words = ""
    field: str = ""
    codelist: str = ""
    into: Path = ""
    section: Words = ""
    before: Words = ""
    columns: Annotated[list[Words], msgspec.Meta(max_length=layout.MOST)] = []
    rows: Annotated[list[Words], msgspec.Meta(max_length=layout.MOST)] = []


class Moved(msgspec.Struct, forbid_unknown_fields=True):
    """An item to another place: a holder, a section of the form, before a neighbour or last."""

    path: Path
    into: Path = ""
    section: Words = ""
    before: Words = ""


class SectionChange(msgspec.Struct, forbid_unknown_fields=True):
    """A section made, renamed, moved, put on a new page or taken away."""

    do: Literal["add", "rename", "move", "break", "remove"]
    code: Words = ""
    title: Words = ""
    title_en: Words = ""
    before: Words = ""
    page_break: bool = False
    """Of `break`: whether it begins a new page on paper."""


class CheckDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A check as the designer writes it; without a code it gets one."""

    formula: Formula
    code: Annotated[str, msgspec.Meta(max_length=40)] = ""
    severity: str = "error"
    text: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    text_en: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    over: str | None = None


class DesignChange(msgspec.Struct, forbid_unknown_fields=True):
    """One step of the designer, made at the revision that they see; others' steps since then stay."""

    revision: Revision
    tab: Annotated[str, msgspec.Meta(max_length=40)] = ""
    """Which page it comes from: one person may have two open."""
    force: bool = False
    """Take this even where somebody else has meanwhile changed the same thing."""
    form: design_head.FormHead | None = None
    items: dict[str, ItemChange] = {}
    added: Annotated[list[Added], msgspec.Meta(max_length=layout.MOST)] = []
    moved: Annotated[list[Moved], msgspec.Meta(max_length=500)] = []
    removed: Annotated[list[Path], msgspec.Meta(max_length=500)] = []
    sections: Annotated[list[SectionChange], msgspec.Meta(max_length=200)] = []
    checks: list[CheckDraft] = []
    """Checks to be added, or put in place of those of their code."""
    checks_removed: list[str] = []


def changed(work: Work, document: Json, change: DesignChange) -> Json:
    """The form with a step made on it. Raises what the operations raise."""
    known = dictionary(work.connection)
    if change.form is not None:
        document = design_head.changed(document, change.form)
    if change.added or change.moved or change.sections:
        document = layout.coded(document)
    for path, one in change.items.items():
        document = _item(work, known, document, path, one)
    for section in change.sections:
        document = _section(document, section)
    for added in change.added:
        document = _added(known, document, added)
    for moved in change.moved:
        document = layout.move(
            document, moved.path, into=moved.into, section=moved.section, before=moved.before
        )
    for path in change.removed:
        document = design.remove(document, path)
    for code in change.checks_removed:
        document = design.remove_check(document, code)
    for check in change.checks:
        document = _checked(known, document, check)
    return document


def confirmed(before: Mapping[str, bool], change: DesignChange) -> dict[str, bool]:
    """Which items are confirmed after a step."""
    found = dict(before)
    for path, one in change.items.items():
        if one.confirmed is True:
            found[path] = True
        elif one.confirmed is False:
            found.pop(path, None)
    return found


def told(work: Work, document: Json, change: DesignChange) -> list[dict[str, str]]:
    """What a step does, for the words of undo and for those who look on."""
    fields = dictionary(work.connection).fields

    def label(path: str) -> str:
        try:
            node = layout.node_of(document, path)
        except FormInvalid:
            return path
        reference = str(node.get("$ref", "")).removeprefix(structure.FIELD)
        known = fields.get(reference)
        return str(node.get("title") or (known.label() if known else path.rpartition("/")[2]))

    def named(code: str) -> str:
        return next((one["title"] for one in layout.sections(document) if one["code"] == code), "")

    said = [("head", str(document.get("title", "")))] if change.form else []
    said += [(_did(one), label(path)) for path, one in change.items.items()]
    said += [(f"section_{one.do}", one.title or named(one.code)) for one in change.sections]
    said += [("add", one.label or _field_label(fields, one.field)) for one in change.added]
    said += [("move", label(one.path)) for one in change.moved]
    said += [("remove", label(path)) for path in change.removed]
    said += [("check", one.text or one.formula) for one in change.checks]
    said += [("check_remove", code) for code in change.checks_removed]
    return [{"did": did, "label": words[:120]} for did, words in said]


def _field_label(fields: Mapping[str, Any], code: str) -> str:
    return str(fields[code].label()) if code in fields else code


def _did(one: ItemChange) -> str:
    given = [name for name in one.__struct_fields__ if getattr(one, name) is not UNSET]
    if given == ["confirmed"]:
        return "confirm"
    if "field" in given:
        return "bind" if one.field else "unbind"
    for names, word in (
        (("label", "label_en"), "rename"),
        (("required",), "required"),
        (("compute",), "compute"),
        (("show_when", "required_when", "readonly_when"), "condition"),
        (("kind", "type"), "kind"),
    ):
        if set(given) <= {*names, "confirmed"}:
            return word
    return "settings"


def _item(work: Work, known: Dictionary, document: Json, path: str, one: ItemChange) -> Json:
    if one.field is None:
        bound = publish.compiled_now(work.connection, document).by_path.get(path)
        if bound is None:
            layout.node_of(document, path)
        elif bound.field:
            document = design.unbind(document, path, known.field(bound.field))
    elif one.field is not UNSET:
        known.field(one.field)
        document = design.bind(document, path, one.field)
    if one.label is not UNSET:
        document = _renamed(document, path, one.label)
    if one.label_en is not UNSET:
        document = design.rename(document, path, one.label_en, "en")
    if one.kind is not UNSET:
        document = _of_kind(document, path, one)
    keywords = dict(_keywords(document, path, one))
    if keywords:
        document = design.configure(document, path, keywords)
    if one.required is not UNSET:
        document = design.set_required(document, path, one.required)
    if one.default is not UNSET:
        proposed = design_defaults.typed(work, document, path, one.default or "")
        document = design.configure(document, path, {"default": proposed})
    return document


_PLAIN = {
    "unit": "unit",
    "type": "type",
    "compute": "compute",
    "absences": "absences",
    "show_when": "show_when",
    "required_when": "required_when",
    "readonly_when": "readonly_when",
    "minimum": "minimum",
    "maximum": "maximum",
    "max_length": "maxLength",
    "most": "maxItems",
    "codelist": "codelist",
    "hint": "hint",
    "carry": "carry",
    "widget": "widget",
    "pick": "pick",
    "fills": "fills",
    "row_code": "row_code",
    "indent": "indent",
}


def _keywords(document: Json, path: str, one: ItemChange) -> Iterator[tuple[str, Json]]:
    for name, keyword in _PLAIN.items():
        value = getattr(one, name)
        if value is not UNSET and not (name == "codelist" and one.kind is not UNSET):
            yield keyword, None if value is False or value == "" else value
    if one.scope is not UNSET:
        yield "scope", msgspec.to_builtins(one.scope) or None
    files = {name: getattr(one, name) for name in ("max_mb", "accept")}
    if any(value is not UNSET for value in files.values()):
        told = dict(layout.node_of(document, path).get("attachment") or {"kind": "file"})
        told |= {name: value for name, value in files.items() if value is not UNSET}
        yield "attachment", {name: value for name, value in told.items() if value}
    if one.hint_en is not UNSET:
        yield "hints", {"en": one.hint_en} if one.hint_en else None
    if one.parents is not UNSET:
        above = [name.strip() for name in one.parents if name.strip()]
        title = layout.node_of(document, path).get("title", "")
        yield "header", [*above, title] if above else None
    if one.choices is not UNSET and one.kind is UNSET:
        choices = msgspec.to_builtins(one.choices)
        yield from palette.chosen(layout.node_of(document, path), choices).items()


def _renamed(document: Json, path: str, label: str) -> Json:
    """A column's own name ends its path of headings too."""
    renamed = design.rename(document, path, label)
    header = layout.node_of(document, path).get("header") if path else None
    if header:
        return design.configure(renamed, path, {"header": [*header[:-1], label]})
    return renamed


def _of_kind(document: Json, path: str, one: ItemChange) -> Json:
    gone = dict.fromkeys(palette.MARKS)
    title = str(layout.node_of(document, path).get("title", ""))
    choices = msgspec.to_builtins(one.choices) if one.choices is not UNSET else _two(document)
    codelist = one.codelist if one.codelist is not UNSET else ""
    made = palette.schema(str(one.kind), title, choices=choices, codelist=codelist)
    return design.configure(document, path, {**gone, **made})


def _two(_document: Json) -> list[dict[str, str]]:
    return [
        {"label": "选项一", "label_en": "Choice 1"},
        {"label": "选项二", "label_en": "Choice 2"},
    ]


def _added(known: Dictionary, document: Json, one: Added) -> Json:
    place = {"section": one.section, "before": one.before}
    if one.kind in palette.TABLES and not one.field:
        return layout.add_table(document, one.kind, one.label, one.columns, one.rows, **place)
    if one.kind == "row":
        return layout.add_row(document, one.into, one.label, before=one.before)
    taken = layout.inside(document, one.into)
    if one.field:
        field = known.field(one.field)
        name = field.name if field.name not in taken else palette.fresh_name(field.name, taken)
        schema: dict[str, Any] = {"$ref": structure.FIELD + field.called}
    else:
        name = palette.fresh_name(one.label, taken)
        schema = palette.schema(one.kind, one.label, choices=_two(document), codelist=one.codelist)
    return layout.add_item(document, schema, name=name, into=one.into, **place)


def _section(document: Json, one: SectionChange) -> Json:
    match one.do:
        case "add":
            return layout.add_section(document, one.title, before=one.before)
        case "remove":
            return layout.remove_section(document, one.code)
        case "move":
            return layout.move_section(document, one.code, before=one.before)
        case "break":
            return layout.break_before(document, one.code, one.page_break)
    if one.title:
        document = layout.rename_section(document, one.code, one.title)
    if one.title_en:
        document = layout.rename_section(document, one.code, one.title_en, "en")
    return document


def _checked(known: Dictionary, document: Json, check: CheckDraft) -> Json:
    checks = document["form"].get("checks", ())
    before: dict[str, Any] = next((one for one in checks if one["code"] == check.code), {})
    plain = {"formula": check.formula, "severity": check.severity, "text": check.text}
    plain = {name: value for name, value in plain.items() if value}
    over = {"over": check.over} if check.over else {}
    english = {"texts": {**before.get("texts", {}), "en": check.text_en}} if check.text_en else {}
    kept = {name: value for name, value in before.items() if name not in ("over", "text")}
    code = check.code or _next_check([one["code"] for one in checks])
    whole = {**kept, "code": code, **plain, **over, **english}
    return design.add_check(document, whole, known.fields, known.codes())


def _next_check(codes: list[str]) -> str:
    numbers = [int(code[1:]) for code in codes if code[:1] == "c" and code[1:].isdecimal()]
    return f"c{max(numbers, default=0) + 1}"
