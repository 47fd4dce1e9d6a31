"""JSON bodies become typed values, and no body is lost.

Strict first, which is fast and what almost every response takes. Then lax, which reads `"12"` as a
number where one is due. Then salvage: every part that fits is typed, every part that does not is
kept as it came. Whatever is not strict is reported as drift.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from .drift import SchemaDrift, ignore
from .errors import DecodeError
from .unions import UnionMarker, branch_for, hook

if TYPE_CHECKING:
    from collections.abc import Callable

    from .drift import Answer, DriftHandler, DriftKind

    Report = Callable[[str, str, Any, DriftKind], None]

Mode: TypeAlias = Literal["lenient", "strict"]
"""`lenient` keeps what does not fit and reports it, `strict` raises `DecodeError`."""

MISFITS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading a body raises that is no JSON, or does not fit."""

_DECODERS = 2048
_STARTS = (b"{", b"[")
_MISFIT = re.compile(r"Expected `(?P<expected>[^`]+)`, got")
_STEP = re.compile(r"\.(?P<key>[^.\[`]+)|\[(?P<index>\d+|\.\.\.)\]")


@lru_cache(_DECODERS)
def decoder(kind: Any, *, strict: bool) -> msgspec.json.Decoder[Any]:
    """The JSON decoder of a type, built once; a type that msgspec refuses raises `TypeError`."""
    return msgspec.json.Decoder(kind, strict=strict, dec_hook=hook(strict=strict))


def strict_reader(kind: Any) -> Callable[[bytes], Any] | None:
    """What reads a type without leniency and raises one of `MISFITS`; `None` where the body decides.

    A union whose branches are of several JSON kinds is read by the branch that the body begins with.
    """
    if isinstance(kind, type) and issubclass(kind, UnionMarker):
        return None
    return decoder(kind, strict=True).decode


def decode_json(
    body: bytes,
    kind: Any,
    *,
    operation: str = "",
    mode: Mode = "lenient",
    on_drift: DriftHandler = ignore,
    answer: Answer | None = None,
    is_open: bool = False,
) -> Any:
    """Decode a JSON body to a type; what does not fit is salvaged, or in strict mode refused.

    Text that is no JSON at all is kept as text; a truncated body raises `DecodeError`, as does, in
    strict mode, everything that does not fit. With `is_open` models are given the fields that came
    beside those they declare.
    """

    def report(pointer: str, expected: str, got: Any, kind: DriftKind) -> None:
        if mode == "strict":
            reason = f"expected {expected} at {pointer}"
            raise DecodeError(operation=operation, body=body, reason=reason)
        on_drift(SchemaDrift(operation, pointer, expected, got, kind, answer))

    value = _typed(body, kind, operation, mode, report)
    if is_open:
        from .additional import fill  # few answers need it

        fill(plain(body), value, report)
    return value


def _typed(body: bytes, kind: Any, operation: str, mode: Mode, report: Report) -> Any:
    if body[:1] in _STARTS and isinstance(kind, type) and issubclass(kind, UnionMarker):
        kind = branch_for(kind, body[:1])
    try:
        return decoder(kind, strict=True).decode(body)
    except MISFITS as error:
        if mode == "strict":
            raise DecodeError(operation=operation, body=body, reason=str(error)) from error
        failure = error
    if isinstance(failure, msgspec.ValidationError):
        try:
            value = decoder(kind, strict=False).decode(body)
        except MISFITS:
            return _salvaged(body, kind, operation, report)
        report(*_misfit(body, str(failure)), "coerced")
        return value
    return _salvaged(body, kind, operation, report)


def _salvaged(body: bytes, kind: Any, operation: str, report: Report) -> Any:
    """All that fits of a body, which may not quite be JSON: wrong bytes, NaN, or a bare text."""
    from .salvage import salvage  # inspection of types costs 10 ms to import

    try:
        value, is_exact = _parsed(body)
    except ValueError as error:
        return _bare_text(body, operation, error, report)
    if not is_exact:
        report("", "JSON in UTF-8, of finite numbers", body.decode(errors="replace"), "body")
    return salvage(value, kind, report)


def _bare_text(body: bytes, operation: str, error: Exception, report: Report) -> str:
    text = body.decode(errors="replace").strip()
    if text[:1] in ("", "{", "["):
        reason = "the body is empty" if not text else f"no JSON, or not all of it: {error}"
        raise DecodeError(operation=operation, body=body, reason=reason) from error
    report("", "JSON", text, "body")
    return text


def plain(body: bytes) -> Any:
    """A body as plain values; reads NaN, Infinity and bytes that are no UTF-8. Raises `ValueError`."""
    return _parsed(body)[0]


def _parsed(body: bytes) -> tuple[Any, bool]:
    """The plain values of a body, and whether it is JSON to the letter."""
    try:
        return msgspec.json.decode(body), True
    except MISFITS:
        pass
    try:
        return json.loads(body.decode("utf-8-sig", errors="replace"), strict=False), False
    except RecursionError as error:
        message = "nested too deeply"
        raise ValueError(message) from error


def _misfit(body: bytes, message: str) -> tuple[str, str, Any]:
    """Pointer, expected type and value of the place that a message of msgspec names."""
    found = _MISFIT.search(message)
    value = msgspec.json.decode(body)
    pointer = ""
    for step in _STEP.finditer(message.rpartition("`$")[2]):
        key: Any = step["key"] if step["index"] is None else step["index"]
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            value = None
        pointer += f"/{'*' if key == '...' else key}"
    return pointer, found["expected"] if found else "another type", value


def media_type(content_type: str) -> str:
    """`Application/JSON; charset=utf-8` gives `application/json`."""
    return content_type.partition(";")[0].strip().lower()


def is_json(essence: str) -> bool:
    """Whether a media type, without parameters, is JSON."""
    return essence == "application/json" or essence.endswith("+json")


def is_text(essence: str) -> bool:
    """Whether a media type, without parameters, is text."""
    return essence.startswith("text/")
