"""Rule: an array says what it holds."""

from collections.abc import Iterator

from normalizer import samples
from normalizer.change import Change
from normalizer.document import Json
from normalizer.infer import schema_of
from normalizer.rule import Area, Rule
from normalizer.structure import Document, type_names


def find(document: Document) -> Iterator[Change]:
    """Infer items from the elements of examples, else from its namesakes, else admit everything."""
    namesakes = _namesakes(document)
    for site in document.schemas:
        if "items" in site.value or "prefixItems" in site.value:
            continue
        if "array" in type_names(site.value):
            seen = samples.of(document).get(site.pointer, [])
            held = [sample for sample in seen if isinstance(sample.value, list)]
            elements = [element for sample in held for element in sample.value]
            origins = tuple(sample.origin for sample in held if sample.value)[:3]
            items = schema_of(elements) or namesakes.get(site.key, {})
            yield Change(pointer=f"{site.pointer}/items", after=items, evidence=origins)


def _namesakes(document: Document) -> dict[str, Json]:
    """The items of array properties by name, where all of that name agree."""
    known: dict[str, list[Json]] = {}
    for site in document.schemas:
        items = site.value.get("items")
        if (
            items
            and site.pointer.split("/")[-2] == "properties"
            and items not in known.get(site.key, [])
        ):
            known.setdefault(site.key, []).append(items)
    return {name: found[0] for name, found in known.items() if len(found) == 1}


RULE = Rule(
    id="array-items",
    title="Give every array its items",
    why=(
        "Arrays without items are invalid in 3.0 and untyped in 3.1; for most the examples show what they "
        "hold."
    ),
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "array", "examples": [["x"]]}, "B": {"type": "array"}}
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "array", "examples": [["x"]], "items": {"type": "string"}},
                "B": {"type": "array", "items": {}},
            }
        },
    },
    find=find,
    rounds=8,
)
