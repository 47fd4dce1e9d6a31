"""Unions, and how their branches are told apart: the normaliser has recorded it."""

from typing import Final

from generator.build.source import Source, doc
from generator.ir import Reference, UnionDeclaration, UnionOf, UnionStrategy
from normalizer.diagnostics import Diagnostic, Severity
from normalizer.document import Json, split

DISCRIMINATE: Final = "x-bezant-discriminate"


def declare_union(
    source: Source,
    name: str,
    union: UnionOf,
    schema: dict[str, Json],
    pointer: str,
    *,
    nullable: bool,
) -> UnionDeclaration:
    """The declaration of a union component; an ambiguous one is reported."""
    tag, mapping = _tag(union, schema)
    strategy = UnionStrategy.TAG if mapping else _strategy(source, schema, pointer)
    if strategy is UnionStrategy.MERGED:
        source.diagnostics.append(_ambiguous(source, name, pointer))
    return UnionDeclaration(
        name=name,
        type=union,
        strategy=strategy,
        nullable=nullable,
        tag=tag,
        mapping=mapping,
        doc=doc(schema),
        origin=source.origin(pointer),
    )


def _tag(union: UnionOf, schema: dict[str, Json]) -> tuple[str, tuple[tuple[str, int], ...]]:
    discriminator = schema.get("discriminator", {})
    names = [branch.name if isinstance(branch, Reference) else "" for branch in union.variants]
    targets = {
        value: split(target)[-1] for value, target in discriminator.get("mapping", {}).items()
    }
    mapping = {value: names.index(name) for value, name in targets.items() if name in names}
    return str(discriminator.get("propertyName", "")), tuple(mapping.items())


def _strategy(source: Source, schema: dict[str, Json], pointer: str) -> UnionStrategy:
    """What the normaliser has found; a union that it has not seen counts as merged."""
    recorded = schema.get(DISCRIMINATE, {}).get("by", UnionStrategy.MERGED)
    if recorded not in list(UnionStrategy):
        raise source.error(
            f"{pointer}/{DISCRIMINATE}", f"no way to tell branches apart: {recorded!r}"
        )
    return UnionStrategy(recorded)


def _ambiguous(source: Source, name: str, pointer: str) -> Diagnostic:
    return Diagnostic(
        code="union-ambiguous",
        severity=Severity.INFO,
        file=source.file,
        pointer=pointer,
        message=f"the branches of {name} share their keys: the one with most known keys is taken",
        hint="an overlay can add a discriminator",
    )
