"""What is known of a form while it is being read: names, lists, sections, checks, and what was left behind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.formula.parse import WORDS
from forms.importers.left import Left
from forms.importers.xlsform.read import Line, Survey
from forms.importers.xlsform.xpath import NotCarried, Said

RESERVED = {
    *WORDS, "this", "last", "person", "household", "house", "building", "enterprise", "parcel", "org", "event",
}  # fmt: skip
_QUOTES = re.compile(r"\$\{[^}]*\}")


@dataclass
class Holder:
    """Where questions are put: the form's root or the rows of a list."""

    name: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Original name to ours and the kind of its value."""
    lists: dict[str, str] = field(default_factory=dict)
    """The list of choices by our name."""


@dataclass
class Draft:
    """A form that is being made."""

    survey: Survey
    code: str
    owner: str
    default: str
    """The language that stands for Chinese where there is none."""
    root: Holder = field(default_factory=Holder)
    tables: dict[str, Holder] = field(default_factory=dict)
    """The rows of each list, by its name."""
    sections: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def tell(self, line: Line, code: str, what: str = "") -> None:
        """Something of a row is left."""
        self.left.append(Left(line.row, code, line.get("name"), what[:200]))

    def titled(self, titles: Mapping[str, str], line: Line) -> dict[str, Any]:
        """A title in Chinese, or what stands for it, and in other languages."""
        told = {key: _QUOTES.sub("…", text)[:500] for key, text in titles.items()}
        if any(_QUOTES.search(text) for text in titles.values()):
            self.tell(line, "label-reference", "")
        title = told.pop("zh", "") or next(iter(told.values()), "") or line.get("name") or "—"
        return {"title": title, **({"titles": told} if told else {})}

    def words(self, line: Line, column: str) -> dict[str, str]:
        """A spoken column by language: Chinese as `zh`, and where there is none the default stands for it."""
        given = {key: " ".join(text.split()) for key, text in line.spoken.get(column, {}).items()}
        if not given:
            return {}
        found = {key: text for key, text in given.items() if key}
        if "zh" not in found:
            found = {
                "zh": given.get(self.default) or given.get("") or next(iter(given.values())),
                **found,
            }
        return found

    def named(self, original: str, holder: Holder) -> str:
        """A name as ours are written, not taken yet."""
        plain = re.sub(r"[^a-z0-9_]+", "_", original.lower()).strip("_")[:40] or "q"
        plain = plain if plain[0].isalpha() else f"q_{plain}"[:40]
        taken = set(holder.properties) | (set(self.tables) if holder is self.root else set())
        name, number = (f"{plain}_q" if plain in RESERVED else plain), 1
        while name in taken:
            number += 1
            name = f"{plain}_{number}"
        return name

    def resolver(self, holder: Holder, own: str) -> Any:
        """What names mean for the questions of a holder."""

        def resolve(name: str) -> Said:
            if not name:
                return Said(own, holder_kind(own), choices=self.codes(holder, own))
            for near in (holder, self.root):
                if name in near.known:
                    ours, kind = near.known[name]
                    kind = "column" if kind == "table" else kind
                    return Said(ours, kind, choices=self.codes(near, ours))
            for inner in self.tables.values():
                if name in inner.known:
                    return Said(f"{inner.name}.{inner.known[name][0]}", "column")
            raise NotCarried(f"${{{name}}}")

        def holder_kind(name: str) -> str:
            return next((kind for ours, kind in holder.known.values() if ours == name), "unknown")

        return resolve

    def codes(self, holder: Holder, name: str) -> tuple[str, ...]:
        """The choices of a question of ours."""
        rows = self.survey.choices.get(holder.lists.get(name, ""), ())
        return tuple(row.get("name") for row in rows)
