"""Where the items of a form stand: sections, order, tables made from nothing. A form in, another out.

Places are named by what stands there ("before the item x"), not by number, so that an operation
still means the same after somebody else has moved other things.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import Problem
from engine.json_text import Json
from forms import pointers, structure
from forms.complaints import Complaint, FormInvalid
from forms.designing import design, palette
from forms.designing.design import Form


class TableEmpty(Problem):
    """A table without a column, or with fixed rows but none of them."""

    code, status = "design.table-empty", 422


MOST = 300
"""So many rows or columns at most are made in one go."""


_HOLDERS = ("floating", "fixed", "row", "group")
"""What holds items; tables hold them under `/*`."""


def sections(form: Form) -> list[dict[str, Any]]:
    """The declared sections, each with a code."""
    found: list[dict[str, Any]] = []
    given = {one.get("code") for one in form["form"].get("sections", ())}
    number = 0
    for one in form["form"].get("sections", ()):
        code = one.get("code")
        while not code:
            number += 1
            code = None if f"s{number}" in given else f"s{number}"
        given.add(code)
        found.append({**one, "code": code, "items": list(one["items"])})
    return found


def coded(form: Form) -> dict[str, Any]:
    """The same form, its sections with codes, by which two designers mean the same one."""
    declared = sections(form)
    return design.arrange(form, declared) if declared else dict(form)


def add_section(form: Form, title: str, *, before: str = "") -> dict[str, Any]:
    """A new section, last or before another; the first leaves what is there in one without a title."""
    declared = sections(form)
    if not declared and form["properties"]:
        declared = [{"code": "s1", "title": "", "items": list(form["properties"])}]
    taken = [one["code"] for one in declared]
    code = next(name for n in range(1, 10_000) if (name := f"s{n}") not in taken)
    place = taken.index(before) if before in taken else len(taken)
    declared.insert(place, {"code": code, "title": title, "items": []})
    return design.arrange(form, declared)


def rename_section(form: Form, code: str, title: str, language: str = "zh") -> dict[str, Any]:
    """What a section is called."""
    declared = sections(form)
    found = _section(form, declared, code)
    if language == "zh":
        found["title"] = title
    else:
        found["titles"] = {**found.get("titles", {}), language: title}
    return design.arrange(form, declared)


def break_before(form: Form, code: str, wanted: bool) -> dict[str, Any]:
    """Whether a section begins a new page on paper."""
    declared = sections(form)
    found = _section(form, declared, code)
    found.pop("page_break", None)
    if wanted:
        found["page_break"] = True
    return design.arrange(form, declared)


def remove_section(form: Form, code: str) -> dict[str, Any]:
    """A section away; what stood in it goes to the one before, or after."""
    declared = sections(form)
    gone = _section(form, declared, code)
    place = declared.index(gone)
    declared.remove(gone)
    if declared:
        declared[max(place - 1, 0)]["items"] += gone["items"]
        return design.arrange(form, declared)
    return {**form, "form": {name: one for name, one in form["form"].items() if name != "sections"}}


def move_section(form: Form, code: str, *, before: str = "") -> dict[str, Any]:
    """A section before another one, or last."""
    declared = sections(form)
    moving = _section(form, declared, code)
    declared.remove(moving)
    codes = [one["code"] for one in declared]
    declared.insert(codes.index(before) if before in codes else len(codes), moving)
    return design.arrange(form, declared)


def place(form: Form, name: str, section: str, *, before: str = "") -> dict[str, Any]:
    """A root item into a section (none: the rest, which comes last), before another or at its end."""
    declared = sections(form)
    for one in declared:
        one["items"] = [item for item in one["items"] if item != name]
    if section:
        items = _section(form, declared, section)["items"]
        items.insert(items.index(before) if before in items else len(items), name)
    arranged = design.arrange(form, declared) if declared else dict(form)
    return arranged if section else reorder(arranged, f"/{name}", before=before)


def reorder(form: Form, path: str, *, before: str = "") -> dict[str, Any]:
    """An item, column or row before another of the same holder, or last."""
    head, _, name = path.rpartition("/")
    names = [one for one in inside(form, head) if one != name]
    return design.move(form, path, names.index(before) if before in names else len(names))


def move(
    form: Form, path: str, *, into: str, section: str = "", before: str = ""
) -> dict[str, Any]:
    """An item to another place: within its holder, to another section, or into another table."""
    head, _, name = path.rpartition("/")
    if head == into:
        return (
            reorder(form, path, before=before)
            if head
            else place(form, name, section, before=before)
        )
    _refuse_no_holder(form, into)
    node = node_of(form, path)
    taken = inside(form, into)
    fresh = name if name not in taken else palette.fresh_name(name, taken)
    required = name in _holder_of(form, head).get("required", ())
    moved = design.add(design.remove(form, path), fresh, copy.deepcopy(node), into=into)
    if required:
        moved = design.set_required(moved, f"{into}/{fresh}", True)
    if into:
        return reorder(moved, f"{into}/{fresh}", before=before)
    return place(moved, fresh, section, before=before)


def add_item(
    form: Form,
    schema: Mapping[str, Json],
    *,
    name: str,
    into: str = "",
    section: str = "",
    before: str = "",
) -> dict[str, Any]:
    """A new item: into a section, or into a table as a column. Raises FormInvalid."""
    _refuse_no_holder(form, into)
    added = design.add(form, name, dict(schema), into=into)
    if into:
        return reorder(added, f"{into}/{name}", before=before) if before else added
    return place(added, name, section, before=before)


def table(
    kind: str, name: str, title: str, columns: Sequence[str], rows: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A new table, and the definition that its fixed rows share."""
    taken: list[str] = []
    for label in columns[:MOST]:
        taken.append(palette.fresh_name(label, taken))
    number_or_text = "number" if kind == "fixed" else "text"
    own = {
        column: palette.schema(number_or_text, label)
        for column, label in zip(taken, columns[:MOST], strict=True)
    }
    holder = {"type": "object", "properties": own}
    if kind == "floating":
        return {"type": "array", "title": title, "table": {"kind": kind}, "items": holder}, {}
    shared = f"{name}_row"[:48]
    lines = {
        f"r{number:02}": {
            "$ref": f"{structure.DEFS}{shared}",
            "title": label,
            "row_code": str(number),
        }
        for number, label in enumerate(rows[:MOST], 1)
    }
    made = {"type": "object", "title": title, "table": {"kind": kind}, "properties": lines}
    return made, {shared: holder}


