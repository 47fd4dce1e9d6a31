"""Rule: a scalar has the type that it is sent with."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, retype_scalars
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from retype_scalars(Evidence(document))


RULE = Rule(
    id="seen-scalar",
    title="Retype scalars that are sent as another type",
    why=(
        "Ids are declared as text and sent as numbers, money the other way round. Only ever seen as another "
        "type, the type changes; seen as both, it is both."
    ),
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "string", "examples": [265598]},
                "B": {"type": "number", "examples": ["1.50", "2"]},
                "C": {"type": "string", "examples": ["0", 0.0]},
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "integer", "examples": [265598]},
                "B": {"type": "string", "format": "decimal", "examples": ["1.50", "2"]},
                "C": {"type": ["string", "number"], "examples": ["0", 0.0]},
            }
        },
    },
    find=find,
)
