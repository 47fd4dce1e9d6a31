"""Schemas become type expressions and declarations."""

from collections.abc import Iterator
from typing import Final

from generator.build.source import SCHEMAS, Source, doc
from generator.build.unions import declare_union
from generator.ir import (
    ANY,
    Alias,
    Declaration,
    Enum,
    Field,
    ListOf,
    MapOf,
    Model,
    Nullable,
    Primitive,
    PrimitiveKind,
    Reference,
    TypeExpr,
    UnionOf,
)
from normalizer.document import Json, escape, join

_SCALARS: Final = {
    "string": PrimitiveKind.STRING,
    "integer": PrimitiveKind.INTEGER,
    "number": PrimitiveKind.NUMBER,
    "boolean": PrimitiveKind.BOOLEAN,
}
_NULL: Final = {"type": "null"}
KNOWN_VALUES: Final = "x-extensible-enum"
"""The known values of a text that may have others."""


def declare(source: Source, name: str, schema: Json) -> Declaration:
    """The declaration of one component."""
    pointer = SCHEMAS + escape(name)
    origin, words = source.origin(pointer), doc(schema if isinstance(schema, dict) else {})
    if not isinstance(schema, dict):
        return Alias(name=name, target=ANY, doc=words, origin=origin)
    if "enum" in schema or KNOWN_VALUES in schema:
        return _enum(source, name, schema, pointer)
    if "$ref" not in schema and is_model(source, schema, pointer):
        fields = _in_wire_order(source, name, _fields(source, schema, pointer))
        more = _additional(source, schema, pointer)
        return Model(name=name, fields=fields, additional=more, doc=words, origin=origin)
    if len(_branches(schema)) > 1:
        return _union(source, name, schema, pointer)
    target = type_of(source, schema, pointer)
    return Alias(name=name, target=target, doc=words, origin=origin)


def type_of(source: Source, schema: Json, pointer: str) -> TypeExpr:
    """The type expression of a schema that stands inside another, or in a media type."""
    if not isinstance(schema, dict):
        return ANY
    if isinstance(schema.get("$ref"), str):
        return _reference(source, schema["$ref"], pointer)
    branches = _branches(schema)
    if branches:
        return _inline_union(source, schema, pointer)
    if "allOf" in schema:
        return _sole_member(source, schema, pointer)
    kinds = _kinds(schema)
    variants = tuple(_of_kind(source, schema, kind, pointer) for kind in kinds if kind != "null")
    expression = variants[0] if len(variants) == 1 else UnionOf(variants) if variants else ANY
    return Nullable(expression) if "null" in kinds and expression != ANY else expression


def _reference(source: Source, target: str, pointer: str) -> TypeExpr:
    name = target.removeprefix(f"#{SCHEMAS}").replace("~1", "/").replace("~0", "~")
    if not target.startswith(f"#{SCHEMAS}") or name not in source.schemas:
        raise source.error(pointer, f"the reference {target} leads to no component schema")
    return Reference(name)


def _of_kind(source: Source, schema: dict[str, Json], kind: str, pointer: str) -> TypeExpr:
    if kind == "array":
        return ListOf(type_of(source, schema.get("items"), f"{pointer}/items"))
    if kind == "object":
        values = schema.get("additionalProperties")
        return MapOf(type_of(source, values, f"{pointer}/additionalProperties"))
    if kind == "string" and "contentMediaType" in schema and "contentEncoding" not in schema:
        return Primitive(PrimitiveKind.BINARY, str(schema["contentMediaType"]))
    return Primitive(_SCALARS[kind], str(schema.get("format", ""))) if kind in _SCALARS else ANY


def _kinds(schema: dict[str, Json]) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _branches(schema: dict[str, Json]) -> list[Json]:
    both = (*schema.get("oneOf", ()), *schema.get("anyOf", ()))
    return [branch for branch in both if branch != _NULL]


def _admits_null(schema: dict[str, Json]) -> bool:
    return _NULL in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))


def _branch_types(source: Source, schema: dict[str, Json], pointer: str) -> Iterator[TypeExpr]:
    for keyword in ("oneOf", "anyOf"):
        for index, branch in enumerate(schema.get(keyword, ())):
            if branch != _NULL:
                yield type_of(source, branch, f"{pointer}/{keyword}/{index}")


