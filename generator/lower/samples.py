"""A value for each answer: the document's example, else the smallest that fits the type."""

from collections.abc import Iterator
from typing import Any, Final

from generator.ir import (
    Alias,
    Api,
    Content,
    Declaration,
    Enum,
    ListOf,
    MapOf,
    Model,
    Nullable,
    Operation,
    Primitive,
    PrimitiveKind,
    Reference,
    TypeExpr,
    UnionDeclaration,
    UnionOf,
)
from generator.lower.views import ExampleView

_SCALARS: Final = {
    PrimitiveKind.STRING: "",
    PrimitiveKind.INTEGER: 0,
    PrimitiveKind.NUMBER: 0,
    PrimitiveKind.BOOLEAN: False,
    PrimitiveKind.ANY: {},
    PrimitiveKind.BINARY: "",
}


def examples(api: Api) -> dict[str, ExampleView]:
    """The first success of every operation, with a value, by operation id."""
    return {operation.id: _example(api, operation) for operation in api.operations}


def _example(api: Api, operation: Operation) -> ExampleView:
    answers = (answer for answer in operation.responses if answer.is_success)
    for answer in answers:
        for content in answer.contents:
            body = sample(api, content)
            return ExampleView(status=answer.status, media_type=content.media_type, body=body)
        return ExampleView(status=answer.status, media_type="", body=None)
    return ExampleView(status="200", media_type="", body=None)


def sample(api: Api, content: Content) -> Any:
    """The first example of a body; where there is none, required fields and nothing more."""
    return content.examples[0] if content.examples else _smallest(api, content.type, ())


def _smallest(api: Api, expression: TypeExpr, inside: tuple[str, ...]) -> Any:
    match expression:
        case Primitive(kind=kind):
            return _SCALARS[kind]
        case Nullable() if inside:
            return None
        case Nullable(inner=inner):
            return _smallest(api, inner, inside)
        case ListOf():
            return []
        case MapOf():
            return {}
        case UnionOf(variants=variants):
            return _smallest(api, variants[0], inside)
        case Reference(name=name):
            return _declared(api, api.declarations[name], (*inside, name))


def _declared(api: Api, declaration: Declaration, inside: tuple[str, ...]) -> Any:
    match declaration:
        case Enum(values=values):
            return values[0] if values else {}
        case Alias(target=target):
            return _smallest(api, target, inside)
        case UnionDeclaration(type=union):
            return _smallest(api, union.variants[0], inside)
        case Model():
            return dict(_fields(api, declaration, inside))


def _fields(api: Api, model: Model, inside: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Required fields; a model inside itself ends in nothing."""
    is_again = model.name in inside[:-1]
    for field in model.fields if not is_again else ():
        if field.required:
            yield field.wire, _smallest(api, field.type, inside)
