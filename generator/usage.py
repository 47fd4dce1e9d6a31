"""Which declarations are used, in which direction, and by which tags: values derived from the IR."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from generator.ir import (
    Alias,
    Api,
    Declaration,
    Enum,
    Model,
    Operation,
    Reference,
    Topic,
    TypeExpr,
    UnionDeclaration,
    walk,
)

SHARED: Final = ""
"""The home of declarations that several tags use."""

STREAMS: Final = "Streams"
"""The home of declarations that topics of the WebSocket alone use."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Uses of declarations, by component name; what no operation reaches is in none of them."""

    requested: frozenset[str]
    answered: frozenset[str]
    homes: Mapping[str, str]

    @property
    def reached(self) -> frozenset[str]:
        """Every declaration that an operation needs."""
        return self.requested | self.answered

    @property
    def further_homes(self) -> tuple[str, ...]:
        """Homes that are no tags: that of the streams, where the document has any."""
        return (STREAMS,) if STREAMS in self.homes.values() else ()

    def request_only(self, name: str) -> bool:
        """Whether a declaration is written and never read."""
        return name in self.requested and name not in self.answered


def analyse(api: Api) -> Usage:
    """Follow every operation's types through all declarations."""
    requested: set[str] = set()
    answered: set[str] = set()
    tags: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for operation in api.operations:
        asks = reach(api, request_types(operation))
        gives = reach(api, response_types(operation))
        requested |= asks
        answered |= gives
        for name in asks | gives:
            tags[name][operation.tag] = None
    homes = {name: next(iter(users)) if len(users) == 1 else SHARED for name, users in tags.items()}
    for topic in api.topics:
        asks, gives = reach(api, _sent(topic)), reach(api, [topic.payload])
        requested |= asks
        answered |= gives
        homes |= dict.fromkeys((asks | gives) - homes.keys(), STREAMS)
    return Usage(frozenset(requested), frozenset(answered), homes)


def request_types(operation: Operation) -> Iterator[TypeExpr]:
    """The types of parameters, bodies and claims."""
    for parameter in operation.parameters:
        yield parameter.type
    for content in operation.body.contents if operation.body else ():
        yield content.type
        if content.claims is not None:
            yield content.claims


def _sent(topic: Topic) -> Iterator[TypeExpr]:
    """The type of a topic's arguments, if it takes any."""
    if topic.arguments is not None:
        yield topic.arguments


def response_types(operation: Operation) -> Iterator[TypeExpr]:
    """The types of all answers, errors included."""
    for response in operation.responses:
        for content in response.contents:
            yield content.type


def reach(api: Api, expressions: Iterable[TypeExpr]) -> set[str]:
    """Names of all declarations that some types need."""
    reached: set[str] = set()
    pending = [name for expression in expressions for name in references(expression)]
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending += [n for part in parts(api.declarations[name]) for n in references(part)]
    return reached


def is_open(api: Api, expression: TypeExpr) -> bool:
    """Whether a type needs a model that takes properties beyond those it declares."""
    declarations = (api.declarations[name] for name in reach(api, [expression]))
    return any(isinstance(item, Model) and item.additional is not None for item in declarations)


def references(expression: TypeExpr) -> list[str]:
    """Names of the declarations that a type expression mentions."""
    return [node.name for node in walk(expression) if isinstance(node, Reference)]


def parts(declaration: Declaration) -> Iterator[TypeExpr]:
    """The type expressions that a declaration is made of."""
    match declaration:
        case Model(fields=fields, additional=additional):
            for field in fields:
                yield field.type
            if additional is not None:
                yield additional
        case Alias(target=target):
            yield target
        case UnionDeclaration(type=union):
            yield union
        case Enum():
            return
