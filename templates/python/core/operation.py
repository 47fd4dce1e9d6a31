"""Operations as data: what the registry holds, and how a body becomes a value."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

import msgspec

from .decoding import MISFITS, decode_json, is_json, is_text, media_type, strict_reader
from .drift import Answer, SchemaDrift, ignore
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
    """A request body of one media type; `claims` is the payload of a body that is a signed token.

    `fields` are the keywords that methods take in place of it, by wire name.
    """

    media_type: str
    required: bool
    type: LazyType
    claims: LazyType | None = None
    fields: tuple[tuple[str, str], ...] = ()


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that the document declares; `status` is `200` or `default`, `type` None for no body.

    `is_open` when a model of it takes fields beyond those that it declares.
    """

    status: str
    media_type: str
    type: LazyType | None
    is_open: bool = False


class Pacing(msgspec.Struct, frozen=True, kw_only=True):
    """At most `calls` in `window` seconds, with a `burst` once, or at most so many `concurrent`."""

    calls: int = 0
    window: float = 0.0
    burst: int = 0
    concurrent: int = 0


class Preflight(msgspec.Struct, frozen=True, kw_only=True):
    """A call to make before, once for each `scope` (`session`, `underlying`, `contract`)."""

    call: str
    scope: str
    symptom: str


class WarmUp(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that is complete after `calls` calls, `delay` seconds apart; `first` is the first."""

    calls: int
    delay: float
    first: str


class Pagination(msgspec.Struct, frozen=True, kw_only=True):
    """How a listing goes on: by page number, by offset, or by a value (`source`) of the last row.

    `argument` is the parameter that counts or points, `size` the rows of a page where it is fixed,
    `follow` the id of the operation that gives all pages but the first, where that is another one.
    """

    style: Literal["page", "offset", "cursor"]
    argument: str
    start: int = 0
    size: int = 0
    source: str = ""
    follow: str = ""


class _Plan(NamedTuple):
    """How the bodies of one status and media type are read; `at_once` is the way that most take."""

    content_type: str
    declared: Response | None
    is_json: bool
    kind: Any
    at_once: Callable[[bytes], Any] | None


_MAX_PLANS = 64


class Operation(msgspec.Struct, Generic[Result], frozen=True, kw_only=True, dict=True):
    """One call of the API: `client.<resource>.<name>(...)`.

    `path` is the template as published, `base_path` what stands before it at the server. `session`
    is what it needs: none, a `login`, or the `brokerage` session. `idempotency` is `safe` for reads,
    `idempotent` where a repeat changes nothing more, `unsafe` for what must not be repeated.
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
    session: Literal["none", "login", "brokerage"] = "login"
    idempotency: Literal["safe", "idempotent", "unsafe"] = "unsafe"
    pacing: Pacing | None = None
    preflight: tuple[Preflight, ...] = ()
    warm_up: WarmUp | None = None
    pagination: Pagination | None = None

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
        *,
        report_unknown: bool = False,
    ) -> Any:
        """The value of a body, typed as the document declares it for this status and media type.

        Without a declaration JSON becomes plain values, text a string, the rest bytes; an empty body
        is `None`; an empty `content_type` is taken for the declared one. What is not as declared is
        reported, and in strict mode raises `DecodeError`, as a truncated body always does. With
        `report_unknown` fields that no model has are reported as well.
        """
        plan = self._plans.get((status, content_type)) or self._plan(status, content_type)
        if plan.at_once is None or report_unknown:
            return self._read(plan, status, body, mode, on_drift, report_unknown)
        try:
            return plan.at_once(body)
        except MISFITS:
            return self._read(plan, status, body, mode, on_drift, report_unknown)

    def _read(
        self,
        plan: _Plan,
        status: int,
        body: bytes,
        mode: Mode,
        on_drift: DriftHandler,
        report_unknown: bool,
    ) -> Any:
        """The value of a body, with a report of everything in it that is not as declared."""
        answer = Answer(self.method, self.path, status, plan.content_type, body)
        if not body:
            return self._empty(answer, mode, on_drift)
        if plan.is_json:
            return self._json(answer, plan, mode, on_drift, report_unknown)
        if plan.declared is None and status in SUCCESS and self.responses:
            return self._undeclared(answer, mode, on_drift)
        return body.decode(errors="replace") if is_text(media_type(plan.content_type)) else body

    @cached_property
    def _plans(self) -> dict[tuple[int, str], _Plan]:
        """How answers are read, by status and media type: worked out once, used by every call."""
        return {}

    def _plan(self, status: int, content_type: str) -> _Plan:
        stated = content_type or self._declared_media_type(status)
        declared = self.response(status, stated)
        kind = declared.type() if declared and declared.type else Any
        takes_json = is_json(media_type(stated))
        is_plain = declared is not None and not declared.is_open
        at_once = strict_reader(kind) if takes_json and is_plain else None
        plan = _Plan(stated, declared, takes_json, kind, at_once)
        if len(self._plans) < _MAX_PLANS:  # media types are the server's to invent
            self._plans[status, content_type] = plan
        return plan

    def _json(
        self,
        answer: Answer,
        plan: _Plan,
        mode: Mode,
        on_drift: DriftHandler,
        report_unknown: bool,
    ) -> Any:
        value = decode_json(
            answer.body,
            plan.kind,
            operation=self.id,
            mode=mode,
            on_drift=on_drift,
            answer=answer,
            is_open=plan.declared is not None and plan.declared.is_open,
        )
        if report_unknown:
            from .decoding import plain
            from .unknown import unknown_fields

            for pointer, found in unknown_fields(plain(answer.body), value):
                on_drift(SchemaDrift(self.id, pointer, "", found, "unknown", answer))
        return value

    def _empty(self, answer: Answer, mode: Mode, on_drift: DriftHandler) -> None:
        """Nothing came; where a success declares only bodies that is drift."""
        declared = [r for r in self.responses if r.status == str(answer.status)]
        if answer.status not in SUCCESS or not declared or any(r.type is None for r in declared):
            return
        self._drift(answer, declared[0].media_type, None, mode, on_drift)

    def _undeclared(self, answer: Answer, mode: Mode, on_drift: DriftHandler) -> Any:
        """A success of a media type that is not declared: JSON under a false name, else as it is."""
        expected = self._declared_media_type(answer.status)
        self._drift(answer, expected or "no body", answer.content_type, mode, on_drift)
        if is_json(media_type(expected)) and answer.body.lstrip()[:1] in (b"{", b"["):
            return self.decode(answer.status, expected, answer.body, mode, on_drift)
        if is_text(media_type(answer.content_type)):
            return answer.body.decode(errors="replace")
        return answer.body

    def _drift(
        self, answer: Answer, expected: str, got: Any, mode: Mode, on_drift: DriftHandler
    ) -> None:
        if mode == "strict":
            found = "nothing" if got is None else got
            reason = f"{answer.status} declares {expected or 'no body'}, {found} came"
            raise DecodeError(operation=self.id, body=answer.body, reason=reason)
        on_drift(SchemaDrift(self.id, "", expected, got, "body", answer))

    def _declared_media_type(self, status: int) -> str:
        """The first media type that the document declares for a status."""
        return next((r.media_type for r in self.responses if r.status == str(status)), "")
