"""Records as plain values: for data frames, files, and printing. Needs no data frame library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from .model import OpenModel

if TYPE_CHECKING:
    from collections.abc import Iterable


def rows(records: Iterable[msgspec.Struct]) -> list[dict[str, Any]]:
    """One dictionary a record, all with the same keys: `pandas.DataFrame(rows(positions))`.

    Keys are the attributes that any of the records has set, in the order of the model; what one
    record lacks is `None`. Records inside records become dictionaries.
    """
    kept = list(records)
    declared = dict.fromkeys(name for record in kept for name in record.__struct_fields__)
    names = [name for name in declared if any(_is_set(record, name) for record in kept)]
    return [{name: _plain(getattr(record, name, None)) for name in names} for record in kept]


def columns(records: Iterable[msgspec.Struct]) -> dict[str, list[Any]]:
    """One list a field, all of the same length: `polars.DataFrame(columns(positions))`."""
    table = rows(records)
    return {name: [row[name] for row in table] for name in (table[0] if table else ())}


def plain_record(record: msgspec.Struct) -> dict[str, Any]:
    """The set fields of a record by attribute name, also of the records in it."""
    return {
        name: _plain(getattr(record, name))
        for name in record.__struct_fields__
        if _is_set(record, name)
    }


def wire_record(record: msgspec.Struct) -> dict[str, Any]:
    """The set fields of a record by wire name, as JSON has them."""
    from decimal import Decimal

    plain: dict[str, Any] = msgspec.to_builtins(record, builtin_types=(Decimal,))
    _flatten(record, plain)
    return plain


def _flatten(value: Any, plain: Any) -> None:
    """Put the further fields of open models beside their others, where the wire has them."""
    if isinstance(value, msgspec.Struct):
        pairs = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        for name, wire in pairs:
            if wire in plain:
                _flatten(getattr(value, name), plain[wire])
        if isinstance(value, OpenModel):
            plain.update(plain.pop("additional", {}))
    elif isinstance(value, list):
        for item, inner in zip(value, plain, strict=True):
            _flatten(item, inner)
    elif isinstance(value, dict):
        for key, item in value.items():
            _flatten(item, plain[key])


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return plain_record(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return None if value is UNSET else value


def _is_set(record: msgspec.Struct, name: str) -> bool:
    value = getattr(record, name, None)
    return value is not None and value is not UNSET
