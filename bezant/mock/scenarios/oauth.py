"""Scenarios of OAuth: what is refused of requests that are signed or carry a token, though they are right."""

from typing import TYPE_CHECKING, Final

from bezant.mock.scenarios.scenario import Scenario, Stop, at_once, setting

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

AHEAD_SECONDS: Final = 600.0
ELSEWHERE: Final = "203.0.113.7"
"""An address that documentation may use, so that nobody calls from it."""


def _without_secrets(gateway: "MockGateway") -> Stop:
    """Forget the secrets of the access tokens that there are."""
    secrets = [(consumer, consumer.secret) for consumer in gateway.oauth1.consumers.values()]
    for consumer, _ in secrets:
        consumer.secret = b""

    def stop() -> None:
        for consumer, secret in secrets:
            consumer.secret = secret

    return stop


def _clock_ahead(gateway: "MockGateway") -> Stop:
    parts = (gateway.oauth1, gateway.oauth2)
    for part in parts:
        part.ahead_seconds = AHEAD_SECONDS

    def stop() -> None:
        for part in parts:
            part.ahead_seconds = 0.0

    return stop


SCENARIOS: Final = (
    Scenario(
        "invalid-consumer",
        "OAuth 1.0a: consumers are not known yet, as before the night after their registration: 401.",
        setting("oauth1", refusal="invalid consumer"),
    ),
    Scenario(
        "invalid-signature",
        "OAuth 1.0a: no signature is right: 401.",
        setting("oauth1", refusal="invalid signature"),
    ),
    Scenario(
        "used-nonce",
        "OAuth 1.0a: every nonce was used before: 401.",
        setting("oauth1", refusal="invalid nonce"),
    ),
    Scenario(
        "old-timestamp",
        "OAuth 1.0a: every timestamp is too old: 401.",
        setting("oauth1", refusal="invalid timestamp"),
    ),
    Scenario(
        "wrong-realm",
        "OAuth 1.0a: no realm is right: 401.",
        setting("oauth1", refusal="invalid realm"),
    ),
    Scenario(
        "no-access-secret",
        "OAuth 1.0a: access tokens have no secret, and no live session token is given: 401.",
        _without_secrets,
    ),
    Scenario(
        "live-session-token-expired",
        "OAuth 1.0a: the live session tokens that there are have expired: 401.",
        at_once(lambda gateway: gateway.oauth1.expire()),
    ),
    Scenario(
        "padded-secret",
        "OAuth 1.0a: the shared secret of each exchange is one that needs a zero byte in front.",
        setting("oauth1", pads_secret=True),
    ),
    Scenario(
        "server-clock-ahead",
        f"OAuth: the clock of the server is {AHEAD_SECONDS:g} s ahead of the clients'.",
        _clock_ahead,
    ),
    Scenario(
        "wrong-audience",
        "OAuth 2.0: assertions are not for this server: 400.",
        setting("oauth2", audience="/elsewhere"),
    ),
    Scenario(
        "missing-scope",
        "OAuth 2.0: access tokens are good for no scope: 403.",
        setting("oauth2", grants_scopes=False),
    ),
    Scenario(
        "other-address",
        f"OAuth 2.0: calls come from {ELSEWHERE}, and sessions were opened for another address: 401.",
        setting("oauth2", address=ELSEWHERE),
    ),
    Scenario(
        "session-token-expired",
        "OAuth 2.0: the session tokens that there are have expired: 401.",
        at_once(lambda gateway: gateway.oauth2.expire_sessions()),
    ),
)
