"""The app of `bezant serve`: the pass-through sidecar with limits, keys, health and a log."""

from typing import Final

import msgspec
from bezant_api import NEVER, AsyncClient
from bezant_api.core.transport import verifies
from bezant_api.sidecar import PassThrough, create_app
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from bezant.server.health import Health, Verdict
from bezant.server.keys import ApiKeys
from bezant.server.limits import BodyLimit, ConcurrencyLimit, Drain
from bezant.server.logs import AccessLog
from bezant.server.settings import Settings

LIVE: Final = "/livez"
READY: Final = ("/health", "/readyz")
OPEN: Final = frozenset((LIVE, *READY))
"""Paths for supervisors: answered without a key, and also when the sidecar is busy."""
_JSON: Final = "application/json"


def create_server_app(settings: Settings) -> FastAPI:
    """An app in front of a gateway, which is not asked before somebody asks the app.

    `app.state.health` is its `Health`; who serves the app tells it when the end begins.
    """
    # Looked at once, since it is said in the log where certificates are not verified.
    verify = verifies(settings.gateway, settings.verify_tls)
    timeout = settings.upstream_timeout_secs
    client = AsyncClient(settings.gateway, verify=verify, timeout=timeout, retry=NEVER)
    backend = PassThrough(client, verify=verify, timeout=timeout, connections=settings.concurrency)
    health = Health(client)
    app = create_app(backend, middleware=_middleware(settings, health))
    app.state.health = health
    app.add_route(LIVE, _live)
    for path in READY:
        app.add_route(path, _ready)
    return app


def _middleware(settings: Settings, health: Health) -> list[Middleware]:
    """What a request passes before its route, from outside."""
    keys = [Middleware(ApiKeys, keys=settings.api_keys, is_open=OPEN)]
    concurrency = Middleware(
        ConcurrencyLimit,
        most=settings.concurrency,
        queue=settings.queue,
        seconds=settings.queue_secs,
        is_open=OPEN,
    )
    return [
        Middleware(AccessLog, is_quiet=OPEN),
        Middleware(Drain, is_draining=lambda: health.is_draining),
        *(keys if settings.api_keys else []),
        Middleware(BodyLimit, most=settings.body_limit),
        concurrency,
    ]


async def _live(_: Request) -> Response:
    return Response(b'{"status":"live"}', media_type=_JSON)


async def _ready(request: Request) -> Response:
    verdict: Verdict = await request.app.state.health.verdict()
    status = 200 if verdict.is_ready else 503
    return Response(msgspec.json.encode(verdict.body()), status, media_type=_JSON)
