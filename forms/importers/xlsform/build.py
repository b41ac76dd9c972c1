"""From the rows of an XLSForm to a form of ours, and the list of what was left behind.

Groups become sections (a group's condition that of everything in it), repeats lists with rows, choices
with a filter a cascade. A repeat inside a repeat is a list of its own that names the row it belongs to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms.importers.left import Left
from forms.importers.xlsform import assemble, read
from forms.importers.xlsform.draft import Draft, Holder
from forms.importers.xlsform.items import Question, question
from forms.importers.xlsform.logic import TRUE, Logic
from forms.importers.xlsform.read import Line, Survey, XlsFormInvalid

PARENT = "parent_row"
_BEGIN = re.compile(
    r"begin[ _](group|repeat|loop|lgroup)\b(?:.*\s(?:over|using)?\s*(\S+))?", re.IGNORECASE
)
_END = re.compile(r"end[ _](group|repeat|loop|lgroup)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Imported:
    """A draft form, and what of the file did not come along."""

    form: dict[str, Any]
    left: tuple[Left, ...]


@dataclass(frozen=True)
class Frame:
    """A group or repeat that is open."""

    kind: str
    row: int
    titles: Mapping[str, str]
    relevant: tuple[str, ...]
    holder: Holder


def build(content: bytes, *, code: str, owner: str = "") -> Imported:
    """Read a workbook as a form. Raises XlsFormInvalid, and what reading a workbook raises."""
    survey = read.survey(content)
    draft = Draft(survey, code, owner, _default(survey))
    _Walk(draft).walk()
    form = assemble.form(draft)
    left = sorted(set(draft.left), key=lambda one: (one.row, one.code, one.name))
    return Imported(form, tuple(left))


def _default(survey: Survey) -> str:
    spoken = {key for line in survey.lines for key in line.spoken.get("label", {})}
    wanted = read.language(survey.settings.get("default_language", ""))
    return "zh" if "zh" in spoken else wanted if wanted in spoken else min(spoken, default="")


class _Walk:
    """Walks the rows once; what they say of each other is settled afterwards, when every name is known."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._logic = Logic(draft)
        self._frames: list[Frame] = []
        self._later: list[tuple[Line, str, Holder, tuple[str, ...], Question]] = []

    def walk(self) -> None:
        """All rows, then all conditions. Raises XlsFormInvalid."""
        for line in self.draft.survey.lines:
            self._line(line)
        if self._frames:
            raise XlsFormInvalid(reason="not-closed", row=self._frames[-1].row)
        for line, name, holder, relevant, asked in self._later:
            self._logic.settle(line, (holder, name), relevant, asked)

    def _line(self, line: Line) -> None:
        told = line.get("type")
        begin, end = _BEGIN.match(told), _END.match(told)
        if line.get("disabled").lower() in TRUE or not told:
            if told:
                self.draft.tell(line, "disabled", told)
        elif begin:
            self._begin(line, begin[1].lower(), begin[2] or "")
        elif end:
            if not self._frames or self._frames[-1].kind[:4] != end[1].lower()[:4]:
                raise XlsFormInvalid(reason="not-open", row=line.row)
            self._frames.pop()
        else:
            self._question(line)

    def _begin(self, line: Line, kind: str, over: str) -> None:
        holder = self._holder()
        relevant = self._relevant() + ((line.get("relevant"),) if line.get("relevant") else ())
        titles = self.draft.words(line, "label") or {"zh": line.get("name") or "—"}
        if kind == "loop":
            self.draft.tell(line, "loop", over)
        if kind == "repeat":
            inner = Holder(self.draft.named(line.get("name") or f"row_{line.row}", self.draft.root))
            self.draft.root.known[line.get("name")] = (inner.name, "table")
            table: dict[str, Any] = {"type": "array", **self.draft.titled(titles, line)}
            table |= {"table": {"kind": "floating"}}
            if holder is not self.draft.root:
                self.draft.tell(line, "nested-repeat", holder.name)
                self._belongs(inner, holder.name)
            if line.get("repeat_count"):
                self._count(line, table)
            self.draft.root.properties[inner.name] = table
            self.draft.tables[inner.name] = inner
            self._in_section(inner.name)
            if relevant and holder is self.draft.root:
                self._logic.condition(line, table, "show_when", relevant, at=(self.draft.root, ""))
            holder, relevant = inner, ()
        self._frames.append(Frame(kind, line.row, titles, relevant, holder))

    def _belongs(self, inner: Holder, outer: str) -> None:
        """Which row of the outer list a row belongs to: one that is there."""
        title = self.draft.root.properties[outer]["title"]
        inner.properties[PARENT] = {
            "type": "integer",
            "minimum": 1,
            "title": "所属行",
            "titles": {"en": "Row it belongs to"},
            "hint": f"「{title}」的第几行"[:2000],
            "hints": {"en": f"The number of the row of “{title}”"[:2000]},
        }
        inner.required.append(PARENT)
        self.draft.checks.append(
            {
                "code": f"k{len(self.draft.checks) + 1}",
                "formula": f"{PARENT} <= COUNT({outer})",
                "text": f"“所属行”是「{title}」的行号，不能超过它的行数",
                "texts": {
                    "en": f"“Row it belongs to” is a row of “{title}” and cannot be beyond its last one"
                },
                "over": f"{inner.name}:rows",
            }
        )

    def _count(self, line: Line, table: dict[str, Any]) -> None:
        if line.get("repeat_count").isdigit():
            table["maxItems"] = int(line.get("repeat_count"))
        else:
            self.draft.tell(line, "repeat-count", line.get("repeat_count"))

    def _holder(self) -> Holder:
        return self._frames[-1].holder if self._frames else self.draft.root

    def _relevant(self) -> tuple[str, ...]:
        return self._frames[-1].relevant if self._frames else ()

    def _in_section(self, name: str) -> None:
        groups = [one for one in self._frames if one.kind != "repeat"]
        titles = [one.titles for one in groups]
        languages = dict.fromkeys(key for one in titles for key in one)
        told = {
            key: " / ".join(one.get(key) or next(iter(one.values())) for one in titles)[:200]
            for key in languages
        }
        title = told.pop("zh", "") or " / ".join(next(iter(one.values())) for one in titles)[:200]
        section = {"title": title, **({"titles": told} if told else {})}
        if (
            not self.draft.sections
            or {k: v for k, v in self.draft.sections[-1].items() if k != "items"} != section
        ):
            self.draft.sections.append({**section, "items": []})
        self.draft.sections[-1]["items"].append(name)

    def _question(self, line: Line) -> None:
        asked = question(line)
        told = line.get("type")
        plain = told.lower() in ("calculate", "calculation")
        if asked.left and not (plain and asked.left == "type"):
            self.draft.tell(line, asked.left, told)
            if not asked.schema:
                return
        holder = self._holder()
        name = self.draft.named(line.get("name") or f"note_{line.row}", holder)
        schema = {**asked.schema, **self.draft.titled(self.draft.words(line, "label"), line)}
        hints = self.draft.words(line, "hint")
        if hints:
            schema["hint"] = hints.pop("zh", "") or next(iter(hints.values()))
            schema |= {"hints": hints} if hints else {}
        header = [
            next(iter(one.titles.values()))
            for one in self._frames
            if one.holder is holder and one.kind != "repeat"
        ]
        if header and holder is not self.draft.root:
            schema["header"] = [*header, schema["title"]]
        holder.properties[name] = schema
        holder.known[line.get("name")] = (name, "unknown" if plain else asked.kind)
        holder.lists[name] = asked.choices
        if holder is self.draft.root:
            self._in_section(name)
        self._later.append((line, name, holder, self._relevant(), asked))
        for column in ("image", "audio", "video"):
            if column in line.spoken:
                self.draft.tell(line, "media", column)
