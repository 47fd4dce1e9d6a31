"""Rule: text that stands for nothing is null."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, clear_sentinels
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from clear_sentinels(Evidence(document))


RULE = Rule(
    id="sentinel-text",
    title="Read None and N/A as null",
    why=(
        "Examples print an absent number as the text `None`; taken at its word it would turn the number into "
        "a text."
    ),
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {"schemas": {"A": {"type": "number", "examples": ["None"]}}},
    },
    after={"paths": {}, "components": {"schemas": {"A": {"type": "number", "examples": [None]}}}},
    find=find,
)
