"""Rule: a parameter has a type."""

from collections.abc import Iterator
from typing import Final

from normalizer import samples
from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Kind

_TYPING: Final = frozenset(
    ("type", "$ref", "enum", "const", "allOf", "anyOf", "oneOf", "properties", "items")
)


def find(document: Document) -> Iterator[Change]:
    """Take the type of a parameter of the same name, else of its own values, else say string."""
    known = _types_by_name(document)
    for site in document.of(Kind.PARAMETER):
        if site.is_reference or "content" in site.value:
            continue
        schema = site.value.get("schema")
        values = schema if isinstance(schema, dict) else {}
        name = site.value.get("name")
        kind = (known.get(name) if isinstance(name, str) else "") or _type_of_values(values)
        if schema is None:
            yield Change(pointer=f"{site.pointer}/schema", after={"type": kind})
        elif isinstance(schema, dict) and not schema.keys() & _TYPING:
            yield Change(pointer=f"{site.pointer}/schema/type", after=kind)


def _type_of_values(schema: dict[str, Json]) -> str:
    values = [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else ())]
    kinds = {samples.json_types(value)[0] for value in values}
    return kinds.pop() if len(kinds) == 1 else "string"


def _types_by_name(document: Document) -> dict[str, str]:
    """The type of a name where all typed parameters of that name agree."""
    known: dict[str, set[str]] = {}
    for site in document.of(Kind.PARAMETER):
        schema = site.value.get("schema")
        if isinstance(schema, dict) and isinstance(schema.get("type"), str):
            known.setdefault(str(site.value.get("name")), set()).add(schema["type"])
    return {name: kinds.pop() for name, kinds in known.items() if len(kinds) == 1}


RULE = Rule(
    id="parameter-schema",
    title="Give every parameter a type",
    why=(
        "Five parameters of 2.20 say nothing about their values, sixteen later ones have a schema without a "
        "type."
    ),
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
