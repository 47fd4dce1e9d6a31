"""OAuth 2.0 as the servers of the API check it: clients, their signed assertions and bodies, and bearers.

Owns access tokens with their scopes, and the tokens of trading sessions with their addresses. The session
that such a token stands for is not known here.
"""

import base64
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from ipaddress import ip_address
from random import Random
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bezant.mock.call import Refused
from bezant.mock.clock import Clock
from bezant.mock.http import Reply, Request
from bezant.mock.signing import is_signature

TOKEN_SECONDS: Final = 86_399
SESSION_SECONDS: Final = 86_400.0
AUDIENCE: Final = "/token"
SERVICE: Final = "AM.LOGIN"
GRANT: Final = "client_credentials"
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MANAGEMENT: Final = "/gw/api/v1/"
_FORM: Final = "application/x-www-form-urlencoded"
_KEY_BITS: Final = 2048
_JWT_PARTS: Final = 3
_PROBLEM: Final = "application/problem+json"
_TITLES: Final = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}

_READS_REPORTS: Final = "reports.read statements.read"
_WRITES_REPORTS: Final = "reports.write statements.write"
_SCOPES: Final = (
    ("GET", "accounts", "accounts.read"),
    ("", "accounts", "accounts.write"),
    ("", "balances", "balances.read"),
    ("", "bank-instructions/query", "bank-instructions.read"),
    ("", "bank-instructions", "bank-instructions.write"),
    ("", "client-instructions", "instructions.read"),
    ("", "echo/https", "echo.read"),
    ("", "echo/signed-jwt", "echo.write"),
    ("", "enumerations/complex-asset-transfer", "enumerations.read"),
    ("", "enumerations", "accounts.read enumerations.read"),
    ("", "external-cash-transfers/query", "transfers.read"),
    ("", "external-cash-transfers", "transfers.write"),
    ("", "external-asset-transfers", "transfers.write"),
    ("", "internal-cash-transfers", "transfers.write"),
    ("", "internal-asset-transfers", "transfers.write"),
    ("", "forms/required-forms", "accounts.read"),
    ("", "forms", "accounts.read forms.read"),
    ("", "instruction-sets", "instructions.read"),
    ("", "instructions/cancel", "instructions.write"),
    ("", "instructions", "instructions.read"),
    ("", "participating-banks", "enumerations.read"),
    ("", "requests", "accounts.read"),
    ("", "restrictions", "restrictions.write"),
    ("", "sso-browser-sessions", "sso-browser-sessions.write"),
    ("", "sso-sessions", "sso-sessions.write"),
    ("GET", "statements", _READS_REPORTS),
    ("", "statements", f"{_WRITES_REPORTS} statements.read"),
    ("GET", "tax-documents", _READS_REPORTS),
    ("", "tax-documents", _WRITES_REPORTS),
    ("GET", "trade-confirmations", _READS_REPORTS),
    ("", "trade-confirmations", _WRITES_REPORTS),
    ("", "validations", "accounts.read validations.read"),
)
"""Method (or any), path, and the scopes of which one is enough; the first that fits counts."""

ALL_SCOPES: Final = frozenset(scope for *_, scopes in _SCOPES for scope in scopes.split())


@dataclass(slots=True, kw_only=True, eq=False)
class Client:
    """A registered client. `ip` is where its calls come from; the address of the connection if empty."""

    id: str
    key_id: str
    public_key: rsa.RSAPublicKey
    scopes: frozenset[str] = ALL_SCOPES
    ip: str = ""
    credentials: frozenset[str] = frozenset({"mockuser1"})
    """The users that it may open sessions for."""
    private_key: rsa.RSAPrivateKey | None = field(default=None, repr=False)
    """What only the client itself has."""

    @classmethod
    def made(cls, id: str = "BezantMock", key_id: str = "main") -> Self:
        """A whole client for tests. Its key is the same for all clients of a process."""
        key = _made_key()
        return cls(id=id, key_id=key_id, public_key=key.public_key(), private_key=key)

    def private_pem(self) -> bytes:
        """The private key as a file has it. Raises `ValueError` where only the client has it."""
        if self.private_key is None:
            message = f"the private key of {self.id} is not here"
            raise ValueError(message)
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self.private_key.private_bytes(encoding, form, serialization.NoEncryption())


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token is good for."""

    client: Client
    scopes: frozenset[str]
    expires_at: float


@dataclass(frozen=True, slots=True)
class Opened:
    """What the token of a trading session is good for."""

    client: Client
    credential: str
    addresses: frozenset[str]
    expires_at: float


@dataclass(frozen=True, slots=True)
class _Token:
    """A signed JWT, taken apart; nothing of it is checked."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(slots=True, eq=False)
