"""What a designer does to a form, one pure operation each: a form in, another form out.

Items are named by their path as the compiled form has it (`/population`, `/elders/*/name`,
`/crops/r01/area`); `/crops/*/area` is the whole column of a fixed table. Whether the result may be
published is `forms.compile.problems`.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

from engine import json_text
from engine.dictionary.field import Field
from engine.json_text import Json
from forms import compile as compiler
from forms import dialect, pointers, structure
from forms.complaints import Complaint, FormInvalid

Form: TypeAlias = Mapping[str, Json]
Node: TypeAlias = Mapping[str, Any]
Steps: TypeAlias = tuple[str, ...]

_WORDS = ("title", "titles", "hint", "hints", "header", "at", "unit", "carry", "present", "widget")
"""What stays with an item whatever it is bound to."""


def bind(form: Form, path: str, field: str) -> dict[str, Json]:
    """Bind an item to a field of the dictionary; what it is called and where it stands remain."""

    def bound(node: Node) -> Node:
        return {"$ref": structure.FIELD + field, **_only(node, _WORDS)}

    row, column = _fixed_cell(form, path)
    if row is None:
        return _changed(form, path, bound)
    return _changed(
        form, row, lambda node: {**node, "bind": {**node.get("bind", {}), column: field}}
    )


def unbind(form: Form, path: str, field: Field) -> dict[str, Json]:
    """Make a bound item the form's own again, with the schema and the words of its field."""

    def loosened(node: Node) -> Node:
        own = {key: value for key, value in node.items() if key != "$ref"}
        words = {"title": field.label("zh"), "titles": {"en": field.label("en")}}
        about = {"unit": field.unit, "codelist": field.codelist}
        given = {key: value for key, value in about.items() if value}
        return {**field.schema, **words, **given, **own}

    row, column = _fixed_cell(form, path)
    if row is None:
        return _changed(form, path, loosened)
    return _changed(form, row, lambda node: _without_binding(node, column))


def rename(form: Form, path: str, label: str, language: str = "zh") -> dict[str, Json]:
    """Change what an item, a table, a row or (path empty) the form is called."""
    if not path:
        return _titled(form, label, language)

    def named(node: Node) -> Node:
        if language == "zh":
            return {**node, "title": label}
        return {**node, "titles": {**node.get("titles", {}), language: label}}

    return _changed(form, path, named)


def configure(form: Form, path: str, keywords: Mapping[str, Json]) -> dict[str, Json]:
    """Set keywords of an item or table (unit, at, maximum, carry, compute …); None removes one."""

    def configured(node: Node) -> Node:
        merged = {**node, **keywords}
        return {key: value for key, value in merged.items() if value is not None}

    return _changed(form, path, configured)


def add(
    form: Form, name: str, schema: Json, *, into: str = "", position: int | None = None
) -> dict[str, Json]:
    """Add an item, column, row or table: at the root, or `into` a table, a row or a group."""

    def added(node: Node) -> Node:
        own = node.get("properties", {})
        if name in own:
            _refuse(form, Complaint(into, "exists", {"name": name}))
        entries = list(own.items())
        entries.insert(len(entries) if position is None else position, (name, schema))
        return {**node, "properties": dict(entries)}

    return _changed(form, f"{into}/*" if _is_floating(form, into) else into, added)


def remove(form: Form, path: str) -> dict[str, Json]:
    """Remove an item, column, row or table, and every mention of it in required and sections."""
    head, _, name = path.rpartition("/")
    _refuse_missing(form, path)

    def removed(node: Node) -> Node:
        if name not in node.get("properties", {}):
            return node
        own = {key: value for key, value in node["properties"].items() if key != name}
        needed = [one for one in node.get("required", ()) if one != name]
        return {
            **_but(node, "required"),
            "properties": own,
            **({"required": needed} if needed else {}),
        }

    done = _changed(form, head, removed)
    sections = done["form"].get("sections")
    if head or sections is None:
        return done
    kept = [{**one, "items": [item for item in one["items"] if item != name]} for one in sections]
    return {**done, "form": {**done["form"], "sections": kept}}


def move(form: Form, path: str, position: int) -> dict[str, Json]:
    """Put an item, column or row at another position among its neighbours."""
    head, _, name = path.rpartition("/")
    _refuse_missing(form, path)

    def moved(node: Node) -> Node:
        own = node.get("properties", {})
        if name not in own:
            return node
        if not 0 <= position < len(own):
            _refuse(form, Complaint(path, "position", {"position": position}))
        order = [key for key in own if key != name]
        order.insert(position, name)
        return {**node, "properties": {key: own[key] for key in order}}

    return _changed(form, head, moved)


def set_required(form: Form, path: str, required: bool) -> dict[str, Json]:
    """Whether an item must be filled in."""
    head, _, name = path.rpartition("/")
    _refuse_missing(form, path)

    def needing(node: Node) -> Node:
        others = [one for one in node.get("required", ()) if one != name]
        needed = [*others, name] if required else others
        return {**_but(node, "required"), **({"required": needed} if needed else {})}

    return _changed(form, head, needing)


