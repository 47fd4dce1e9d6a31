"""Request bodies: from a model, a dictionary or keywords; checked, then written exactly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET

from .decoding import decoder, is_json, media_type
from .encoding import text
from .errors import ArgumentError

if TYPE_CHECKING:
    from .operation import Body, Operation

_ENCODER = msgspec.json.Encoder(decimal_format="number")
FORM = "application/x-www-form-urlencoded"


def assemble(operation: Operation[Any], body: Any, fields: Mapping[str, Any]) -> Any:
    """The body of a call: as given, or made of fields, which are keyed by wire name."""
    given = {name: value for name, value in fields.items() if value is not UNSET}
    if body is not None and given:
        message = f"{operation.id}: give either body or its fields ({', '.join(given)}), not both"
        raise ArgumentError(message)
    return given if body is None and given else body


def body_bytes(operation: Operation[Any], value: Any, extra: Mapping[str, Any]) -> bytes | None:
    """The bytes of a request body; `None` when there is none to send.

    A JSON body has to fit the type that the operation takes, and may have no fields that it does not
    know. `extra` is put over the checked body as it is.
    """
    body = operation.body
    if value is None and not extra:
        if body is not None and body.required:
            message = f"{operation.id}: a body is required"
            raise ArgumentError(message)
        return None
    if body is None:
        message = f"{operation.id}: takes no body"
        raise ArgumentError(message)
    try:
        return _write(operation, body, value, extra)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        if isinstance(error, ArgumentError):
            raise
        message = f"{operation.id}: the body cannot be written: {error}"
        raise ArgumentError(message) from error


def _write(operation: Operation[Any], body: Body, value: Any, extra: Mapping[str, Any]) -> bytes:
    essence = media_type(body.media_type)
    if essence == FORM or is_json(essence):
        content = _ENCODER.encode({} if value is None else value)
        check(operation, body.type(), content)
        if essence == FORM:
            return _form(operation, {**_builtins(value), **extra})
        return _ENCODER.encode({**_builtins(value), **extra}) if extra else content
    if extra:
        message = f"{operation.id}: extra_body goes with JSON bodies only, not {essence}"
        raise ArgumentError(message)
    return value if isinstance(value, bytes) else str(value).encode()


def _builtins(value: Any) -> dict[str, Any]:
    made = msgspec.to_builtins({} if value is None else value, builtin_types=(Decimal,))
    if not isinstance(made, dict):
        message = "extra_body needs a body that is an object"
        raise TypeError(message)
    return made


def _form(operation: Operation[Any], fields: Mapping[str, Any]) -> bytes:
    return urlencode({name: text(operation, name, item) for name, item in fields.items()}).encode()


def check(operation: Operation[Any], kind: Any, content: bytes) -> None:
    """Whether the bytes of a body fit its type; raises `ArgumentError` that names the field."""
    from .unknown import unknown_fields

    try:
        typed = decoder(kind, strict=True).decode(content)
    except msgspec.ValidationError as error:
        message = f"{operation.id}: the body does not fit: {error}"
        raise ArgumentError(message) from error
    stray = next(unknown_fields(msgspec.json.decode(content), typed), None)
    if stray is not None:
        known = sorted(wire_names(typed, stray[0]))
        message = f"{operation.id}: the body has no field {stray[0]}{_nearest(stray[0], known)}"
        raise ArgumentError(f"{message}; send it with extra_body if IBKR takes it")


def wire_names(typed: Any, pointer: str) -> tuple[str, ...]:
    """The fields of the model that holds the place of a pointer."""
    holder = typed
    for step in pointer.split("/")[1:-1]:
        if isinstance(holder, list):
            holder = holder[int(step)]
        elif isinstance(holder, dict):
            holder = holder[step]
        else:
            names = dict(
                zip(holder.__struct_encode_fields__, holder.__struct_fields__, strict=True)
            )
            holder = getattr(holder, names[step])
    found: tuple[str, ...] = getattr(holder, "__struct_encode_fields__", ())
    return found


def _nearest(pointer: str, known: list[str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(pointer.rpartition("/")[2], known, n=1)
    return f", perhaps {found[0]!r} is meant" if found else ""