class OAuth2:
    """Clients and their tokens; what is public and has a default is a knob."""

    clock: Clock
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311  # for tests, no secrets
    clients: dict[str, Client] = field(default_factory=dict, init=False)
    token_seconds: int = TOKEN_SECONDS
    session_seconds: float = SESSION_SECONDS
    leeway_seconds: float = 0.0
    """How far the clock of a client may be wrong."""
    ahead_seconds: float = 0.0
    """How far the server's clock is ahead of that of its clients."""
    refuses_reuse: bool = True
    """Whether an assertion is good for one access token only."""
    audience: str = AUDIENCE
    """What assertions have to be meant for."""
    grants_scopes: bool = True
    """Whether access tokens are good for the scopes they were given for, or for none."""
    address: str = ""
    """Where all calls come from; what is known of each of them if empty."""
    _access: dict[str, Access] = field(default_factory=dict, init=False, repr=False)
    _opened: dict[str, Opened] = field(default_factory=dict, init=False, repr=False)
    _used: dict[bytes, float] = field(default_factory=dict, init=False, repr=False)

    def add(self, client: Client) -> Client:
        """Register a client."""
        self.clients[client.id] = client
        return client

    def authorize(self, request: Request) -> Reply | None:
        """What refuses a request with a bearer; None lets it pass."""
        if not is_bearer(request) or request.path.startswith("/oauth2/"):
            return None
        is_management = unquote(request.path).startswith("/gw/")
        try:
            self.access(request) if is_management else self.opened(request)
        except Refused as refusal:
            return refusal.reply
        return None

    def token(self, request: Request) -> dict[str, Any]:
        """Give an access token for an assertion. Raises `Refused`."""
        form = _form(request)
        assertion = _taken_apart(form["client_assertion"], "client_assertion")
        client = self._asserted(assertion)
        scopes = frozenset(form["scope"].split())
        if not scopes <= client.scopes:
            raise refused(400, "a scope is not allowed to this client")
        self._use_up(assertion)
        token = self._text()
        self._access[token] = Access(client, scopes, self.clock.now() + self.token_seconds)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "scope": form["scope"],
            "expires_in": self.token_seconds,
        }

    def session(self, request: Request) -> tuple[Opened, dict[str, Any]]:
        """Open a trading session for the user in a signed body; gives the answer too.

        Raises `Refused`.
        """
        claims = self.claims(request, ("credential", "ip", "service", "iat", "exp"))
        client = self.access(request).client
        if claims["service"] != SERVICE:
            raise invalid("service", f"not {SERVICE}")
        if str(claims["credential"]) not in client.credentials:
            raise invalid("credential", "unknown user")
        until = self.clock.now() + self.session_seconds
        opened = Opened(client, str(claims["credential"]), _addresses(claims), until)
        token = self._text()
        self._opened[token] = opened
        return opened, {"active": True, "access_token": token, "token_type": "Bearer"}

    def access(self, request: Request) -> Access:
        """Check the bearer of a request of account management. Raises `Refused`."""
        access = self._access.get(_bearer(request))
        if access is None:
            raise refused(401, "Access token invalid")
        self._check_expiry(access.expires_at)
        wanted = scopes_of(request.method, unquote(request.path))
        if wanted and not (self.grants_scopes and wanted & access.scopes):
            raise refused(403, f"needs the scope {' or '.join(sorted(wanted))}")
        return access

    def opened(self, request: Request) -> Opened:
        """Check the bearer of a request of the trading API. Raises `Refused`."""
        opened = self._opened.get(_bearer(request))
        if opened is None:
            raise refused(401, "Access token invalid")
        self._check_expiry(opened.expires_at)
        address = self.address or opened.client.ip or _host(request.peer)
        if address not in opened.addresses:
            raise refused(401, "the session was opened for another address")
        return opened

    def expire_sessions(self) -> None:
        """Let the tokens of trading sessions that there are expire."""
        ended = {name: replace(one, expires_at=-math.inf) for name, one in self._opened.items()}
        self._opened = ended

    def claims(self, request: Request, needed: tuple[str, ...] = ()) -> Mapping[str, Any]:
        """The claims of a body that the client of the bearer has signed. Raises `Refused`."""
        client = self.access(request).client
        token = _taken_apart(request.body.decode("latin-1").strip(), "payload")
        _check_signature(token, client, "payload")
        for name in needed:
            if token.claims.get(name) in (None, ""):
                raise invalid(name, "missing")
        if token.claims.get("iss") != client.id:
            raise invalid("iss", "not the client")
        self._check_times(token, "payload")
        return token.claims

    def _asserted(self, token: _Token) -> Client:
        """The client that has made an assertion."""
        issuer = token.claims.get("iss")
        client = self.clients.get(issuer) if isinstance(issuer, str) else None
        if client is None or token.claims.get("sub") != issuer:
            raise refused(400, "unknown client")
        _check_signature(token, client, "client_assertion")
        if token.claims.get("aud") != self.audience:
            raise invalid("client_assertion", f"aud is not {self.audience}")
        for name in ("iat", "exp"):
            if name not in token.claims:
                raise invalid("client_assertion", f"{name} is missing")
        self._check_times(token, "client_assertion")
        return client

    def _use_up(self, token: _Token) -> None:
        now = self.clock.now()
        self._used = {key: end for key, end in self._used.items() if end >= now}
        key = hashlib.sha256(token.signed).digest()
        if self.refuses_reuse and key in self._used:
            raise invalid("client_assertion", "used before")
        self._used[key] = token.claims["exp"] + self.leeway_seconds

    def _check_times(self, token: _Token, where: str) -> None:
        """Times that are there have to be numbers: past for the beginning, to come for the end."""
        now = self.clock.now() + self.ahead_seconds
        begin, end = token.claims.get("iat", now), token.claims.get("exp", now + 1)
        if not _is_number(begin) or not _is_number(end):
            raise invalid(where, "iat and exp are no numbers")
        if begin > now + self.leeway_seconds:
            raise invalid(where, "not good yet")
        if end <= now - self.leeway_seconds:
            raise invalid(where, "expired")

    def _check_expiry(self, expires_at: float) -> None:
        if self.clock.now() >= expires_at:
            raise refused(401, "Access token expired")

    def _text(self) -> str:
        return self.chance.randbytes(32).hex()


