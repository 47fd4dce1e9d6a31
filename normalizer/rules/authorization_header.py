"""Rule: headers that OpenAPI reserves are not parameters."""

from collections.abc import Iterator
from typing import Final

from normalizer import parameters
from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document

RESERVED: Final = frozenset(("accept", "content-type", "authorization"))


def find(document: Document) -> Iterator[Change]:
    """Remove Accept, Content-Type and Authorization: media types and security say it."""
    for found in parameters.of_operations(document):
        for entry in reversed(found.own):
            if entry.location == "header" and entry.name.casefold() in RESERVED:
                yield Change(pointer=entry.pointer, before=entry.entry)


def _document(listed: list[Json]) -> Json:
    return {"paths": {"/a": {"get": {"parameters": listed}}}}


RULE = Rule(
    id="authorization-header",
    title="Remove parameters for reserved headers",
    why=(
        "OpenAPI ignores header parameters of these names; generators make them required arguments nobody can "
        "fill."
    ),
    area=Area.PARAMETERS,
    before=_document(
        [{"name": "Authorization", "in": "header", "required": True, "schema": {"type": "string"}}]
    ),
    after=_document([]),
    find=find,
)
