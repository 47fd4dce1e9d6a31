"""Topics of the WebSocket: the extension `x-bezant-channels` of the document."""

from collections.abc import Iterator
from typing import Any, Final

from generator.build.behaviour import SESSIONS
from generator.build.schemas import type_of
from generator.build.source import Source, doc
from generator.ir import Ending, Topic
from normalizer.document import Json, join

TOPICS: Final = "x-bezant-channels"


def topics(source: Source) -> Iterator[Topic]:
    """All topics, in the order of the document."""
    for name, value in source.member(source.root, TOPICS, "").items():
        pointer = join("", TOPICS, name)
        yield _topic(source, name, source.mapping(value, pointer), pointer)


def _topic(source: Source, name: str, value: dict[str, Json], pointer: str) -> Topic:
    session = value.get("session", "brokerage")
    if not name.isidentifier() or session not in SESSIONS:
        raise source.error(pointer, f"{name!r} needs a name and one of {', '.join(SESSIONS)}")
    arguments: Any = value.get("arguments")
    return Topic(
        name=name,
        topic=source.text(value, "topic", pointer),
        target=tuple(map(str, value.get("target", ()))),
        arguments=type_of(source, arguments, f"{pointer}/arguments") if arguments else None,
        payload=type_of(source, value.get("payload"), f"{pointer}/payload"),
        bare=value.get("bare") is True,
        unsolicited=value.get("unsolicited") is True,
        ending=_ending(source, value, pointer),
        session=session,
        refresh=value.get("refresh", 0),
        doc=doc(value),
        origin=source.origin(pointer),
    )


def _ending(source: Source, value: dict[str, Json], pointer: str) -> Ending | None:
    found = source.member(value, "unsubscribe", pointer)
    if not found:
        return None
    return Ending(
        topic=source.text(found, "topic", f"{pointer}/unsubscribe"),
        target=tuple(map(str, found.get("target", ()))),
        has_arguments=found.get("arguments") is True,
    )
