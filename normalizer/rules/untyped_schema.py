"""Rule: a schema that says nothing says why."""

from collections.abc import Iterator
from typing import Final

from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document

WAIVER: Final = "x-bezant-untyped"
"""On a schema that admits everything: why nothing more is known."""

REASON: Final = "the publisher states no type and no example shows a value"
_TYPING: Final = frozenset(
    [
        "type",
        "$ref",
        "enum",
        "const",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "properties",
        "items",
        "additionalProperties",
        "required",
    ]
)


def find(document: Document) -> Iterator[Change]:
    """Mark what every other rule and overlay left open, so that the list is explicit."""
    for site in document.schemas:
        if is_untyped(site.value) and WAIVER not in site.value:
            yield Change(pointer=f"{site.pointer}/{WAIVER}", after=REASON)


def is_untyped(schema: dict[str, Json]) -> bool:
    """Whether a schema admits every value of every kind."""
    return not schema.keys() & _TYPING


RULE = Rule(
    id="untyped-schema",
    title="Say why a schema says nothing",
    why="`{}` may be a decision or a gap. Each one that is left carries its reason, and their number is a figure.",
    area=Area.SCHEMAS,
    before={"paths": {}, "components": {"schemas": {"A": {"type": "array", "items": {}}}}},
    after={
        "paths": {},
        "components": {"schemas": {"A": {"type": "array", "items": {WAIVER: REASON}}}},
    },
    find=find,
)
