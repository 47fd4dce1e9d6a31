"""Rule: a scope is a string."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import Json, join
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Filter scope lists to strings, on operations and on the document."""
    holders = [("", document.root)] + [(op.pointer, op.value) for op in document.operations]
    for pointer, holder in holders:
        for index, requirement in enumerate(holder.get("security", ())):
            yield from _filter(f"{pointer}/security/{index}", requirement)


def _filter(pointer: str, requirement: dict[str, Json]) -> Iterator[Change]:
    for scheme, scopes in requirement.items():
        kept = [scope for scope in scopes if isinstance(scope, str)]
        if kept != scopes:
            yield Change(pointer=join(pointer, scheme), before=scopes, after=kept)


RULE = Rule(
    id="security-scopes",
    title="Drop scopes that are not strings",
    why="`bearerAuth: [null]` makes strict readers refuse the whole document for two operations.",
    area=Area.DOCUMENT,
    before={"paths": {"/a": {"get": {"security": [{"bearerAuth": [None]}]}}}},
    after={"paths": {"/a": {"get": {"security": [{"bearerAuth": []}]}}}},
    find=find,
)
