"""Bodies become typed values, and no body is lost.

Strict first, which is fast and what almost every response takes. Then lax, which reads `"12"` as a
number where one is due. Then salvage: every part that fits is typed, every part that does not is
kept as it came and reported as drift.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from .drift import SchemaDrift, ignore
from .errors import DecodeError
from .unions import hook

if TYPE_CHECKING:
    from .drift import DriftHandler

Mode: TypeAlias = Literal["lenient", "strict"]
"""`lenient` keeps what does not fit and reports it, `strict` raises `DecodeError`."""

_DECODERS = 2048


@lru_cache(_DECODERS)
def decoder(kind: Any, *, strict: bool) -> msgspec.json.Decoder[Any]:
    """The JSON decoder of a type, built once; a type that msgspec refuses raises `TypeError`."""
    return msgspec.json.Decoder(kind, strict=strict, dec_hook=hook(strict=strict))


def decode_json(
    body: bytes,
    kind: Any,
    *,
    operation: str = "",
    mode: Mode = "lenient",
    on_drift: DriftHandler = ignore,
) -> Any:
    """Decode a JSON body to a type; what does not fit is salvaged, or in strict mode refused.

    Raises `DecodeError` when the body is no JSON at all, and in strict mode when it does not fit.
    """
    try:
        return decoder(kind, strict=True).decode(body)
    except msgspec.ValidationError as error:
        if mode == "strict":
            raise DecodeError(operation=operation, body=body, reason=str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _no_json(body, operation, error) from error
    return _lenient(body, kind, operation, on_drift)


def _lenient(body: bytes, kind: Any, operation: str, on_drift: DriftHandler) -> Any:
    try:
        return decoder(kind, strict=False).decode(body)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return _salvaged(body, kind, operation, on_drift)


def _salvaged(body: bytes, kind: Any, operation: str, on_drift: DriftHandler) -> Any:
    from .salvage import salvage  # inspection of types costs 10 ms to import

    def report(pointer: str, expected: str, got: Any) -> None:
        on_drift(SchemaDrift(operation, pointer, expected, got))

    try:
        plain = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _no_json(body, operation, error) from error
    return salvage(plain, kind, report)


def _no_json(body: bytes, operation: str, error: Exception) -> DecodeError:
    return DecodeError(operation=operation, body=body, reason=f"no JSON: {error}")


def media_type(content_type: str) -> str:
    """`Application/JSON; charset=utf-8` gives `application/json`."""
    return content_type.partition(";")[0].strip().lower()


def is_json(essence: str) -> bool:
    """Whether a media type, without parameters, is JSON."""
    return essence == "application/json" or essence.endswith("+json")


def is_text(essence: str) -> bool:
    """Whether a media type, without parameters, is text."""
    return essence.startswith("text/")
