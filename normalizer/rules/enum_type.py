"""Rule: the values of an enum have the type that stands beside it."""

import math
from collections.abc import Iterator

from normalizer.change import MISSING, Change
from normalizer.document import Json, same
from normalizer.rule import Area, Rule
from normalizer.samples import json_types
from normalizer.structure import Document, Site, type_names


def find(document: Document) -> Iterator[Change]:
    """Convert values that are exactly a value of the type, else let the type follow the values."""
    for site in document.schemas:
        values = site.value.get("enum")
        if "type" not in site.value or not isinstance(values, list):
            continue
        kinds = type_names(site.value)
        if set(kinds) <= {"boolean", "null"}:
            yield Change(pointer=f"{site.pointer}/enum", before=values)
        elif not all(set(kinds) & set(json_types(value)) for value in values):
            yield from _reconcile(site, kinds, values)


def _reconcile(site: Site, kinds: list[str], values: list[Json]) -> Iterator[Change]:
    converted = [_convert(value, kinds) for value in values]
    if MISSING not in converted:
        yield Change(pointer=f"{site.pointer}/enum", before=values, after=converted)
        return
    seen = list(dict.fromkeys(json_types(value)[0] for value in values))
    after = seen[0] if len(seen) == 1 else seen
    yield Change(pointer=f"{site.pointer}/type", before=site.value["type"], after=after)
    if set(seen) <= {"boolean", "null"}:
        yield Change(pointer=f"{site.pointer}/enum", before=values)


def _convert(value: Json, kinds: list[str]) -> Json:
    """The same value in a declared type, or MISSING when that would change or lose something."""
    if set(kinds) & set(json_types(value)):
        return value
    found = (_convert_to(value, kind) for kind in kinds if kind != "null")
    return next((result for result in found if result is not MISSING), MISSING)


def _convert_to(value: Json, kind: str) -> Json:
    if kind == "string" and isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else repr(value)
    if kind in ("integer", "number") and isinstance(value, str):
        return _number(value, kind)
    return MISSING


def _number(text: str, kind: str) -> Json:
    for parse in (int, float) if kind == "number" else (int,):
        try:
            number = parse(text)
        except ValueError:
            continue
        if math.isfinite(number) and same(str(number), text):
            return number
    return MISSING


RULE = Rule(
    id="enum-type",
    title="Make enum values and type agree",
    why=(
        "`type: boolean, enum: ['true']` and `type: number, enum: ['0', '1']` admit no value at all. A boolean needs "
        "no enum; other values are converted where that is exact."
    ),
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "boolean", "enum": ["true"]},
                "B": {"type": "number", "enum": ["0", "1"]},
                "C": {"type": "integer", "enum": ["a", 1]},
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"type": "boolean"},
                "B": {"type": "number", "enum": [0, 1]},
                "C": {"type": ["string", "integer"], "enum": ["a", 1]},
            }
        },
    },
    find=find,
)
