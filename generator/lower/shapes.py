"""What a type is made of, through aliases: the model of a body, the rows of a listing, what is no refusal."""

from collections.abc import Iterator
from typing import Final

from generator.ir import (
    Alias,
    Api,
    ListOf,
    Model,
    Nullable,
    Operation,
    Reference,
    TypeExpr,
    UnionDeclaration,
    UnionOf,
)

_REFUSAL: Final = frozenset(("error", "statusCode"))
"""The properties of an object that says what went wrong, and nothing else."""


def variants(api: Api, expression: TypeExpr) -> Iterator[TypeExpr]:
    """The types that a value may have, with aliases, unions and nulls taken apart."""
    match expression:
        case Nullable(inner=inner):
            yield from variants(api, inner)
        case UnionOf(variants=inners):
            for inner in inners:
                yield from variants(api, inner)
        case Reference(name=name):
            match api.declarations[name]:
                case Alias(target=target):
                    yield from variants(api, target)
                case UnionDeclaration(type=union):
                    yield from variants(api, union)
                case _:
                    yield expression
        case _:
            yield expression


def model_of(api: Api, expression: TypeExpr) -> Model | None:
    """The model that a type is, if it is exactly one."""
    found = list(variants(api, expression))
    if len(found) != 1 or not isinstance(found[0], Reference):
        return None
    declaration = api.declarations[found[0].name]
    return declaration if isinstance(declaration, Model) else None


def without_refusals(api: Api, expression: TypeExpr) -> list[TypeExpr]:
    """The branches of an answer that are no refusals; all of it where it has none, or nothing else.

    Clients raise what says nothing but an error, whatever its status: no caller gets it as a value.
    """
    branches = list(variants(api, expression))
    kept = [branch for branch in branches if not _is_refusal(api, branch)]
    return kept if 0 < len(kept) < len(branches) else [expression]


def _is_refusal(api: Api, branch: TypeExpr) -> bool:
    declaration = api.declarations[branch.name] if isinstance(branch, Reference) else None
    names = (
        {field.wire for field in declaration.fields} if isinstance(declaration, Model) else set()
    )
    return "error" in names and names <= _REFUSAL


def row_type(api: Api, operation: Operation) -> TypeExpr | None:
    """The type of a listing's rows, if all shapes of its success agree on one."""
    contents = [c for r in operation.responses if r.is_success for c in r.contents]
    rows = {row for c in contents for shape in variants(api, c.type) for row in _rows(api, shape)}
    return next(iter(rows)) if len(rows) == 1 else None


def _rows(api: Api, shape: TypeExpr) -> Iterator[TypeExpr]:
    if isinstance(shape, ListOf):
        yield shape.item
    elif isinstance(shape, Reference):
        declaration = api.declarations[shape.name]
        fields = declaration.fields if isinstance(declaration, Model) else ()
        for field in fields:
            yield from (v.item for v in variants(api, field.type) if isinstance(v, ListOf))
