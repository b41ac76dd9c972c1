"""Pages from Jinja templates: texts by language, assets by their build manifest."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response
from litestar.response import Redirect

from admin.web.visit import FLASH, Visit, first_cookie, flash_cookie
from engine import json_text, messages
from engine.dictionary import units

ADMIN = Path(__file__).resolve().parent.parent
STATIC = ADMIN / "static"
LANGUAGES = ("zh", "en")


@cache
def texts(language: str) -> Mapping[str, str]:
    """The interface's texts of one language."""
    return messages.read(ADMIN / "i18n", language)


@cache
def _starting(language: str, prefix: str) -> Mapping[str, str]:
    """Those whose key starts so, for a script; not to be changed."""
    return {key: value for key, value in texts(language).items() if key.startswith(prefix)}


def text(language: str, key: str, **values: Any) -> str:
    """One text with its places filled; a missing key shows itself."""
    found = texts(language if language in LANGUAGES else "zh").get(key, key)
    return found.format_map(messages.Places(values)) if values else found


def page(visit: Visit, template: str, *, http_status: int = 200, **context: Any) -> Response[str]:
    """Render a template for a visitor."""
    body = _templates().get_template(template).render(**_frame(visit), **context)
    response = Response(body, media_type=MediaType.HTML, status_code=http_status)
    if visit.flash:
        response.delete_cookie(FLASH)
    if visit.actor is None and visit.csrf:
        response.set_cookie(first_cookie(visit))
    return response


def leave(visit: Visit, path: str) -> Redirect:
    """Send the visitor on after a press, with what was to be told."""
    response = Redirect(path, status_code=303)
    if visit.told:
        response.set_cookie(flash_cookie(visit.told))
    return response


def fragment(visit: Visit, template: str, block: str, **context: Any) -> Response[str]:
    """Render one block of a template, for a page that asks for a part of itself."""
    found = _templates().get_template(template)
    inner = found.new_context({**_frame(visit), **context})
    body = "".join(found.blocks[block](inner))
    return Response(body, media_type=MediaType.HTML)


def _frame(visit: Visit) -> dict[str, Any]:
    language = visit.language
    return {
        "t": lambda key, **values: text(language, key, **values),
        "texts": partial(_starting, language),
        "u": lambda unit: units.in_language(unit, language),
        "lang": language,
        "large": visit.large,
        "csrf": visit.csrf,
        "static": static,
        "entry": entry,
        "path": visit.path,
        "me": _me(visit),
        "flash": visit.flash,
        "unsent": visit.unsent,
    }


def _me(visit: Visit) -> dict[str, Any] | None:
    actor = visit.actor
    if actor is None:
        return None
    posts = [
        {
            "id": f"{post.role}@{post.organisation}",
            "text": f"{post.organisation_name} {text(visit.language, 'role.' + post.role)}",
            "current": True,
        }
        for post in actor.posts
    ]
    first = actor.posts[0] if actor.posts else None
    return {
        "id": actor.id,
        "name": actor.name,
        "organisation": first.organisation_name if first else "",
        "position": text(visit.language, f"role.{first.role}") if first else "",
        "roles": sorted(actor.roles()),
        "positions": posts,
    }


@cache
def static(path: str) -> str:
    """The URL of a static file, with a version so that it can be kept for ever."""
    file = STATIC / path
    version = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
    return f"/static/{path}?v={version}"


@cache
def entry(name: str) -> dict[str, list[str]] | None:
    """The scripts and styles of a Vite entry; None where the islands were not built.

    `parts` are the scripts that it fetches later, so that a page can have them fetched at once.
    """
    manifest = STATIC / "build" / "manifest.json"
    if not manifest.is_file():
        return None
    known = json.loads(manifest.read_text(encoding="utf-8"))
    for key, chunk in known.items():
        if chunk.get("isEntry") and chunk.get("name") == name:
            parts = [one for one in _reached(known, key) if one != key]
            return {
                "js": [f"/static/build/{chunk['file']}"],
                "css": [f"/static/build/{path}" for path in chunk.get("css", ())],
                "parts": [f"/static/build/{known[one]['file']}" for one in parts],
            }
    return None


def _reached(known: Mapping[str, Any], start: str) -> list[str]:
    found, waiting = [], [start]
    while waiting:
        key = waiting.pop(0)
        if key not in found:
            found.append(key)
            waiting += [*known[key].get("imports", ()), *known[key].get("dynamicImports", ())]
    return found


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(ADMIN / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_function"] = lambda value, **_: json_text.dumps(value)
    return made
