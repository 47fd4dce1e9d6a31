"""Models that take fields beyond those they declare, such as one for each account or field code.

msgspec has no such records: what they do not declare is put into `additional` by a second walk.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from .drift import join
from .model import OpenModel
from .salvage import salvage
from .unions import hook

if TYPE_CHECKING:
    from .decoding import Report
    from .drift import DriftKind


def fill(plain: Any, typed: Any, report: Report, pointer: str = "") -> None:
    """Give the open models of a typed value what its plain twin has beside their fields."""
    if isinstance(typed, msgspec.Struct) and isinstance(plain, dict):
        _fill_record(plain, typed, report, pointer)
    elif isinstance(typed, list) and isinstance(plain, list):
        for index, (value, item) in enumerate(zip(plain, typed, strict=False)):
            fill(value, item, report, f"{pointer}/{index}")
    elif isinstance(typed, dict) and isinstance(plain, dict):
        for key, value in plain.items():
            fill(value, typed.get(key), report, join(pointer, key))


def _fill_record(
    plain: dict[str, Any], typed: msgspec.Struct, report: Report, pointer: str
) -> None:
    wires = typed.__struct_encode_fields__
    attributes = dict(zip(wires, typed.__struct_fields__, strict=True))
    for key, value in plain.items():
        place = join(pointer, key)
        if key in attributes and attributes[key] != "additional":
            fill(value, getattr(typed, attributes[key]), report, place)
        elif isinstance(typed, OpenModel):
            made = _read(value, value_type(type(typed)), report, place)
            typed.additional[key] = made
            fill(value, made, report, place)


def _read(value: Any, kind: Any, report: Report, pointer: str) -> Any:
    try:
        return msgspec.convert(value, kind, dec_hook=hook(strict=True))
    except msgspec.ValidationError:

        def below(place: str, expected: str, got: Any, drift: DriftKind) -> None:
            report(pointer + place, expected, got, drift)

        return salvage(value, kind, below)


@cache
def value_type(model: type[OpenModel]) -> Any:
    """The type of a model's further fields."""
    fields = msgspec.structs.fields(model)
    (found,) = (field.type for field in fields if field.name == "additional")
    return found.__args__[1]
