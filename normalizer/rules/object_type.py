"""Rule: a schema with properties is an object."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Add the type that `properties` implies and JSON Schema does not."""
    for site in document.schemas:
        if "properties" in site.value and "type" not in site.value and not site.is_reference:
            yield Change(pointer=f"{site.pointer}/type", after="object")


RULE = Rule(
    id="object-type",
    title="Say that schemas with properties are objects",
    why="Without a type, JSON Schema accepts any number or string where sixty objects are meant.",
    area=Area.SCHEMAS,
    before={"paths": {}, "components": {"schemas": {"A": {"properties": {"type": {}}}}}},
    after={
        "paths": {},
        "components": {"schemas": {"A": {"properties": {"type": {}}, "type": "object"}}},
    },
    find=find,
)
