"""Forms: the list, one form with its items and checks, its schema, its empty workbook."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from admin.pages.files import attachment
from admin.views import formula_view, original_view, words
from admin.web import html
from admin.web.html import text
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting
from engine import json_text
from engine.dictionary.store import Dictionary, dictionary
from engine.identity import store as identity
from engine.work import Work
from forms import picking, structure
from forms import store as forms
from forms.compiled import CompiledForm, Item
from renderers import workbook
from workflows.versions import store as moves

SCHEMA = "application/schema+json"


@get("/forms")
@threaded
def form_list(visit: Visiting, q: FromQuery[str] = "") -> Response[str]:
    """Published forms with how much of each is shared facts; for designers the drafts too."""
    roles = visit.who().roles()
    with visit.read() as work:
        work.require("form.read")
        newest = forms.newest(work.connection)
        drafts = {one.code: one for one in newest if one.status == "draft"}
        found = [form for form in forms.published_forms(work.connection) if _matches(form, q)]
        owners = _owners(work, {form.owner for form in found})
        can_design = "designer" in roles
        begun = [_draft(work, code) for code in drafts] if can_design else []
        rows = [_row(visit, work, form, owners, draft=form.code in drafts) for form in found]
    return html.page(
        visit,
        "forms.html",
        q=q,
        can_design=can_design,
        can_send="department" in roles,
        drafts=begun,
        forms=rows,
    )


@get("/forms/{code:str}")
@threaded
def form_page(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """One published form: what it asks, from where each item comes, what must hold."""
    language = visit.language
    with visit.read() as work:
        work.require("form.read")
        form = forms.published(work.connection, code)
        known = dictionary(work.connection)
        owner = _owners(work, {form.owner}).get(form.owner, form.owner)
        versions = forms.versions(work.connection, code)
        has_template = forms.template_of(work.connection, code, form.version) is not None
        published = _published(work, form)
        running = moves.running_of(work, code)
        behind = sum(moves.behind(work, [one.id for one in running], form.version).values())
    downloads = [{"text": text(language, "download.schema"), "href": f"/forms/{code}/schema"}]
    if has_template:
        downloads.append(
            {"text": text(language, "download.template"), "href": f"/forms/{code}/workbook"}
        )
    return html.page(
        visit,
        "form.html",
        form={
            "code": code,
            "title": form.title(language),
            "owner": owner,
            "kind": form.kind,
            "period": text(language, f"period.{form.period}"),
            "version": form.version,
            "published_at": published,
            "legal": words.legal(form, language),
            "notes": form.notes or None,
        },
        items=_items(form, known, language),
        count=len(form.items),
        checks=[
            {
                "text": one.text(language),
                "words": formula_view.words(form, known, one.formula, one.over, language),
                "severity": one.severity,
            }
            for one in form.checks
        ],
        versions=[_version(one) for one in versions if one.status == "published"],
        can_send=form.owner in _offices(visit) and form.kind == "report",
        can_design="designer" in visit.who().roles(),
        behind=behind,
        downloads=downloads,
    )


@get("/forms/{code:str}/schema")
@threaded
def form_schema(visit: Visiting, code: FromPath[str]) -> Response[bytes]:
    """The form as a self-contained JSON Schema."""
    with visit.read() as work:
        work.require("form.read")
        form = forms.published(work.connection, code)
    content = json_text.dumps(dict(form.bundle), indent=2).encode()
    return attachment(f"{code}.v{form.version}.schema.json", content, SCHEMA)


@get("/forms/{code:str}/workbook")
@threaded
def form_workbook(visit: Visiting, code: FromPath[str]) -> Response[bytes]:
    """The department's sheet, empty."""
    with visit.read() as work:
        work.require("form.read")
        form = forms.published(work.connection, code)
        content = original_view.empty(work, form)
    return attachment(f"{form.title(visit.language)}.xlsx", content, workbook.MEDIA_TYPE)


def _row(
    visit: Visit, work: Work, form: CompiledForm, owners: Mapping[str, str], *, draft: bool
) -> dict[str, Any]:
    return {
        "code": form.code,
        "title": form.title(visit.language),
        "owner": owners.get(form.owner, form.owner),
        "kind": form.kind,
        "period": text(visit.language, f"period.{form.period}"),
        "version": form.version,
        "published_at": _published(work, form),
        "items": len(form.items),
        "bound": len(form.bindings),
        "draft": form.code if draft else None,
        "mine": "designer" in visit.who().roles() or form.owner in _offices(visit),
    }


def _offices(visit: Visit) -> set[str]:
    return {post.organisation for post in visit.who().posts_as("department")}


def _published(work: Work, form: CompiledForm) -> str:
    versions = forms.versions(work.connection, form.code)
    return next((_day(one.published_at) for one in versions if one.version == form.version), "")


def _matches(form: CompiledForm, q: str) -> bool:
    wanted = q.strip().casefold()
    return not wanted or any(wanted in one.casefold() for one in (form.code, *form.titles.values()))


def _owners(work: Work, codes: set[str]) -> Mapping[str, str]:
    found = identity.organisations(work.connection, sorted(code for code in codes if code))
    return {code: one.name for code, one in found.items()}


def _version(one: forms.FormVersion) -> dict[str, Any]:
    return {
        "version": one.version,
        "at": _day(one.published_at),
        "by": "",
        "text": one.note or None,
    }


def _draft(work: Work, code: str) -> dict[str, Any]:
    """A draft with how many of its items were confirmed and the sheet it came from."""
    found = forms.draft(work.connection, code)
    proposal = found.proposal or {}
    sheet = forms.blob(work.connection, found.template_id).name if found.template_id else None
    items = [spot.path for spot in structure.spots(found.document) if spot.kind == "item"]
    created = forms.versions(work.connection, code)[0].created_at
    return {
        "id": code,
        "title": found.document.get("title") or code,
        "from": sheet,
        "at": words.moment(created),
        "done": len(set(proposal.get("confirmed", ())) & set(items)),
        "items": len(items),
    }


def _day(at: str | None) -> str:
    return str(words.moment(at) or "")[:10]


def _items(form: CompiledForm, known: Dictionary, language: str) -> list[dict[str, Any]]:
    """Every item; the cells of a fixed table's column that are all alike are told once."""
    alike: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for item in form.items:
        told = _item(form, item, known, language)
        name = item.label(language) if item.row and item.column else told["label"]
        shape = tuple(value for key, value in told.items() if key != "label")
        one = item.path if not (item.row and item.column) else (item.table, item.column)
        alike.setdefault((one, *shape), []).append({**told, "column": name})
    return [
        {**group[0], "label": group[0]["column"], "rows": len(group)}
        if len(group) > 1
        else {**group[0], "rows": 1}
        for group in alike.values()
    ]


def _item(form: CompiledForm, item: Item, known: Dictionary, language: str) -> dict[str, Any]:
    table = form.table_by_path.get(item.table or "")
    field = known.fields.get(item.field or "")
    kind = "choice" if item.options else "date" if item.format == "date" else item.type
    if item.widget in (*picking.WIDGETS, "position"):
        kind = str(item.widget)
    kind = item.attachment or kind
    names = {"string": "text", "boolean": "yes_no", "array": "choice"}
    return {
        "label": item.full_label(language),
        "table": table.label(language) if table else None,
        "field": item.field,
        "field_label": field.label(language) if field else "",
        "type": text(language, f"type.{names.get(kind, kind)}"),
        "unit": item.unit,
        "required": item.required,
        "compute": words.spoken(form, item, language) if item.compute else None,
    }
