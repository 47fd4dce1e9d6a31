"""Rule: an object in the query is one parameter for each of its properties."""

from collections.abc import Iterator
from typing import Final

from normalizer import parameters
from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document

EXPLODED_FROM: Final = "x-bezant-exploded-from"


def find(document: Document) -> Iterator[Change]:
    """Replace the last such parameter of an operation by parameters for its properties."""
    for found in parameters.of_operations(document):
        listed = found.operation.value.get("parameters", [])
        after: list[Json] = []
        for entry in found.own:
            schema = _object(document, entry) if entry.location == "query" else None
            after += [entry.entry] if schema is None else _exploded(entry, schema, found.own)
        if after != listed and len(found.own) == len(listed):
            pointer = f"{found.operation.pointer}/parameters"
            yield Change(pointer=pointer, before=listed, after=after)


def _object(document: Document, entry: parameters.Declared) -> dict[str, Json] | None:
    schema = entry.value.get("schema")
    resolved = document.resolve(schema) if isinstance(schema, dict) else {}
    return resolved if resolved.get("properties") else None


def _exploded(
    entry: parameters.Declared, schema: dict[str, Json], own: tuple[parameters.Declared, ...]
) -> list[Json]:
    taken = {other.name for other in own if other is not entry and other.location == "query"}
    required = set(schema.get("required", ())) if entry.value.get("required") else set()
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": member,
            EXPLODED_FROM: entry.name,
        }
        for name, member in schema["properties"].items()
        if name not in taken
    ]


def _document(listed: list[Json]) -> Json:
    return {"paths": {"/a": {"get": {"parameters": listed}}}}


RULE = Rule(
    id="query-object",
    title="Make objects in the query single parameters",
    why=(
        "Four requests declare `loginMessageRequest=startDate,2024-01-01,...` by the letter of the specification; the "
        "server reads one key for each property."
    ),
    area=Area.PARAMETERS,
    before=_document(
        [
            {
                "name": "request",
                "in": "query",
                "required": True,
                "explode": False,
                "schema": {
                    "type": "object",
                    "required": ["from"],
                    "properties": {"from": {"type": "string"}, "limit": {"type": "integer"}},
                },
            }
        ]
    ),
    after=_document(
        [
            {
                "name": "from",
                "in": "query",
                "required": True,
                "schema": {"type": "string"},
                EXPLODED_FROM: "request",
            },
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "schema": {"type": "integer"},
                EXPLODED_FROM: "request",
            },
        ]
    ),
    find=find,
)
