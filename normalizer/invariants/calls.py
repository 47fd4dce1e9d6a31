"""Invariants of the extensions that say how calls behave; `spec/README.md` explains them."""

from collections.abc import Callable, Iterator
from typing import Final

from normalizer.diagnostics import Diagnostic
from normalizer.document import Json, join
from normalizer.invariant import Invariant, broken
from normalizer.rules import idempotency, session_tier
from normalizer.structure import Document, Operation

PACING: Final = "x-bezant-pacing"
PREFLIGHT: Final = "x-bezant-preflight"
WARM_UP: Final = "x-bezant-warm-up"
PAGINATION: Final = "x-bezant-pagination"
FIELDS: Final = "x-bezant-market-data-fields"
CHANNELS: Final = "x-bezant-channels"
_SCOPES: Final = ("session", "underlying", "contract")
_STYLES: Final = ("page", "offset", "cursor")
_PACING: Final = (frozenset(("calls", "window")), frozenset(("concurrent",)))
FIELD_TYPES: Final = (
    "text",
    "price",
    "number",
    "quantity",
    "compact",
    "percent",
    "integer",
    "flag",
    "date",
)


def _behaviour(document: Document) -> Iterator[Diagnostic]:
    """Each extension is well-formed, and what it refers to is there."""
    calls = {f"{operation.method.upper()} {operation.path}" for operation in document.operations}
    checks: tuple[tuple[str, Callable[[Json, Operation], str]], ...] = (
        (session_tier.EXTENSION, lambda value, _: _one_of(value, session_tier.TIERS)),
        (idempotency.EXTENSION, lambda value, _: _one_of(value, idempotency.KINDS)),
        (PACING, lambda value, _: _pacing(value)),
        (PREFLIGHT, lambda value, _: _preflight(value, calls)),
        (WARM_UP, lambda value, _: _warm_up(value)),
        (PAGINATION, lambda value, operation: _pagination(document, value, operation)),
    )
    for operation in document.operations:
        for extension, check in checks:
            required = extension in (session_tier.EXTENSION, idempotency.EXTENSION)
            if required or extension in operation.value:
                value = operation.value.get(extension)
                problem = _kind(extension, value) or check(value, operation)
                if problem:
                    pointer = join(operation.pointer, extension)
                    yield broken("call-behaviour", pointer, problem)


_KINDS: Final = {PACING: dict, PREFLIGHT: list, WARM_UP: dict, PAGINATION: dict}


def _kind(extension: str, value: Json) -> str:
    wanted = _KINDS.get(extension)
    if wanted is None or isinstance(value, wanted):
        return ""
    return f"expected {wanted.__name__}, found {type(value).__name__}"


def _one_of(value: Json, allowed: tuple[str, ...]) -> str:
    return "" if value in allowed else f"{value!r} is none of {', '.join(allowed)}"


def _pacing(value: Json) -> str:
    if not any(keys <= value.keys() for keys in _PACING):
        return "needs calls and window, or concurrent"
    bad = [key for key, number in value.items() if not _is_positive(number)]
    return f"{bad[0]} is not a positive number" if bad else ""


def _is_positive(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _preflight(value: Json, calls: set[str]) -> str:
    for entry in value:
        if entry.get("call") not in calls:
            return f"no operation {entry.get('call')!r}"
        if entry.get("scope") not in _SCOPES:
            return f"scope {entry.get('scope')!r} is none of {', '.join(_SCOPES)}"
    return ""


def _warm_up(value: Json) -> str:
    fits = _is_positive(value.get("calls")) and _is_positive(value.get("delay"))
    return "" if fits else "needs calls and delay, both positive"


def _pagination(document: Document, value: Json, operation: Operation) -> str:
    if value.get("style") not in _STYLES:
        return f"style {value.get('style')!r} is none of {', '.join(_STYLES)}"
    entries = map(document.resolve, operation.value.get("parameters", ()))
    declared = {entry["name"] for entry in entries}
    wanted = [value.get(key) for key in ("parameter", "size-parameter") if key in value]
    missing = [name for name in wanted if name not in declared]
    if "next" in value and value["next"] not in {other.key for other in document.operations}:
        return f"no operation {value['next']!r}"
    return f"no parameter {missing[0]!r}" if missing else ""


def _market_data(document: Document) -> Iterator[Diagnostic]:
    """Codes of fields are numbers with unique names and known types."""
    names: dict[str, str] = {}
    for code, entry in document.root.get(FIELDS, {}).items():
        pointer = join("", FIELDS, code)
        name = entry.get("name", "")
        if not code.isdigit() or not name.replace("_", "").isalnum():
            yield broken("market-data-fields", pointer, f"{code!r} {name!r} is no code with a name")
        elif name in names:
            yield broken("market-data-fields", pointer, f"{names[name]} has the name {name} too")
        elif entry.get("type") not in FIELD_TYPES:
            yield broken("market-data-fields", pointer, f"unknown type {entry.get('type')!r}")
        names[name] = code


def _channels(document: Document) -> Iterator[Diagnostic]:
    """Topics have a session, words, and payloads that are components."""
    schemas = document.root.get("components", {}).get("schemas", {})
    for name, channel in document.root.get(CHANNELS, {}).items():
        pointer = join("", CHANNELS, name)
        problem = _one_of(channel.get("session"), session_tier.TIERS)
        if problem or not channel.get("topic") or not channel.get("summary"):
            yield broken("channels", pointer, problem or "needs topic and summary")
        for role in ("arguments", "payload", "answer"):
            target = channel.get(role, {}).get("$ref", "").rpartition("/")[2]
            if role in channel and target not in schemas:
                yield broken("channels", join(pointer, role), f"no schema {target!r}")


INVARIANTS: Final = (
    Invariant(
        id="call-behaviour", title="What is said about calls is well-formed", check=_behaviour
    ),
    Invariant(
        id="market-data-fields", title="Field codes have names and types", check=_market_data
    ),
    Invariant(id="channels", title="Channels have topics and payloads", check=_channels),
)
