"""A schema that describes given values, and nothing that was not seen."""

import re
from collections.abc import Sequence
from typing import Final

from normalizer.document import Json
from normalizer.samples import json_types

_DATA: Final = re.compile(
    r"""
    \d{5,}                                  # a conid, a date, an epoch; field codes are shorter
    | [A-Z]{1,2}\d{5,}[A-Z]? (\.\w+)?        # an account, one of its segments or models
    | (?:AED|AUD|BGN|CAD|CHF|CNH|CNY|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|JPY|KRW|MXN|MYR|NOK|NZD|PLN
        |RON|SAR|SEK|SGD|THB|TRY|TWD|USD|ZAR|BASE)
    """,
    re.VERBOSE,
)
_NUMERIC: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def is_data(name: str) -> bool:
    """Whether a member's name is data: a number, an account or a currency, not a word."""
    return _DATA.fullmatch(name) is not None


def is_numeric_text(value: Json) -> bool:
    """Whether a value is a decimal number sent as text."""
    return isinstance(value, str) and _NUMERIC.fullmatch(value) is not None


def schema_of(values: Sequence[Json]) -> dict[str, Json]:
    """The narrowest schema of some values; `{}` when there are none.

    No property is required and no enum is invented: a handful of values proves neither. A member that
    was only ever null is left out.
    """
    types = _types(values)
    if not types:
        return {}
    schema: dict[str, Json] = {"type": types[0] if len(types) == 1 else types}
    if "object" in types:
        schema |= _members([v for v in values if isinstance(v, dict)])
    if "array" in types:
        schema["items"] = schema_of([item for v in values if isinstance(v, list) for item in v])
    return schema


def _types(values: Sequence[Json]) -> list[str]:
    seen = dict.fromkeys(json_types(value)[0] for value in values)
    if "number" in seen:
        seen.pop("integer", None)
    return list(seen)


def _members(objects: Sequence[dict[str, Json]]) -> dict[str, Json]:
    """Properties; or, where every key is data, one schema for all values."""
    names = [name for value in objects for name in value]
    if names and all(map(is_data, names)):
        held = [member for value in objects for member in value.values()]
        return {"additionalProperties": schema_of(held)}
    return {"properties": _properties(objects)}


def _properties(objects: Sequence[dict[str, Json]]) -> dict[str, Json]:
    names = dict.fromkeys(name for value in objects for name in value)
    members = {name: [v[name] for v in objects if name in v] for name in names}
    return {name: schema_of(held) for name, held in members.items() if has_value(held)}


def has_value(values: Sequence[Json]) -> bool:
    """Whether something else than null was seen: null alone proves no type."""
    return any(value is not None for value in values)


def merge(shapes: Sequence[dict[str, Json]]) -> dict[str, Json]:
    """One schema for the values of a map whose sample keys each had their own."""
    distinct: list[dict[str, Json]] = []
    for shape in shapes:
        if shape not in distinct:
            distinct.append(shape)
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
