"""Rule: an enum holds the values that are sent."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, extend_enums
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from extend_enums(Evidence(document))


RULE = Rule(
    id="seen-enum-value",
    title="Add values to enums that examples show",
    why="The closed list was written from memory: `tradingType` and `side` have other values on the wire.",
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {"schemas": {"A": {"type": "string", "enum": ["BUY"], "examples": ["S"]}}},
    },
    after={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "string", "enum": ["BUY", "S"], "examples": ["S"]}}
        },
    },
    find=find,
)
