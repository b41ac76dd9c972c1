"""Data quality as its page and its file show it: a line a field, an organisation or a month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from admin.views import join_view, words
from admin.web.html import text
from engine.access import policy
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import Forbidden, NotFound
from engine.identity import store as identity
from engine.identity.store import OrganisationValue
from engine.ledgers import quality
from engine.ledgers.ground import ground
from engine.ledgers.quality import Line
from engine.registers import store
from engine.registers.pairs import FOUND
from engine.work import Work
from forms import joining
from forms.kinds import ledger
from renderers.contract import Cell, Column, Row, Table

FIGURES = ("filled", "blank", "unknown", "inapplicable", "refused", "stale", "unverified", "failing", "disputed")  # fmt: skip
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for."""

    subject: str = ""
    field: str = ""
    org: str = ""
    month: str = ""
    kind: str = ""

    def href(self, path: str = "/quality", **changed: str) -> str:
        """An address of the page, or of its file, with something else."""
        given = {name: getattr(replace(self, **changed), name) for name in self.__slots__}
        return f"{path}?{urlencode({name: value for name, value in given.items() if value})}"


@dataclass(frozen=True)
class Shown:
    """The figures that were asked for, not yet in words."""

    asked: Asked
    known: Dictionary
    subjects: Sequence[str]
    months: Sequence[tuple[str, str]]
    unit: OrganisationValue | None
    field: Field | None
    fields: Sequence[Line]
    units: Sequence[tuple[OrganisationValue, Line]]
    trend: Sequence[Line]


def found(work: Work, asked: Asked) -> Shown:
    """The figures for whoever asks. Raises NotFound for what they do not see."""
    known = dictionary(work.connection)
    subjects = [one for one in known.subjects if quality.seen(work, known, one)]
    if not subjects or (asked.subject and asked.subject not in subjects):
        raise NotFound
    asked = replace(asked, subject=asked.subject or _first(subjects))
    months = quality.months(work, asked.subject)
    month = asked.month if asked.month in dict(months) else next((one for one, _ in months), "")
    asked = replace(asked, month=month if asked.month else "")
    unit = identity.organisation(work.connection, asked.org) if asked.org else None
    place = _place(work, unit)
    field = known.fields.get(asked.field) if asked.field else None
    if asked.field and (field is None or field.subject != asked.subject):
        raise NotFound
    fields = quality.by_field(work, known, asked.subject, month, place) if month else []
    units: list[tuple[OrganisationValue, Line]] = []
    trend: list[Line] = []
    if field is not None:
        quality.areas(work, field)
        fields = [one for one in fields if one.key == field.code]
        below = {one.code: one for one in _below(work, unit)}
        told = quality.by_place(work, field, month, quality.divisions(work, below))
        units = [(below[one.key], one) for one in told]
        trend = quality.by_month(work, field, place)
    fields.sort(key=lambda one: (one.counts["filled"] / (one.counts["rows"] or 1), one.key))
    return Shown(asked, known, subjects, months, unit, field, fields, units, trend)


def page(work: Work, asked: Asked, language: str) -> dict[str, Any]:
    """Everything the page shows."""
    shown = found(work, asked)
    asked, known = shown.asked, shown.known
    month = asked.month or next((one for one, _ in shown.months), "")
    now = not asked.month or asked.month == shown.months[0][0]
    return {
        "subject": asked.subject,
        "subjects": [
            {"code": one, "text": join_view.subject_name(known, one, language)}
            for one in shown.subjects
        ],
        "months": [{"code": one, "text": words.period(one, language)} for one, _ in shown.months],
        "month": month,
        "counted_at": words.moment(dict(shown.months).get(month)),
        "field": shown.field
        and {"label": shown.field.label(language), "code": shown.field.called, "all": asked.href(field="", kind="")},
        "org": asked.org,
        "up": [
            {"text": one.name if one else text(language, "quality.everywhere"), "href": asked.href(org=one.code if one else "", kind="")}
            for one in _above(work, shown.unit)
        ],
        "unit": shown.unit.name if shown.unit else "",
        "figures": [
            {"name": name, "text": text(language, f"quality.{name}"), "formula": text(language, f"quality.{name}.formula")}
            for name in FIGURES
        ],
        "fields": [
            _line(known.fields[one.key].label(language), asked.href(field=one.key, kind=""), one, asked, field=one.key, rows=now)
            for one in shown.fields
        ],
        "units": [
            _line(place.name, asked.href(org=place.code, kind=""), one, asked, org=place.code, rows=now)
            for place, one in shown.units
        ],
        "trend": [
            _line(words.period(one.key, language), asked.href(month=one.key, kind=""), one, asked)
            for one in shown.trend
        ],
        "kind": asked.kind,
        "behind": _behind(work, shown, language) if asked.kind else None,
        "duplicates": _duplicates(work, asked.subject),
        "export": asked.href("/quality/export", kind=""),
    }  # fmt: skip


