"""Who may use the sidecar: those who show a key, where there are keys."""

from dataclasses import dataclass, field
from hmac import compare_digest

from bezant_api.sidecar.errors import Refusal, request_id
from starlette.types import ASGIApp, Receive, Scope, Send

_HEADER = b"authorization"
_SCHEME = b"bearer "


@dataclass(eq=False)
class ApiKeys:
    """Middleware: asks for one of the keys as a bearer, but not on `is_open` paths.

    The key is for the sidecar only, and goes no further.
    """

    app: ASGIApp
    keys: tuple[str, ...] = field(repr=False)
    is_open: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in self.is_open:
            await self.app(scope, receive, send)
            return
        if not self._is_known(scope):
            headers = {"www-authenticate": "Bearer"}
            refusal = Refusal(401, "show a key: Authorization: Bearer ...", headers=headers)
            await refusal.response(request_id(scope))(scope, receive, send)
            return
        kept = [pair for pair in scope["headers"] if pair[0] != _HEADER]
        await self.app({**scope, "headers": kept}, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        shown = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        if shown[: len(_SCHEME)].lower() != _SCHEME:
            return False
        given = shown[len(_SCHEME) :].strip()
        # All are looked at, so that the time tells nothing.
        return sum(compare_digest(given, key.encode()) for key in self.keys) > 0
