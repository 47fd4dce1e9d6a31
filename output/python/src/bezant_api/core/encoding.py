"""Arguments become request targets, headers and body bytes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from .decoding import is_json, media_type
from .errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .operation import Body, Operation, Parameter

_ENCODER = msgspec.json.Encoder(decimal_format="number")
FORM = "application/x-www-form-urlencoded"


def target(operation: Operation[Any], arguments: Mapping[str, Any]) -> str:
    """Path and query of a call, percent-encoded; `arguments` are keyed by argument name."""
    path = operation.base_path + operation.path
    for parameter in _placed(operation, "path"):
        value = text(_required(operation, parameter, arguments))
        if not value:
            message = f"{operation.id}: {parameter.argument} must not be empty"
            raise ArgumentError(message)
        path = path.replace(f"{{{parameter.name}}}", quote(value, safe=""))
    query = urlencode(list(_query(operation, arguments)), quote_via=quote)
    return f"{path}?{query}" if query else path


def headers(operation: Operation[Any], arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Header parameters of a call."""
    for parameter in _placed(operation, "header"):
        value = _required(operation, parameter, arguments)
        if value is not None:
            yield parameter.name, _header_text(operation, parameter, value)


def body_bytes(operation: Operation[Any], value: Any) -> bytes | None:
    """The bytes of a request body; `None` when there is none to send."""
    body = operation.body
    if value is None:
        if body is not None and body.required:
            message = f"{operation.id}: a body is required"
            raise ArgumentError(message)
        return None
    if body is None:
        message = f"{operation.id}: takes no body"
        raise ArgumentError(message)
    return _encode(operation, body, value)


def _encode(operation: Operation[Any], body: Body, value: Any) -> bytes:
    essence = media_type(body.media_type)
    try:
        if essence == FORM:
            fields = value if isinstance(value, Mapping) else msgspec.to_builtins(value)
            return urlencode({key: text(item) for key, item in fields.items()}).encode()
        if is_json(essence):
            return _ENCODER.encode(value)
    except (TypeError, ValueError) as error:
        message = f"{operation.id}: the body cannot be written: {error}"
        raise ArgumentError(message) from error
    return value if isinstance(value, bytes) else str(value).encode()


def text(value: Any) -> str:
    """A scalar as the wire writes it: `true`, `1`, `0.1`; never `1e-05` for a Decimal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _placed(operation: Operation[Any], location: str) -> Iterator[Parameter]:
    return (parameter for parameter in operation.parameters if parameter.location == location)


def _required(operation: Operation[Any], parameter: Parameter, arguments: Mapping[str, Any]) -> Any:
    value = arguments.get(parameter.argument)
    if value is None and parameter.required:
        message = f"{operation.id}: {parameter.argument} is required"
        raise ArgumentError(message)
    return value


def _query(operation: Operation[Any], arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for parameter in _placed(operation, "query"):
        value = _required(operation, parameter, arguments)
        if value is None:
            continue
        if isinstance(value, list | tuple):
            items = [text(item) for item in value]
            yield from (
                (parameter.name, item)
                for item in (items if parameter.explode else [",".join(items)])
            )
        elif isinstance(value, Mapping | msgspec.Struct):
            yield from ((key, text(item)) for key, item in msgspec.to_builtins(value).items())
        else:
            yield parameter.name, text(value)


def _header_text(operation: Operation[Any], parameter: Parameter, value: Any) -> str:
    written = text(value)
    if any(character in written for character in "\r\n\0"):
        message = f"{operation.id}: {parameter.argument} holds a line break"
        raise ArgumentError(message)
    return written