def _inline_union(source: Source, schema: dict[str, Json], pointer: str) -> TypeExpr:
    variants = tuple(_branch_types(source, schema, pointer))
    expression = variants[0] if len(variants) == 1 else UnionOf(variants)
    return Nullable(expression) if _admits_null(schema) else expression


def _sole_member(source: Source, schema: dict[str, Json], pointer: str) -> TypeExpr:
    """`allOf` of things without properties: the first that says something."""
    for index, member in enumerate(schema["allOf"]):
        expression = type_of(source, member, f"{pointer}/allOf/{index}")
        if expression != ANY:
            return expression
    return ANY


def _union(source: Source, name: str, schema: dict[str, Json], pointer: str) -> Declaration:
    return declare_union(
        source,
        name,
        UnionOf(tuple(_branch_types(source, schema, pointer))),
        schema,
        pointer,
        nullable=_admits_null(schema),
    )


def _enum(source: Source, name: str, schema: dict[str, Json], pointer: str) -> Enum:
    listed: list[Json] = schema["enum"] if "enum" in schema else schema[KNOWN_VALUES]
    values = [value for value in listed if isinstance(value, str | int | float)]
    return Enum(
        name=name,
        values=tuple(dict.fromkeys(values)),
        nullable=None in listed or "null" in _kinds(schema),
        doc=doc(schema),
        origin=source.origin(pointer),
    )


# --- Models --------------------------------------------------------------------------------------


def is_model(source: Source, schema: dict[str, Json], pointer: str) -> bool:
    """Whether a schema has properties, its own or through `allOf`."""
    return any("properties" in part for _, part in _parts(source, schema, pointer, frozenset()))


def _fields(source: Source, schema: dict[str, Json], pointer: str) -> Iterator[Field]:
    """All properties along `allOf`, the last definition of a name winning in the first's place."""
    found: dict[str, tuple[str, Json]] = {}
    required: set[str] = set()
    for part_pointer, part in _parts(source, schema, pointer, frozenset()):
        required.update(part.get("required", ()))
        for name, value in part.get("properties", {}).items():
            found[name] = (join(part_pointer, "properties", name), value)
    optional = set(_branch_properties(source, schema, pointer, found))
    for name, (field_pointer, value) in found.items():
        yield Field(
            wire=name,
            type=type_of(source, value, field_pointer),
            required=name in required and name not in optional,
            doc=doc(value if isinstance(value, dict) else {}),
            origin=source.origin(field_pointer),
        )


def _additional(source: Source, schema: dict[str, Json], pointer: str) -> TypeExpr | None:
    """The type of properties beyond the declared ones, where a schema gives them one."""
    for place, part in _parts(source, schema, pointer, frozenset()):
        values = part.get("additionalProperties")
        if isinstance(values, dict) and values:
            return type_of(source, values, f"{place}/additionalProperties")
    return None


def _in_wire_order(source: Source, name: str, fields: Iterator[Field]) -> tuple[Field, ...]:
    """Fields as example answers have them; those that no example has come last, as they stood."""
    place = {wire: index for index, wire in enumerate(source.orders.get(name, ()))}
    return tuple(sorted(fields, key=lambda field: place.get(field.wire, len(place))))


def _branch_properties(
    source: Source, schema: dict[str, Json], pointer: str, found: dict[str, tuple[str, Json]]
) -> Iterator[str]:
    """Properties of a union that stands beside properties: merged into the model, all optional."""
    for keyword in ("oneOf", "anyOf"):
        for index, branch in enumerate(schema.get(keyword, ())):
            place = f"{pointer}/{keyword}/{index}"
            for part_pointer, part in _parts(source, branch, place, frozenset()):
                for name, value in part.get("properties", {}).items():
                    if name not in found:
                        found[name] = (join(part_pointer, "properties", name), value)
                        yield name


def _parts(
    source: Source, schema: Json, pointer: str, seen: frozenset[str]
) -> Iterator[tuple[str, dict[str, Json]]]:
    """The schema itself last, before it whatever its `allOf` brings in, through references."""
    if not isinstance(schema, dict):
        return
    target = schema.get("$ref")
    if isinstance(target, str):
        if target not in seen:
            yield from _parts(source, source.resolve(schema, pointer), target[1:], seen | {target})
        return
    for index, member in enumerate(schema.get("allOf", ())):
        yield from _parts(source, member, f"{pointer}/allOf/{index}", seen)
    yield pointer, schema
