"""Type expressions: what a value may be."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias


class PrimitiveKind(StrEnum):
    """JSON's scalars, `any` for what is not described, `binary` for raw bytes."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ANY = "any"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class Primitive:
    """A scalar with its format, such as `int64` or `date-time`; empty when there is none."""

    kind: PrimitiveKind
    format: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A declaration, by the name of its component."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array."""

    item: "TypeExpr"


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object used as a dictionary with string keys."""

    value: "TypeExpr"


@dataclass(frozen=True, slots=True)
class Nullable:
    """A type, or null."""

    inner: "TypeExpr"


@dataclass(frozen=True, slots=True)
class UnionOf:
    """One of several types, none of them null."""

    variants: tuple["TypeExpr", ...]


TypeExpr: TypeAlias = Primitive | Reference | ListOf | MapOf | Nullable | UnionOf

ANY: Final = Primitive(PrimitiveKind.ANY)


def walk(expression: TypeExpr) -> Iterator[TypeExpr]:
    """A type expression and all that it is made of."""
    yield expression
    match expression:
        case ListOf(item=inner) | MapOf(value=inner) | Nullable(inner=inner):
            yield from walk(inner)
        case UnionOf(variants=variants):
            for variant in variants:
                yield from walk(variant)
        case _:
            return
