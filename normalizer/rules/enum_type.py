"""Rule: the values of an enum have the type that stands beside it."""

from collections.abc import Iterator

from normalizer.change import MISSING, Change
from normalizer.document import Json, same
from normalizer.rule import Area, Rule
from normalizer.samples import json_types
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Convert values that are exactly a value of the type, else let the type follow the values."""
    for site in document.schemas:
        kind, values = site.value.get("type"), site.value.get("enum")
        if not isinstance(kind, str) or not isinstance(values, list):
            continue
        if kind == "boolean":
            yield Change(pointer=f"{site.pointer}/enum", before=values)
        elif not all(kind in json_types(value) for value in values):
            yield from _reconcile(site.pointer, kind, values)


def _reconcile(pointer: str, kind: str, values: list[Json]) -> Iterator[Change]:
    converted = [_convert(value, kind) for value in values]
    if MISSING not in converted:
        yield Change(pointer=f"{pointer}/enum", before=values, after=converted)
        return
    kinds = list(dict.fromkeys(json_types(value)[0] for value in values))
    after = kinds[0] if len(kinds) == 1 else kinds
    yield Change(pointer=f"{pointer}/type", before=kind, after=after)


def _convert(value: Json, kind: str) -> Json:
    """The same value in another type, or MISSING when that would change or lose something."""
    if kind in json_types(value):
        return value
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
        if same(str(number), text):
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