def table(work: Work, asked: Asked, language: str) -> Table:
    """The same figures as a file holds them, both sides of every share."""
    shown = found(work, asked)
    heads = ("quality.what", "quality.rows", *(f"quality.{name}" for name in FIGURES))
    labelled = [(shown.known.fields[one.key].label(language), one) for one in shown.fields]
    labelled += [(place.name, one) for place, one in shown.units]
    labelled += [(words.period(one.key, language), one) for one in shown.trend]
    rows = [
        Row((Cell(label), *(Cell(str(one.counts[name])) for name in ("rows", *FIGURES))))
        for label, one in labelled
    ]
    title = f"{text(language, 'quality.title')} {join_view.subject_name(shown.known, shown.asked.subject, language)}"
    return Table(tuple(Column((text(language, one),)) for one in heads), tuple(rows), title=title)


def _first(subjects: Sequence[str]) -> str:
    return "person" if "person" in subjects else subjects[0]


def _below(work: Work, unit: OrganisationValue | None) -> list[OrganisationValue]:
    """The organisations a step down; without one, those of the asker's own place."""
    if unit is not None:
        return identity.children(work.connection, unit.code)
    own = quality.divisions(work, [post.organisation for post in work.actor.posts])
    found = identity.organisations(work.connection, sorted(set(own.values()))).values()
    return [
        below for one in found for below in identity.children(work.connection, one.code) or [one]
    ]


def _place(work: Work, unit: OrganisationValue | None) -> str:
    return quality.divisions(work, [unit.code]).get(unit.code, "") if unit else ""


def _above(work: Work, unit: OrganisationValue | None) -> Iterable[OrganisationValue | None]:
    if unit is None:
        return ()
    codes = [one for one in unit.path.strip("/").split("/") if one and one != unit.code]
    there = identity.organisations(work.connection, codes)
    return (None, *(there[code] for code in codes if code in there))


def _line(
    label: str, href: str, one: Line, asked: Asked, *, rows: bool = False, **narrowed: str
) -> dict[str, Any]:
    """A line; its numbers lead to the rows behind them where they are of today."""
    told = []
    for name in FIGURES:
        number, of = one.counts[name], one.counts["rows" if name in FIGURES[:5] else "filled"]
        can = rows and number and name in quality.KINDS
        told.append(
            {
                "name": name,
                "number": words.number(number),
                "share": "" if name == "disputed" or not of else f"{100 * number / of:.1f}%",
                "href": asked.href(kind=name, **narrowed) if can else "/disputes" if name == "disputed" and number else "",
            }
        )  # fmt: skip
    return {"text": label, "href": href, "rows": words.number(one.counts["rows"]), "figures": told}


def _behind(work: Work, shown: Shown, language: str) -> dict[str, Any]:
    field, known = shown.field, shown.known
    if field is None:
        raise NotFound
    place = _place(work, shown.unit)
    found_ = quality.behind(work, known, field, shown.asked.kind, place, limit=SHOWN)
    ids, asked_for = [own for own, _, _ in found_], shown.asked.kind
    name = known.fields.get(f"{field.subject}.name")
    home = known.fields.get(f"{field.subject}.{known.subjects[field.subject].home}")
    told = [one for one in (name, home) if one is not None and not one.secret]
    told = [one for one in told if one.code not in work.rules.withheld()]
    facts = store.fetch(work, known, field.subject, ids, told)
    links = _links(work, field.subject, ids)
    places = {str(facts[own][home.code].value) for own in facts if home and home.code in facts[own]}
    names = identity.organisation_names(work.connection, sorted(places))

    def said(one: Field, own: str) -> str:
        value = facts.get(own, {}).get(one.code)
        if value is None:
            return ""
        shown_ = join_view.display(work, known, one, value.value, language)
        return names.get(str(value.value), shown_) if one is home else shown_

    return {
        "what": text(language, f"quality.{shown.asked.kind}"),
        "said": asked_for != "blank",
        "more": len(found_) == SHOWN,
        "rows": [
            {
                "name": " ".join(filter(None, (said(one, own) for one in told))) or text(language, "joins.nameless"),
                "value": join_view.display(work, known, field, value, language),
                "source": (origin.title or origin.source) if origin else "",
                "at": words.moment(origin.at) if origin else "",
                "href": links.get(own, ""),
            }
            for own, value, origin in found_
        ],
    }  # fmt: skip


def _links(work: Work, subject: str, ids: Sequence[str]) -> Mapping[str, str]:
    """Where the reader finds each in a ledger of theirs."""
    links: dict[str, str] = {}
    for form in ledger.forms(work.connection):
        left = [own for own in ids if own not in links]
        lens = ledger.lens(work.connection, form)
        if lens.subject != subject or not left:
            continue
        try:
            here = ground(work, lens)
        except (NotFound, Forbidden):
            continue
        own = here.register.c.id
        members = work.connection.execute(select(own).where(own.in_(left), here.members()))
        links |= {one: f"/ledgers/{form.code}/rows/{one}" for one in members.scalars()}
    return links


def _duplicates(work: Work, subject: str) -> dict[str, Any] | None:
    """How many pairs may be one, for whoever may merge there."""
    if not policy.reaches(work.actor, joining.VERB) or subject not in joining.subjects(work):
        return None
    _, number = joining.likely(work, subject, FOUND, limit=1)
    return {"number": words.number(number), "href": f"/registers/duplicates?subject={subject}"}
