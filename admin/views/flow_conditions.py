"""Conditions of a flow as its designer picks and reads them: the items of the forms that use it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from admin.views import condition_values, condition_view
from admin.views.condition_view import Asked
from admin.web.html import text
from engine.dictionary.store import dictionary
from engine.errors import Problem
from engine.formula.parse import parse
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work
from forms import store as forms
from forms.compiled import CompiledForm
from forms.designing import formula_help

MOST_FORMS = 40
MOST_PEOPLE = 500


def used_with(work: Work, code: str) -> tuple[Sequence[CompiledForm], bool]:
    """The forms in force that use a flow; all in force where none does yet, and whether that is so."""
    published = forms.published_forms(work.connection)
    using = [one for one in published if one.flow == code]
    return (using or published)[:MOST_FORMS], not using


class Conditions:
    """What conditions of one flow may ask about, in one language."""

    def __init__(self, work: Work, code: str, language: str) -> None:
        known = dictionary(work.connection)
        found, self.unused = used_with(work, code)
        self._labels: dict[str, str] = {}
        self._language = language
        people = select(identity.ACCOUNT.c.login, identity.ACCOUNT.c.name).where(identity.PERSON)
        rows = work.connection.execute(people.limit(MOST_PEOPLE))
        self._people: dict[str, str] = {row.login: row.name for row in rows}
        self._calling = condition_values.calling(work)
        self.asked = Asked((), known, language, self._calling)
        for form in found:
            at = formula_help.place(form, known.fields, language=language)
            title = form.title(language) if len(found) > 1 else ""
            self.asked.also(at.asked, known, title)
            for one in at.names:
                self._labels.setdefault(one.name, one.label)

    def person(self, login: str) -> str:
        """What somebody is called whom a flow names by log-in."""
        return self._people.get(login, login)

    def place(self, code: str) -> str:
        """What an office is called that a flow names by its code."""
        return self._calling("organisation", [code]).get(code, code)

    def words(self, formula: str) -> str:
        """A condition as one would tell it: lines in words, any other formula by its items' labels."""
        said = self.asked.words(self.asked.read(formula)) or self._chosen(formula)
        return said or formula_help.by_labels(self._labels, formula)

    def _chosen(self, formula: str) -> str:
        """A choice of people by conditions, case by case."""
        found, otherwise = self.asked.cases(formula) or ((), "")
        said = [
            text(
                self._language,
                "condition.case",
                words=self.words(one.when),
                who=self._people.get(one.gives, one.gives),
            )
            for one in found
        ]
        if found:
            who = self._people.get(otherwise, otherwise) or text(
                self._language, "condition.case.nobody"
            )
            said.append(text(self._language, "condition.case.otherwise", who=who))
        return text(self._language, "condition.case.between").join(said)

    def told(self, formula: str, given: Json, language: str) -> dict[str, Any]:
        """A formula, or what was picked, with everything that the page shows of it."""
        if given is not None:
            formula = self.asked.written(given)
        return {
            "formula": formula,
            **self.shown(formula),
            **_fault(formula, language),
            "asked": self.asked.names(),
            "unused": self.unused,
        }

    def shown(self, formula: str) -> dict[str, Any]:
        """A condition in words, and as lines where lines can say it."""
        empty = {"join": "and", "parts": []}
        lines = self.asked.read(formula)
        read = condition_view.plain(lines) if formula.strip() else empty
        found, otherwise = self.asked.cases(formula) or (None, "")
        cases = None if found is None else [asdict(one) for one in found]
        told = {"words": self.words(formula), "picked": read, "called": self.asked.called(lines)}
        return told | {"cases": cases, "otherwise": otherwise}

    def of(self, document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Every formula of a flow as it is drawn now."""
        return {one: self.shown(one) for one in set(_formulas(document))}


def _fault(formula: str, language: str) -> dict[str, Any]:
    """What keeps a formula from being read, and where."""
    try:
        if formula.strip():
            parse(formula)
    except Problem as problem:
        return {
            "problem": problem.text(language),
            "position": int(problem.details().get("position", 0)),
        }
    return {"problem": "", "position": 0}


def _formulas(document: Mapping[str, Any]) -> Iterator[str]:
    """Conditions of ways, and formulas by which people are found."""
    for step in document.get("steps", ()):
        for route in step.get("next", ()):
            if isinstance(route, Mapping) and isinstance(route.get("when"), str):
                yield route["when"]
        for rule in (step.get("assign"), (step.get("due") or {}).get("assign")):
            if isinstance(rule, Mapping) and isinstance(rule.get("formula"), str):
                yield rule["formula"]
