"""What a source document must be for rules to rely on: the JSON kinds of members, and references."""

from collections.abc import Iterator
from typing import Final

from normalizer.document import join
from normalizer.structure import Document, Kind, wrong_kind

_KINDS: Final[dict[Kind, dict[str, type | tuple[type, ...]]]] = {
    Kind.OPERATION: {"security": list, "servers": list, "tags": list, "operationId": str},
    Kind.PARAMETER: {"name": str, "in": str},
    Kind.MEDIA_TYPE: {"examples": dict},
    Kind.SCHEMA: {
        "type": (str, list),
        "enum": list,
        "required": list,
        "discriminator": dict,
        "$ref": str,
    },
}
"""JSON kinds that members must have for rules to rely on them."""


def check_kinds(document: Document) -> None:
    """Refuse a document whose members are not of the kinds that rules rely on."""
    for site in document.sites:
        for key, kinds in _KINDS.get(site.kind, {}).items():
            if key in site.value and not isinstance(site.value[key], kinds):
                place = f"{site.pointer}/{key}"
                raise wrong_kind(document.file, place, site.value[key], _words(kinds))
    holders = [("", document.root)] + [(op.pointer, op.value) for op in document.operations]
    for pointer, holder in holders:
        for index, requirement in enumerate(holder.get("security", ())):
            scopes = requirement.values() if isinstance(requirement, dict) else [None]
            if not all(isinstance(value, list) for value in scopes):
                place = f"{pointer}/security/{index}"
                raise wrong_kind(document.file, place, requirement, "an object of lists of scopes")


def _words(kinds: type | tuple[type, ...]) -> str:
    return " or ".join(k.__name__ for k in (kinds if isinstance(kinds, tuple) else (kinds,)))


def references(document: Document) -> Iterator[tuple[str, str]]:
    """Every `(pointer, target)` of a reference; a `$ref` inside a payload is data."""
    for site in document.sites:
        if site.is_reference:
            yield site.pointer, site.value["$ref"]
        examples = site.value.get("examples")
        for name, entry in examples.items() if isinstance(examples, dict) else ():
            if isinstance(entry, dict) and isinstance(entry.get("$ref"), str):
                yield join(site.pointer, "examples", name), entry["$ref"]
