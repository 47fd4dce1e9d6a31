"""Rule: what examples hold is declared."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, declare_properties
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from declare_properties(Evidence(document))


RULE = Rule(
    id="seen-property",
    title="Declare properties that examples show",
    why="Fifty members are sent and never declared: no type holds them, so nothing notices when they change.",
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "properties": {"a": {"type": "string"}},
                    "examples": [{"a": "x", "b": 1}],
                }
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
                    "examples": [{"a": "x", "b": 1}],
                }
            }
        },
    },
    find=find,
    rounds=8,
)
