"""Invariants of names and references."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from normalizer.diagnostics import Diagnostic
from normalizer.document import contains
from normalizer.invariant import Invariant, broken
from normalizer.rules.hoist import is_anonymous
from normalizer.soundness import references
from normalizer.structure import Document
from normalizer.words import pascal

_ID = re.compile(r"[a-z_][a-z0-9_]*")


def _operation_ids(document: Document) -> Iterator[Diagnostic]:
    uses = Counter(operation.value.get("operationId") for operation in document.operations)
    for operation in document.operations:
        name = operation.value.get("operationId")
        if not isinstance(name, str) or not _ID.fullmatch(name) or uses[name] > 1:
            yield broken("operation-id", operation.pointer, f"{name!r} is no unique identifier")


def _references(document: Document) -> Iterator[Diagnostic]:
    for pointer, target in references(document):
        if not target.startswith("#") or not contains(document.root, target[1:]):
            yield broken("references", pointer, f"{target} leads nowhere")


def _component_names(document: Document) -> Iterator[Diagnostic]:
    schemas = document.root.get("components", {}).get("schemas", {})
    uses = Counter(pascal(name).casefold() for name in schemas)
    for name in schemas:
        if uses[pascal(name).casefold()] > 1:
            pointer = f"/components/schemas/{name}"
            yield broken("component-names", pointer, f"{name} differs from another by case only")


def _anonymous(document: Document) -> Iterator[Diagnostic]:
    for site in document.schemas:
        if is_anonymous(site):
            yield broken("anonymous-schema", site.pointer, "an object, enum or union has no name")


INVARIANTS: Final = (
    Invariant(
        id="operation-id", title="Operation ids are unique identifiers", check=_operation_ids
    ),
    Invariant(id="references", title="Every $ref resolves", check=_references),
    Invariant(
        id="component-names",
        title="Component names differ by more than case",
        check=_component_names,
    ),
    Invariant(
        id="anonymous-schema", title="Objects, enums and unions have names", check=_anonymous
    ),
)
