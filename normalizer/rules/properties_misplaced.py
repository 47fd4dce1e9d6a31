"""Rule: only objects have properties."""

from collections.abc import Iterator

from normalizer import samples
from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site

_OF_OBJECTS = ("properties", "required", "additionalProperties")


def find(document: Document) -> Iterator[Change]:
    """Ask the examples whether an object or an array of objects was meant."""
    for site in reversed(document.schemas):
        if "properties" in site.value and isinstance(site.value.get("type"), str):
            if site.value["type"] != "object":
                yield from _repair(site, samples.of(document).get(site.pointer, []))


def _repair(site: Site, values: list[samples.Sample]) -> Iterator[Change]:
    kind = site.value["type"]
    objects = tuple(sample.origin for sample in values if isinstance(sample.value, dict))
    if objects or kind != "array" or "items" in site.value:
        yield Change(
            pointer=f"{site.pointer}/type", before=kind, after="object", evidence=objects[:3]
        )
        return
    moved: dict[str, Json] = {key: site.value[key] for key in _OF_OBJECTS if key in site.value}
    for key, value in moved.items():
        yield Change(pointer=f"{site.pointer}/{key}", before=value)
    yield Change(pointer=f"{site.pointer}/items", after={"type": "object", **moved})


RULE = Rule(
    id="properties-misplaced",
    title="Put properties where objects are",
    why="`type: array` with `properties` means an array of such objects, or an object: the examples tell which.",
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
