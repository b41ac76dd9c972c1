"""A formula as the designer's editor shows it while it is written."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from admin.views import condition_values, condition_view
from admin.web.html import text
from engine.dictionary.store import Dictionary, dictionary
from engine.formula import exact
from engine.formula.exact import Value
from engine.json_text import Json
from engine.work import Work
from forms import publish
from forms.compiled import CompiledForm
from forms.designing import formula_help
from forms.designing.formula_trial import Tried, TriedTable
from forms.store import Draft


def told(
    work: Work,
    draft: Draft,
    formula: str,
    *,
    path: str,
    over: str,
    condition: bool,
    sample: Mapping[str, Any],
    language: str,
    given: Json = None,
) -> dict[str, Any]:
    """What POST /api/designs/{id}/formula answers."""
    form = publish.compiled_now(work.connection, draft.document)
    known = dictionary(work.connection)
    at = formula_help.place(form, known.fields, path=path, over=over, language=language)
    names = [_named(one, known, language) for one in at.names]
    asked = condition_view.Asked(at.asked, known, language, condition_values.calling(work))
    if given is not None:
        formula = asked.written(given)
    if not formula.strip():
        return _empty(names, asked)
    exactly = {name: _exactly(value) for name, value in sample.items()}
    found = formula_help.tell(at, formula, condition=condition, sample=exactly, today=work.today)
    problem = found.problem
    return {
        "formula": formula,
        "words": asked.words(found.picked) or _in_words(found.words, language),
        "problem": problem.text(language) if problem else "",
        "position": int(problem.details().get("position", 0)) if problem else 0,
        "names": names,
        "asked": asked.names(),
        "sample": [
            {**_named(one, known, language), "value": _typed((found.sample or {}).get(one.name))}
            for one in found.used
        ],
        "tables": [_table(one, known, language) for one in found.tables],
        "result": None if problem else _said(found.result, language),
        "picked": condition_view.plain(found.picked),
        "called": asked.called(found.picked),
    }


def words(
    form: CompiledForm, known: Dictionary, formula: str, over: str | None, language: str
) -> str:
    """A check's formula as its designer would say it: the items by their labels."""
    at = formula_help.place(form, known.fields, over=over or "", language=language)
    return _in_words(formula_help.spoken(at, formula), language)


def _empty(names: list[dict[str, Any]], asked: condition_view.Asked) -> dict[str, Any]:
    return {
        "formula": "",
        "words": "",
        "problem": "",
        "position": 0,
        "names": names,
        "asked": asked.names(),
        "sample": [],
        "tables": [],
        "result": None,
        "picked": {"join": "and", "parts": []},
        "called": {},
    }


def _named(named: Tried, known: Dictionary, language: str) -> dict[str, Any]:
    options = condition_view.options(named, known, language)
    return {"name": named.name, "label": named.label, "kind": named.kind, "options": options}


def _table(table: TriedTable, known: Dictionary, language: str) -> dict[str, Any]:
    """A table with the rows it is tried with, as the page shows it."""
    return {
        "name": table.name,
        "label": table.label,
        "columns": [_named(one, known, language) for one in table.columns],
        "rows": [
            {
                "title": table.titles[number] if table.titles else str(number + 1),
                "cells": {name: _typed(value) for name, value in row.items()},
            }
            for number, row in enumerate(table.rows)
        ],
        "fixed": bool(table.titles),
    }


def _in_words(said: str, language: str) -> str:
    """Signs and functions in words too, outside the quotes and labels."""
    for sign in ("<>", "<=", ">="):
        said = said.replace(sign, text(language, f"designer.sign.{sign}"))
    return said


def _exactly(value: Json) -> Json:
    return Decimal(str(value)) if isinstance(value, float) else value


def _typed(value: Json) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _said(value: Value, language: str) -> str:
    if value is None:
        return text(language, "designer.result.blank")
    if isinstance(value, bool):
        return text(language, f"designer.result.{'yes' if value else 'no'}")
    if isinstance(value, Decimal):
        return exact.written(value)
    return value.isoformat() if isinstance(value, date) else str(value)
