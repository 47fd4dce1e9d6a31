"""Rule: a path parameter has a place in the path."""

from collections.abc import Iterator

from normalizer import parameters
from normalizer.change import Change
from normalizer.parameters import Declared
from normalizer.rule import Area, Rule
from normalizer.structure import Document

_PATH_STYLE = ("required", "style", "explode")


def find(document: Document) -> Iterator[Change]:
    """Drop strays that claim to be required, make the others query parameters; last index first."""
    for operation in parameters.of_operations(document):
        for entry in reversed(operation.stray):
            if entry.value.get("required") is True:
                yield Change(pointer=entry.pointer, before=entry.entry)
            else:
                yield Change(pointer=entry.pointer, before=entry.entry, after=_as_query(entry))


def _as_query(entry: Declared) -> dict[str, object]:
    rest = {key: value for key, value in entry.value.items() if key not in _PATH_STYLE}
    return rest | {"in": "query"}


RULE = Rule(
    id="path-parameter-stray",
    title="Take path parameters out that the path does not have",
    why=(
        "`client-id` is a required path parameter of 21 operations whose path has no such segment: a client "
        "demands an argument that it never sends. An optional one was meant for the query, as later revisions show."
    ),
    area=Area.PARAMETERS,
    before={
        "paths": {
            "/a": {
                "get": {
                    "parameters": [
                        {"name": "client-id", "in": "path", "required": True},
                        {"name": "sort", "in": "path", "required": False, "style": "simple"},
                    ]
                }
            }
        }
    },
    after={"paths": {"/a": {"get": {"parameters": [{"name": "sort", "in": "query"}]}}}},
    find=find,
)
