"""A schema that describes given values, and nothing that was not seen."""

from collections.abc import Sequence

from normalizer.document import Json
from normalizer.samples import json_types


def schema_of(values: Sequence[Json]) -> dict[str, Json]:
    """The narrowest schema of some values; `{}` when there are none.

    No property is required and no enum is invented: a handful of values proves neither.
    """
    types = _types(values)
    if not types:
        return {}
    schema: dict[str, Json] = {"type": types[0] if len(types) == 1 else types}
    if "object" in types:
        schema["properties"] = _properties([v for v in values if isinstance(v, dict)])
    if "array" in types:
        schema["items"] = schema_of([item for v in values if isinstance(v, list) for item in v])
    return schema


def _types(values: Sequence[Json]) -> list[str]:
    seen = dict.fromkeys(json_types(value)[0] for value in values)
    if "number" in seen:
        seen.pop("integer", None)
    return list(seen)


def _properties(objects: Sequence[dict[str, Json]]) -> dict[str, Json]:
    names = dict.fromkeys(name for value in objects for name in value)
    return {name: schema_of([v[name] for v in objects if name in v]) for name in names}
