"""Invariants that weigh the document against its own examples, and its unions against their claims."""

from collections.abc import Iterator
from typing import Final

from normalizer import fit, unions
from normalizer.diagnostics import Diagnostic
from normalizer.invariant import Invariant, broken
from normalizer.rules import untyped_schema
from normalizer.structure import Document, Site

_CLAIMS: Final = frozenset(("kind", "keys", "tag", "sibling", "merged"))


def _examples(document: Document) -> Iterator[Diagnostic]:
    for misfit in fit.of_examples(document):
        yield broken("example-fits", misfit.at, misfit.summary)


def _unions(document: Document) -> Iterator[Diagnostic]:
    for site in unions.of(document):
        claim = site.value.get(unions.EXTENSION, {})
        if claim.get("by") not in _CLAIMS:
            yield broken("union-discrimination", site.pointer, "nothing tells the branches apart")
        elif not _holds(document, site, claim["by"]):
            message = f"the branches do not differ by {claim['by']}"
            yield broken("union-discrimination", site.pointer, message)


def _holds(document: Document, site: Site, claim: str) -> bool:
    parts = unions.branches(site.value)
    if claim == "kind":
        return unions.differ_in_kind(document, parts)
    if claim == "keys":
        recorded = site.value[unions.EXTENSION]["keys"]
        return [set(keys) for keys in recorded] == unions.own_keys(document, parts)
    return claim != "tag" or "discriminator" in site.value


def _untyped(document: Document) -> Iterator[Diagnostic]:
    for site in document.schemas:
        if untyped_schema.is_untyped(site.value) and untyped_schema.WAIVER not in site.value:
            yield broken("untyped-schema", site.pointer, "the schema says nothing, and not why")


INVARIANTS: Final = (
    Invariant(id="example-fits", title="Every example fits its schema", check=_examples),
    Invariant(
        id="union-discrimination", title="Unions say how their branches differ", check=_unions
    ),
    Invariant(id="untyped-schema", title="Nothing is untyped without a reason", check=_untyped),
)
