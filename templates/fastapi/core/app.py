"""The app: all routes on one backend, one envelope for errors, the document and its page."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware import Middleware

from ..core.errors import ApiError, ArgumentError, RequestTimeout, TransportError
from ..version import SPEC_VERSION
from .documents import add_documents
from .errors import Detail, Refusal, request_id
from .request_ids import RequestIds
from .route_tree import RouteTree
from .routers import NAMES

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from .backend import Backend

_LOG = logging.getLogger("bezant_api.sidecar")


def create_app(
    backend: Backend,
    *,
    server_url: str = "/",
    has_docs: bool = True,
    middleware: Sequence[Middleware] = (),
) -> FastAPI:
    """An app with a route for every operation.

    Args:
        backend: Answers; a `PassThrough`, or an object of one's own with methods of `Backend`.
        server_url: The address under which clients reach the app, for its document.
        has_docs: Whether it serves `/openapi.json` and `/docs`.
        middleware: What requests pass before their routes, from outside; they have their ids then.
    """
    app = FastAPI(
        title="bezant sidecar",
        version=SPEC_VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_closing,
    )
    app.state.backend = backend
    app.router.routes.append(RouteTree(_routes()))
    if has_docs:
        add_documents(app, server_url)
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    for item in (*reversed(middleware), Middleware(RequestIds)):
        app.add_middleware(item.cls, *item.args, **item.kwargs)
    return app


def _routes() -> Iterator[Any]:
    """The routes of all tags, which are made once for all apps."""
    for name in NAMES:
        yield from import_module(f"{__package__}.routers.{name}").router.routes


@asynccontextmanager
async def _closing(app: FastAPI) -> AsyncIterator[None]:
    """Close the backend, if that can be done, when the app ends."""
    yield
    close = getattr(app.state.backend, "close", None)
    if close is not None:
        await close()


async def _refused(request: Request, error: Any) -> Response:
    refusal: Refusal = error
    return refusal.response(request_id(request.scope))


async def _http(request: Request, error: Any) -> Response:
    refusal = Refusal(error.status_code, str(error.detail), headers=error.headers)
    return refusal.response(request_id(request.scope))


async def _invalid(request: Request, error: Any) -> Response:
    details = tuple(
        Detail(".".join(map(str, item["loc"])), str(item["msg"])) for item in error.errors()
    )
    refusal = Refusal(422, "the request does not fit", details=details)
    return refusal.response(request_id(request.scope))


async def _upstream(request: Request, error: Any) -> Response:
    """An error of the typed client in a method of the backend: the gateway's status, where there is one."""
    if isinstance(error, ApiError):
        status = error.status if error.status >= 400 else 502  # noqa: PLR2004
        refusal = Refusal(status, str(error), code="upstream_refused")
    elif isinstance(error, RequestTimeout):
        refusal = Refusal(504, str(error))
    elif isinstance(error, ArgumentError):
        refusal = Refusal(422, str(error))
    else:
        refusal = Refusal(502, str(error))
    return refusal.response(request_id(request.scope))


async def _unexpected(request: Request, error: Any) -> Response:
    name = request_id(request.scope)
    _LOG.error("request %s failed", name, exc_info=error)
    return Refusal(500, "something is wrong with the sidecar").response(name)


_HANDLERS: dict[Any, Callable[[Any, Any], Any]] = {
    Refusal: _refused,
    HTTPException: _http,
    StarletteHTTPException: _http,
    RequestValidationError: _invalid,
    ApiError: _upstream,
    TransportError: _upstream,
    ArgumentError: _upstream,
    Exception: _unexpected,
}
