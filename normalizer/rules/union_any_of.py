"""Rule: `oneOf` means exactly one."""

from collections.abc import Iterator
from itertools import combinations

from normalizer import unions
from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Turn `oneOf` into `anyOf` unless the shapes prove that one branch fits at most."""
    for site in document.schemas:
        listed = site.value.get("oneOf")
        if not listed or "anyOf" in site.value:
            continue
        if not _exclusive(document, listed):
            yield Change(source=f"{site.pointer}/oneOf", pointer=f"{site.pointer}/anyOf")


def _exclusive(document: Document, listed: list[Json]) -> bool:
    return all(unions.are_disjoint(document, one, other) for one, other in combinations(listed, 2))


RULE = Rule(
    id="union-any-of",
    title="Say anyOf where more than one branch may fit",
    why=(
        "Objects with optional members only fit each other: `oneOf` then rejects the document's own order answers. "
        "Every document that was valid stays valid."
    ),
    area=Area.UNIONS,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"oneOf": [{"type": "object"}, {"type": "object", "properties": {"a": {}}}]},
                "B": {"oneOf": [{"type": "object"}, {"type": "array"}]},
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"anyOf": [{"type": "object"}, {"type": "object", "properties": {"a": {}}}]},
                "B": {"oneOf": [{"type": "object"}, {"type": "array"}]},
            }
        },
    },
    find=find,
)
