"""Rule: a discriminator has something to choose from."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Kind


def find(document: Document) -> Iterator[Change]:
    """Remove discriminators beside no union and in no parent of another schema."""
    parents = _parents(document)
    for site in document.schemas:
        is_union = "oneOf" in site.value or "anyOf" in site.value
        if "discriminator" in site.value and not is_union and f"#{site.pointer}" not in parents:
            before = site.value["discriminator"]
            yield Change(pointer=f"{site.pointer}/discriminator", before=before)


def _parents(document: Document) -> set[str]:
    return {
        part["$ref"]
        for site in document.of(Kind.SCHEMA)
        for part in site.value.get("allOf", ())
        if isinstance(part, dict) and "$ref" in part
    }


RULE = Rule(
    id="discriminator-orphan",
    title="Remove discriminators that choose between nothing",
    why="Resolvers look for branches that do not exist.",
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "object", "discriminator": {"propertyName": "t"}}}
        },
    },
    after={"paths": {}, "components": {"schemas": {"A": {"type": "object"}}}},
    find=find,
)
