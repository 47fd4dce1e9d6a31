"""Rule: what examples leave out is not required."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, relax_required
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from relax_required(Evidence(document))


RULE = Rule(
    id="seen-absence",
    title="Do not require what examples lack",
    why=(
        "Two requests are shown without a property that their schema requires; the publisher dropped the "
        "requirement a revision later."
    ),
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "object", "required": ["a", "b"], "examples": [{"a": 1}]}}
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "object", "required": ["a"], "examples": [{"a": 1}]}}
        },
    },
    find=find,
)
