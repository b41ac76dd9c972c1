"""Running the checks of a form over a document: what holds, what does not, and both sides of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine import messages
from engine.formula.document import Document
from engine.formula.exact import Value, written
from engine.formula.explain import Relation, explain, holds
from engine.formula.tree import Expr
from engine.formula.types import in_order, names, previous
from engine.json_text import Json
from forms.checks import environment
from forms.checks.environment import Row
from forms.compiled import Check, CompiledForm, Table, in_language
from forms.validate import CellProblem


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check at one place; `holds` is None when blanks leave it open."""

    check: Check
    holds: bool | None
    relations: tuple[Relation, ...]
    """Both sides of every comparison, where it does not hold."""
    paths: tuple[str, ...]
    place: Mapping[str, str]
    """The row or column it was run over, in words; empty for the whole document."""
    names: Mapping[str, Mapping[str, str]]
    """What people call the names in the formula."""

    @property
    def code(self) -> str:
        """The check's code."""
        return self.check.code

    @property
    def severity(self) -> str:
        """error 强制 | gated 准强制 | explain 核实."""
        return self.check.severity

    def text(self, language: str = "zh") -> str:
        """What does not hold, with both sides and the difference."""
        sides = [self._side(one, language) for one in self.relations if one.holds is False]
        place = in_language(self.place, language)
        words = in_language(self.check.texts, language)
        if not words and not sides:
            words = self._spoken(self.check.formula, language)
        told = [
            messages.text("form.check.place", language, {"place": place}) if place else "",
            messages.text("form.check.text", language, {"text": words.rstrip("。.;；")})
            if words
            else "",
            *sides,
        ]
        return ("" if language == "zh" else " ").join(part for part in told if part)

    def to_json(self, language: str = "zh") -> dict[str, Json]:
        """For the wire and the page."""
        return {
            "code": self.code,
            "severity": self.severity,
            "holds": self.holds,
            "text": self.text(language) if self.holds is False else self.check.text(language),
            "formula": self.check.formula,
            "tolerance": self.check.tolerance,
            "place": in_language(self.place, language),
            "paths": list(self.paths),
            "relations": [_plain(one) for one in self.relations],
        }

    def _side(self, relation: Relation, language: str) -> str:
        details: dict[str, Any] = {
            "left_text": self._spoken(relation.left_text, language),
            "left": written(relation.left),
            "operator": _SHOWN.get(relation.operator, relation.operator),
            "right_text": self._spoken(relation.right_text, language),
            "right": written(relation.right),
            "difference": written(relation.difference),
        }
        code = "form.check.sides" if relation.difference is not None else "form.check.values"
        return messages.text(code, language, details)

    def _spoken(self, formula: str, language: str) -> str:
        """A formula with the labels that people know in place of names."""

        def called(match: re.Match[str]) -> str:
            known = self.names.get(match.group())
            return in_language(known, language) if known else match.group()

        for word in ("last", "same_period_last_year"):
            spoken = messages.text(f"form.word.{word}", language)
            formula = re.sub(rf"\b{word}\((\w[\w.]*)\)", rf"{spoken} \1", formula)
        formula = re.sub(r"\bTODAY\(\s*\)", messages.text("form.word.TODAY", language), formula)
        for sign, shown in _SHOWN.items():
            formula = formula.replace(sign, shown)
        return _NAME.sub(called, formula)


_SHOWN = {"<>": "≠", "<=": "≤", ">=": "≥"}
"""Signs as people write them, who read what is typed with a keyboard (admin/ui/src/live/told.ts too)."""
_NAME = re.compile(r"[^\W\d][\w.]*(?!\()\b")


def run(form: CompiledForm, document: Document) -> list[CheckResult]:
    """Every check, once for each row or column it is over; computed cells must be computed before."""
    seen = environment.answering(document)
    return [result for check, expr in form.relations for result in _over(check, expr, form, seen)]


def failures(form: CompiledForm, document: Document) -> list[CheckResult]:
    """Only what does not hold; what does costs no more than its answer."""
    seen = environment.answering(document)
    return [
        result
        for check, expr in form.relations
        if check.over or holds(expr, seen, _exactly(check.tolerance)) is False
        for result in _over(check, expr, form, seen, broken=True)
    ]