def add_table(
    form: Form,
    kind: str,
    title: str,
    columns: Sequence[str],
    rows: Sequence[str],
    *,
    section: str = "",
    before: str = "",
) -> dict[str, Any]:
    """A table made from nothing: rows that come and go, or fixed ones that share their columns.

    Raises TableEmpty.
    """
    if not columns or (kind == "fixed" and not rows):
        raise TableEmpty
    taken = [*form["properties"], *(one.removesuffix("_row") for one in form.get("$defs", {}))]
    name = palette.fresh_name(title, taken)
    made, shared = table(kind, name, title, columns, rows)
    whole = {**form, "$defs": {**form.get("$defs", {}), **shared}} if shared else form
    return place(design.add(whole, name, made), name, section, before=before)


def add_row(form: Form, path: str, title: str, *, before: str = "") -> dict[str, Any]:
    """A row of a fixed table, of the same columns as its others. Raises FormInvalid."""
    _refuse_no_holder(form, f"{path}/*", kinds=("fixed",))
    rows = _holder_of(form, path).get("properties", {})
    names = [f"r{number:02}" for number in range(1, len(rows) + 2)]
    name = next(one for one in names if one not in rows)
    model = next(reversed(rows.values()), {"type": "object", "properties": {}})
    kept: dict[str, Any] = {key: copy.deepcopy(one) for key, one in model.items() if key in _ROW}
    if "properties" in kept:
        kept["properties"] = {
            column: {key: one for key, one in cell.items() if key != "at"}
            for column, cell in kept["properties"].items()
        }
    row = {**kept, "title": title, "row_code": _next_code(rows)}
    added = design.add(form, name, row, into=path)
    return reorder(added, f"{path}/{name}", before=before) if before else added


_ROW = ("$ref", "type", "properties", "required")


def _next_code(rows: Mapping[str, Any]) -> str:
    codes = [str(one.get("row_code", "")) for one in rows.values()]
    numbers = [int(one) for one in codes if one.isdecimal()]
    width = len(codes[-1]) if codes and codes[-1].startswith("0") else 1
    return str(max(numbers, default=0) + 1).zfill(width)


def inside(form: Form, head: str) -> list[str]:
    """The names in a holder: the form, a group, a floating table's row, or every row of a fixed one."""
    return list(_holder_of(form, head).get("properties", {}))


def node_of(form: Form, path: str) -> Mapping[str, Any]:
    """The schema at a path, as it is written. Raises FormInvalid where nothing is."""
    head, _, name = path.rpartition("/")
    own = _holder_of(form, head).get("properties", {})
    if name not in own:
        complaint = Complaint(path, "no-item", {"path": path})
        raise FormInvalid(form=str(form["form"]["code"]), complaints=(complaint,), count=1)
    found: Mapping[str, Any] = own[name]
    return found


def _refuse_no_holder(form: Form, into: str, *, kinds: Sequence[str] = _HOLDERS) -> None:
    """Only the form itself, groups and tables hold items."""
    head = into.removesuffix("/*")
    whole = head != into
    for spot in structure.spots(form):
        if (
            spot.path == head
            and spot.kind in kinds
            and whole == (spot.kind in ("floating", "fixed"))
        ):
            return
    if into:
        complaint = Complaint(into, "no-item", {"path": into})
        raise FormInvalid(form=str(form["form"]["code"]), complaints=(complaint,), count=1)


def _holder_of(form: Form, head: str) -> Mapping[str, Any]:
    here: Mapping[str, Any] = form
    for step in pointers.split(head):
        node = structure.resolve(here, form)
        if step == "*" and isinstance(node.get("items"), Mapping):
            here = node["items"]
        elif step == "*":
            here = next(iter(node.get("properties", {}).values()), {})
        else:
            here = node.get("properties", {}).get(step, {})
    return structure.resolve(here, form)


def _section(form: Form, declared: Sequence[dict[str, Any]], code: str) -> dict[str, Any]:
    for one in declared:
        if one["code"] == code:
            return one
    complaint = Complaint("/form/sections", "no-item", {"path": code})
    raise FormInvalid(form=str(form["form"]["code"]), complaints=(complaint,), count=1)
