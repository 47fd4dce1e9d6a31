"""Operations as the templates of every language see them: plain values, decided and named.

Types, names of arguments and documentation are spelled by the language; everything else is the same, so
that the registries of all packages say the same.
"""

from dataclasses import dataclass
from typing import Any

from generator.ir import Behaviour


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterView:
    """One parameter of an operation."""

    name: str
    argument: str
    location: str
    required: bool
    explode: bool
    annotation: str
    type: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyFieldView:
    """A field of a body that the method takes as a keyword."""

    wire: str
    argument: str
    annotation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesView:
    """A method that walks through all pages; `argument` is the one that it does not take."""

    style: str
    argument: str
    start: int
    size: int
    source: str
    follow: str
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyView:
    """A request body."""

    media_type: str
    required: bool
    annotation: str
    type: str
    claims: str
    fields: tuple[BodyFieldView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseView:
    """One declared answer; `type` is empty when there is no body."""

    status: str
    media_type: str
    type: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationView:
    """One operation and its method."""

    id: str
    constant: str
    resource: str
    method_name: str
    method: str
    base_path: str
    path: str
    parameters: tuple[ParameterView, ...]
    body: BodyView | None
    responses: tuple[ResponseView, ...]
    result: str
    doc: str
    behaviour: Behaviour
    pages: PagesView | None

    @property
    def body_fields(self) -> tuple[BodyFieldView, ...]:
        """The fields that keywords may stand for."""
        return self.body.fields if self.body else ()

    @property
    def can_leave_body_out(self) -> bool:
        """Whether the method may be called without `body`: fields may stand for it."""
        return self.body is not None and (not self.body.required or bool(self.body.fields))

    @property
    def positional(self) -> tuple[ParameterView, ...]:
        """Required path parameters, in the order of the path, then the body."""
        return tuple(item for item in self.parameters if item.location == "path")

    @property
    def keywords(self) -> tuple[ParameterView, ...]:
        """The other parameters: required ones first."""
        rest = [item for item in self.parameters if item.location != "path"]
        return tuple(sorted(rest, key=lambda item: not item.required))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleView:
    """One answer with a value, as it is in JSON."""

    status: str
    media_type: str
    body: Any
