"""Rule: what the examples show with a fraction is not an integer."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, widen_fractions
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from widen_fractions(Evidence(document))


RULE = Rule(
    id="seen-fraction",
    title="Widen integers whose examples have a fraction",
    why=(
        "Balances and strikes are declared int32 while the document's own examples show 1234.56: a decoder "
        "crashes."
    ),
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {"schemas": {"A": {"type": "integer", "format": "int32", "examples": [1.5]}}},
    },
    after={"paths": {}, "components": {"schemas": {"A": {"type": "number", "examples": [1.5]}}}},
    find=find,
)
