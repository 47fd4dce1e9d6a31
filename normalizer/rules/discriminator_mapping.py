"""Rule: a discriminator maps its values to branches."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.samples import DEPTH_LIMIT
from normalizer.structure import Document, Site


def find(document: Document) -> Iterator[Change]:
    """Map the one enum value that each branch gives its tag; drop a tag that tells nothing."""
    for site in document.schemas:
        discriminator = site.value.get("discriminator")
        if isinstance(discriminator, dict) and "mapping" not in discriminator:
            mapping = _mapping(document, site, discriminator.get("propertyName"))
            pointer = f"{site.pointer}/discriminator"
            if mapping:
                yield Change(pointer=f"{pointer}/mapping", after=mapping)
            else:
                yield Change(pointer=pointer, before=discriminator)


def _mapping(document: Document, site: Site, tag: Json) -> dict[str, str]:
    branches = [*site.value.get("oneOf", ()), *site.value.get("anyOf", ())]
    mapping: dict[str, str] = {}
    for branch in branches:
        value = _tag_value(document, branch, tag)
        if (
            not isinstance(branch, dict)
            or "$ref" not in branch
            or value is None
            or value in mapping
        ):
            return {}
        mapping[value] = branch["$ref"]
    return mapping


def _tag_value(document: Document, branch: dict[str, Json], tag: Json) -> str | None:
    for part in _parts(document, branch):
        property_schema = document.resolve(part.get("properties", {}).get(tag, {}))
        values = property_schema.get("enum", [property_schema.get("const")])
        if len(values) == 1 and isinstance(values[0], str):
            return values[0]
    return None


def _parts(
    document: Document, schema: dict[str, Json], depth: int = 0
) -> Iterator[dict[str, Json]]:
    """A schema and all that its `allOf` brings in."""
    resolved = document.resolve(schema) if isinstance(schema, dict) else {}
    yield resolved
    for part in resolved.get("allOf", ()) if depth < DEPTH_LIMIT else ():
        yield from _parts(document, part, depth + 1)


RULE = Rule(
    id="discriminator-mapping",
    title="Give discriminators their mapping",
    why="Without one, resolvers look for a component named after the value: there is no component `RSA`.",
    area=Area.NAMES,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "oneOf": [{"$ref": "#/components/schemas/B"}],
                    "discriminator": {"propertyName": "t"},
                },
                "B": {"properties": {"t": {"enum": ["b"]}}},
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "oneOf": [{"$ref": "#/components/schemas/B"}],
                    "discriminator": {
                        "propertyName": "t",
                        "mapping": {"b": "#/components/schemas/B"},
                    },
                },
                "B": {"properties": {"t": {"enum": ["b"]}}},
            }
        },
    },
    find=find,
)
