"""The structure of an OpenAPI document: which value is an operation, a parameter, a schema.

Walks follow the specification: a property may be called `content`, `in` or `nullable`, and nothing
inside an example, a default, an enum or a const is ever taken for structure. Callbacks and webhooks,
which IBKR's document does not have, are left alone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

from normalizer.change import METHODS
from normalizer.diagnostics import Diagnostic, InputError
from normalizer.document import Json, escape, get

_SCHEMA_MAPS: Final = frozenset(("properties", "patternProperties", "$defs", "dependentSchemas"))
_SCHEMA_LISTS: Final = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SCHEMA_SINGLES: Final = frozenset(
    [
        "additionalProperties",
        "items",
        "not",
        "contains",
        "if",
        "then",
        "else",
        "propertyNames",
        "unevaluatedProperties",
        "unevaluatedItems",
    ]
)
SIGNED_PAYLOAD: Final = "x-bezant-signed-payload"
"""Extension of a JWT media type: the media type object of the claims that the token carries."""


TRADING_BASE: Final = "/v1/api"
"""Base path of the trading API; from 2.39 on the published path keys carry it."""


class Kind(StrEnum):
    """What a value of the document is."""

    PATH_ITEM = "path item"
    OPERATION = "operation"
    PARAMETER = "parameter"
    REQUEST_BODY = "request body"
    RESPONSE = "response"
    HEADER = "header"
    MEDIA_TYPE = "media type"
    SCHEMA = "schema"


class Site(NamedTuple):
    """One value with its kind and place; a Reference Object has the kind of what it stands for."""

    kind: Kind
    pointer: str
    value: dict[str, Json]

    @property
    def key(self) -> str:
        """The last token of the pointer, unescaped."""
        return self.pointer.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")

    @property
    def is_reference(self) -> bool:
        """Whether the value is a Reference Object."""
        return isinstance(self.value.get("$ref"), str)


@dataclass(frozen=True)
class Operation:
    """One method of one path, with its path item."""

    method: str
    path: str
    pointer: str
    value: dict[str, Json]
    item: dict[str, Json]

    @property
    def key(self) -> str:
        """`GET /path`."""
        return f"{self.method.upper()} {self.path}"

    @property
    def identity(self) -> tuple[str, str]:
        """Method and canonical path without its base: the same in every revision."""
        return self.method, canonical_path(self.path.removeprefix(TRADING_BASE))


@dataclass(frozen=True)
class Document:
    """A parsed document and its sites, collected once per state.

    Finders read it and never write; only the engine edits `root`, and then makes a new `Document`.
    """

    root: dict[str, Json]
    file: str = field(default="", compare=False)
    derived: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What other modules worked out from this state, by their names; never part of the document."""

    parts: dict[str, list[Site]] = field(default_factory=dict, compare=False, repr=False)
    """Sites by path item and by component, so that `after` need not collect all of them again."""

    recorded: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    """Values from outside that count like the document's own examples: `samples.Root`s."""

    settled: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """Places whose type overlays have said: new evidence adds to it and replaces nothing."""

    verdicts: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What `fit` said about each example, kept like `parts` while nothing it asked was touched."""

    walks: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Where `samples` went with each example, kept in the same way."""

    @cached_property
    def sites(self) -> list[Site]:
        """All sites, in document order, parents before children."""
        found: list[Site] = []
        for pointer, value, visit in _Collector(self.file).roots(self.root):
            if pointer not in self.parts:
                collector = _Collector(self.file)
                visit(collector, value, pointer)
                self.parts[pointer] = collector.sites
            found += self.parts[pointer]
        return found

    def after(self, pointers: Iterable[str]) -> "Document":
        """The document once `root` was edited at some pointers; what they left alone is kept."""
        touched = {part_of(pointer) for pointer in pointers}
        if "" in touched:
            return Document(self.root, self.file, recorded=self.recorded, settled=self.settled)
        return Document(
            self.root,
            self.file,
            parts={p: s for p, s in self.parts.items() if p not in touched},
            recorded=self.recorded,
            settled=self.settled,
            verdicts={p: v for p, v in self.verdicts.items() if not v.parts & touched},
            walks={p: w for p, w in self.walks.items() if not w.parts & touched},
        )

    @cached_property
    def schemas(self) -> list[Site]:
        """All schema objects (boolean schemas are left out), references included."""
        return self.of(Kind.SCHEMA)

    @cached_property
    def operations(self) -> list[Operation]:
        """All operations under `paths`, in document order."""
        return [
            Operation(method, path, f"/paths/{escape(path)}/{method}", item[method], item)
            for path, item in self.root["paths"].items()
            for method in METHODS
            if method in item
        ]

    def of(self, kind: Kind) -> list[Site]:
        """All sites of one kind."""
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[Kind, list[Site]]:
        found: dict[Kind, list[Site]] = {}
        for site in self.sites:
            found.setdefault(site.kind, []).append(site)
        return found

    def follow(self, pointer: str, node: Json) -> tuple[str, Json]:
        """A schema and its pointer, once references are followed; booleans stay as they are."""
        seen: set[str] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if node["$ref"] in seen:
                break
            seen.add(node["$ref"])
            pointer = node["$ref"].removeprefix("#")
            node = get(self.root, pointer)
        return pointer, node

    def resolve(self, node: dict[str, Json]) -> dict[str, Json]:
        """Follow references to the object they stand for; `KeyError` when one leads nowhere."""
        seen: set[str] = set()
        while isinstance(node.get("$ref"), str) and node["$ref"] not in seen:
            seen.add(node["$ref"])
            node = get(self.root, node["$ref"].removeprefix("#"))
        return node


