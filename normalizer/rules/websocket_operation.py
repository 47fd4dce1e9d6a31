"""Rule: the WebSocket is a channel, not an operation."""

from collections.abc import Iterator
from itertools import groupby

from normalizer.change import METHODS, Change
from normalizer.document import Json, join
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Operation

EXTENSION = "x-bezant-websocket"


def find(document: Document) -> Iterator[Change]:
    """Move operations that only ever switch protocols out of `paths`."""
    found = [operation for operation in document.operations if _switches_protocol(operation)]
    if found and EXTENSION not in document.root:
        yield Change(pointer=f"/{EXTENSION}", after={})
    for path, operations in groupby(found, key=lambda operation: operation.path):
        yield from _move(path, list(operations))


def _move(path: str, operations: list[Operation]) -> Iterator[Change]:
    """Keep the first as the channel; others of the path say nothing more."""
    item = operations[0].item
    yield Change(source=operations[0].pointer, pointer=join("", EXTENSION, path))
    for operation in operations[1:]:
        yield Change(pointer=operation.pointer, before=operation.value)
    moved = {operation.method for operation in operations}
    if not any(method in item for method in METHODS if method not in moved):
        rest = {key: value for key, value in item.items() if key not in moved}
        yield Change(pointer=join("/paths", path), before=rest)


def _switches_protocol(operation: Operation) -> bool:
    statuses: Json = operation.value.get("responses", {})
    return bool(statuses) and all(status.startswith("1") for status in statuses)


RULE = Rule(
    id="websocket-operation",
    title="Move the WebSocket out of the operations",
    why="`GET /ws` answers nothing but 101: every generator makes a call of it that can never succeed.",
    area=Area.PATHS,
    before={"paths": {"/ws": {"get": {"responses": {"101": {}}}}}},
    after={"paths": {}, EXTENSION: {"/ws": {"responses": {"101": {}}}}},
    find=find,
)
