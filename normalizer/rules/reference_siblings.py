"""Rule: a 3.0 Reference Object has no siblings."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import join
from normalizer.rule import Area, Rule
from normalizer.structure import Document

_KEPT = ("$ref", "nullable")
"""`nullable` beside a reference is what authors mean by it; the rule `nullable` carries it over."""


def find(document: Document) -> Iterator[Change]:
    """Remove what OpenAPI 3.0 ignores and 3.1 would suddenly obey."""
    if not document.root["openapi"].startswith("3.0"):
        return
    for site in document.sites:
        if site.is_reference:
            for key in [key for key in site.value if key not in _KEPT]:
                yield Change(pointer=join(site.pointer, key), before=site.value[key])


RULE = Rule(
    id="reference-siblings",
    title="Drop keys beside a $ref",
    why="OpenAPI 3.0 ignores them, so nobody noticed that some contradict the target; 3.1 obeys them.",
    area=Area.VERSION,
    before={
        "openapi": "3.0.0",
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "string", "enum": ["x"]},
                "B": {"$ref": "#/components/schemas/A", "type": "object"},
            }
        },
    },
    after={
        "openapi": "3.0.0",
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "string", "enum": ["x"]},
                "B": {"$ref": "#/components/schemas/A"},
            }
        },
    },
    find=find,
)
