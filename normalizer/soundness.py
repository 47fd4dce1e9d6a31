"""What a source document must be for rules to rely on: the JSON kinds of members, and references."""

from collections.abc import Iterator
from typing import Final

from normalizer.diagnostics import Diagnostic, InputError
from normalizer.document import Json, join
from normalizer.structure import Document, Kind

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
                raise _unfit(document, f"{site.pointer}/{key}", site.value[key])
    holders = [("", document.root)] + [(op.pointer, op.value) for op in document.operations]
    for pointer, holder in holders:
        for index, requirement in enumerate(holder.get("security", ())):
            scopes = requirement.values() if isinstance(requirement, dict) else [None]
            if not all(isinstance(value, list) for value in scopes):
                raise _unfit(document, f"{pointer}/security/{index}", requirement)


def _unfit(document: Document, pointer: str, value: Json) -> InputError:
    return InputError(
        Diagnostic(
            code="openapi-structure",
            file=document.file,
            pointer=pointer,
            message=f"OpenAPI does not allow {type(value).__name__} here",
            hint="this is not a well-formed OpenAPI document: look at it in an editor",
        )
    )


def references(document: Document) -> Iterator[tuple[str, str]]:
    """Every `(pointer, target)` of a reference; a `$ref` inside a payload is data."""
    for site in document.sites:
        if site.is_reference:
            yield site.pointer, site.value["$ref"]
        examples = site.value.get("examples")
        for name, entry in examples.items() if isinstance(examples, dict) else ():
            if isinstance(entry, dict) and isinstance(entry.get("$ref"), str):
                yield join(site.pointer, "examples", name), entry["$ref"]
