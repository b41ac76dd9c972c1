"""One cell of a document as components/cells.html shows it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from admin.views import tree_view, why_view, words
from admin.web.html import text
from engine import absence
from engine.attachments.sniff import PICTURES
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from forms import attached, defaults, document, picking
from forms.compiled import CompiledForm, Item
from forms.conditions import NOTHING, Applied
from forms.document import Cell
from forms.filing import Opened
from forms.validate import CellProblem

ASKING = ("todo", "carried", "proposed", "stale", "conflict", "returned")
"""States in which a cell waits for the filler."""
TO_CONFIRM = ("carried", "proposed", "stale", "conflict")
"""Those that one press confirms."""
LONG = 60
"""Texts that may be longer get a box of several lines."""
EMPTY = Cell()
PHONE_PICTURES = "image/jpeg,image/png,image/webp"
"""Asked for by type, so that a phone turns its own formats into one of these."""


@dataclass
class Reading:
    """A document being shown: to whom, in which language, and what of it may be changed."""

    opened: Opened
    dictionary: Dictionary
    language: str
    editable: bool
    only: Collection[str] | None = None
    now: datetime | None = None
    returned_by: str = ""
    problems: Mapping[str, Sequence[CellProblem]] = field(default_factory=dict)
    told: Applied = NOTHING
    """What the form's conditions say of the document."""
    plain: int | None = None
    """Without scripts: which page of the rows of large tables; None shows those as sheets."""
    sheets: bool = False
    """Whether the page can show large tables as sheets."""
    _options: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    files: str = ""
    """Where the page's files are put and looked at; a preview has no such place."""
    disputed: Collection[str] = ()
    """Cells whose value is disputed now."""
    hides: Callable[[str], bool] = lambda _: False
    """What the step that is being done keeps from whoever does it."""

    def may_add(self, table: str) -> bool:
        """Whether rows may be added to a table here."""
        return self.editable and (self.only is None or table in self.only)

    @property
    def form(self) -> CompiledForm:
        """The form."""
        return self.opened.form

    def shown(self, item: Item, value: Json) -> str:
        """A value as it is read."""
        return words.shown(item, value, self.dictionary, self.language, self.opened.labels)

    def options(self, item: Item) -> list[dict[str, Any]]:
        """What may be chosen in the cells of an item; made once for all its rows."""
        if item.path not in self._options:
            made = tree_view.options if item.widget == "tree" else words.options
            self._options[item.path] = made(item, self.dictionary, self.language)
        return self._options[item.path]


def cell(
    reading: Reading, path: str, item: Item, value: Json, *, fresh: Cell = EMPTY
) -> dict[str, Any]:
    """The context of one cell; `fresh` is what is known of one that the document does not have yet."""
    if reading.hides(path):
        return closed(path)
    known = reading.opened.cells.get(path, fresh)
    locked = reading.editable and reading.only is not None and path not in reading.only
    readonly = not reading.editable or item.readonly or locked
    required = item.required or reading.told.requires(path)
    found, confirmed = state(known, item, value, required=required)
    if locked and not item.compute:
        found, confirmed = "locked", False
    hint = item.hints.get(reading.language) or item.hints.get("zh")
    return {
        "path": path,
        "label": item.label(reading.language),
        "type": control_type(item),
        "files": _files(reading, item, value) if item.attachment else None,
        "value": words.typed(value),
        "display": reading.shown(item, value),
        "unit": item.unit,
        "hint": hint if reading.editable else None,
        "required": required,
        "readonly": readonly,
        "always": item.required,
        "hidden": reading.told.hides(path),
        "held": reading.told.locks(path),
        "refused": [str(one) for one in reading.told.refused.get(path, ())],
        "closed": False,
        "options": [] if readonly else reading.options(item),
        "tree": item.widget == "tree",
        "position": item.widget == "position",
        "pick": item.widget if item.widget in picking.WIDGETS else "",
        "code": str(value) if item.widget == "tree" and not document.blank(value) else "",
        "absences": [] if readonly else words.absences(item, reading.language),
        "absent": absence.kind_of(value),
        "max_length": item.schema.get("maxLength"),
        "state": found,
        "confirmed": confirmed,
        "returned": _returned(reading, known) if found == "returned" else None,
        "last": _last(reading, item, known),
        "source": _source(reading, item, known),
        "alternatives": _alternatives(reading, item, known, value),
        "chosen": words.choice(known.chosen, reading.language),
        "disputed": known.disputed or path in reading.disputed,
        "why": _why(reading, path),
        "problems": [_problem(reading, one) for one in reading.problems.get(path, ())],
    }


def closed(path: str) -> dict[str, Any]:
    """A cell that the form does not ask for."""
    return {"path": path, "closed": True, "state": "locked", "confirmed": False, "problems": []}


