"""The sheets of an XLSForm as rows of named columns, whatever the column was called and in whichever language."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.errors import Problem
from forms.importers.excel.files import read as workbooks
from forms.importers.excel.files.grid import Grid
from forms.importers.excel.files.guard import NoTable

ALIASES = {
    "caption": "label", "bind:relevant": "relevant", "relevance": "relevant", "bind:constraint": "constraint",
    "bind:required": "required", "bind:calculate": "calculation", "calculate": "calculation",
    "read_only": "readonly", "read only": "readonly", "bind:readonly": "readonly", "command": "type", "tag": "name",
    "value": "name", "list name": "list_name", "constraint message": "constraint_message",
    "constraint-msg": "constraint_message", "bind:jr:constraintmsg": "constraint_message",
    "requiredmsg": "required_message", "bind:jr:requiredmsg": "required_message", "title": "form_title",
    "set form title": "form_title", "set form id": "form_id", "id_string": "form_id", "repeat count": "repeat_count",
}  # fmt: skip
LANGUAGES = {
    "english": "en", "chinese": "zh", "french": "fr", "swahili": "sw", "spanish": "es", "italian": "it",
    "japanese": "ja", "macedonian": "mk", "arabic": "ar", "portuguese": "pt", "russian": "ru", "german": "de",
    "中文": "zh", "汉语": "zh", "default": "",
}  # fmt: skip
SPOKEN = (
    "label",
    "hint",
    "constraint_message",
    "required_message",
    "guidance_hint",
    "image",
    "audio",
    "video",
)
_CODE = re.compile(r"\(([a-z]{2,3})(?:-[a-z]+)?\)\s*$", re.IGNORECASE)
MOST_ROWS = 10_000


class XlsFormInvalid(Problem):
    """The workbook is no XLSForm, or its groups and repeats do not close."""

    code, status = "xlsform.invalid", 422
    reason: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet: its number, plain columns, and spoken columns by language ("" = no language)."""

    row: int
    cells: Mapping[str, str]
    spoken: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """A column's text."""
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class Survey:
    """An XLSForm as it stands in its workbook."""

    lines: tuple[Line, ...]
    choices: Mapping[str, tuple[Line, ...]]
    settings: Mapping[str, str]
    columns: tuple[str, ...]
    """The survey's columns as they are called in the file, known or not."""


def survey(content: bytes) -> Survey:
    """Read the sheets `survey`, `choices` and `settings`. Raises XlsFormInvalid, and what reading raises."""
    first = workbooks.open_sheet(content)
    names = {name.strip().lower(): name for name in first.sheets or (first.sheet,)}
    if "survey" not in names:
        raise XlsFormInvalid(reason="no-survey")
    grid = workbooks.open_sheet(content, names["survey"])
    lines = tuple(_lines(grid))
    if not any(line.get("type") for line in lines):
        raise XlsFormInvalid(reason="no-type")
    choices: dict[str, list[Line]] = {}
    for name in ("choices", "choices and columns"):
        for line in _sheet(content, names.get(name)):
            choices.setdefault(line.get("list_name"), []).append(line)
    settings = next(iter(_sheet(content, names.get("settings"))), Line(0, {}))
    head = tuple(_header(grid)[1])
    return Survey(lines, {key: tuple(rows) for key, rows in choices.items()}, settings.cells, head)


def _sheet(content: bytes, name: str | None) -> Iterator[Line]:
    if name is None:
        return
    try:
        grid = workbooks.open_sheet(content, name)
    except NoTable:
        return
    yield from _lines(grid)


def _header(grid: Grid) -> tuple[int, list[str]]:
    """The row of column names: the first that says anything."""
    for row in range(1, grid.rows + 1):
        texts = [grid.at(row, column).text.strip() for column in range(1, grid.cols + 1)]
        if any(texts):
            return row, texts
    return 1, []


def _lines(grid: Grid) -> Iterator[Line]:
    """The rows below the names; columns without a name are remarks of whoever wrote the file."""
    top, head = _header(grid)
    named = [(at, column(text)) for at, text in enumerate(head, 1) if text]
    for row in range(top + 1, min(grid.rows, MOST_ROWS) + 1):
        cells: dict[str, str] = {}
        spoken: dict[str, dict[str, str]] = {}
        for at, (name, language) in named:
            text = grid.at(row, at).text.strip()
            if not text:
                continue
            if name in SPOKEN:
                spoken.setdefault(name, {}).setdefault(language, text)
            else:
                cells.setdefault(name, text)
        if cells or spoken:
            yield Line(row, cells, spoken)


def column(text: str) -> tuple[str, str]:
    """`label::English (en)` is the label in English; `bind:relevant` is `relevant`."""
    plain = " ".join(text.lower().replace("::", ":").replace(": ", ":").split())
    plain = ALIASES.get(plain, plain)
    head, _, tail = plain.partition(":")
    if head == "media":
        head, _, tail = tail.partition(":")
    head = ALIASES.get(head, head)
    if head in SPOKEN:
        return head, language(tail)
    return plain, ""


def language(name: str) -> str:
    """The two-letter code of a language as people write it; unknown ones have none."""
    found = _CODE.search(name)
    if found:
        return found[1].lower()[:2]
    plain = name.strip().lower()
    return LANGUAGES.get(plain, plain if re.fullmatch("[a-z]{2}", plain) else "")
