"""Operations, channels and the whole API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.ir.declarations import Declaration, Doc, Origin
from generator.ir.types import TypeExpr


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the value of a parameter has to keep to beyond its type; None where there is no limit."""

    minimum: float | None = None
    maximum: float | None = None
    most_items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One path, query or header parameter; `explode` is false for comma-joined arrays."""

    wire: str
    location: str
    type: TypeExpr
    required: bool
    explode: bool
    limits: Limits = Limits()
    doc: Doc
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One media type with the type of its value; a signed body also has the type of its claims.

    `examples` are values that the document gives for it, as they are in JSON.
    """

    media_type: str
    type: TypeExpr
    claims: TypeExpr | None = None
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A request body."""

    required: bool
    contents: tuple[Content, ...]
    doc: Doc


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What an operation answers under one status; `status` is `200`, `4XX` or `default`."""

    status: str
    contents: tuple[Content, ...]

    @property
    def is_success(self) -> bool:
        """Whether the status is of the 2xx class."""
        return self.status.startswith("2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """At most `calls` in `window` seconds, with a `burst` once, or so many `concurrent`."""

    calls: int
    window: float
    burst: int
    concurrent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """A call (`GET /path`) to make before, once for each `scope`; `symptom` when it was not."""

    call: str
    scope: str
    symptom: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """An answer that is complete after some calls, `delay` seconds apart; `first` is the first."""

    calls: int
    delay: float
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagination:
    """How a listing goes on; `parameter` counts or points, `source` is the field it points at.

    `follow` is the call (`GET /path`) of all pages but the first, empty when it is the same one.
    """

    style: str
    parameter: str
    start: int
    size: int
    source: str
    follow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What the live API does and asks for beyond the types of a call."""

    session: str
    idempotency: str
    pacing: Pacing | None
    preflight: tuple[Preflight, ...]
    warm_up: WarmUp | None
    pagination: Pagination | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call."""

    id: str
    method: str
    path: str
    base_path: str
    tag: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    behaviour: Behaviour
    doc: Doc
    origin: Origin

    @property
    def key(self) -> str:
        """`GET /path`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A WebSocket."""

    path: str
    parameters: tuple[Parameter, ...]
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The message that ends a topic: its own topic and target, and whether an empty object follows."""

    topic: str
    target: tuple[str, ...]
    has_arguments: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One subject of the WebSocket.

    Targets stand between the topic and the arguments: words, or names in braces that a caller fills,
    `{exchange?}` where it may be left out. A `bare` message has no place for arguments; an
    `unsolicited` topic is sent unasked. `refresh` is in seconds, 0 where the server never ends it.
    """

    name: str
    topic: str
    target: tuple[str, ...]
    arguments: TypeExpr | None
    payload: TypeExpr
    bare: bool
    unsolicited: bool
    ending: Ending | None
    session: str
    refresh: float
    doc: Doc
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A group of operations."""

    name: str
    doc: Doc


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Everything that emitters may know."""

    title: str
    version: str
    sha256: str
    servers: tuple[str, ...]
    tags: tuple[Tag, ...]
    operations: tuple[Operation, ...]
    channels: tuple[Channel, ...]
    topics: tuple[Topic, ...] = ()
    declarations: Mapping[str, Declaration]
