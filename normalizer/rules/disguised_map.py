"""Rule: an object whose keys are data is a map."""

from collections.abc import Iterator
from typing import Final

from normalizer import samples
from normalizer.change import Change
from normalizer.document import Json
from normalizer.infer import is_data, merge
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site

_LEAST_KEYS: Final = 1


def find(document: Document) -> Iterator[Change]:
    """Move the one schema of sample keys to `additionalProperties`."""
    done = ""
    for site in reversed(document.schemas):
        properties = site.value.get("properties")
        if not properties or "additionalProperties" in site.value or done.startswith(site.pointer):
            continue
        if all(map(is_data, properties)) or _never_seen(document, site):
            done = site.pointer
            yield from _as_map(site, properties)


def _never_seen(document: Document, site: Site) -> bool:
    """One property that no example has, where examples have other keys with objects of its shape."""
    properties = site.value["properties"]
    seen = [
        s.value for s in samples.of(document).get(site.pointer, ()) if isinstance(s.value, dict)
    ]
    names = {name for value in seen for name in value}
    if len(properties) != 1 or not names or names & properties.keys():
        return False
    (only,) = properties.values()
    declared = samples.declared(document, only) | samples.declared(
        document, document.resolve(only).get("items", {})
    )
    members = [member for value in seen for member in value.values()]
    return bool(declared) and all(_shares_keys(member, declared) for member in members)


def _shares_keys(member: Json, declared: set[str]) -> bool:
    if isinstance(member, list):
        return all(_shares_keys(element, declared) for element in member)
    return isinstance(member, dict) and bool(member.keys() & declared)


def _as_map(site: Site, properties: dict[str, Json]) -> Iterator[Change]:
    shape = merge(list(properties.values()))
    yield Change(pointer=f"{site.pointer}/additionalProperties", after=shape)
    yield Change(pointer=f"{site.pointer}/properties", before=properties)
    if "required" in site.value:
        yield Change(pointer=f"{site.pointer}/required", before=site.value["required"])
    if "type" not in site.value:
        yield Change(pointer=f"{site.pointer}/type", after="object")


RULE = Rule(
    id="disguised-map",
    title="Make objects with sample keys maps",
    why=(
        "`acctProps.U1234567` or `schedules.date` stand for a key that changes: every real answer has unknown keys "
        "only, and a typed client loses all of it."
    ),
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "properties": {
                        "U1234567": {"type": "object", "properties": {"isProp": {}}},
                    },
                },
                "B": {
                    "type": "object",
                    "properties": {
                        "date": {"type": "object", "properties": {"open": {}}},
                    },
                    "examples": [{"20251218": {"open": 1}}],
                },
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "properties": {"isProp": {}}},
                },
                "B": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "properties": {"open": {}}},
                    "examples": [{"20251218": {"open": 1}}],
                },
            }
        },
    },
    find=find,
    rounds=8,
)
