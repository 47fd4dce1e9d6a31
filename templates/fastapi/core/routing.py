"""What the generated routes are made of: their backend, their bodies, and how a value becomes an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from starlette.responses import Response

from ..core.bodies import FORM
from ..core.decoding import MISFITS, decode_json, decoder, is_json, media_type
from ..core.errors import DecodeError
from ..core.operation import SUCCESS, Operation
from .backend import Unimplemented
from .errors import Detail, Refusal

_ENCODER = msgspec.json.Encoder(decimal_format="number")


async def backend_of(request: Request) -> Any:
    """The backend of the app that a route belongs to."""
    return request.app.state.backend


Current = Annotated[Any, Depends(backend_of)]


class SidecarRoute(APIRoute):
    """A route whose requests go on as they came where the backend has nothing of its own for them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Decide for each request, since tests and apps may exchange the backend."""
        typed = super().get_route_handler()
        target = self.name

        async def handle(request: Request) -> Response:
            backend = request.app.state.backend
            forward = getattr(backend, "forward", None)
            if forward is not None and not has_own(backend, target):
                forwarded: Response = forward(request)
                return forwarded
            return await typed(request)

        return handle


def has_own(backend: object, target: str) -> bool:
    """Whether a backend implements a method of its own."""
    own = getattr(type(backend), target, None)
    return own is not None and own is not getattr(Unimplemented, target)


def new_router(title: str) -> APIRouter:
    """A router for the routes of one tag."""
    return APIRouter(route_class=SidecarRoute, tags=[title])


def split(values: Any) -> Any:
    """The parts of lists that come in one text each, with commas."""
    if not isinstance(values, list):
        return values
    return [part for text in values for part in str(text).split(",") if part]


def whole(value: Any) -> Any:
    """The number that a text has; only for numbers of which a few are known does pydantic not look."""
    is_number = isinstance(value, str) and value.removeprefix("-").isdecimal()
    return int(value) if is_number else value


Split = BeforeValidator(split)
Whole = BeforeValidator(whole)


def body_of(operation: Operation[Any]) -> Any:
    """A dependency that reads the body of a request as the operation takes it."""

    async def read(request: Request) -> Any:
        return _read(operation, request.headers.get("content-type", ""), await request.body())

    return Depends(read)


def _read(operation: Operation[Any], content_type: str, content: bytes) -> Any:
    body = operation.body
    if body is None or (not content and not body.required):
        return None
    if not content:
        raise _wrong("a body is required")
    essence, given = media_type(body.media_type), media_type(content_type)
    if essence == FORM or is_json(essence):
        is_taken = given == FORM if essence == FORM else is_json(given)
        if given and not is_taken:
            raise Refusal(415, f"the body has to be {essence}, not {given}")
        return _form(content, body.type()) if essence == FORM else _json(operation, content)
    return content.decode("utf-8", errors="replace")


def _json(operation: Operation[Any], content: bytes) -> Any:
    body = operation.body
    assert body is not None  # noqa: S101  # only operations with a body come here
    try:
        return decode_json(content, body.type(), operation=operation.id, mode="strict")
    except DecodeError as error:
        raise _wrong(error.reason) from error


def _form(content: bytes, kind: Any) -> Any:
    fields = dict(parse_qsl(content.decode("latin-1"), keep_blank_values=True))
    try:
        return decoder(kind, strict=False).decode(msgspec.json.encode(fields))
    except MISFITS as error:
        raise _wrong(str(error)) from error


def _wrong(reason: str) -> Refusal:
    return Refusal(422, "the request does not fit", details=(Detail("body", reason),))


async def answer(operation: Operation[Any], value: Awaitable[Any]) -> Response:
    """The answer of a backend: a response as it is, bytes and text as such, other values in JSON."""
    found = await value
    if isinstance(found, Response):
        return found
    status, declared = _success(operation)
    if found is None:
        return Response(status_code=status)
    if isinstance(found, bytes):
        return Response(found, status, media_type=declared or "application/json")
    if isinstance(found, str) and declared and not is_json(declared):
        return Response(found, status, media_type=declared)
    return Response(_ENCODER.encode(found), status, media_type="application/json")


def _success(operation: Operation[Any]) -> tuple[int, str]:
    """The first good status that is declared, and its media type."""
    for response in operation.responses:
        if response.status.isdecimal() and int(response.status) in SUCCESS:
            return int(response.status), media_type(response.media_type)
    return 200, ""
