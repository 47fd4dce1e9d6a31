"""Type expressions as TypeScript: what is on the wire, under its own names."""

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
)

JSON: Final = "JsonValue"
"""What is not described: anything that JSON can say, which has to be looked at before it is used."""

_SCALARS: Final = {
    PrimitiveKind.STRING: "string",
    PrimitiveKind.INTEGER: "number",
    PrimitiveKind.NUMBER: "number",
    PrimitiveKind.BOOLEAN: "boolean",
    PrimitiveKind.ANY: JSON,
    PrimitiveKind.BINARY: "string",
}
_BASES: Final = {"str": "string", "int": "number", "float": "number", "bool": "boolean"}
_SUBSUMED: Final = frozenset(("string", "number", "boolean", "null"))
_DEPTH: Final = 32


@dataclass(frozen=True, slots=True)
class TypeWriter:
    """Writes types; `name` gives the name of a component."""

    api: Api
    name: Callable[[str], str]

    def write(self, expression: TypeExpr, *, closed: bool) -> str:
        """A type; `closed` for what is sent, open for what is received.

        Closed enums admit their values only; open enums admit any value of their kind, because the
        live API has more of them than the document.
        """
        return union(self._members(expression, closed=closed, depth=0))

    def members(self, expression: TypeExpr, *, closed: bool) -> tuple[str, ...]:
        """The branches of a type, each once."""
        return tuple(dict.fromkeys(self._members(expression, closed=closed, depth=0)))

    def _members(self, expression: TypeExpr, *, closed: bool, depth: int) -> Iterator[str]:
        match expression:
            case Nullable(inner=inner):
                yield from self._members(inner, closed=closed, depth=depth)
                yield "null"
            case UnionOf(variants=variants):
                for variant in variants:
                    yield from self._members(variant, closed=closed, depth=depth)
            case ListOf(item=item):
                yield list_of(union(self._members(item, closed=closed, depth=depth)))
            case MapOf(value=value):
                yield f"{{ [key: string]: {union(self._members(value, closed=closed, depth=depth))} }}"
            case Primitive(kind=kind):
                yield _SCALARS[kind]
            case Reference(name=name) if depth < _DEPTH:
                yield from self._reference(name, closed=closed, depth=depth + 1)
            case _:
                yield JSON

    def _reference(self, name: str, *, closed: bool, depth: int) -> Iterator[str]:
        declaration = self.api.declarations[name]
        match declaration:
            case Alias(target=target):
                yield from self._members(target, closed=closed, depth=depth)
            case Enum():
                yield from self._enum(declaration, closed=closed)
            case UnionDeclaration(nullable=nullable):
                yield self.name(name)
                yield from ("null",) if nullable else ()
            case Model():
                yield self.name(name)

    def _enum(self, enum: Enum, *, closed: bool) -> Iterator[str]:
        yield self.name(enum.name) if enum.values else JSON
        for base in () if closed else open_bases(enum):
            yield f"({base} & {{}})"  # keeps the known values in sight of editors
        yield from ("null",) if enum.nullable else ()

    def further(self, model: Model, *, closed: bool) -> str:
        """The type of properties beside those that a model declares; it has to admit these as well."""
        if model.additional is None:
            return ""
        own = dict.fromkeys(self._members(model.additional, closed=closed, depth=0))
        for field in model.fields:
            own |= dict.fromkeys(self._members(field.type, closed=closed, depth=0))
        names = [name for name in own if JSON not in own or name not in _SUBSUMED]
        return union([*names, "undefined"])


def open_bases(enum: Enum) -> list[str]:
    """The scalar types beside an enum's known values."""
    kinds = dict.fromkeys(_BASES[type(value).__name__] for value in enum.values)
    return [kind for kind in kinds if kind != "boolean"]


def list_of(item: str) -> str:
    """An array type: `string[]`, `(string | null)[]`."""
    return f"({item})[]" if " | " in item or " & " in item else f"{item}[]"


def union(members: Iterator[str] | list[str]) -> str:
    """A union of types, each once."""
    return " | ".join(dict.fromkeys(members)) or JSON
