"""Rule: a path parameter is required."""

from collections.abc import Iterator

from normalizer.change import MISSING, Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Kind


def find(document: Document) -> Iterator[Change]:
    """Set the flag that OpenAPI demands of every path parameter."""
    for site in document.of(Kind.PARAMETER):
        if site.value.get("in") == "path" and site.value.get("required") is not True:
            before = site.value.get("required", MISSING)
            yield Change(pointer=f"{site.pointer}/required", before=before, after=True)


RULE = Rule(
    id="path-parameter-required",
    title="Mark path parameters as required",
    why="There is no URL without them; validators reject `required: false`.",
    area=Area.PARAMETERS,
    before={
        "paths": {
            "/a/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": False}]}}
        }
    },
    after={
        "paths": {
            "/a/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": True}]}}
        }
    },
    find=find,
)
