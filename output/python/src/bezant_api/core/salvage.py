"""Typing what fits of a value that as a whole does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect

from .drift import join
from .unions import UnionMarker, candidates, hook

if TYPE_CHECKING:
    from .decoding import Report


def salvage(value: Any, kind: Any, report: Report) -> Any:
    """Convert as much of a JSON value as fits a type; report and keep the rest as it is."""
    return _salvage(value, inspect.type_info(kind), "", report)


def _salvage(value: Any, info: inspect.Type, pointer: str, report: Report) -> Any:
    if isinstance(info, inspect.CustomType) and issubclass(info.cls, UnionMarker):
        return _salvage_union(value, info.cls, pointer, report)
    if isinstance(info, inspect.UnionType):
        return _salvage_variant(value, info, pointer, report)
    if isinstance(info, inspect.StructType) and isinstance(value, dict):
        return _salvage_struct(value, info, pointer, report)
    if isinstance(info, inspect.ListType) and isinstance(value, list):
        items = enumerate(value)
        return [_salvage(item, info.item_type, f"{pointer}/{i}", report) for i, item in items]
    if isinstance(info, inspect.DictType) and isinstance(value, dict):
        return {
            key: _salvage(item, info.value_type, join(pointer, key), report)
            for key, item in value.items()
        }
    return _salvage_leaf(value, info, pointer, report)


def _salvage_struct(
    value: dict[str, Any], info: inspect.StructType, pointer: str, report: Report
) -> Any:
    arguments = {
        field.name: _salvage(
            value[field.encode_name], field.type, join(pointer, field.encode_name), report
        )
        for field in info.fields
        if field.encode_name in value
    }
    for field in info.fields:
        if field.required and field.name not in arguments:
            report(join(pointer, field.encode_name), _describe(field.type), None, "missing")
            arguments[field.name] = None
    return info.cls(**arguments)


def _salvage_variant(value: Any, info: inspect.UnionType, pointer: str, report: Report) -> Any:
    """Salvage by the one variant of the value's JSON kind, if there is one."""
    for variant in info.types:
        try:
            return _convert(value, variant)
        except msgspec.ValidationError:
            continue
    for variant in info.types:
        if _same_kind(value, variant):
            return _salvage(value, variant, pointer, report)
    report(pointer, _describe(info), value, "type")
    return value


def _salvage_union(value: Any, marker: type[UnionMarker], pointer: str, report: Report) -> Any:
    branch = next(iter(candidates(marker, value)), None)
    if branch is None:
        report(pointer, marker.__name__, value, "type")
        return value
    return _salvage(value, inspect.type_info(branch), pointer, report)


def _salvage_leaf(value: Any, info: inspect.Type, pointer: str, report: Report) -> Any:
    try:
        return _convert(value, info)
    except msgspec.ValidationError:
        report(pointer, _describe(info), value, "type")
        return value


def _convert(value: Any, info: inspect.Type) -> Any:
    """Convert by the type that an inspected type describes, in lax mode."""
    return msgspec.convert(value, _as_type(info), strict=False, dec_hook=hook(strict=False))


def _as_type(info: inspect.Type) -> Any:  # one line a kind
    if isinstance(info, inspect.StructType | inspect.CustomType):
        return info.cls
    if isinstance(info, inspect.ListType):
        return list[_as_type(info.item_type)]  # type: ignore[misc]  # built at run time
    if isinstance(info, inspect.DictType):
        return dict[str, _as_type(info.value_type)]  # type: ignore[misc]  # built at run time
    if isinstance(info, inspect.UnionType):
        union: Any = _as_type(info.types[0])
        for variant in info.types[1:]:
            union = union | _as_type(variant)
        return union
    if isinstance(info, inspect.LiteralType):
        from typing import Literal  # subscripted at run time only

        return Literal[tuple(info.values)]
    return _SCALARS.get(type(info), Any)


_SCALARS: dict[type[inspect.Type], Any] = {
    inspect.StrType: str,
    inspect.IntType: int,
    inspect.FloatType: float,
    inspect.BoolType: bool,
    inspect.NoneType: None,
}


def _same_kind(value: Any, info: inspect.Type) -> bool:
    if isinstance(value, dict):
        return isinstance(info, inspect.StructType | inspect.DictType | inspect.CustomType)
    if isinstance(value, list):
        return isinstance(info, inspect.ListType | inspect.CustomType)
    return False


def _describe(info: inspect.Type) -> str:
    """A type in words, as type annotations write it."""
    if isinstance(info, inspect.UnionType):
        return " | ".join(map(_describe, info.types))
    if isinstance(info, inspect.StructType | inspect.CustomType):
        return info.cls.__name__
    if isinstance(info, inspect.ListType):
        return f"list[{_describe(info.item_type)}]"
    if isinstance(info, inspect.DictType):
        return f"dict[str, {_describe(info.value_type)}]"
    return type(info).__name__.removesuffix("Type").lower()
