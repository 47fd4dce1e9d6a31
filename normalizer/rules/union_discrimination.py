"""Rule: a union says how its branches are told apart."""

from collections.abc import Iterator
from typing import Final

from normalizer import samples, unions
from normalizer.change import Change
from normalizer.document import Json, join
from normalizer.fit import judge
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site
from normalizer.unions import EXTENSION

_MAY_BE_UNION: Final = frozenset(("oneOf", "anyOf", "$ref"))


def find(document: Document) -> Iterator[Change]:
    """Record the first of: tag inside, tag beside, JSON kind, keys; else that they are merged."""
    beside = dict(_tags_beside(document))
    for site in unions.of(document):
        if EXTENSION not in site.value:
            how = beside.get(site.pointer) or discrimination(document, site)
            yield Change(pointer=f"{site.pointer}/{EXTENSION}", after=how)


def discrimination(document: Document, site: Site) -> dict[str, Json]:
    """How the branches of one union differ, by what they say themselves."""
    parts = unions.branches(site.value)
    if site.value.get("discriminator", {}).get("mapping"):
        return {"by": "tag", "property": site.value["discriminator"]["propertyName"]}
    if unions.differ_in_kind(document, parts):
        return {"by": "kind"}
    own = unions.own_keys(document, parts)
    admitted = [unions.kinds(document, part) for part in parts]
    alone = [
        not any(admitted[i] & admitted[j] for j in range(len(parts)) if j != i)
        for i in range(len(parts))
    ]
    if all(keys or single for keys, single in zip(own, alone, strict=True)):
        return {"by": "keys", "keys": [sorted(keys) for keys in own]}
    return {"by": "merged"}


def _tags_beside(document: Document) -> Iterator[tuple[str, dict[str, Json]]]:
    """Unions whose tag is an enum in a property beside them: as many values as branches, in order.

    The order is a guess until an example confirms it; one that contradicts it withdraws the guess.
    """
    for site in document.schemas:
        properties = site.value.get("properties", {})
        for name, member in properties.items():
            if not isinstance(member, dict) or not member.keys() & _MAY_BE_UNION:
                continue
            pointer, union = document.follow(join(site.pointer, "properties", name), member)
            parts = unions.branches(union) if isinstance(union, dict) else []
            for tag in properties if len(parts) > 1 else ():
                values = _listed(document, properties[tag])
                if tag != name and len(values) == len(parts):
                    if _confirmed(document, site, tag, name, pointer):
                        yield pointer, {"by": "sibling", "property": tag, "values": list(values)}


def _listed(document: Document, schema: Json) -> list[Json]:
    """The values of an enum, or of a reference to one."""
    if isinstance(schema, dict) and schema.keys() & {"enum", "$ref"}:
        found: list[Json] = document.resolve(schema).get("enum", [])
        return found
    return []


def _confirmed(document: Document, site: Site, tag: str, name: str, pointer: str) -> bool:
    """Whether every example with both members fits the branch that its tag names."""
    union = document.resolve(site.value["properties"][name])
    values = document.resolve(site.value["properties"][tag])["enum"]
    keyword = "oneOf" if "oneOf" in union else "anyOf"
    seen = 0
    for sample in samples.of(document).get(site.pointer, ()):
        value = sample.value
        if isinstance(value, dict) and value.get(tag) in values and name in value:
            branch = f"{pointer}/{keyword}/{values.index(value[tag])}"
            if judge(document, branch, value[name], sample.origin).misfits:
                return False
            seen += 1
    return seen > 0


RULE = Rule(
    id="union-discrimination",
    title="Record how the branches of a union are told apart",
    why=(
        "OpenAPI can only say it with a tag inside each branch. Five requests have the tag beside the union, most "
        "answers differ by JSON kind or by keys: what a decoder must know stands on the union."
    ),
    area=Area.UNIONS,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/B"}]},
                "B": {"type": "object", "properties": {"error": {"type": "string"}}},
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/B"}],
                    EXTENSION: {"by": "kind"},
                },
                "B": {"type": "object", "properties": {"error": {"type": "string"}}},
            }
        },
    },
    find=find,
)