def arrange(form: Form, sections: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """Set the sections and the order of items in them."""
    return {**form, "form": {**form["form"], "sections": copy.deepcopy(list(sections))}}


def add_check(
    form: Form,
    check: Mapping[str, Json],
    fields: Mapping[str, Field],
    codelists: Mapping[str, Sequence[str]],
) -> dict[str, Json]:
    """Add a check, or replace the one of its code; a formula that does not fit is told with place."""
    checks = [one for one in form["form"].get("checks", ()) if one["code"] != check.get("code")]
    changed = {**form, "form": {**form["form"], "checks": [*checks, dict(check)]}}
    at = f"/form/checks/{len(checks)}"
    for complaint in compiler.problems(changed, fields, codelists):
        if complaint.pointer.startswith(at):
            _refuse(form, complaint)
    return changed


def remove_check(form: Form, code: str) -> dict[str, Json]:
    """Remove a check by its code."""
    checks = [one for one in form["form"].get("checks", ()) if one["code"] != code]
    return {**form, "form": {**form["form"], "checks": checks}}


def empty(code: str, title: str, kind: str = "report", **block: Json) -> dict[str, Json]:
    """A form with nothing on it yet."""
    return {
        "$schema": dialect.DIALECT,
        "$id": dialect.PREFIX + code,
        "title": title,
        "type": "object",
        "form": {"code": code, "kind": kind, **block},
        "properties": {},
    }


def _titled(form: Form, label: str, language: str) -> dict[str, Json]:
    if language == "zh":
        return {**form, "title": label}
    titles = {**form["form"].get("titles", {}), language: label}
    return {**form, "form": {**form["form"], "titles": titles}}


def _without_binding(row: Node, column: str) -> Node:
    left = {name: field for name, field in row.get("bind", {}).items() if name != column}
    return {**_but(row, "bind"), **({"bind": left} if left else {})}


def _refuse_missing(form: Form, path: str) -> None:
    if not _targets(form, path):
        _refuse(form, Complaint(path, "no-item", {"path": path}))


def _refuse(form: Form, complaint: Complaint) -> NoReturn:
    raise FormInvalid(form=str(form["form"]["code"]), complaints=(complaint,), count=1)


def _only(node: Mapping[str, Json], names: Sequence[str]) -> dict[str, Json]:
    return {name: node[name] for name in names if name in node}


def _but(node: Mapping[str, Json], name: str) -> dict[str, Json]:
    return {key: value for key, value in node.items() if key != name}


def _is_floating(form: Form, path: str) -> bool:
    return any(one.kind == "floating" and one.path == path for one in structure.spots(form))


def _fixed_cell(form: Form, path: str) -> tuple[str | None, str]:
    """The row and column of a cell in a fixed table, or no row."""
    for spot in structure.spots(form):
        if spot.path == path and spot.row and spot.column and spot.table:
            return f"{spot.table}/{spot.row}", spot.column
    return None, ""


def _changed(form: Form, path: str, change: Callable[[Node], Node]) -> dict[str, Json]:
    """The form with what a path names replaced by what `change` makes of it."""
    whole: dict[str, Json] = copy.deepcopy(dict(form))
    targets = _targets(whole, path)
    if not targets:
        _refuse(form, Complaint(path, "no-item", {"path": path}))
    if _shared(whole, path, targets):
        _refuse(form, Complaint(path, "shared-column", {"path": path}))
    for steps in targets:
        if not steps:
            return dict(change(whole))
        holder: Any = whole
        for step in steps[:-1]:
            holder = holder[step]
        holder[steps[-1]] = change(holder[steps[-1]])
    return whole


def _targets(form: Form, path: str) -> list[Steps]:
    """Where a path is declared: keys from the document down, several when rows are written apart."""
    found: list[Steps] = [()]
    for name in pointers.split(path):
        found = list(dict.fromkeys(step for here in found for step in _below(form, here, name)))
    if path.endswith("/*"):
        found = list(dict.fromkeys(_followed(form, here) for here in found))
    return found


def _below(form: Form, here: Steps, name: str) -> Iterator[Steps]:
    inner = _followed(form, here)
    node = _at(form, inner)
    if name == "*" and isinstance(node.get("items"), Mapping):
        yield (*inner, "items")
    elif name == "*":
        yield from ((*inner, "properties", row) for row in node.get("properties", {}))
    elif name in node.get("properties", {}):
        yield (*inner, "properties", name)


def _followed(form: Form, here: Steps) -> Steps:
    """Through `$ref` to where the properties are written, unless they stand here."""
    node = _at(form, here)
    for _ in range(structure.MAX_HEIGHT):
        reference = str(node.get("$ref", ""))
        if "properties" in node or "items" in node or not reference.startswith(structure.DEFS):
            break
        here = ("$defs", reference[len(structure.DEFS) :])
        node = _at(form, here)
    return here


def _at(form: Form, steps: Steps) -> Mapping[str, Any]:
    here: Any = form
    for step in steps:
        here = here[step]
    return here if isinstance(here, Mapping) else {}


def _shared(form: Form, path: str, targets: Sequence[Steps]) -> bool:
    """Whether one cell was meant but a definition would change that others use too."""
    if "*" in path or not any(steps[:1] == ("$defs",) for steps in targets):
        return False
    reference = structure.DEFS + targets[0][1]
    return json_text.dumps(form).count(json_text.dumps({"$ref": reference})[1:-1]) > 1
