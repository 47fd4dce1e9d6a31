"""Rule: only objects have properties."""

from collections.abc import Iterator

from normalizer import samples
from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site, type_names

_OF_OBJECTS = ("properties", "required", "additionalProperties")


def find(document: Document) -> Iterator[Change]:
    """Ask the examples whether an object or an array of objects was meant."""
    for site in reversed(document.schemas):
        if "properties" in site.value and "type" in site.value:
            if "object" not in type_names(site.value):
                yield from _repair(site, samples.of(document).get(site.pointer, []))


def _repair(site: Site, values: list[samples.Sample]) -> Iterator[Change]:
    before, kinds = site.value["type"], type_names(site.value)
    objects = tuple(sample.origin for sample in values if isinstance(sample.value, dict))
    if objects or "array" not in kinds or "items" in site.value:
        after = ["object", "null"] if "null" in kinds else "object"
        yield Change(
            pointer=f"{site.pointer}/type", before=before, after=after, evidence=objects[:3]
        )
        return
    moved: dict[str, Json] = {key: site.value[key] for key in _OF_OBJECTS if key in site.value}
    for key, value in moved.items():
        yield Change(pointer=f"{site.pointer}/{key}", before=value)
    yield Change(pointer=f"{site.pointer}/items", after={"type": "object", **moved})


RULE = Rule(
    id="properties-misplaced",
    title="Put properties where objects are",
    why=(
        "`type: array` with `properties` means an array of such objects, or an object: the examples tell "
        "which."
    ),
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "array", "properties": {"x": {}}},
                "B": {"type": "array", "properties": {"x": {}}, "examples": [{"x": 1}]},
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "array", "items": {"type": "object", "properties": {"x": {}}}},
                "B": {"type": "object", "properties": {"x": {}}, "examples": [{"x": 1}]},
            }
        },
    },
    find=find,
)
