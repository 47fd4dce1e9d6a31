"""Rule: a parameter has a schema."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Kind


def find(document: Document) -> Iterator[Change]:
    """Borrow the type of a parameter of the same name, else say string."""
    known = _types_by_name(document)
    for site in document.of(Kind.PARAMETER):
        if not site.is_reference and "schema" not in site.value and "content" not in site.value:
            kind = known.get(site.value.get("name"), "string")
            yield Change(pointer=f"{site.pointer}/schema", after={"type": kind})


def _types_by_name(document: Document) -> dict[Json, str]:
    known: dict[Json, str] = {}
    for site in document.of(Kind.PARAMETER):
        schema = site.value.get("schema")
        if isinstance(schema, dict) and isinstance(schema.get("type"), str):
            known[site.value.get("name")] = schema["type"]
    return known


RULE = Rule(
    id="parameter-schema",
    title="Give every parameter a schema",
    why="Five parameters of 2.20 say nothing about their values, which no version of OpenAPI allows.",
    area=Area.PARAMETERS,
    before={
        "paths": {
            "/a": {
                "get": {
                    "parameters": [
                        {"name": "n", "in": "query", "schema": {"type": "integer"}},
                        {"name": "n", "in": "header"},
                        {"name": "m", "in": "query"},
                    ]
                }
            }
        }
    },
    after={
        "paths": {
            "/a": {
                "get": {
                    "parameters": [
                        {"name": "n", "in": "query", "schema": {"type": "integer"}},
                        {"name": "n", "in": "header", "schema": {"type": "integer"}},
                        {"name": "m", "in": "query", "schema": {"type": "string"}},
                    ]
                }
            }
        }
    },
    find=find,
)
