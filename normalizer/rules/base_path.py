"""Rule: an operation's base path follows from its path, and is said in one place."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import join
from normalizer.rule import Area, Rule
from normalizer.structure import TRADING_BASE, Document, Operation

ORIGIN_PREFIXES = ("/gw/api/", "/oauth2/api/")
EXTENSION = "x-bezant-base-path"


def find(document: Document) -> Iterator[Change]:
    """Record the base path of each operation and drop the servers that contradict each other."""
    for operation in document.operations:
        if EXTENSION not in operation.value:
            yield Change(pointer=f"{operation.pointer}/{EXTENSION}", after=base_path(operation))
        if "servers" in operation.value:
            yield Change(pointer=f"{operation.pointer}/servers", before=operation.value["servers"])
    for path, item in document.root["paths"].items():
        if "servers" in item:
            yield Change(pointer=join("/paths", path, "servers"), before=item["servers"])


def base_path(operation: Operation) -> str:
    """`/v1/api` for the trading API, nothing for account management and OAuth 2.0."""
    return "" if operation.path.startswith(ORIGIN_PREFIXES) else TRADING_BASE


RULE = Rule(
    id="base-path",
    title="State the base path of every operation",
    why=(
        "The published servers give /v1/api to some trading operations and not to their siblings, so half the "
        "trading API resolves to the wrong URL. The live API needs it on all but /gw/api and /oauth2/api."
    ),
    area=Area.PATHS,
    before={
        "paths": {
            "/tickle": {"post": {}},
            "/a": {"get": {"servers": [{"url": "https://h/v1/api"}]}},
        }
    },
    after={
        "paths": {
            "/tickle": {"post": {EXTENSION: "/v1/api"}},
            "/a": {"get": {EXTENSION: "/v1/api"}},
        }
    },
    find=find,
)
