"""The app of `bezant serve`: the pass-through sidecar with limits, keys, health and a log."""

from typing import Final

import msgspec
from bezant_api import NEVER, AsyncClient
from bezant_api.sidecar import PassThrough, create_app
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from bezant.server.health import Health, Verdict
from bezant.server.keys import ApiKeys
from bezant.server.limits import BodyLimit, ConcurrencyLimit
from bezant.server.logs import AccessLog
from bezant.server.settings import Settings

LIVE: Final = "/livez"
READY: Final = ("/health", "/readyz")
_JSON: Final = "application/json"


def create_server_app(settings: Settings) -> FastAPI:
    """An app in front of a gateway; `app.state.health` can be told that it ends."""
    client = AsyncClient(
        settings.gateway,
        verify=settings.verify_tls,
        timeout=settings.upstream_timeout_secs,
        retry=NEVER,
    )
    backend = PassThrough(
        client,
        verify=settings.verify_tls,
        timeout=settings.upstream_timeout_secs,
        connections=settings.concurrency,
    )
    app = create_app(backend, middleware=_middleware(settings))
    app.state.health = Health(client)
    app.add_route(LIVE, _live)
    for path in READY:
        app.add_route(path, _ready)
    return app


def _middleware(settings: Settings) -> list[Middleware]:
    """What a request passes before its route, from outside."""
    keys = [Middleware(ApiKeys, keys=settings.api_keys, is_open=frozenset((LIVE, *READY)))]
    return [
        Middleware(AccessLog),
        *(keys if settings.api_keys else []),
        Middleware(BodyLimit, most=settings.body_limit),
        Middleware(
            ConcurrencyLimit,
            most=settings.concurrency,
            queue=settings.queue,
            seconds=settings.queue_secs,
        ),
    ]


async def _live(_: Request) -> Response:
    return Response(b'{"status":"live"}', media_type=_JSON)


async def _ready(request: Request) -> Response:
    verdict: Verdict = await request.app.state.health.verdict()
    status = 200 if verdict.is_ready else 503
    return Response(msgspec.json.encode(verdict.body()), status, media_type=_JSON)
