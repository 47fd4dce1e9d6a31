"""Errors as the sidecar says them: one envelope for all, whoever noticed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

CODES: Mapping[int, str] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    411: "length_required",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "validation_failed",
    429: "too_many_requests",
    500: "internal_error",
    501: "not_implemented",
    502: "upstream_unreachable",
    503: "overloaded",
    504: "upstream_timeout",
}
"""The usual code of a status."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an answer says that is none.

    `code` is for programs, `message` for people; `details` are the fields that are wrong, each with its
    place (`path.accountId`, `query.days`, `body/orders/0/side`) and what is wrong with it.
    """

    code: str
    message: str
    request_id: str
    details: tuple[Detail, ...] = ()


class Detail(msgspec.Struct, frozen=True):
    """One thing that is wrong with a request."""

    place: str
    message: str


class Refusal(Exception):
    """A request that is answered with a problem; raise it from anywhere below the app."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        details: tuple[Detail, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or CODES.get(status) or f"status_{status}"
        self.details = details
        self.headers = dict(headers or {})

    def response(self, request_id: str) -> Response:
        """The answer that says so."""
        problem = Problem(self.code, self.message, request_id, self.details)
        return Response(
            msgspec.json.encode(problem),
            status_code=self.status,
            headers={**self.headers, "x-request-id": request_id},
            media_type="application/json",
        )


def request_id(scope: Mapping[str, Any]) -> str:
    """The id of a request; empty where nothing has given it one."""
    return str(scope.get("state", {}).get("request_id", ""))
