"""How calls behave: the `x-bezant-*` extensions of operations."""

from typing import Any, Final

from generator.build.source import Source
from generator.ir import Behaviour, Pacing, Pagination, Preflight, WarmUp
from normalizer.document import Json, join

SESSIONS: Final = ("none", "login", "brokerage")
IDEMPOTENCIES: Final = ("safe", "idempotent", "unsafe")
STYLES: Final = ("page", "offset", "cursor")


def behaviour(source: Source, value: dict[str, Json], pointer: str) -> Behaviour:
    """The behaviour of an operation; what the document does not say is the careful choice."""
    return Behaviour(
        session=_word(source, value, "x-bezant-session", pointer, SESSIONS, "login"),
        idempotency=_word(source, value, "x-bezant-idempotency", pointer, IDEMPOTENCIES, "unsafe"),
        pacing=_pacing(source, value, pointer),
        preflight=tuple(
            Preflight(call=row["call"], scope=row["scope"], symptom=row["symptom"])
            for row in value.get("x-bezant-preflight", ())
        ),
        warm_up=_warm_up(source, value, pointer),
        pagination=_pagination(source, value, pointer),
    )


def _word(
    source: Source,
    value: dict[str, Json],
    key: str,
    pointer: str,
    known: tuple[str, ...],
    default: str,
) -> str:
    word = value.get(key, default)
    if word not in known:
        raise source.error(join(pointer, key), f"{word!r} is none of {', '.join(known)}")
    return str(word)


def _member(source: Source, value: dict[str, Json], key: str, pointer: str) -> dict[str, Any]:
    return source.mapping(value.get(key, {}), join(pointer, key))


def _pacing(source: Source, value: dict[str, Json], pointer: str) -> Pacing | None:
    found = _member(source, value, "x-bezant-pacing", pointer)
    if not found:
        return None
    return Pacing(
        calls=found.get("calls", 0),
        window=found.get("window", 0),
        burst=found.get("burst", 0),
        concurrent=found.get("concurrent", 0),
    )


def _warm_up(source: Source, value: dict[str, Json], pointer: str) -> WarmUp | None:
    found = _member(source, value, "x-bezant-warm-up", pointer)
    if not found:
        return None
    return WarmUp(calls=found["calls"], delay=found["delay"], first=found.get("first", ""))


def _pagination(source: Source, value: dict[str, Json], pointer: str) -> Pagination | None:
    found = _member(source, value, "x-bezant-pagination", pointer)
    if not found:
        return None
    style = _word(source, found, "style", join(pointer, "x-bezant-pagination"), STYLES, "")
    return Pagination(
        style=style,
        parameter=found["parameter"],
        start=found.get("start", 0),
        size=found.get("size", 0),
        source=found.get("from", ""),
        follow=found.get("next", ""),
    )
