"""Arguments become request targets and headers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from .errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .operation import Operation, Parameter

_DOT_SEGMENTS = (".", "..")


def target(
    operation: Operation[Any], arguments: Mapping[str, Any], extra: Mapping[str, Any]
) -> str:
    """Path and query of a call, percent-encoded; `arguments` are keyed by argument name."""
    path = operation.base_path + operation.path
    for parameter in _placed(operation, "path"):
        path = path.replace(f"{{{parameter.name}}}", _segment(operation, parameter, arguments))
    pairs = list(_query(operation, arguments))
    pairs += [
        pair for name, value in extra.items() for pair in _pairs(operation, name, value, True)
    ]
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path


def headers(operation: Operation[Any], arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Header parameters of a call."""
    for parameter in _placed(operation, "header"):
        value = _required(operation, parameter, arguments)
        if value is not None:
            yield parameter.name, header_text(operation, parameter.argument, value)


def header_text(operation: Operation[Any], name: str, value: Any) -> str:
    """The value of a header; one that holds a line break is an `ArgumentError`."""
    written = text(operation, name, value)
    if any(character in f"{name}{written}" for character in "\r\n\0"):
        message = f"{operation.id}: {name} holds a line break"
        raise ArgumentError(message)
    return written


def text(operation: Operation[Any], name: str, value: Any) -> str:
    """A scalar as the wire writes it: `true`, `1`, `0.1`; never `1e-05`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return _whole(operation, name, str(value))
    if isinstance(value, float | Decimal) and math.isfinite(value):
        return f"{Decimal(repr(value)) if isinstance(value, float) else value:f}"
    message = f"{operation.id}: {name} cannot be written: {type(value).__name__} {value!r}"
    raise ArgumentError(message)


def _whole(operation: Operation[Any], name: str, written: str) -> str:
    """A text that has a form in UTF-8: half of a surrogate pair has none."""
    try:
        written.encode()
    except UnicodeEncodeError as error:
        message = f"{operation.id}: {name} has half a character"
        raise ArgumentError(message) from error
    return written


def _segment(operation: Operation[Any], parameter: Parameter, arguments: Mapping[str, Any]) -> str:
    value = text(operation, parameter.argument, _required(operation, parameter, arguments))
    if not value:
        message = f"{operation.id}: {parameter.argument} must not be empty"
        raise ArgumentError(message)
    if value in _DOT_SEGMENTS:
        # However it is encoded, servers take such a segment out, and another path would be called.
        message = f"{operation.id}: {parameter.argument} must not be {value!r}"
        raise ArgumentError(message)
    return quote(value, safe="")


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
        if isinstance(value, Mapping | msgspec.Struct):
            members = msgspec.to_builtins(value, builtin_types=(Decimal,))
            yield from ((key, text(operation, key, item)) for key, item in members.items())
        elif value is not None:
            yield from _pairs(operation, parameter.name, value, parameter.explode)


def _pairs(
    operation: Operation[Any], name: str, value: Any, explode: bool
) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list | tuple | set | frozenset):
        yield name, text(operation, name, value)
        return
    items = [text(operation, name, item) for item in value]
    yield from ((name, item) for item in (items if explode else [",".join(items)]))
