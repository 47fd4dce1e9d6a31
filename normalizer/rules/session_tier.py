"""Rule: an operation says which session it needs."""

from collections.abc import Iterator
from typing import Final

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.rules import base_path
from normalizer.structure import TRADING_BASE, Document, Operation

EXTENSION: Final = "x-bezant-session"
NONE: Final = "none"
LOGIN: Final = "login"
BROKERAGE: Final = "brokerage"
TIERS: Final = (NONE, LOGIN, BROKERAGE)
BROKERAGE_PREFIXES: Final = ("/iserver/", "/hmds/", "/md/")


def find(document: Document) -> Iterator[Change]:
    """State the tier that follows from the path, where an overlay has not said it."""
    for operation in document.operations:
        if EXTENSION not in operation.value:
            yield Change(pointer=f"{operation.pointer}/{EXTENSION}", after=tier(operation))


def tier(operation: Operation) -> str:
    """`brokerage`, `login`, or `none` for what takes a token of its own."""
    if operation.value.get(base_path.EXTENSION) != TRADING_BASE:
        return NONE
    return BROKERAGE if operation.path.startswith(BROKERAGE_PREFIXES) else LOGIN


RULE = Rule(
    id="session-tier",
    title="Say which session each operation needs",
    why=(
        "A login reads portfolios; orders and market data need the brokerage session on top of it. The document says "
        "neither, and a call without its session fails with a status that misleads."
    ),
    area=Area.DOCUMENT,
    before={
        "paths": {
            "/iserver/accounts": {"get": {base_path.EXTENSION: TRADING_BASE}},
            "/portfolio/accounts": {"get": {base_path.EXTENSION: TRADING_BASE}},
            "/gw/api/v1/accounts": {"get": {base_path.EXTENSION: ""}},
        }
    },
    after={
        "paths": {
            "/iserver/accounts": {"get": {base_path.EXTENSION: TRADING_BASE, EXTENSION: BROKERAGE}},
            "/portfolio/accounts": {"get": {base_path.EXTENSION: TRADING_BASE, EXTENSION: LOGIN}},
            "/gw/api/v1/accounts": {"get": {base_path.EXTENSION: "", EXTENSION: NONE}},
        }
    },
    find=find,
)
