"""OAuth 1.0a as the servers of the API check it: consumers, their tokens, and the signatures of requests.

Owns keys, tokens, and what was seen of nonces and timestamps. The session that a token stands for is not
known here, and neither is which calls need one.
"""

import base64
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any, Final, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bezant.mock.call import Refused, refuse
from bezant.mock.clock import Clock
from bezant.mock.http import Reply, Request
from bezant.mock.signing import (
    QuerySigning,
    bases,
    is_mac,
    is_signature,
    mac,
    parse_header,
    signed_bytes,
)

TEST_KEY: Final = "TESTCONS"
"""The consumer of everybody, for third parties that try things out; paper accounts only."""
ORIGIN: Final = "https://api.ibkr.com"
LIVE_SECONDS: Final = 86_400.0
"""How long a live session token is good."""
WINDOW_SECONDS: Final = 300.0
_FIRST_PARTY_LENGTH: Final = 9
_SECRET_BYTES: Final = 32
_EXPONENT_BITS: Final = 256
_KEY_BITS: Final = 2048
_GENERATOR: Final = 2
# Group 14 of RFC 3526: a safe prime, which takes minutes to find anew.
_PRIME: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)

_RSA: Final = "RSA-SHA256"
_HMAC: Final = "HMAC-SHA256"
_OWN_PATHS: Final = tuple(
    f"/v1/api/oauth/{name}" for name in ("request_token", "access_token", "live_session_token")
)
_TIMESTAMP: Final = re.compile(r"[0-9]{10}")
_HEX: Final = re.compile(r"[0-9a-fA-F]+")
_NEEDED: Final = (
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKeys:
    """What only the client of a consumer has: the private keys."""

    signature: rsa.RSAPrivateKey = field(repr=False)
    encryption: rsa.RSAPrivateKey = field(repr=False)

    def signature_pem(self) -> bytes:
        """The private signature key as a file has it."""
        return _pem(self.signature)

    def encryption_pem(self) -> bytes:
        """The private encryption key as a file has it."""
        return _pem(self.encryption)


@dataclass(slots=True, kw_only=True, eq=False)
class Consumer:
    """A registered consumer, with the one access token that its user has given it."""

    key: str
    signature_key: rsa.RSAPublicKey
    encryption_key: rsa.RSAPublicKey
    prime: int = field(default=_PRIME, repr=False)
    generator: int = _GENERATOR
    access_token: str = field(repr=False)
    secret: bytes = field(default=b"", repr=False)
    """The secret of the access token; without one no live session token is given."""
    encrypted_secret: str = field(default="", repr=False)
    """The secret as the user gets it: encrypted for the consumer, in base64."""
    is_active: bool = True
    """A key is not known to the servers before the night after its registration."""
    is_paper: bool = True
    client_keys: ClientKeys | None = field(default=None, repr=False)

    @classmethod
    def made(cls, key: str = "BEZANTMCK", *, is_paper: bool = True, seed: int = 0) -> Self:
        """A whole consumer for tests. Its RSA keys are the same for all consumers of a process."""
        chance = Random(f"{seed} {key}")  # noqa: S311  # a world for tests, not a secret
        keys = ClientKeys(signature=_made_key("signature"), encryption=_made_key("encryption"))
        made = cls(
            key=key,
            signature_key=keys.signature.public_key(),
            encryption_key=keys.encryption.public_key(),
            access_token=chance.randbytes(10).hex(),
            is_paper=is_paper,
            client_keys=keys,
        )
        made.renew_secret(chance.randbytes(_SECRET_BYTES))
        return made

    @property
    def realm(self) -> str:
        """The realm that its requests have to name."""
        return "test_realm" if self.key == TEST_KEY else "limited_poa"

    @property
    def is_first_party(self) -> bool:
        """Whether its token comes from the portal; the keys of third parties are longer, but one."""
        return len(self.key) == _FIRST_PARTY_LENGTH

    def renew_secret(self, secret: bytes) -> None:
        """Give the access token another secret, as it gets one each time that it is generated."""
        self.secret = secret
        encrypted = self.encryption_key.encrypt(secret, padding.PKCS1v15())
        self.encrypted_secret = base64.b64encode(encrypted).decode()


@dataclass(frozen=True, slots=True)
class Verified:
    """A request whose signature holds. `query` is None where it has no query to sign."""

    consumer: Consumer
    values: Mapping[str, str] = field(repr=False)
    query: QuerySigning | None


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says of itself, before its signature is looked at."""

    consumer: Consumer
    values: Mapping[str, str] = field(repr=False)

    @property
    def timestamp(self) -> int:
        return int(self.values["oauth_timestamp"])

    @property
    def signature(self) -> bytes:
        try:
            return base64.b64decode(self.values["oauth_signature"], validate=True)
        except ValueError:
            return b""


@dataclass(slots=True)
class _Seen:
    """What requests of one consumer have used up: nonces with their timestamps, and the latest of these."""

    nonces: dict[str, int] = field(default_factory=dict)
    latest: int = 0

    def add(self, nonce: str, timestamp: int) -> None:
        self.nonces[nonce] = timestamp
        self.latest = max(self.latest, timestamp)

    def forget(self, before: float) -> None:
        """Forget nonces whose requests are too old to be sent again."""
        while self.nonces and next(iter(self.nonces.values())) < before:
            del self.nonces[next(iter(self.nonces))]


@dataclass(slots=True)
class _Live:
    """A live session token."""

    key: bytes = field(repr=False)
    expires_at: float


@dataclass(slots=True)
class _Pending:
    """A request token: who asked for it, and the verifier once the user has agreed."""

    consumer: Consumer
    verifier: str = field(default="", repr=False)


@dataclass(slots=True, eq=False)
class OAuth1:
    """Consumers and their tokens; what is public and has a default is a knob."""

    clock: Clock
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311  # for tests, no secrets
    consumers: dict[str, Consumer] = field(default_factory=dict, init=False)
    window_seconds: float = WINDOW_SECONDS
    """How far a timestamp may be from the time."""
    requires_order: bool = True
    """Whether a timestamp before the latest is refused; calls in parallel may overtake each other."""
    live_seconds: float = LIVE_SECONDS
    tells_computation: bool = False
    """Whether the expiration that is told is the time of the computation, as IBKR documents it too."""
    origin: str = ORIGIN
    """What signed addresses begin with; the address that the request went to is accepted as well."""
    exponent: int = field(default=0, repr=False)
    """The server's secret number of every exchange; 0 lets each have its own."""
    pads_secret: bool = False
    """Whether that number is chosen so that the shared secret needs a zero byte in front."""
    ahead_seconds: float = 0.0
    """How far the server's clock is ahead of that of its clients."""
    refusal: str = ""
    """Why whatever is signed is refused, be it right or not; empty where it is not."""
    last: Verified | None = field(default=None, init=False)
    """The last request that was let pass by its signature."""
    _seen: dict[str, _Seen] = field(default_factory=dict, init=False, repr=False)
    _live: dict[str, _Live] = field(default_factory=dict, init=False, repr=False)
    _pending: dict[str, _Pending] = field(default_factory=dict, init=False, repr=False)
    _refusals: int = field(default=0, init=False)

    def add(self, consumer: Consumer) -> Consumer:
        """Register a consumer."""
        self.consumers[consumer.key] = consumer
        return consumer

    def authorize(self, request: Request) -> Reply | None:
        """What refuses a request with an OAuth header; None lets it pass.

        Requests for tokens pass: they are signed in another way, which is checked where they are answered.
        """
        if not is_signed(request) or request.path in _OWN_PATHS:
            return None
        try:
            self.verify(request)
        except Refused as refusal:
            return refusal.reply
        return None

    def verify(self, request: Request) -> Verified:
        """Check the signature by live session token. Raises `Refused`."""
        claim = self._claim(request, _HMAC)
        live = self._live_token(claim)
        return self._verified(request, claim, lambda text: is_mac(live.key, text, claim.signature))

    def check_socket(self, token: str) -> None:
        """Check the access token that a WebSocket is asked for with: it needs a live session token.

        Raises `Refused`.
        """
        if self.refusal:
            raise self._refused(self.refusal)
        for consumer in self.consumers.values():
            if consumer.is_active and consumer.access_token == token:
                self._live_token(_Claim(consumer, {"oauth_token": token}))
                return
        raise self._refused("invalid token")

    def expire(self) -> None:
        """Let the live session tokens that there are expire."""
        for live in self._live.values():
            live.expires_at = -math.inf

    def request_token(self, request: Request) -> str:
        """Begin the login of a third party; gives the request token or raises `Refused`."""
        claim = self._third_party(request)
        if not claim.values.get("oauth_callback"):
            raise self._refused("missing oauth_callback")
        self._verified_by_key(request, claim)
        token = self._hex(20)
        self._pending[token] = _Pending(claim.consumer)
        return token

    def grant(self, request_token: str) -> str:
        """Agree for the user, as in the browser; gives the verifier. Raises `KeyError`."""
        verifier = self._hex(20)
        self._pending[request_token].verifier = verifier
        return verifier

    def access_token(self, request: Request) -> Consumer:
        """End the login of a third party: its token has a new secret. Raises `Refused`."""
        claim = self._third_party(request)
        self._verified_by_key(request, claim)
        token = claim.values.get("oauth_token", "")
        pending = self._pending.get(token)
        if pending is None or pending.consumer is not claim.consumer:
            raise self._refused("invalid token")
        if not pending.verifier or claim.values.get("oauth_verifier") != pending.verifier:
            raise self._refused("invalid verifier")
        del self._pending[token]
        claim.consumer.renew_secret(self.chance.randbytes(_SECRET_BYTES))
        return claim.consumer

    def live_session_token(self, request: Request) -> tuple[Consumer, dict[str, Any]]:
        """Exchange keys for a day's token, which replaces the one before; gives the answer too.

        Raises `Refused`.
        """
        claim = self._claim(request, _RSA)
        consumer = claim.consumer
        self._check_token(claim)
        if not consumer.secret:
            raise self._refused("No access secret key found")
        self._verified_by_key(request, claim, consumer.secret.hex())
        challenge = self._challenge(claim)
        exponent = self._exponent(challenge, consumer.prime)
        shared = pow(challenge, exponent, consumer.prime)
        key = mac(hashes.SHA1(), signed_bytes(shared), consumer.secret)  # noqa: S303  # as it is
        response = pow(consumer.generator, exponent, consumer.prime)
        return consumer, self._begun(consumer, key, response)

    def _exponent(self, challenge: int, prime: int) -> int:
        """The server's secret number; one whose shared secret is to be padded is found by trying."""
        exponent = self.exponent or self.chance.getrandbits(_EXPONENT_BITS)
        while self.pads_secret and pow(challenge, exponent, prime).bit_length() % 8:
            exponent += 1
        return exponent

    def _begun(self, consumer: Consumer, key: bytes, response: int) -> dict[str, Any]:
        now = self.clock.now()
        live = _Live(key, now + self.live_seconds)
        self._live[consumer.key] = live
        told = now if self.tells_computation else live.expires_at
        signature = mac(hashes.SHA1(), key, consumer.key.encode())  # noqa: S303  # as it is
        return {
            "diffie_hellman_response": f"{response:x}",
            "live_session_token_signature": signature.hex(),
            "live_session_token_expiration": int(told * 1000),
        }

    def _claim(self, request: Request, method: str) -> _Claim:
        """Who says that it signed a request: a consumer that may, in its realm, by this method."""
        values = parse_header(request.headers.get("authorization", ""))
        if self.refusal:
            raise self._refused(self.refusal)
        for name in _NEEDED:
            if not values.get(name):
                raise self._refused(f"missing {name}")
        consumer = self.consumers.get(values["oauth_consumer_key"])
        if consumer is None or not consumer.is_active:
            raise self._refused("invalid consumer")
        if values.get("realm") != consumer.realm:
            raise self._refused("invalid realm")
        if values["oauth_signature_method"] != method:
            raise self._refused("invalid signature method")
        return _Claim(consumer, values)

    def _third_party(self, request: Request) -> _Claim:
        claim = self._claim(request, _RSA)
        if claim.consumer.is_first_party:
            raise self._refused("first-party consumers have their token from the portal")
        return claim

    def _check_token(self, claim: _Claim) -> None:
        if claim.values.get("oauth_token") != claim.consumer.access_token:
            raise self._refused("invalid token")

    def _live_token(self, claim: _Claim) -> _Live:
        self._check_token(claim)
        live = self._live.get(claim.consumer.key)
        if live is None:
            raise self._refused("no live session token")
        if self.clock.now() >= live.expires_at:
            raise self._refused("live session token expired")
        return live

    def _challenge(self, claim: _Claim) -> int:
        """The client's half; one that gives the secret away, such as 1, is refused too."""
        text = claim.values.get("diffie_hellman_challenge", "")
        challenge = int(text, 16) if _HEX.fullmatch(text) else 0
        if not 1 < challenge < claim.consumer.prime - 1:
            raise self._refused("invalid diffie_hellman_challenge")
        return challenge

    def _verified_by_key(self, request: Request, claim: _Claim, prepend: str = "") -> None:
        key = claim.consumer.signature_key
        self._verified(
            request, claim, lambda text: is_signature(key, text, claim.signature), prepend
        )

    def _verified(
        self, request: Request, claim: _Claim, holds: Callable[[bytes], bool], prepend: str = ""
    ) -> Verified:
        """Find what was signed. Only then its nonce is used up: others cannot spend it."""
        seen = self._unused(claim)
        for query, text in bases(request, claim.values, self.origin):
            if holds((prepend + text).encode()):
                seen.add(claim.values["oauth_nonce"], claim.timestamp)
                self.last = Verified(claim.consumer, claim.values, query)
                return self.last
        raise self._refused("invalid signature")

    def _unused(self, claim: _Claim) -> _Seen:
        seen = self._seen.setdefault(claim.consumer.key, _Seen())
        now = int(self.clock.now() + self.ahead_seconds)
        seen.forget(now - self.window_seconds)
        if not _TIMESTAMP.fullmatch(claim.values["oauth_timestamp"]):
            raise self._refused("invalid timestamp")
        is_old = self.requires_order and claim.timestamp < seen.latest
        if is_old or abs(claim.timestamp - now) > self.window_seconds:
            raise self._refused("invalid timestamp")
        if claim.values["oauth_nonce"] in seen.nonces:
            raise self._refused("invalid nonce")
        return seen

    def _refused(self, reason: str) -> Refused:
        self._refusals += 1
        return refuse(f"id: {self._refusals}, error: {reason}", 401)

    def _hex(self, digits: int) -> str:
        return f"{self.chance.getrandbits(4 * digits):0{digits}x}"


def is_signed(request: Request) -> bool:
    """Whether a request has an OAuth header."""
    return request.headers.get("authorization", "")[:6].lower() == "oauth "


@cache
def _made_key(name: str) -> rsa.RSAPrivateKey:
    """A key for a use, named so that two uses have two keys."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=_KEY_BITS)


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption())
