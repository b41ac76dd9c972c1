"""Figures as their page shows them: a line a group, a column an indicator, the reports behind them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from admin.views import words
from admin.web.html import text
from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.measures import store as measures
from engine.measures.store import Figure, Line
from engine.work import Work
from forms import store

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for."""

    by: str
    month: str
    org: str
    report: str

    @property
    def only(self) -> dict[str, str]:
        """Which facts count."""
        given = {"month": self.month, "organisation": self.org, "form": self.report}
        return {name: value for name, value in given.items() if value}

    @property
    def href(self) -> str:
        """The address of the page."""
        parts = {"by": self.by, "month": self.month, "org": self.org, "report": self.report}
        return f"/measures?{urlencode({name: value for name, value in parts.items() if value})}"


def page(work: Work, asked: Asked, language: str) -> dict[str, Any]:
    """Everything the page shows."""
    by = asked.by if asked.by in measures.GROUPS else "organisation"
    asked = replace(asked, by=by)
    found = measures.lines(work, by, asked.only)
    behind, reused, disputed = _drill(work, asked)
    facts = [*behind, *reused, *disputed]
    titles = _titles(work, {row["form_code"] for row in facts} | _forms(by, found), language)
    names = identity.organisation_names(
        work.connection,
        sorted({row["organisation_code"] for row in facts} | _places(by, found)),
    )
    labels = _labels(work, {row["field"] for row in (*reused, *disputed)}, language)
    return {
        "by": by,
        "groups": [
            {
                "text": text(language, f"measures.by.{one}"),
                "href": replace(asked, by=one).href,
                "here": one == by,
            }
            for one in measures.GROUPS
        ],
        "narrowed": [
            {"text": told, "href": replace(asked, **{name: ""}).href}
            for name, told in (
                ("month", words.period(asked.month, language) if asked.month else ""),
                ("org", names.get(asked.org, asked.org)),
                ("report", titles.get(asked.report, asked.report)),
            )
            if told
        ],
        "columns": [
            {
                "text": text(language, f"measures.{one.code}"),
                "formula": text(language, f"measures.{one.code}.formula"),
            }
            for one in measures.MEASURES
        ],
        "lines": [
            {
                "text": _called(by, one.key, names, titles, language),
                "href": replace(asked, **{_NARROW[by]: one.key}).href,
                "reports": one.reports,
                "figures": [_figure(figure) for figure in one.figures],
            }
            for one in found
        ],
        "behind": [_behind(row, names, titles, language) for row in behind],
        "reused": [_reused(row, names, titles, labels, language) for row in reused],
        "disputed": [_disputed(row, names, titles, labels, language) for row in disputed],
    }


def _drill(work: Work, asked: Asked) -> tuple[list[Mapping[str, Any]], ...]:
    """What is behind the figures, once they are narrowed: reports, values taken over, disputes."""
    if not asked.only:
        return [], [], []
    return (
        measures.reports(work, asked.only, limit=SHOWN),
        measures.reuses(work, asked.only, limit=SHOWN),
        measures.disputes(work, asked.only, limit=SHOWN),
    )


def _labels(work: Work, codes: set[str], language: str) -> dict[str, str]:
    fields = dictionary(work.connection).fields
    return {code: fields[code].label(language) if code in fields else code for code in codes}


def _outcome(row: Mapping[str, Any]) -> str:
    if row["corrected"]:
        return "corrected"
    return "confirmed" if row["confirmed"] else "open"


_NARROW = {"organisation": "org", "month": "month", "form": "report"}


def _forms(by: str, found: Iterable[Line]) -> set[str]:
    return {one.key for one in found} if by == "form" else set()


def _places(by: str, found: Iterable[Line]) -> set[str]:
    return {one.key for one in found} if by == "organisation" else set()


def _titles(work: Work, codes: set[str], language: str) -> dict[str, str]:
    return {code: store.published(work.connection, code).title(language) for code in sorted(codes)}


def _called(by: str, key: str, names: dict[str, str], titles: dict[str, str], language: str) -> str:
    if by == "month":
        return words.period(key, language)
    return (names if by == "organisation" else titles).get(key, key)


def _behind(
    row: Mapping[str, Any], names: Mapping[str, str], titles: Mapping[str, str], language: str
) -> dict[str, Any]:
    kept = ("accepted", "submitted", "minutes", "returns")
    return {
        **_place(row, names, titles),
        "period": words.period(row["period"], language),
        "late": bool(row["late"]),
        **{name: row[name] for name in kept},
    }


def _reused(
    row: Mapping[str, Any],
    names: Mapping[str, str],
    titles: Mapping[str, str],
    labels: Mapping[str, str],
    language: str,
) -> dict[str, Any]:
    return {
        **_place(row, names, titles),
        "field": labels[row["field"]],
        "period": words.period(row["period"], language),
        "values": row["values"],
    }


def _disputed(
    row: Mapping[str, Any],
    names: Mapping[str, str],
    titles: Mapping[str, str],
    labels: Mapping[str, str],
    language: str,
) -> dict[str, Any]:
    return {
        **_place(row, names, titles),
        "field": labels[row["field"]],
        "month": words.period(row["month"], language),
        "outcome": _outcome(row),
    }


def _place(
    row: Mapping[str, Any], names: Mapping[str, str], titles: Mapping[str, str]
) -> dict[str, str]:
    """The report that a fact is of."""
    return {
        "title": titles.get(row["form_code"], row["form_code"]),
        "organisation": names.get(row["organisation_code"], row["organisation_code"]),
        "href": f"/records/{row['document_id']}",
    }


def _figure(one: Figure) -> dict[str, str]:
    if one.value is None:
        return {"text": "—", "sides": ""}
    shown = f"{one.value * 100:.1f} %" if one.measure.percent else f"{one.value:.1f}"
    return {"text": shown, "sides": f"{one.numerator} / {one.denominator}"}
