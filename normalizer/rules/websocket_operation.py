"""Rule: the WebSocket is a channel, not an operation."""

from collections.abc import Iterator

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
    for operation in found:
        alone = sum(method in operation.item for method in METHODS) == 1
        yield Change(source=operation.pointer, pointer=join("", EXTENSION, operation.path))
        if alone:
            rest = {key: value for key, value in operation.item.items() if key != operation.method}
            yield Change(pointer=join("/paths", operation.path), before=rest)


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
