"""Operations as data: what the registry holds, and how a body becomes a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import msgspec

from .decoding import decode_json, is_json, is_text, media_type
from .drift import ignore
from .errors import DecodeError

if TYPE_CHECKING:
    from .decoding import Mode
    from .drift import DriftHandler

Result = TypeVar("Result")
LazyType: TypeAlias = Callable[[], Any]
"""Gives a type on first use, so that listing operations loads no model."""

SUCCESS = range(200, 300)


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A path, query or header parameter.

    `name` is the wire's, `argument` the method's. With `explode` a list repeats the name, without
    it is joined by commas.
    """

    name: str
    argument: str
    location: str
    required: bool
    explode: bool
    type: LazyType


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A request body of one media type; `claims` is the payload of a body that is a signed token."""

    media_type: str
    required: bool
    type: LazyType
    claims: LazyType | None = None


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that the document declares; `status` is `200` or `default`, `type` None for no body."""

    status: str
    media_type: str
    type: LazyType | None


class Operation(msgspec.Struct, Generic[Result], frozen=True, kw_only=True):
    """One call of the API: `client.<resource>.<name>(...)`.

    `path` is the template as published, `base_path` what stands before it at the server.
    """

    id: str
    resource: str
    name: str
    method: str
    base_path: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]

    @property
    def is_idempotent(self) -> bool:
        """Whether repeating the call changes nothing more than making it once (RFC 9110)."""
        return self.method in ("GET", "PUT", "DELETE")

    def response(self, status: int, content_type: str) -> Response | None:
        """The declared answer that fits best: of the status, then `default`; of the media type.

        A success of another JSON media type than declared is still that success; an error may be
        anybody's, such as the edge's, and keeps its own shape.
        """
        essence = media_type(content_type)
        declared = [r for r in self.responses if r.status == str(status)]
        declared = declared or [r for r in self.responses if r.status == "default"]
        exact = [r for r in declared if media_type(r.media_type) == essence]
        akin = is_json(essence) and status in SUCCESS
        kin = [r for r in declared if akin and is_json(media_type(r.media_type))]
        wild = [r for r in declared if r.media_type in ("*/*", "")]
        return next(iter((*exact, *kin, *wild)), None)

    def decode(
        self,
        status: int,
        content_type: str,
        body: bytes,
        mode: Mode = "lenient",
        on_drift: DriftHandler = ignore,
    ) -> Any:
        """The value of a body, typed as the document declares it for this status and media type.

        Without a declaration JSON becomes plain values, text a string, the rest bytes; an empty body
        is `None`; an empty `content_type` is taken for the declared one. Raises `DecodeError` for a
        body that is no JSON and should be, and in strict mode for one that does not fit.
        """
        if not body:
            return None
        content_type = content_type or self._declared_media_type(status)
        essence = media_type(content_type)
        declared = self.response(status, content_type)
        if is_json(essence):
            kind = declared.type() if declared and declared.type else Any
            return decode_json(body, kind, operation=self.id, mode=mode, on_drift=on_drift)
        if declared is None and mode == "strict" and status in SUCCESS and self.responses:
            reason = f"{status} {content_type or 'without a content type'} is not declared"
            raise DecodeError(operation=self.id, body=body, reason=reason)
        return body.decode(errors="replace") if is_text(essence) else body

    def _declared_media_type(self, status: int) -> str:
        """The first media type that the document declares for a status."""
        return next((r.media_type for r in self.responses if r.status == str(status)), "")
