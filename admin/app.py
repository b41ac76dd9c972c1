"""The application: the only place that knows everybody."""

import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

from litestar import Litestar, Response, Router, get
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.exceptions import HTTPException, InternalServerException
from litestar.handlers import BaseRouteHandler
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import IntegrityError

import admin.api
import admin.pages
from admin.migrate import is_current
from admin.web import api_document, frame, html, problems
from admin.web.body import JsonBody
from admin.web.limits import Limits
from admin.web.threads import threaded
from admin.web.visit import NOBODY, logged_in, provide_caller, provide_form, provide_visit
from engine.errors import Problem
from engine.settings import ROOT, Settings
from engine.work import System

VERSION = "0.1.0"


@get("/health", include_in_schema=False)
@threaded
def health(state: State) -> Response[dict[str, Any]]:
    """Whether the database answers and has this program's version."""
    with state.system.read(NOBODY) as work:
        current = is_current(work.connection)
    body = {"status": "ok" if current else "migrate", "version": VERSION}
    return Response(body, status_code=200 if current else 503)


@get("/metrics", include_in_schema=False)
@threaded
def metrics() -> Response[bytes]:
    """Figures for Prometheus; no personal data among them."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def create_app(settings: Settings, system: System | None = None) -> Litestar:
    """The application on opened data; without `system` it opens its own and closes it at the end."""
    opened = system or System(settings)

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        yield
        if system is None:
            opened.close()

    app = Litestar(
        route_handlers=[health, metrics, *_static(), *handlers()],
        state=State({"system": opened, "limits": Limits()}),
        dependencies={
            "visit": Provide(provide_visit, sync_to_thread=True),
            "form": Provide(provide_form),
            "caller": Provide(provide_caller, sync_to_thread=False),
        },
        exception_handlers={
            Problem: problems.answer_problem,
            HTTPException: problems.answer_http,
            IntegrityError: problems.answer_clash,
            Exception: problems.answer_defect,
        },
        before_send=[frame.dress],
        lifespan=[lifespan],
        request_max_body_size=settings.max_upload_mb * 1024 * 1024,
        openapi_config=api_document.config(VERSION),
        logging_config=None,
        debug=False,
    )
    api_document.complete(app.openapi_schema)
    app.asgi_handler = frame.frame(
        app.asgi_handler, settings.body_seconds
    )  # around everything, unknown addresses too
    return app


def handlers() -> list[ControllerRouterHandler]:
    """Every handler of the modules in admin/pages and admin/api; pages are no part of the API."""
    pages = Router("/", route_handlers=_of(admin.pages), include_in_schema=False)
    api = Router(
        "/",
        route_handlers=_of(admin.api),
        dto=JsonBody,
        return_dto=None,
        before_request=logged_in,
    )
    return [pages, api]


def _of(package: ModuleType) -> list[BaseRouteHandler]:
    found: list[BaseRouteHandler] = []
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        content = vars(importlib.import_module(module.name)).values()
        found += [one for one in content if isinstance(one, BaseRouteHandler)]
    return list(dict.fromkeys(found))


def _static() -> list[Any]:
    year = CacheControlHeader(max_age=31536000, public=True, immutable=True)
    folders = [("/static/fonts", str(ROOT / "renderers" / "fonts")), ("/static", str(html.STATIC))]
    no_file: dict[int | type[Exception], Any] = dict.fromkeys(
        (ValueError, InternalServerException), problems.answer_no_file
    )
    return [
        create_static_files_router(
            path=path,
            directories=[folder],
            cache_control=year,
            include_in_schema=False,
            exception_handlers=no_file,
        )
        for path, folder in folders
    ]
