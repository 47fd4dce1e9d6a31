"""Fields that came and that no model knows: where they stand in a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .drift import join
from .model import OpenModel

if TYPE_CHECKING:
    from collections.abc import Iterator


def unknown_fields(plain: Any, typed: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """`(pointer, value)` of each field of plain JSON that its typed twin has no attribute for."""
    if isinstance(typed, msgspec.Struct) and isinstance(plain, dict):
        wires = typed.__struct_encode_fields__
        attributes = dict(zip(wires, typed.__struct_fields__, strict=True))
        for key, value in plain.items():
            place = join(pointer, key)
            if key in attributes:
                yield from unknown_fields(value, getattr(typed, attributes[key]), place)
            elif isinstance(typed, OpenModel) and key in typed.additional:
                yield from unknown_fields(value, typed.additional[key], place)
            else:
                yield place, value
    elif isinstance(typed, list) and isinstance(plain, list):
        for index, (value, item) in enumerate(zip(plain, typed, strict=False)):
            yield from unknown_fields(value, item, f"{pointer}/{index}")
    elif isinstance(typed, dict) and isinstance(plain, dict):
        for key, value in plain.items():
            yield from unknown_fields(value, typed.get(key), join(pointer, key))
