"""Rule: a property is nullable where null was seen."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, admit_null
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from admit_null(Evidence(document))


RULE = Rule(
    id="seen-null",
    title="Admit null where examples show it",
    why="Forty strings and numbers are null in the document's own examples and on the wire: a decoder crashes.",
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "properties": {
                        "a": {"type": "string", "enum": ["x"]},
                        "b": {"$ref": "#/components/schemas/B"},
                    },
                    "examples": [{"a": None, "b": None}],
                },
                "B": {"type": "object", "properties": {}},
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "properties": {
                        "a": {"type": ["string", "null"], "enum": ["x", None]},
                        "b": {"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}]},
                    },
                    "examples": [{"a": None, "b": None}],
                },
                "B": {"type": "object", "properties": {}},
            }
        },
    },
    find=find,
)
