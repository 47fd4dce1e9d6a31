"""Rule: every security requirement names a scheme that exists."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import join
from normalizer.rule import Area, Rule
from normalizer.structure import Document

_BEARER = {"type": "http", "scheme": "bearer"}


def find(document: Document) -> Iterator[Change]:
    """Declare schemes that are required and defined nowhere; only bearer tokens occur."""
    components = document.root.get("components", {})
    declared = components.get("securitySchemes", {})
    missing = {name: dict(_BEARER) for name in _required(document) if name not in declared}
    if not missing:
        return
    if "components" not in document.root:
        yield Change(pointer="/components", after={"securitySchemes": missing})
    elif "securitySchemes" not in components:
        yield Change(pointer="/components/securitySchemes", after=missing)
    else:
        for name, scheme in missing.items():
            yield Change(pointer=join("/components/securitySchemes", name), after=scheme)


def _required(document: Document) -> Iterator[str]:
    holders = [document.root, *(operation.value for operation in document.operations)]
    for holder in holders:
        for requirement in holder.get("security", ()):
            yield from requirement


RULE = Rule(
    id="security-scheme",
    title="Declare security schemes that are required and undefined",
    why=(
        "Two operations require `bearerAuth`, which is defined nowhere: generators raise, or send no "
        "credentials."
    ),
    area=Area.DOCUMENT,
    before={"paths": {"/a": {"get": {"security": [{"bearerAuth": []}]}}}},
    after={
        "paths": {"/a": {"get": {"security": [{"bearerAuth": []}]}}},
        "components": {"securitySchemes": {"bearerAuth": _BEARER}},
    },
    find=find,
)
