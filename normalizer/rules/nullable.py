"""Rule: `nullable` becomes a type."""

from collections.abc import Iterator

from normalizer.change import MISSING, Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site

_NULL = {"type": "null"}


def find(document: Document) -> Iterator[Change]:
    """Express `nullable` in the vocabulary of JSON Schema 2020-12.

    Innermost schemas first; one that is to be rewritten whole waits until none below it is left.
    """
    done = ""
    for site in reversed(document.schemas):
        if "nullable" in site.value:
            if not done.startswith(f"{site.pointer}/"):
                yield from _upgrade(site)
            done = site.pointer


def _upgrade(site: Site) -> Iterator[Change]:
    schema = site.value
    rest = {key: value for key, value in schema.items() if key != "nullable"}
    if schema["nullable"] is True and ("$ref" in schema or "allOf" in schema):
        yield Change(pointer=site.pointer, before=schema, after={"anyOf": [rest, dict(_NULL)]})
        return
    if schema["nullable"] is True:
        yield from _admit_null(site.pointer, rest)
    yield Change(pointer=f"{site.pointer}/nullable", before=schema["nullable"])


def _admit_null(pointer: str, schema: dict[str, Json]) -> Iterator[Change]:
    for key, null in (("type", "null"), ("enum", None), ("anyOf", _NULL), ("oneOf", _NULL)):
        values = _as_list(schema.get(key, MISSING))
        if values and null not in values:
            yield Change(pointer=f"{pointer}/{key}", before=schema[key], after=[*values, null])


def _as_list(value: Json) -> list[Json]:
    if value is MISSING:
        return []
    return value if isinstance(value, list) else [value]


RULE = Rule(
    id="nullable",
    title="Turn nullable into the type null",
    why="3.1 has no `nullable`; beside an enum or a $ref the naive upgrade loses the null.",
    area=Area.VERSION,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "string", "enum": ["x"], "nullable": True},
                "B": {"$ref": "#/components/schemas/A", "nullable": True},
                "C": {"nullable": True},
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": ["string", "null"], "enum": ["x", None]},
                "B": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]},
                "C": {},
            }
        },
    },
    find=find,
    rounds=16,
)
