"""Scenarios of what is between a client and the operations: the gateway's rules, and the wire."""

import gzip
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bezant.mock.faults import Fault
from bezant.mock.http import Ending, Reply, Request, error_reply, json_reply, text_reply
from bezant.mock.scenarios.scenario import (
    Change,
    Scenario,
    Stop,
    answering,
    becoming,
    insisting,
    spoiling,
    together,
)

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

SLOW_SECONDS: Final = 11.0
"""The gateway gives up on a service that does not answer within ten."""
FLAKY_EVERY: Final = 3
_LOCAL: Final = ("", "localhost", "127.0.0.1", "::1")
_HTML: Final = "text/html"
_DENIED: Final = text_reply("Access Denied", 403)
_MISSING: Final = text_reply("<html><body><h1>Resource not found</h1></body></html>\n", 404, _HTML)
_UNAVAILABLE: Final = text_reply(
    "<html><body><h1>Service Unavailable</h1></body></html>\n", 503, _HTML
)


def _penalty_box(gateway: "MockGateway") -> Stop:
    gateway.pacing.lock()
    return gateway.pacing.release


def _flaky() -> Iterable[Fault]:
    numbers = count(1)

    def is_unlucky(_: Request) -> bool:
        return next(numbers) % FLAKY_EVERY == 0

    yield Fault(status=503, when=is_unlucky)


def _slow() -> Iterable[Fault]:
    yield Fault(reply=replace(error_reply("service unavailable", 503), delay=SLOW_SECONDS))


def _is_foreign(request: Request) -> bool:
    return urlsplit(request.headers.get("origin", "")).hostname not in (None, *_LOCAL)


def _zipped(reply: Reply) -> Reply:
    body = gzip.compress(reply.body, mtime=0)
    return replace(reply, body=body).having(("Content-Encoding", "gzip"))


def _chunked(reply: Reply) -> Reply:
    return replace(reply, is_chunked=True)


def _typed(content_type: str) -> Change:
    return lambda reply: replace(reply, content_type=content_type)


SCENARIOS: Final = (
    Scenario(
        "strict-edge",
        "403 without a User-Agent, 411 for an empty POST without a length.",
        insisting(edge=True),
    ),
    Scenario(
        "pacing",
        "429 beyond the published limits, and then for 15 minutes.",
        insisting(pacing=True),
    ),
    Scenario(
        "penalty-box",
        "A limit was violated: 429 for 15 minutes.",
        together(insisting(pacing=True), _penalty_box),
    ),
    Scenario("flaky", f"Every call in {FLAKY_EVERY} fails with 503.", spoiling(_flaky)),
    Scenario(
        "slow", f"Calls fail with 503 after {SLOW_SECONDS:g} s of real time.", spoiling(_slow)
    ),
    Scenario(
        "dropped-before",
        "Calls are not carried out, and the connection ends without an answer.",
        spoiling(lambda: [Fault(ending=Ending.DROPPED, is_before=True)]),
    ),
    Scenario(
        "dropped-after",
        "Calls are carried out, and the connection ends without an answer.",
        spoiling(lambda: [Fault(ending=Ending.DROPPED)]),
    ),
    Scenario(
        "cut-answers",
        "Connections end in the middle of the answer.",
        spoiling(lambda: [Fault(ending=Ending.CUT)]),
    ),
    Scenario("access-denied", "The address of the client is not allowed.", answering(_DENIED)),
    Scenario(
        "wrong-origin",
        "Calls with an Origin that is not this machine get 401.",
        spoiling(lambda: [Fault(reply=Reply(401), when=_is_foreign)]),
    ),
    Scenario("html-not-found", "A page with status 404 answers everything.", answering(_MISSING)),
    Scenario(
        "html-unavailable", "A page with status 503 answers everything.", answering(_UNAVAILABLE)
    ),
    Scenario("plain-text", "Plain text answers everything.", answering(text_reply("Success"))),
    Scenario(
        "json-string",
        "A string in JSON answers everything.",
        answering(json_reply("Request was submitted")),
    ),
    Scenario(
        "empty-answers", "An empty body with status 200 answers everything.", answering(Reply())
    ),
    Scenario(
        "chunked-answers", "Answers come in chunks, without their length.", becoming(_chunked)
    ),
    Scenario("gzip", "Answers are compressed.", becoming(_zipped)),
    Scenario(
        "wrong-content-type",
        "Answers in JSON say that they are HTML.",
        becoming(_typed("text/html; charset=utf-8")),
    ),
)
