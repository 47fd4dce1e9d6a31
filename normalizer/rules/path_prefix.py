"""Rule: the base path is no part of a path."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import join
from normalizer.rule import Area, Rule
from normalizer.structure import TRADING_BASE, Document


def find(document: Document) -> Iterator[Change]:
    """Move `/v1/api/tickle` to `/tickle` where that is free."""
    paths = document.root["paths"]
    for path in paths:
        bare = path.removeprefix(TRADING_BASE)
        if path.startswith(f"{TRADING_BASE}/") and bare not in paths:
            yield Change(source=join("/paths", path), pointer=join("/paths", bare))


RULE = Rule(
    id="path-prefix",
    title="Take the base path out of path keys",
    why="From 2.39 on the published trading paths carry /v1/api: a refresh would read as a hundred removals.",
    area=Area.PATHS,
    before={"paths": {"/v1/api/tickle": {"post": {}}, "/gw/api/v1/echo": {"get": {}}}},
    after={"paths": {"/gw/api/v1/echo": {"get": {}}, "/tickle": {"post": {}}}},
    find=find,
)