def told(
    form: CompiledForm, results: Iterable[CheckResult], language: str = "zh"
) -> list[CellProblem]:
    """What does not hold as problems of cells, each at the first of its cells that can be changed."""
    found = []
    for one in results:
        if one.holds is False:
            code = f"check.{one.code}"
            text = one.text(language)
            words = in_language(one.check.texts, language)
            found.append(CellProblem(_where(form, one), one.severity, text, code, one.paths, words))
    return found


def _where(form: CompiledForm, result: CheckResult) -> str:
    for path in result.paths:
        item = form.item(path)
        if item is not None and not item.readonly:
            return path
    return result.paths[0] if result.paths else ""


@lru_cache(maxsize=512)
def _exactly(tolerance: Json) -> Decimal:
    return Decimal(str(tolerance))


def _over(
    check: Check, expr: Expr, form: CompiledForm, document: Document, *, broken: bool = False
) -> Iterator[CheckResult]:
    """The check at each of its places; with `broken` only where it does not hold."""
    name, _, way = (check.over or "").partition(":")
    table = form.table_by_path.get(f"/{name}")
    tolerance = _exactly(check.tolerance)

    def passes(env: Document | Row) -> bool:
        return broken and holds(expr, env, tolerance) is not False

    if table is None:
        if not passes(document):
            yield _result(check, expr, document, used=names(expr), form=form, place={})
        return
    used = names(expr)
    if way == "rows":
        needed = used & {column.name for column in table.columns}
        for index, row in enumerate(environment.rows(form, table, document)):
            # a row with a closed cell is not asked
            if all(name in row.near for name in needed) and not passes(row):
                place = _row_words(table, row, index)
                yield _result(check, expr, row, used=used, form=form, place=place)
    else:
        needed = used & ({one.name for one in table.rows} | {one.code for one in table.rows})
        for column, view in environment.columns(form, table, document):
            if needed <= view.near.keys() and not passes(view):
                place = _column_words(table, column)
                yield _result(check, expr, view, used=used, form=form, place=place)


def _result(
    check: Check,
    expr: Expr,
    env: Document | Row,
    *,
    used: frozenset[str],
    form: CompiledForm,
    place: Mapping[str, str],
) -> CheckResult:
    tolerance = _exactly(check.tolerance)
    verdict = holds(expr, env, tolerance)
    view = env if isinstance(env, Row) else None
    values = env.document.values if isinstance(env, Row) else env.values
    paths = environment.paths_of(in_order(used, check.formula), form, values, view)
    if verdict is not False:
        return CheckResult(check, verdict, (), paths, place, {})
    spoken = used | {one.path for one in previous(expr)}
    called = {name: words for name in spoken if (words := _words(name, form, view))}
    relations = tuple(explain(expr, env, tolerance))
    return CheckResult(check, verdict, relations, paths, place, called)


def _words(name: str, form: CompiledForm, view: Row | None) -> Mapping[str, str]:
    """What people call a name of a formula: within a row its column, within a column its row."""
    path = view.near.get(name) if view else None
    near = form.item(path) if path else None
    if view is not None and near is not None:
        return near.row_titles if view.path == near.table and near.row_titles else near.titles
    far = "/" + name.replace(".", "/")
    if far in form.by_path:
        return _both(form.by_path[far].full_label)
    if far in form.table_by_path:
        return form.table_by_path[far].titles
    holder = form.table_by_path.get(far.rpartition("/")[0])
    found = [one for one in holder.columns if one.name == far.rpartition("/")[2]] if holder else []
    return found[0].titles if found else {}


def _both(told: Callable[[str], str]) -> Mapping[str, str]:
    return {language: told(language) for language in messages.LANGUAGES}


def _row_words(table: Table, row: Row, index: int) -> Mapping[str, str]:
    for one in table.rows:
        if row.path.endswith(f"/{one.name}"):
            return one.titles
    return {
        language: messages.text(
            "form.check.row", language, {"table": table.label(language), "number": index + 1}
        )
        for language in messages.LANGUAGES
    }


def _column_words(table: Table, column: str) -> Mapping[str, str]:
    """The column's heading; nothing where there is no other to tell it from."""
    if len(table.columns) == 1:
        return {}
    return next((one.titles for one in table.columns if one.name == column), {})


def _plain(relation: Relation) -> dict[str, Json]:
    return {
        "left_text": relation.left_text,
        "left": _json(relation.left),
        "operator": relation.operator,
        "right_text": relation.right_text,
        "right": _json(relation.right),
        "difference": relation.difference,
        "holds": relation.holds,
    }


def _json(value: Value) -> Json:
    return value.isoformat() if isinstance(value, date) else value
