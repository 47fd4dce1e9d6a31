"""Rule: a schema has `examples`, not `example`."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Move the one example of a schema into the array of 3.1."""
    for site in document.schemas:
        if "example" in site.value:
            if "examples" not in site.value:
                yield Change(pointer=f"{site.pointer}/examples", after=[site.value["example"]])
            yield Change(pointer=f"{site.pointer}/example", before=site.value["example"])


RULE = Rule(
    id="schema-example",
    title="Turn a schema's example into examples",
    why="`example` on a schema is deprecated in 3.1 and unknown to JSON Schema tools.",
    area=Area.VERSION,
    before={"paths": {}, "components": {"schemas": {"A": {"type": "string", "example": "x"}}}},
    after={"paths": {}, "components": {"schemas": {"A": {"type": "string", "examples": ["x"]}}}},
    find=find,
)
