"""The order of a draft as the designer's page shows it: sections, what stands in them, tables with heads."""

from collections.abc import Iterator, Mapping
from typing import Any

from admin.views.condition_view import Asked, Calling
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from forms import attached, defaults, structure
from forms.compiled import CompiledForm, Item, Table
from forms.designing import formula_help, layout, palette

CONDITIONS = ("show_when", "required_when", "readonly_when")


def outline(document: Json, form: CompiledForm, language: str) -> list[dict[str, Any]]:
    """The sections in order; what no section names comes last, under an empty code."""
    declared = layout.sections(document)
    named = {name for one in declared for name in one["items"]}
    rest = [name for name in document["properties"] if name not in named]
    parts = [(one["code"], one, one["items"]) for one in declared]
    if rest or not declared:
        parts.append(("", {}, rest))
    return [
        {
            "code": code,
            "title": one.get("title", ""),
            "title_en": one.get("titles", {}).get("en", ""),
            "page_break": one.get("page_break", False),
            "entries": [
                entry for name in names for entry in _entries(document, form, name, language)
            ],
        }
        for code, one, names in parts
    ]


def said(
    form: CompiledForm, known: Dictionary, item: Item, language: str, calling: Calling
) -> dict[str, str]:
    """The formulas of an item with labels for names; conditions that could be picked in words."""
    found = {name: str(item.schema.get(name) or "") for name in ("compute", *CONDITIONS)}
    written = {name: formula for name, formula in found.items() if formula}
    if not written:
        return {}
    at = formula_help.place(form, known.fields, path=item.path, language=language)
    asked = Asked(at.asked, known, language, calling)
    return {
        name: asked.words(asked.read(formula)) or formula_help.spoken(at, formula)
        for name, formula in written.items()
    }


def settings(item: Item) -> dict[str, Any]:
    """What can be set of an item, in both languages, as it stands in the form."""
    schema = item.schema
    return {
        "name": item.name,
        "own_label": item.titles.get("zh", ""),
        "label_en": item.titles.get("en", ""),
        "hint": item.hints.get("zh", ""),
        "hint_en": item.hints.get("en", ""),
        "kind": palette.kind_of(schema),
        "codelist": item.codelist or "",
        "minimum": schema.get("minimum"),
        "files": _files(schema),
        "maximum": schema.get("maximum"),
        "max_length": schema.get("maxLength"),
        "carry": item.carry,
        "default": _typed(defaults.of(item)),
        "widget": item.widget or "",
        "pick": schema.get("pick") or "",
        "scope": schema.get("scope") or {},
        "fills": bool(schema.get("fills")),
        "parents": list(item.header[:-1]),
        "choices": [_choice(one) for one in _options(schema)],
        **{name: schema.get(name) for name in CONDITIONS},
    }


def _typed(value: Json) -> str:
    """A proposal as it is typed into the designer's box."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _entries(
    document: Json, form: CompiledForm, name: str, language: str
) -> Iterator[dict[str, Any]]:
    root = f"/{name}"
    if root in form.by_path:
        yield {"kind": "item", "path": root, "name": name, "title": "", "columns": [], "rows": []}
        return
    table = form.table_by_path.get(root)
    if table is not None:
        yield _table(document, form, table, name, language)
        return
    inner = [item.path for item in form.items if item.path.startswith(f"{root}/")]
    told = _told(document, root)
    yield {"kind": "group", "path": root, "name": name, **told, "columns": inner, "rows": []}


def _table(
    document: Json, form: CompiledForm, table: Table, name: str, language: str
) -> dict[str, Any]:
    head = f"{table.path}/*"
    written = layout.inside(document, head)
    columns = [one for one in table.columns if one.name in written]
    return {
        "kind": table.kind,
        "path": table.path,
        "name": name,
        **_told(document, table.path),
        "columns": [f"{head}/{one.name}" for one in columns],
        "heads": [
            {
                "path": f"{head}/{one.name}",
                "name": one.name,
                "label": one.label(language),
                "label_en": one.titles.get("en", ""),
                "parents": list(one.header[:-1]),
                "unit": one.unit,
                "kind": palette.kind_of(_first(form, table, one.name)),
            }
            for one in columns
        ],
        "rows": [
            {
                "path": f"{table.path}/{one.name}",
                "name": one.name,
                "label": one.label("zh"),
                "label_en": one.titles.get("en", ""),
                "code": one.code,
                "indent": one.indent,
                "parents": list(one.above.get("zh", ())),
            }
            for one in table.rows
        ],
    }


def _first(form: CompiledForm, table: Table, column: str) -> Mapping[str, Any]:
    found = (one.schema for one in form.items if one.table == table.path and one.column == column)
    return next(found, {})


def _told(document: Json, path: str) -> dict[str, Any]:
    node = layout.node_of(document, path)
    return {
        "title": node.get("title", ""),
        "title_en": node.get("titles", {}).get("en", ""),
        **{name: node.get(name) for name in CONDITIONS},
    }


def _files(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an item of photos, files or a signature takes."""
    rule = attached.rule(schema)
    if rule is None:
        return None
    most = attached.most(schema)
    return {"most": most, "max_mb": rule.max_mb, "accept": list(rule.accept)}


def _options(schema: Mapping[str, Any]) -> list[Any]:
    inner = schema.get("items") if structure.kind_of(schema) == "array" else None
    holder = inner if isinstance(inner, Mapping) else schema
    return [
        *({"const": value} for value in holder.get("enum", ())),
        *(one for one in holder.get("oneOf", ()) if isinstance(one, Mapping) and "const" in one),
    ]


def _choice(one: Mapping[str, Any]) -> dict[str, str]:
    value = str(one["const"])
    return {
        "value": value,
        "label": str(one.get("title", value)),
        "label_en": str(one.get("titles", {}).get("en", "")),
        "show_when": str(one.get("show_when", "")),
    }
