"""Rule: a reference is not wrapped in `allOf` for the sake of its words."""

from collections.abc import Iterator
from typing import Final

from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document

ANNOTATIONS: Final = frozenset(
    [
        "title",
        "description",
        "summary",
        "example",
        "examples",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "externalDocs",
    ]
)


def find(document: Document) -> Iterator[Change]:
    """Collapse `allOf` of one reference and nothing that constrains; 3.1 allows words beside $ref."""
    for site in reversed(document.schemas):
        members = site.value.get("allOf", ())
        if not all(isinstance(member, dict) for member in members):
            continue
        targets = [member for member in members if "$ref" in member]
        others = [member for member in members if "$ref" not in member]
        siblings = {key: value for key, value in site.value.items() if key not in ("allOf", "type")}
        plain = all(key in ANNOTATIONS for key in siblings) and all(map(_is_plain, others))
        if len(targets) == 1 and plain and site.value.get("type", "object") == "object":
            words: dict[str, Json] = {}
            for member in (*others, siblings):
                words |= {key: value for key, value in member.items() if key in ANNOTATIONS}
            yield Change(pointer=site.pointer, before=site.value, after={**targets[0], **words})


def _is_plain(member: dict[str, Json]) -> bool:
    return all(
        key in ANNOTATIONS or (key == "type" and value == "object") for key, value in member.items()
    )


RULE = Rule(
    id="allof-wrapper",
    title="Unwrap references from allOf",
    why=(
        "114 fields wrap a reference in allOf to attach words to it: generators emit 114 types for one, or "
        "lose it."
    ),
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {},
                "B": {
                    "allOf": [
                        {"type": "object", "description": "d"},
                        {"$ref": "#/components/schemas/A"},
                    ]
                },
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {"A": {}, "B": {"$ref": "#/components/schemas/A", "description": "d"}}
        },
    },
    find=find,
)