class _Collector:
    """Collects the sites of one document; a value of the wrong JSON kind is an `InputError`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.sites: list[Site] = []

    def roots(self, root: dict[str, Json]) -> Iterator[tuple[str, Json, "_Visit"]]:
        """Path items and components: `(pointer, value, how to visit it)`."""
        for path, item in self._object(root["paths"], "/paths").items():
            yield f"/paths/{escape(path)}", item, _Collector.path_item
        components = self._object(root.get("components", {}), "/components")
        for section, visit in _SECTIONS.items():
            base = f"/components/{section}"
            for name, value in self._object(components.get(section, {}), base).items():
                yield f"{base}/{escape(name)}", value, visit

    def path_item(self, value: Json, pointer: str) -> None:
        item = self._add(Kind.PATH_ITEM, value, pointer)
        self._list(item, pointer, "parameters", self.parameter)
        for method in METHODS:
            if method in item:
                self.operation(item[method], f"{pointer}/{method}")

    def operation(self, value: Json, pointer: str) -> None:
        operation = self._add(Kind.OPERATION, value, pointer)
        self._list(operation, pointer, "parameters", self.parameter)
        if "requestBody" in operation:
            self.request_body(operation["requestBody"], f"{pointer}/requestBody")
        self._map(operation, pointer, "responses", self.response)

    def parameter(self, value: Json, pointer: str) -> None:
        self._schema_holder(self._add(Kind.PARAMETER, value, pointer), pointer)

    def header(self, value: Json, pointer: str) -> None:
        self._schema_holder(self._add(Kind.HEADER, value, pointer), pointer)

    def request_body(self, value: Json, pointer: str) -> None:
        body = self._add(Kind.REQUEST_BODY, value, pointer)
        self._map(body, pointer, "content", self.media_type)

    def response(self, value: Json, pointer: str) -> None:
        response = self._add(Kind.RESPONSE, value, pointer)
        self._map(response, pointer, "content", self.media_type)
        self._map(response, pointer, "headers", self.header)

    def media_type(self, value: Json, pointer: str) -> None:
        media = self._add(Kind.MEDIA_TYPE, value, pointer)
        if "schema" in media:
            self.schema(media["schema"], f"{pointer}/schema")
        if SIGNED_PAYLOAD in media:
            self.media_type(media[SIGNED_PAYLOAD], f"{pointer}/{SIGNED_PAYLOAD}")

    def schema(self, value: Json, pointer: str) -> None:
        if isinstance(value, bool):
            return
        schema = self._add(Kind.SCHEMA, value, pointer)
        for keyword in schema:
            if keyword in _SCHEMA_MAPS:
                self._map(schema, pointer, keyword, self.schema)
            elif keyword in _SCHEMA_SINGLES:
                self.schema(schema[keyword], f"{pointer}/{keyword}")
            elif keyword in _SCHEMA_LISTS:
                self._list(schema, pointer, keyword, self.schema)

    def _schema_holder(self, holder: dict[str, Json], pointer: str) -> None:
        if "schema" in holder:
            self.schema(holder["schema"], f"{pointer}/schema")
        self._map(holder, pointer, "content", self.media_type)

    def _add(self, kind: Kind, value: Json, pointer: str) -> dict[str, Json]:
        if not isinstance(value, dict):
            raise wrong_kind(self.file, pointer, value, "an object")
        self.sites.append(Site(kind, pointer, value))
        return value

    def _map(
        self, owner: dict[str, Json], pointer: str, key: str, visit: Callable[[Json, str], None]
    ) -> None:
        if key in owner:
            base = f"{pointer}/{key}"
            for name, value in self._object(owner[key], base).items():
                visit(value, f"{base}/{escape(name)}")

    def _list(
        self, owner: dict[str, Json], pointer: str, key: str, visit: Callable[[Json, str], None]
    ) -> None:
        values = owner.get(key, [])
        if not isinstance(values, list):
            raise wrong_kind(self.file, f"{pointer}/{key}", values, "an array")
        for index, value in enumerate(values):
            visit(value, f"{pointer}/{key}/{index}")

    def _object(self, value: Json, pointer: str) -> dict[str, Json]:
        if not isinstance(value, dict):
            raise wrong_kind(self.file, pointer, value, "an object")
        return value


def wrong_kind(file: str, pointer: str, value: Json, expected: str) -> InputError:
    """The error of a member that is of another JSON kind than OpenAPI has there."""
    return InputError(
        Diagnostic(
            code="openapi-structure",
            file=file,
            pointer=pointer,
            message=f"expected {expected}, found {type(value).__name__}",
            hint="this is not a well-formed OpenAPI document: look at it in an editor",
        )
    )


_Visit: TypeAlias = Callable[[_Collector, Json, str], None]
_SECTIONS: Final[dict[str, _Visit]] = {
    "schemas": _Collector.schema,
    "responses": _Collector.response,
    "parameters": _Collector.parameter,
    "requestBodies": _Collector.request_body,
    "headers": _Collector.header,
    "pathItems": _Collector.path_item,
}
_PART_DEPTHS: Final = {"paths": 2, "components": 3}


def part_of(pointer: str) -> str:
    """The path item or component that a pointer lies in; empty when it holds several."""
    tokens = pointer.split("/", 4)[1:]
    depth = _PART_DEPTHS.get(tokens[0] if tokens else "", 0)
    if len(tokens) < depth:
        return ""
    return "/" + "/".join(tokens[:depth]) if depth else pointer


def type_names(schema: dict[str, Json]) -> list[str]:
    """The types of a schema as a list; empty when it names none."""
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def placeholders(path: str) -> list[str]:
    """Names between braces of a path template, in order."""
    return [part.split("}", 1)[0] for part in path.split("{")[1:]]


def canonical_path(path: str) -> str:
    """A path with its parameter names erased, for comparing revisions: `/portfolio/{}/ledger`."""
    pieces = path.split("{")
    return pieces[0] + "".join("{}" + piece.split("}", 1)[-1] for piece in pieces[1:])


def media_types_of(operation: dict[str, Json], document: Document) -> Iterable[str]:
    """Statuses of an operation and their media types: `200`, `200 application/json`."""
    for status, response in operation.get("responses", {}).items():
        yield status
        for media in document.resolve(response).get("content", {}):
            yield f"{status} {media}"
