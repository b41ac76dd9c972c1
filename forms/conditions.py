"""What of a document is shown, required, locked and offered now, by the conditions of its form.

What is not shown counts as blank: it is neither judged nor computed with, and when the document is
handed in it is not kept. The page's script follows the same rules; what this says stands.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine import messages
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.json_text import Json
from forms import document as cells
from forms.checks import compute, environment
from forms.compiled import CompiledForm, Condition
from forms.validate import CellProblem

ROUNDS = 24
"""A chain of conditions is no longer than this; circles are refused before a form is published."""


@dataclass(frozen=True)
class Applied:
    """The conditions of a form over one document."""

    hidden: frozenset[str] = frozenset()
    """Items, groups and tables that are not shown, by path; what is below them is not either."""
    required: frozenset[str] = frozenset()
    readonly: frozenset[str] = frozenset()
    refused: Mapping[str, frozenset[Json]] = field(default_factory=dict)
    """Choices that may not be taken now, by the cell's path."""

    def hides(self, path: str) -> bool:
        """Whether a cell, or what it stands in, is not shown."""
        return _under(path, self.hidden)

    def locks(self, path: str) -> bool:
        """Whether a cell, or what it stands in, may not be changed."""
        return _under(path, self.readonly)

    def requires(self, path: str) -> bool:
        """Whether a cell must be filled in, because of a condition."""
        return path in self.required and not self.hides(path)


NOTHING = Applied()


def apply(form: CompiledForm, document: Document) -> tuple[Applied, Document]:
    """The conditions, and the document as they leave it: without what is not shown, computed anew."""
    if not form.conditions:
        return NOTHING, document
    full = environment.answering(document)
    seen = full
    hidden: frozenset[str] = frozenset()
    for _ in range(ROUNDS):
        found = frozenset(path for path, one in _cases(form, "show", seen) if not _holds(one, path))
        if found == hidden and seen is not full:
            break
        hidden = found
        seen = full.having(without(form, document.values, hidden))
        seen = seen.having(without(form, compute.computed(form, seen), hidden))
    refused: dict[str, set[Json]] = defaultdict(set)
    for path, one in _cases(form, "choice", seen):
        if not _holds(one, path):
            refused[path].add(one.condition.value)
    told = Applied(
        hidden,
        frozenset(path for path, one in _cases(form, "required", seen) if _holds(one, path)),
        frozenset(path for path, one in _cases(form, "readonly", seen) if _holds(one, path)),
        {path: frozenset(values) for path, values in refused.items()},
    )
    return told, document.having(seen.values)


def without(
    form: CompiledForm, values: Mapping[str, Json], hidden: frozenset[str]
) -> dict[str, Json]:
    """The values without what is not shown."""
    found = dict(values)
    inside: dict[str, Json] = {}
    for path in hidden:
        if form.item(path) is not None and "*" in form.pattern(path):
            inside[path] = None
        else:
            found = cells.remove(found, path)
    there = {path: None for path in inside if cells.get(found, path.rpartition("/")[0]) is not None}
    return cells.put_all(form, found, there) if there else found


def problems(
    form: CompiledForm, told: Applied, values: Mapping[str, Json], *, language: str, draft: bool
) -> list[CellProblem]:
    """What the conditions find wrong: nothing where something is required, a choice that is not offered."""
    found = []
    for path in sorted(told.required) if not draft else ():
        item = form.item(path)
        missing = item is not None and cells.blank(cells.get(values, path))
        if missing and not told.hides(path):
            found.append(_problem(form, path, "required", language))
    for path, refused in told.refused.items():
        value = cells.get(values, path)
        taken = value if isinstance(value, list) else [value]
        if not told.hides(path) and any(one in refused for one in taken if one is not None):
            found.append(_problem(form, path, "not-offered", language))
    return found


def _problem(form: CompiledForm, path: str, code: str, language: str) -> CellProblem:
    details = {"label": form.name_of(path, language)}
    return CellProblem(path, "error", messages.text(f"form.cell.{code}", language, details), code)


@dataclass(frozen=True, slots=True)
class _Case:
    """A condition at one place."""

    condition: Condition
    env: "Document | environment.Row"


def _holds(case: _Case, _path: str) -> bool:
    return evaluate(case.condition.expr, case.env) is True


def _cases(form: CompiledForm, kind: str, document: Document) -> Iterator[tuple[str, _Case]]:
    """Every place where conditions of a kind are asked, with the path they are about."""
    for one in form.conditions:
        if one.kind != kind:
            continue
        table = form.table_by_path.get(one.table) if one.table else None
        if table is None:
            yield one.path, _Case(one, document)
            continue
        for row in environment.rows(form, table, document):
            if one.row is None or row.path == f"{table.path}/{one.row}":
                tail = one.path.removeprefix(f"{table.path}/").partition("/")[2]
                yield f"{row.path}/{tail}" if tail else row.path, _Case(one, row)


def _under(path: str, these: frozenset[str]) -> bool:
    if not these:
        return False
    here = path
    while here:
        if here in these:
            return True
        here = here.rpartition("/")[0]
    return False
