"""Rule: what the examples show beyond int32 is int64."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, widen_integers
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from widen_integers(Evidence(document))


RULE = Rule(
    id="seen-width",
    title="Widen int32 whose examples are larger",
    why="Epoch milliseconds and order ids are declared int32 and do not fit.",
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "integer", "format": "int32", "examples": [1712156105000]}}
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "integer", "format": "int64", "examples": [1712156105000]}}
        },
    },
    find=find,
)