def state(
    known: Cell, item: Item, value: Json, *, required: bool | None = None
) -> tuple[str, bool]:
    """The state the page tells, and whether the value was confirmed by a person."""
    if item.compute:
        return "computed", False
    if known.state == "returned":
        return "returned", False
    if document.blank(value):
        return ("todo" if (item.required if required is None else required) else "blank"), False
    source = known.source or {}
    offered = _offered(source)
    if known.state == "confirmed":
        return (offered if offered in TO_CONFIRM else "entered"), True
    if known.chosen and known.state in ("known", "computed"):
        return "conflict", True
    if known.state in ("typed", "empty"):
        return "entered", False
    if known.state in ("carried", "stale"):
        mine = "proposed" if offered == "proposed" else known.state
        return ("conflict" if source.get("others") else mine), False
    if known.state == "computed":
        return "computed", False
    return ("conflict" if source.get("others") else "known"), False


def _offered(source: Mapping[str, Any]) -> str:
    if source.get("others"):
        return "conflict"
    if source.get("source") == "carried":
        return "carried"
    if source.get("source") == defaults.SOURCE:
        return "proposed"
    return "stale" if source.get("stale") else "known"


def control_type(item: Item) -> str:
    """Which control a cell is filled with."""
    if item.compute:
        return "computed"
    if item.attachment:
        return item.attachment
    if item.type == "array":
        return "choices" if item.options else "text"
    if item.type == "boolean":
        return "yes_no"
    if item.options:
        return "choice"
    if item.numeric:
        return item.type
    if item.format in ("date", "period", "time"):
        return item.format
    if item.format == "date-time":
        return "moment"
    long = (item.schema.get("maxLength") or 0) > LONG
    return "long_text" if long or item.widget in ("textarea", "long_text") else "text"


def _returned(reading: Reading, known: Cell) -> dict[str, str]:
    who = reading.returned_by or text(reading.language, "role.verifier")
    return {"by": who, "reason": known.reason}


def _files(reading: Reading, item: Item, value: Json) -> dict[str, Any] | None:
    """The files of a cell, and what more it takes: components/attachments.html."""
    rule = attached.rule(item.schema)
    if rule is None:
        return None
    photo = rule.kind == "photo"
    return {
        "kind": rule.kind,
        "address": reading.files,
        "most": attached.most(item.schema),
        "max_mb": rule.max_mb,
        "accept": PHONE_PICTURES if photo else ",".join(f".{one}" for one in rule.accept),
        "kinds": ", ".join(rule.accept),
        "list": files_of(reading.files, value),
    }


def files_of(base: str, value: Json) -> list[dict[str, Any]]:
    """The files that a value names, with where each is looked at and taken out."""
    listed = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    found = []
    for ref in listed:
        mark, _, name = ref.partition("/")
        href = f"{base}/{mark}"
        found.append(
            {
                "name": name,
                "href": href,
                "remove": f"{href}/remove",
                "picture": name.rpartition(".")[2] in PICTURES,
            }
        )
    return found


def _source(reading: Reading, item: Item, known: Cell) -> dict[str, Any] | None:
    if known.state == "typed" and not known.deviates:
        return None
    return words.source(
        known.source,
        reading.language,
        now=reading.now,
        formula=words.spoken(reading.form, item, reading.language),
    )


def _why(reading: Reading, path: str) -> str | None:
    """The page about a cell's sources; a preview has none."""
    document_id = reading.opened.record.id
    return why_view.address(document_id, path) if document_id else None


def _last(reading: Reading, item: Item, known: Cell) -> str | None:
    source = known.source or {}
    if source.get("source") == "carried" and not document.blank(known.known):
        return reading.shown(item, known.known)
    for other in source.get("others", ()):
        if other.get("source") == "carried":
            return reading.shown(item, other.get("value"))
    return None


def _alternatives(reading: Reading, item: Item, known: Cell, value: Json) -> list[dict[str, Any]]:
    """What each source says, where they differ from each other or from what was typed."""
    source = known.source or {}
    others = list(source.get("others", ()))
    typed_over = known.deviates and not document.blank(value)
    if item.compute or not (others or typed_over):
        return []
    offers = [{**source, "value": known.known}, *others]
    return [
        {
            "value": words.typed(one.get("value")),
            "display": reading.shown(item, one.get("value")),
            "absent": absence.kind_of(one.get("value")),
            "source": _offer_text(one, reading.language),
            "verified_by": str(one.get("verified_by") or ""),
            "stale": bool(one.get("stale")),
            "now": document.same(one.get("value"), value),
        }
        for one in offers
        if not document.blank(one.get("value"))
    ]


def _offer_text(offer: Mapping[str, Any], language: str) -> str:
    at = (words.moment(str(offer.get("at", ""))) or "")[:10]
    parts = (words.source_text(offer, language), at, words.day(offer, language))
    return ("，" if language == "zh" else ", ").join(part for part in parts if part)


def _problem(reading: Reading, problem: CellProblem) -> dict[str, Any]:
    asking = problem.severity == "confirm"
    return {
        "severity": "explain" if asking else problem.severity,
        "text": problem.text,
        "code": "" if asking else problem.code,
        "explanation": reading.opened.record.explanations.get(f"{problem.code}:{problem.path}", ""),
    }
