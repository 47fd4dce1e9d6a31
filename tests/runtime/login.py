"""The mock gateway's session, and what it is asked and answers."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bezant_api import OPERATIONS

from bezant.mock.call import Call, Refused
from bezant.mock.clock import Clock
from bezant.mock.handlers.session import HANDLERS
from bezant.mock.http import Reply, Request
from bezant.mock.session import Session, Tier
from bezant.mock.state import State
from normalizer import fit
from normalizer.document import Json, join, read
from normalizer.structure import Document

DOCUMENT = Document(read(Path(__file__).parents[2] / "spec/normalized/openapi.json"))
TICKLE = "/components/schemas/successfulTickleResponse"
EASTERN = ZoneInfo("America/New_York")
TIERS: tuple[Tier, ...] = ("none", "login", "brokerage")
NOT_AUTHENTICATED = (401, {"error": "not authenticated", "statusCode": 401})
NO_BRIDGE = (400, {"error": "Bad Request: no bridge", "statusCode": 400})
NO_SERVER = {"serverName": None, "serverVersion": None}


def eastern(*when: int) -> float:
    return datetime(*when, tzinfo=EASTERN).timestamp()  # type: ignore[arg-type,misc]


NOON = eastern(2026, 3, 4, 12)


def heard(session: Session) -> list[tuple[bool, bool, bool]]:
    """What listeners are told from now on: authenticated, competing, connected."""
    frames: list[tuple[bool, bool, bool]] = []
    session.listeners.append(
        lambda args: frames.append((args["authenticated"], args["competing"], args["connected"]))
    )
    return frames


def refusal(session: Session, tier: Tier = "brokerage") -> tuple[int, Any]:
    reply = session.check(tier)
    assert reply is not None
    return plain(reply)


def plain(reply: Reply) -> tuple[int, Any]:
    return reply.status, json.loads(reply.body) if reply.body else None


def refused_init(session: Session, publish: bool = True, compete: bool = True) -> tuple[int, Any]:
    with pytest.raises(Refused) as caught:
        session.init(publish, compete)
    return plain(caught.value.reply)


def keep_using(session: Session, clock: Clock, seconds: float) -> None:
    """Let time pass with a call every four minutes."""
    while seconds > 0:
        clock.advance(min(240.0, seconds))
        session.touch()
        seconds -= 240.0


def schema_of(name: str) -> Any:
    return DOCUMENT.root["components"]["schemas"][name]


def misfits(pointer: str, value: Json) -> list[str]:
    return [misfit.summary for misfit in fit.judge(DOCUMENT, pointer, value, "").misfits]


def answer_pointer(operation: str) -> str:
    for path, item in DOCUMENT.root["paths"].items():
        for method, declared in item.items():
            if isinstance(declared, dict) and declared.get("operationId") == operation:
                where = ("paths", path, method, "responses", "200", "content")
                return join("", *where, "application/json", "schema")
    message = f"no such operation: {operation}"
    raise LookupError(message)


def answer(state: State, operation: str, body: object = None, query: str = "") -> Any:
    declared = OPERATIONS[operation]
    sent = json.dumps(body).encode() if body is not None else b""
    target = f"{declared.base_path}{declared.path}{query}"
    call = Call(declared, Request(declared.method, target, {}, sent), {}, state)
    return HANDLERS[operation](call)


def words(body: dict[str, Any]) -> tuple[bool, bool, bool]:
    return body["authenticated"], body["competing"], body["connected"]
