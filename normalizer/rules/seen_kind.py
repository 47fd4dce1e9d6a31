"""Rule: a union holds every kind that is sent."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, admit_kinds
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from admit_kinds(Evidence(document))


RULE = Rule(
    id="seen-kind",
    title="Add a branch to unions for kinds that examples show",
    why="No branch of the union admits what the document's own example shows.",
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"anyOf": [{"type": "string"}, {"type": "object"}], "examples": [True]}
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "anyOf": [{"type": "string"}, {"type": "object"}, {"type": "boolean"}],
                    "examples": [True],
                }
            }
        },
    },
    find=find,
)
