"""Where items of a schema are put: the form, a group, the rows of a list; and how formulas name them there.

Rows are flat: what a row holds below it becomes columns under merged headings. A list inside a row
becomes a list of its own that says which row each of its rows belongs to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.formula.parse import WORDS
from forms.importers.json_schema.parts import named

PARENT = "parent_row"
RESERVED = {
    *WORDS, "this", "last", "person", "household", "house", "building", "enterprise", "parcel", "org", "event",
}  # fmt: skip
LOCKED = ("readonly", "compute")


@dataclass
class Holder:
    """One object of the schema as it stands in the form."""

    properties: dict[str, Any]
    required: list[str]
    table: str = ""
    """The list whose rows it stands in; empty outside of lists."""
    path: tuple[str, ...] = ()
    """Its name in formulas, outside of lists."""
    prefix: str = ""
    """Of the names of columns, in rows."""
    header: tuple[str, ...] = ()
    """The headings above its columns, in rows."""
    shown: str = ""
    """When it is shown, where nothing that it stands in says so already."""
    needed: bool = True
    """Whether it is always there: what it requires is then required, else only once it is begun."""
    names: dict[str, str] = field(default_factory=dict)
    """The schema's names to ours."""
    inner: dict[str, "Holder"] = field(default_factory=dict)
    """The objects below, by the schema's name."""

    def put(self, original: str, node: Mapping[str, Any], *, shown: str = "") -> str:
        """Add an item under a name of ours; the schema's own is kept beside it. Returns that name."""
        wanted = f"{self.prefix}_{original}" if self.prefix else original
        name = named(wanted, self.properties)
        if name in RESERVED:
            name = named(f"{name}_q", self.properties)
        made = dict(node)
        if name != original:
            made["x-name"] = original
        if self.header and "title" in made:
            made["header"] = [*self.header, made["title"]]
        if condition := both(self.shown, shown):
            made["show_when"] = condition
        self.properties[name] = made
        self.names[original] = name
        return name

    def name(self, original: str) -> str | None:
        """What a formula calls an item of this object."""
        ours = self.names.get(original)
        return None if ours is None else ours if self.table else ".".join((*self.path, ours))

    def require(self, originals: Iterable[str]) -> None:
        """What the schema says is required; nobody can be asked for what nobody may fill in."""
        wanted = [self.names[one] for one in originals if one in self.names]
        wanted = [one for one in wanted if self._askable(one)]
        for name in wanted:
            if "show_when" in self.properties[name] or (self.needed and self.path):
                self.ask(name, "true")
            elif not self.needed:
                self.ask(name, self._begun(name))
            elif name not in self.required:
                self.required.append(name)

    def ask(self, name: str, condition: str) -> None:
        """Require an item of ours when a condition holds."""
        node = self.properties[name]
        if not self._askable(name) or not condition or name in self.required:
            return
        old = node.get("required_when")
        node["required_when"] = "true" if "true" in (old, condition) else either(old, condition)

    def _askable(self, name: str) -> bool:
        node = self.properties[name]
        if "properties" in node or node.get("table"):
            return False
        return "default" in node or not any(node.get(one) for one in LOCKED)

    def _begun(self, but: str) -> str:
        """A condition that is true once anything else of this object is filled in."""
        ours = {one: name for one, name in self.names.items() if name != but}
        own = [one for one, name in ours.items() if self._askable(name)][:12]
        return " or ".join(f"KNOWN({self.name(one)})" for one in own)


def below(holder: Holder, original: str, title: str, *, shown: str, needed: bool) -> Holder:
    """An object inside a row: its items are columns of that row, under its title."""
    inner = Holder(
        holder.properties,
        holder.required,
        table=holder.table,
        prefix=f"{holder.prefix}_{original}" if holder.prefix else original,
        header=(*holder.header, title),
        shown=both(holder.shown, shown),
        needed=holder.needed and needed,
    )
    holder.inner[original] = inner
    return inner


def both(one: str, other: str) -> str:
    """Two conditions that must hold; an empty one says nothing."""
    parts = [part for part in dict.fromkeys((one, other)) if part and part != "true"]
    return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)


def either(one: str | None, other: str) -> str:
    """One of two conditions."""
    return f"({one}) or ({other})" if one and one != other else other
