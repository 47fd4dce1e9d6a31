"""The intermediate representation: what the document says, in no language's terms.

Frozen values only; every node knows its origin. Names are wire names: how a language spells them is
the naming service's business.
"""

from generator.ir.api import (
    Api,
    Behaviour,
    Body,
    Channel,
    Content,
    Operation,
    Pacing,
    Pagination,
    Parameter,
    Preflight,
    Response,
    Tag,
    WarmUp,
)
from generator.ir.declarations import (
    Alias,
    Declaration,
    Doc,
    Enum,
    Field,
    Model,
    Origin,
    UnionDeclaration,
    UnionStrategy,
)
from generator.ir.types import (
    ANY,
    ListOf,
    MapOf,
    Nullable,
    Primitive,
    PrimitiveKind,
    Reference,
    TypeExpr,
    UnionOf,
    walk,
)

__all__ = [
    "ANY",
    "Alias",
    "Api",
    "Behaviour",
    "Body",
    "Channel",
    "Content",
    "Declaration",
    "Doc",
    "Enum",
    "Field",
    "ListOf",
    "MapOf",
    "Model",
    "Nullable",
    "Operation",
    "Origin",
    "Pacing",
    "Pagination",
    "Parameter",
    "Preflight",
    "Primitive",
    "PrimitiveKind",
    "Reference",
    "Response",
    "Tag",
    "TypeExpr",
    "UnionDeclaration",
    "UnionOf",
    "UnionStrategy",
    "WarmUp",
    "walk",
]
