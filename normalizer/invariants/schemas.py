"""Invariants of schemas."""

from collections.abc import Iterator
from typing import Final

from normalizer import samples
from normalizer.diagnostics import Diagnostic
from normalizer.invariant import Invariant, broken
from normalizer.structure import Document, type_names

_OLD_KEYWORDS = ("nullable", "example")
_BOUNDS = ("exclusiveMinimum", "exclusiveMaximum")


def _vocabulary(document: Document) -> Iterator[Diagnostic]:
    for site in document.schemas:
        for keyword in _OLD_KEYWORDS:
            if keyword in site.value:
                yield broken("schema-3.1", site.pointer, f"`{keyword}` is of OpenAPI 3.0")
        for bound in _BOUNDS:
            if isinstance(site.value.get(bound), bool):
                yield broken("schema-3.1", site.pointer, f"`{bound}` must be a number")


def _enums(document: Document) -> Iterator[Diagnostic]:
    for site in document.schemas:
        kinds = type_names(site.value)
        for value in site.value.get("enum", ()) if kinds else ():
            if not set(samples.json_types(value)) & set(kinds):
                yield broken("enum-type", site.pointer, f"{value!r} is no {' or '.join(kinds)}")


def _arrays(document: Document) -> Iterator[Diagnostic]:
    for site in document.schemas:
        if (
            "array" in type_names(site.value)
            and "items" not in site.value
            and "prefixItems" not in site.value
        ):
            yield broken("array-items", site.pointer, "the array says nothing about its items")


def _properties(document: Document) -> Iterator[Diagnostic]:
    for site in document.schemas:
        if "properties" in site.value and "object" not in type_names(site.value):
            yield broken("object-properties", site.pointer, "properties need the type object")


def _discriminators(document: Document) -> Iterator[Diagnostic]:
    for site in document.schemas:
        branches = [*site.value.get("oneOf", ()), *site.value.get("anyOf", ())]
        mapping = site.value.get("discriminator", {}).get("mapping", {})
        targets = {branch.get("$ref") for branch in branches if isinstance(branch, dict)}
        if "discriminator" in site.value and branches and not set(mapping.values()) <= targets:
            yield broken("discriminator", site.pointer, "the mapping leads to no branch")


INVARIANTS: Final = (
    Invariant(id="schema-3.1", title="Schemas speak JSON Schema 2020-12", check=_vocabulary),
    Invariant(id="enum-type", title="Enum values have the declared type", check=_enums),
    Invariant(id="array-items", title="Arrays say what they hold", check=_arrays),
    Invariant(id="object-properties", title="Only objects have properties", check=_properties),
    Invariant(
        id="discriminator", title="Discriminators choose between branches", check=_discriminators
    ),
)