def is_bearer(request: Request) -> bool:
    """Whether a request has a bearer."""
    return request.headers.get("authorization", "")[:7].lower() == "bearer "


def scopes_of(method: str, path: str) -> frozenset[str]:
    """The scopes of which a request of account management needs one; none where it is unknown."""
    rest = path.removeprefix(_MANAGEMENT)
    for wanted, start, scopes in _SCOPES:
        is_there = rest == start or rest.startswith((f"{start}/", f"{start}:"))
        if is_there and wanted in ("", method):
            return frozenset(scopes.split())
    return frozenset()


def refused(status: int, detail: str) -> Refused:
    """Make a refusal as the newer half of the API words it, to be raised."""
    return _problem(
        {"type": "/simple", "title": _TITLES[status], "status": status, "detail": detail}
    )


def invalid(where: str, description: str) -> Refused:
    """Make a refusal of one field, to be raised."""
    arguments = [{"field": where, "description": description}]
    body = {"type": "/invalid-argument", "title": _TITLES[400], "status": 400}
    return _problem({**body, "invalidArguments": arguments})


def _problem(body: dict[str, Any]) -> Refused:
    return Refused(Reply(body["status"], msgspec.json.encode(body), _PROBLEM))


def _bearer(request: Request) -> str:
    return request.headers["authorization"][7:].strip() if is_bearer(request) else ""


def _host(peer: str) -> str:
    return peer.rpartition(":")[0].strip("[]")


def _form(request: Request) -> dict[str, str]:
    """The form of a request for an access token, complete."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise refused(400, f"the body is not {_FORM}")
    form = dict(parse_qsl(request.body.decode("latin-1")))
    for name in ("client_assertion_type", "client_assertion", "grant_type", "scope"):
        if not form.get(name, "").strip():
            raise invalid(name, "missing")
    if form["client_assertion_type"] != ASSERTION:
        raise invalid("client_assertion_type", f"not {ASSERTION}")
    if form["grant_type"] != GRANT:
        raise invalid("grant_type", f"not {GRANT}")
    return form


def _addresses(claims: Mapping[str, Any]) -> frozenset[str]:
    """The addresses that a session may be used from."""
    others = claims.get("alternativeIps") or []
    if not isinstance(others, list):
        raise invalid("alternativeIps", "no list")
    return frozenset(_address(item) for item in [claims["ip"], *others])


def _address(value: object) -> str:
    try:
        return str(ip_address(str(value)))
    except ValueError as error:
        raise invalid("ip", "no address") from error


def _taken_apart(text: str, where: str) -> _Token:
    parts = text.split(".")
    if len(parts) != _JWT_PARTS:
        raise invalid(where, "no signed JWT")
    try:
        header, claims, signature = map(_decoded, parts)
        signed = text.rpartition(".")[0].encode()
        return _Token(_object(header), _object(claims), signed, signature)
    except (ValueError, msgspec.DecodeError) as error:
        raise invalid(where, "no signed JWT") from error


def _object(text: bytes) -> dict[str, Any]:
    return msgspec.json.decode(text, type=dict[str, Any])


def _decoded(part: str) -> bytes:
    """A part of a JWT: base64 for addresses, without its padding."""
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _check_signature(token: _Token, client: Client, where: str) -> None:
    """Hold it against the client's key by the one algorithm there is: the token has no say in that."""
    if token.header.get("alg") != "RS256":
        raise invalid(where, "alg is not RS256")
    if token.header.get("kid") != client.key_id:
        raise invalid(where, "unknown kid")
    if not is_signature(client.public_key, token.signed, token.signature):
        raise invalid(where, "bad signature")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@cache
def _made_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=_KEY_BITS)
