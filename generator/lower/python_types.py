"""Type expressions as Python annotations, and which unions msgspec reads by itself."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from generator.ir import (
    Alias,
    Api,
    Enum,
    ListOf,
    MapOf,
    Model,
    Nullable,
    Primitive,
    PrimitiveKind,
    Reference,
    TypeExpr,
    UnionDeclaration,
    UnionOf,
    walk,
)

_SCALARS: Final = {
    PrimitiveKind.STRING: "str",
    PrimitiveKind.INTEGER: "int",
    PrimitiveKind.NUMBER: "float",
    PrimitiveKind.BOOLEAN: "bool",
    PrimitiveKind.ANY: "Any",
    PrimitiveKind.BINARY: "bytes",
}
_ONE_EACH: Final = ("object", "array", "str", "bytes")
_DEPTH: Final = 32


@dataclass(frozen=True, slots=True)
class TypeWriter:
    """Writes annotations; `qualify` turns a component into the name that a module knows it by."""

    api: Api
    qualify: Callable[[str], str]
    is_input: bool = False
    """Whether dictionaries may stand for models, and any sequence for a list."""

    def annotation(self, expression: TypeExpr, *, closed: bool) -> str:
        """The annotation of a type; `closed` for what is sent, open for what is received.

        Closed enums admit their values only and numbers may be `Decimal`; open enums admit any
        value of their kind, because the live API has more of them than the document.
        """
        return self._nested(expression, closed=closed, depth=0)

    def _members(self, expression: TypeExpr, *, closed: bool, depth: int) -> Iterator[str]:
        match expression:
            case Nullable(inner=inner):
                yield from self._members(inner, closed=closed, depth=depth)
                yield from () if self.is_any(inner) else ("None",)
            case UnionOf() if self.is_native(expression):
                for variant in self.branches(expression, closed=closed, depth=depth):
                    yield from top_level(variant)
            case ListOf(item=item):
                yield f"{'Sequence' if self.is_input else 'list'}[{self._nested(item, closed=closed, depth=depth)}]"
            case MapOf(value=value):
                yield f"dict[str, {self._nested(value, closed=closed, depth=depth)}]"
            case Primitive(kind=PrimitiveKind.NUMBER) if closed:
                yield "Number"
            case Primitive(kind=kind):
                yield _SCALARS[kind]
            case Reference(name=name) if depth < _DEPTH:
                yield from self._reference(name, closed=closed, depth=depth + 1)
            case _:
                yield "Any"

    def _nested(self, expression: TypeExpr, *, closed: bool, depth: int) -> str:
        return " | ".join(dict.fromkeys(self._members(expression, closed=closed, depth=depth)))

    def _reference(self, name: str, *, closed: bool, depth: int) -> Iterator[str]:
        match self.api.declarations[name]:
            case Alias(target=target):
                yield from self._members(target, closed=closed, depth=depth)
            case Enum() as enum:
                yield from self._enum(enum, closed=closed)
            case UnionDeclaration(nullable=nullable):
                yield self.qualify(name)
                yield from ("None",) if nullable else ()
            case Model():
                yield self.qualify(name)
                yield from ("Mapping[str, Any]",) if self.is_input else ()

    def _enum(self, enum: Enum, *, closed: bool) -> Iterator[str]:
        bases = enum_bases(enum)
        literal = bool(literal_values(enum))
        yield from (self.qualify(enum.name),) if literal else ()
        yield from bases if not (closed and literal) else ()
        yield from ("None",) if enum.nullable else ()

    def is_any(self, expression: TypeExpr) -> bool:
        """Whether a type says nothing, through aliases."""
        return self.annotation(expression, closed=False) == "Any"

    def is_native(self, union: UnionOf) -> bool:
        """Whether msgspec tells the branches apart by their JSON kind."""
        shapes = Counter(shape for variant in union.variants for shape in self.shapes(variant, 0))
        mixed = shapes["marker"] or shapes["any"]
        return not mixed and all(shapes[shape] <= 1 for shape in _ONE_EACH)

    def mentions_union(self, expression: TypeExpr, depth: int = 0) -> bool:
        """Whether a type needs another union, at any depth: it may not be defined yet."""
        for node in walk(expression):
            if isinstance(node, Reference) and depth < _DEPTH:
                declaration = self.api.declarations[node.name]
                if isinstance(declaration, UnionDeclaration):
                    return True
                if isinstance(declaration, Alias):
                    if self.mentions_union(declaration.target, depth + 1):
                        return True
        return False

    def shapes(self, expression: TypeExpr, depth: int) -> list[str]:
        """The kinds of JSON values that a type admits: what msgspec's rules are about."""
        match expression:
            case Nullable(inner=inner):
                return self.shapes(inner, depth)
            case UnionOf(variants=variants):
                return [shape for variant in variants for shape in self.shapes(variant, depth)]
            case ListOf():
                return ["array"]
            case MapOf():
                return ["object"]
            case Reference(name=name) if depth < _DEPTH:
                return self._declared_shapes(name, depth + 1)
            case Primitive(kind=kind):
                return [_SCALARS[kind].lower()]
            case _:
                return ["any"]

    def _declared_shapes(self, name: str, depth: int) -> list[str]:
        match self.api.declarations[name]:
            case Alias(target=target):
                return self.shapes(target, depth)
            case Enum() as enum:
                return enum_bases(enum)
            case UnionDeclaration():
                return ["marker"]
            case Model():
                return ["object"]

    def static_union(self, union: UnionOf, *, closed: bool) -> str:
        """A union as type checkers read it, whether or not msgspec can."""
        branches = self.branches(union, closed=closed)
        return " | ".join(dict.fromkeys(part for branch in branches for part in top_level(branch)))

    def branches(self, union: UnionOf, *, closed: bool, depth: int = 0) -> tuple[str, ...]:
        """The branches of a union, each as one annotation.

        Beside a string a number is a plain `float`: msgspec takes `Decimal` for a kind of string,
        and no union may have two of those.
        """
        written = [self._nested(variant, closed=closed, depth=depth) for variant in union.variants]
        has_text = "str" in self.shapes(union, depth)
        return tuple("float" if has_text and text == "Number" else text for text in written)


def top_level(annotation: str) -> list[str]:
    """Split an annotation at its outermost bars."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(annotation):
        depth += (character == "[") - (character == "]")
        if character == "|" and depth == 0:
            parts.append(annotation[start:index].strip())
            start = index + 1
    return [*parts, annotation[start:].strip()]


def literal_values(enum: Enum) -> tuple[str | int | bool, ...]:
    """The values that `Literal` admits: all but floats, and none when there are floats."""
    if any(isinstance(value, float) for value in enum.values):
        return ()
    return tuple(value for value in enum.values if isinstance(value, str | int))


def enum_bases(enum: Enum) -> list[str]:
    """The scalar types of an enum's values."""
    return list(dict.fromkeys(type(value).__name__ for value in enum.values)) or ["Any"]
