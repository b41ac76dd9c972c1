"""The field dictionary: search, one field with its versions and forms, adding and changing."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from admin.views import field_view
from admin.views.field_view import FieldMistyped
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting
from engine.access import policy
from engine.dictionary import search
from engine.dictionary.field import Field, FieldInvalid, FieldUnknown
from engine.dictionary.store import dictionary
from engine.errors import NotFound, Problem
from engine.registers import fields
from engine.registers.fields import NothingToUndo, ValuesMisfit
from engine.work import Work
from forms import store as forms

PAGE = 50
MOST = 10_000
BESIDE = {
    "code": "name", "duplicate": "name", "subject": "subject", "labels": "label_zh",
    "type-change": "type", "temporal-change": "temporal", "temporal": "temporal",
    "secret-change": "sensitivity", "sensitivity": "sensitivity", "codelist": "codelist",
}  # fmt: skip
"""Beside which input a refusal of the dictionary is told; all others at the name."""


@get("/dictionary")
@threaded
def dictionary_page(
    visit: Visiting,
    request: Request[Any, Any, Any],
    *,
    q: FromQuery[str] = "",
    subject: FromQuery[str] = "",
    page: Annotated[int, QueryParameter(ge=1, le=1000)] = 1,
) -> Response[str]:
    """Fields by label, synonym, code or pinyin; only the list when the page asks for it itself."""
    with visit.read() as work:
        work.require("dictionary.read")
        known = dictionary(work.connection)
        counts = field_view.used(forms.published_forms(work.connection))
        found = search.find(known.fields.values(), q[:100], limit=MOST)
        stewards = field_view.names(work, {one.steward for one in found})
    if not q.strip():
        found.sort(key=lambda one: (-counts[one.code], one.code))
    per_subject = Counter(one.subject for one in found)
    if subject:
        found = [one for one in found if one.subject == subject]
    shown = found[(page - 1) * PAGE : page * PAGE]
    given = {name: value for name, value in (("q", q), ("subject", subject)) if value}
    context: dict[str, Any] = {
        "total": len(found),
        "fields": field_view.listed(shown, counts, stewards, visit.language),
        "more": "/dictionary?" + urlencode({**given, "page": page + 1})
        if len(found) > page * PAGE
        else None,
    }
    if request.headers.get("hx-request") and not request.headers.get("hx-history-restore-request"):
        return html.page(visit, "components/field_list.html", **context)
    return html.page(
        visit,
        "dictionary.html",
        q=q,
        subject=subject,
        subjects=[
            {
                "code": one.code,
                "text": one.labels.get(visit.language) or one.labels.get("zh", one.code),
                "count": per_subject[one.code],
            }
            for one in known.subjects.values()
        ],
        can_edit=_may_edit(visit),
        **context,
    )


@get("/dictionary/new")
@threaded
def new_field(visit: Visiting) -> Response[str]:
    """An empty field to be described."""
    with visit.read() as work:
        work.require("dictionary.change")
        return _page(visit, work, field_view.blank(), None)


@post("/dictionary/new")
@threaded
def add_field(visit: Visiting, form: Posted) -> Response[Any]:
    """Add a field; what is wrong is told beside its input."""
    given = _given(form)
    try:
        field = field_view.read(given, None)
        saved = visit.write(lambda work: fields.add(work, field))
    except (FieldMistyped, FieldInvalid) as problem:
        with visit.read() as work:
            work.require("dictionary.change")
            return _page(visit, work, field_view.blank(given), None, problem)
    visit.tell("ok", text(visit.language, "flash.field_added", label=saved.label(visit.language)))
    return leave(visit, f"/dictionary/{saved.code}")


@get("/dictionary/{code:str}")
@threaded
def field_page(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """One field, to read or to change."""
    with visit.read() as work:
        work.require("dictionary.read")
        field = _field(work, code)
        return _page(visit, work, field_view.inputs(field), field)


@post("/dictionary/{code:str}")
@threaded
def change_field(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:
    """Save a new version of a field, or retire it; kept values never change their meaning."""
    given = _given(form)
    seen = int(given["version"]) if given["version"].isdecimal() else 0
    with visit.read() as work:
        work.require("dictionary.change")
        known = _field(work, code)
    action = form.get("action")
    retiring = action == "retire"
    try:
        if action == "rename":
            name = form.get("new_name", "").strip()
            saved = visit.write(lambda work: fields.rename(work, code, name, seen))
        elif action == "undo":
            saved = visit.write(lambda work: fields.undo(work, code, seen))
        elif action == "check":
            return _checked(visit, given, known, form.get("grain", "month"))
        elif action == "convert":
            field, grain = field_view.read(given, known), form.get("grain", "month")
            saved = visit.write(lambda work: fields.convert(work, field, seen, grain))
        elif retiring:
            saved = visit.write(lambda work: fields.retire(work, code, seen))
        else:
            field = field_view.read(given, known)
            saved = visit.write(lambda work: fields.change(work, field, seen))
    except (FieldMistyped, FieldInvalid, ValuesMisfit, NothingToUndo) as problem:
        shown = field_view.inputs(known)
        if action == "rename":
            shown["new_name"] = form.get("new_name", "").strip()[:100]
        elif action != "undo":
            shown |= given
        with visit.read() as work:
            return _page(visit, work, shown, known, problem, renaming=action == "rename")
    key = f"flash.field_{saved.status}" if retiring else "flash.field_saved"
    key = {"undo": "flash.field_undone", "rename": "flash.field_renamed"}.get(action, key)
    label = saved.label(visit.language)
    visit.tell("ok", text(visit.language, key, label=label, code=saved.called))
    return leave(visit, f"/dictionary/{saved.called}")


def _checked(visit: Visit, given: Mapping[str, str], known: Field, grain: str) -> Response[str]:
    """What the change would find among the values that are kept; nothing is saved."""
    field = field_view.read(given, known)
    with visit.read() as work:
        turned = fields.conversion_of(work, known, field, grain)
        can = bool(turned.count or turned.misfits.count)
        found = turned.misfits if can else fields.misfits_of(work, known, field)
        told = {
            "count": found.count,
            "values": fields.told_values(known, found),
            "more": found.count - sum(number for _, number in found.values),
            "turned": turned.count,
            "changes": fields.told_changes(known, turned),
            "others": turned.count - sum(number for *_, number in turned.changes),
            "loses": turned.loses,
            "grain": grain,
        }
        return _page(visit, work, {**field_view.inputs(known), **given}, known, checked=told)


def _given(form: Form) -> dict[str, str]:
    return {
        name: form.get(name, field_view.FIRST.get(name, "")).replace("\r", "")
        for name in field_view.NAMES
        if name not in ("code", "status")
    }


def _page(
    visit: Visit,
    work: Work,
    shown: Mapping[str, str],
    known: Field | None,
    problem: Problem | None = None,
    *,
    checked: Mapping[str, Any] | None = None,
    renaming: bool = False,
) -> Response[str]:
    language = visit.language
    code = known.code if known else ""
    dictionary_now = dictionary(work.connection)
    using = [one for one in forms.published_forms(work.connection) if code in one.fields]
    return html.page(
        visit,
        "field.html",
        http_status=problem.status if problem else 200,
        field={**field_view.blank(shown), "code": known.called if known else ""},
        checked=checked,
        new=known is None,
        can_edit=_may_edit(visit),
        errors=_errors(problem, language, renaming=renaming),
        **field_view.choices(work, dictionary_now, shown.get("steward", ""), language),
        used_in=[
            {"title": one.title(language), "href": f"/forms/{one.code}", "version": one.version}
            for one in using
        ],
        history=field_view.versions(work, code, language) if known else [],
    )


def _errors(problem: Problem | None, language: str, *, renaming: bool) -> Mapping[str, str]:
    told: defaultdict[str, str] = defaultdict(str)
    if renaming and problem is not None:
        told["new_name"] = problem.text(language)
    elif isinstance(problem, FieldMistyped):
        told[problem.at] = problem.text(language)
    elif isinstance(problem, FieldInvalid):
        told[BESIDE.get(problem.reason, "label_zh")] = problem.text(language)
    elif isinstance(problem, ValuesMisfit | NothingToUndo):
        told["type"] = problem.text(language)
    return told


def _may_edit(visit: Visit) -> bool:
    return policy.covers(visit.who(), "dictionary.change")


def _field(work: Work, code: str) -> Field:
    try:
        return dictionary(work.connection).field(code)
    except FieldUnknown as unknown:
        raise NotFound from unknown
