"""Rule: no schema asks a float to be a multiple of a fraction."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Remove `multipleOf` with a fraction: binary floats are multiples of almost none."""
    for site in document.schemas:
        step = site.value.get("multipleOf")
        if isinstance(step, float) and not step.is_integer():
            yield Change(pointer=f"{site.pointer}/multipleOf", before=step)


RULE = Rule(
    id="multiple-of-fraction",
    title="Remove multipleOf with a fraction",
    why=(
        "100.3456789 is no multiple of 1e-9 in binary arithmetic: validators reject what the document itself "
        "shows."
    ),
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {"schemas": {"A": {"type": "number", "multipleOf": 0.01}}},
    },
    after={"paths": {}, "components": {"schemas": {"A": {"type": "number"}}}},
    find=find,
)
