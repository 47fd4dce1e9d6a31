"""How the branches of a union are told apart: by tag, by JSON kind, by keys, or not surely."""

from typing import Final

from generator.build.source import SCHEMAS, Source, doc
from generator.ir import (
    ListOf,
    MapOf,
    Primitive,
    Reference,
    TypeExpr,
    UnionDeclaration,
    UnionOf,
    UnionStrategy,
)
from normalizer.diagnostics import Diagnostic, Severity
from normalizer.document import Json, escape, split

_DEPTH: Final = 16


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
    strategy = UnionStrategy.TAG if mapping else _strategy(source, union)
    if strategy is UnionStrategy.AMBIGUOUS:
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


def _strategy(source: Source, union: UnionOf) -> UnionStrategy:
    kinds = [json_kind(source, branch, 0) for branch in union.variants]
    if len(set(kinds)) == len(kinds) and "any" not in kinds:
        return UnionStrategy.JSON_KIND
    keys = [_keys(source, branch, 0) for branch in union.variants]
    for index, own in enumerate(keys):
        others = set().union(*(keys[:index] + keys[index + 1 :]))
        if kinds.count(kinds[index]) > 1 and not own - others:
            return UnionStrategy.AMBIGUOUS
    return UnionStrategy.KEYS


def json_kind(source: Source, expression: TypeExpr, depth: int) -> str:
    """`object`, `array`, the scalar's kind, or `any`."""
    if isinstance(expression, Reference) and depth < _DEPTH:
        schema = source.schemas[expression.name]
        kind = schema.get("type")
        if "properties" in schema or "allOf" in schema:
            return "object"
        return kind if isinstance(kind, str) else "any"
    if isinstance(expression, ListOf):
        return "array"
    if isinstance(expression, MapOf):
        return "object"
    return str(expression.kind) if isinstance(expression, Primitive) else "any"


def _keys(source: Source, expression: TypeExpr, depth: int) -> set[str]:
    """The property names that a branch declares; of an array, those of its items."""
    if depth > _DEPTH:
        return set()
    if isinstance(expression, ListOf):
        return _keys(source, expression.item, depth + 1)
    if isinstance(expression, Reference):
        return _declared(source, f"#{SCHEMAS}{escape(expression.name)}", depth)
    return set()


def _declared(source: Source, target: str, depth: int) -> set[str]:
    schema = source.resolve({"$ref": target}, target)
    names = set(schema.get("properties", {}))
    for part in (*schema.get("allOf", ()), schema.get("items", {})):
        if depth < _DEPTH and isinstance(part, dict):
            names |= set(part.get("properties", {}))
            if "$ref" in part:
                names |= _declared(source, part["$ref"], depth + 1)
    return names


def _ambiguous(source: Source, name: str, pointer: str) -> Diagnostic:
    return Diagnostic(
        code="union-ambiguous",
        severity=Severity.INFO,
        file=source.file,
        pointer=pointer,
        message=f"the branches of {name} share their keys: the one with most known keys is taken",
        hint="an overlay can add a discriminator",
    )
