"""How the branches of a union differ: by JSON kind, by a tag, by keys, or not at all."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from normalizer import samples
from normalizer.document import Json
from normalizer.structure import Document, Site, type_names

EXTENSION: Final = "x-bezant-discriminate"
"""On a union: how its branches are told apart; `merged` where only their fields can tell."""

DEPTH_LIMIT: Final = 16
KINDS: Final = frozenset(("string", "number", "integer", "boolean", "object", "array", "null"))
_NULL: Final[Json] = {"type": "null"}


def branches(schema: dict[str, Json]) -> list[Json]:
    """The branches of a union without the one that only admits null."""
    listed = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return [branch for branch in listed if branch != _NULL]


def of(document: Document) -> Iterator[Site]:
    """Every schema that is a union of at least two branches besides null."""
    for site in document.schemas:
        if ("oneOf" in site.value or "anyOf" in site.value) and len(branches(site.value)) > 1:
            yield site


def kinds(document: Document, branch: Json, depth: int = 0) -> set[str]:
    """The JSON kinds that a branch admits; all of them when it does not say."""
    schema = document.resolve(branch) if isinstance(branch, dict) else {}
    if type_names(schema):
        return set(type_names(schema))
    if "properties" in schema or "additionalProperties" in schema:
        return {"object"}
    parts = schema.get("allOf", ())
    if parts and depth < DEPTH_LIMIT:
        return set.intersection(*(kinds(document, part, depth + 1) for part in parts))
    inner = branches(schema)
    if inner and depth < DEPTH_LIMIT:
        return set.union(*(kinds(document, part, depth + 1) for part in inner))
    return set(KINDS)


def keys(document: Document, branch: Json, depth: int = 0) -> set[str]:
    """The property names that a branch declares; of an array, those of its items."""
    schema = document.resolve(branch) if isinstance(branch, dict) else {}
    if "items" in schema and depth < DEPTH_LIMIT:
        return keys(document, schema["items"], depth + 1)
    return samples.declared(document, schema)


def differ_in_kind(document: Document, parts: list[Json]) -> bool:
    """Whether no two branches admit a value of the same JSON kind."""
    admitted = [_merge_numbers(kinds(document, part)) for part in parts]
    return not any(one & other for one, other in combinations(admitted, 2))


def _merge_numbers(names: set[str]) -> set[str]:
    return {"number" if name == "integer" else name for name in names}


def own_keys(document: Document, parts: list[Json]) -> list[set[str]]:
    """For each branch the keys that no other branch of its JSON kind declares."""
    declared = [keys(document, part) for part in parts]
    admitted = [kinds(document, part) for part in parts]
    return [
        own.difference(
            *(
                other
                for index, other in enumerate(declared)
                if index != place and admitted[index] & admitted[place]
            )
        )
        for place, own in enumerate(declared)
    ]


def constants(document: Document, branch: Json) -> dict[str, set[str]]:
    """Required properties of a branch that admit listed values only, with those values."""
    schema = document.resolve(branch) if isinstance(branch, dict) else {}
    found: dict[str, set[str]] = {}
    for name in schema.get("required", ()):
        member = schema.get("properties", {}).get(name, {})
        member = document.resolve(member) if isinstance(member, dict) else {}
        listed = member.get("enum", [member["const"]] if "const" in member else [])
        if listed:
            found[name] = {repr(value) for value in listed}
    return found


def are_disjoint(document: Document, one: Json, other: Json) -> bool:
    """Whether no value can fit both branches: other kinds, or a required constant that differs."""
    if differ_in_kind(document, [one, other]):
        return True
    ours, theirs = constants(document, one), constants(document, other)
    return any(not ours[name] & theirs[name] for name in ours.keys() & theirs.keys())
