"""Rule: a session cookie is a credential, not an argument."""

from collections.abc import Iterator

from normalizer import parameters
from normalizer.change import MISSING, Change
from normalizer.document import Json, join
from normalizer.parameters import Declared
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Kind, Operation


def find(document: Document) -> Iterator[Change]:
    """Express cookie parameters as security schemes; entries go last index first."""
    schemes: dict[str, Json] = {}
    shared: dict[str, Json] = {}
    for found in parameters.of_operations(document):
        cookies = [entry for entry in (*found.own, *found.shared) if entry.location == "cookie"]
        if cookies:
            yield _require(found.operation, cookies)
        schemes |= {scheme_name(entry): _scheme(entry) for entry in cookies}
        shared |= {entry.pointer: entry.entry for entry in found.shared if entry in cookies}
        for entry in reversed([entry for entry in found.own if entry in cookies]):
            yield Change(pointer=entry.pointer, before=entry.entry)
    for pointer in reversed(shared):
        yield Change(pointer=pointer, before=shared[pointer])
    for site in document.of(Kind.PARAMETER):
        if site.pointer.startswith("/components/") and site.value.get("in") == "cookie":
            yield Change(pointer=site.pointer, before=site.value)
    yield from _declare(document, schemes)


def scheme_name(entry: Declared) -> str:
    """`api` gives `apiCookie`."""
    return f"{entry.name}Cookie"


def _scheme(entry: Declared) -> dict[str, Json]:
    return {"type": "apiKey", "in": "cookie", "name": entry.name}


def _require(operation: Operation, cookies: list[Declared]) -> Change:
    before = operation.value.get("security", MISSING)
    requirement: dict[str, Json] = {scheme_name(entry): [] for entry in cookies}
    present = [] if before is MISSING else before
    after = [{**alternative, **requirement} for alternative in present] or [requirement]
    return Change(pointer=f"{operation.pointer}/security", before=before, after=after)


def _declare(document: Document, schemes: dict[str, Json]) -> Iterator[Change]:
    components = document.root.get("components", {})
    declared = components.get("securitySchemes", {})
    new = {name: scheme for name, scheme in schemes.items() if name not in declared}
    if new and "components" not in document.root:
        yield Change(pointer="/components", after={"securitySchemes": new})
    elif new and not declared:
        before = components.get("securitySchemes", MISSING)
        yield Change(pointer="/components/securitySchemes", before=before, after=new)
    else:
        for name, scheme in new.items():
            yield Change(pointer=join("/components/securitySchemes", name), after=scheme)


RULE = Rule(
    id="cookie-parameter",
    title="Turn cookie parameters into security schemes",
    why="A cookie argument is refused by some generators and sent as a header by others.",
    area=Area.PARAMETERS,
    before={
        "paths": {
            "/a": {
                "get": {
                    "parameters": [{"name": "api", "in": "cookie", "schema": {"type": "string"}}]
                }
            }
        }
    },
    after={
        "paths": {"/a": {"get": {"parameters": [], "security": [{"apiCookie": []}]}}},
        "components": {
            "securitySchemes": {"apiCookie": {"type": "apiKey", "in": "cookie", "name": "api"}}
        },
    },
    find=find,
)
