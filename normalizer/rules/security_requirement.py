"""Rule: every operation says what proves the caller's identity."""

from collections.abc import Iterator
from typing import Final

from normalizer.change import Change
from normalizer.document import Json, join
from normalizer.rule import Area, Rule
from normalizer.rules import base_path
from normalizer.structure import TRADING_BASE, Document, Operation

SCOPES: Final = "x-ib-gateway-allowed-scopes"
PUBLIC: Final = "x-ib-public"
TOKENS: Final = "https://api.ibkr.com/oauth2/api/v1/token"

GATEWAY: Final = "gatewaySession"
OAUTH1: Final = "oauth1"
SSO: Final = "ssoBearer"
OAUTH2: Final = "oauth2Bearer"


def find(document: Document) -> Iterator[Change]:
    """Trading takes a gateway's session, OAuth 1.0a or a session token; management an OAuth 2.0 one.

    Scopes come from the gateway extensions, which agree with the prose everywhere. The names of the
    two bearer schemes are those that IBKR gave them in 2.39.
    """
    if "security" in document.root:
        return
    open_ones = [o for o in document.operations if "security" not in o.value]
    requirements = {operation.pointer: _requirement(operation) for operation in open_ones}
    used = {name for listed in requirements.values() for one in listed for name in one}
    yield from _declare(document, {name: _scheme(name, open_ones) for name in sorted(used)})
    for pointer, listed in requirements.items():
        yield Change(pointer=f"{pointer}/security", after=listed)


def _requirement(operation: Operation) -> list[dict[str, Json]]:
    if operation.value.get(PUBLIC) is True:
        return []
    if SCOPES in operation.value:
        return [{OAUTH2: sorted(operation.value[SCOPES])}]
    if operation.value.get(base_path.EXTENSION) != TRADING_BASE:
        return [{OAUTH2: []}]
    if operation.path.startswith("/oauth/"):
        return [{OAUTH1: []}]
    return [{GATEWAY: []}, {OAUTH1: []}, {SSO: []}]


def _scheme(name: str, operations: list[Operation]) -> dict[str, Json]:
    if name == GATEWAY:
        return {"type": "apiKey", "in": "cookie", "name": "api"}
    if name == OAUTH1:
        return {"type": "http", "scheme": "OAuth"}
    if name == SSO:
        return {"type": "http", "scheme": "bearer"}
    scopes = {scope for o in operations for scope in o.value.get(SCOPES, ())}
    flow = {"tokenUrl": TOKENS, "scopes": dict.fromkeys(sorted(scopes), "")}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}


def _declare(document: Document, schemes: dict[str, dict[str, Json]]) -> Iterator[Change]:
    components = document.root.get("components", {})
    missing = {k: v for k, v in schemes.items() if k not in components.get("securitySchemes", {})}
    if not missing:
        return
    if "components" not in document.root:
        yield Change(pointer="/components", after={})
    if "securitySchemes" not in components:
        yield Change(pointer="/components/securitySchemes", after={})
    for name, scheme in missing.items():
        yield Change(pointer=join("/components/securitySchemes", name), after=scheme)


RULE = Rule(
    id="security-requirement",
    title="Say which credentials each operation takes",
    why=(
        "No operation of trading says it, and for management only an extension does, with its scopes: a generated "
        "client has no place for credentials."
    ),
    area=Area.DOCUMENT,
    before={
        "paths": {
            "/gw/api/v1/accounts": {"get": {SCOPES: ["accounts.read"], "x-bezant-base-path": ""}},
            "/oauth/request_token": {"post": {"x-bezant-base-path": TRADING_BASE}},
        }
    },
    after={
        "paths": {
            "/gw/api/v1/accounts": {
                "get": {
                    SCOPES: ["accounts.read"],
                    "x-bezant-base-path": "",
                    "security": [{OAUTH2: ["accounts.read"]}],
                }
            },
            "/oauth/request_token": {
                "post": {"x-bezant-base-path": TRADING_BASE, "security": [{OAUTH1: []}]}
            },
        },
        "components": {
            "securitySchemes": {
                OAUTH1: {"type": "http", "scheme": "OAuth"},
                OAUTH2: {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": TOKENS,
                            "scopes": {"accounts.read": ""},
                        }
                    },
                },
            }
        },
    },
    find=find,
)
