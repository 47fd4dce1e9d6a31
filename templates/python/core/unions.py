"""Unions that msgspec cannot tell apart by itself.

To a type checker such a union is `A | B`. At run time it is a marker class, and the hook below finds
the branch: by JSON kind, by tag, else by the number of keys that a branch knows.
"""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Union, cast, get_args, get_origin

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Hook = Callable[[type, Any], Any]


class _AnyInstance(type):
    """Makes every value an instance: msgspec checks what its hook returns, and a branch is right."""

    def __instancecheck__(cls, instance: object) -> bool:
        return True


class UnionMarker(metaclass=_AnyInstance):
    """Stands for a union in annotations that msgspec reads."""

    tag: ClassVar[str]
    mapping: ClassVar[Mapping[str, int]]

    @staticmethod
    def branches() -> tuple[Any, ...]:
        """The types that a value may have; every union has its own."""
        return ()


def union(
    name: str,
    branches: Callable[[], tuple[Any, ...]],
    tag: str = "",
    mapping: Mapping[str, int] | None = None,
) -> type[UnionMarker]:
    """Make the marker of a union; `branches` is called on first use, when all types exist."""
    members = {"branches": staticmethod(cache(branches)), "tag": tag, "mapping": mapping or {}}
    return cast("type[UnionMarker]", _AnyInstance(name, (UnionMarker,), members))


def hook(*, strict: bool) -> Hook:
    """The `dec_hook` that resolves markers, in strict or lax conversion."""
    return _strict_hook if strict else _lax_hook


def _strict_hook(kind: type, value: Any) -> Any:
    return _resolve(kind, value, strict=True)


def _lax_hook(kind: type, value: Any) -> Any:
    return _resolve(kind, value, strict=False)


def _resolve(kind: type, value: Any, *, strict: bool) -> Any:
    if not issubclass(kind, UnionMarker):
        # What msgspec asks its hooks to raise for a type that is not theirs.
        message = f"unsupported type {kind!r}"
        raise NotImplementedError(message)
    failure: msgspec.ValidationError | None = None
    for branch in candidates(kind, value):
        try:
            return msgspec.convert(value, branch, strict=strict, dec_hook=hook(strict=strict))
        except msgspec.ValidationError as error:
            failure = failure or error
    raise failure or msgspec.ValidationError(f"no branch of {kind.__name__} takes this value")


def candidates(kind: type[UnionMarker], value: Any) -> list[Any]:
    """The branches that may hold a value: the tagged one, else all that know most of its keys.

    A branch that knows fewer keys is none: it would take the value and drop what it does not know.
    """
    branches = kind.branches()
    tag = value.get(kind.tag) if isinstance(value, dict) else None
    if isinstance(tag, str) and tag in kind.mapping:
        return [branches[kind.mapping[tag]]]
    scores = [_score(branch, value) for branch in branches]
    best = max(scores, default=-1)
    return [b for b, score in zip(branches, scores, strict=True) if score == best >= 0]


@cache
def branch_for(kind: type[UnionMarker], start: bytes) -> Any:
    """The one branch for a body that begins with `{` or `[`; the union where that does not tell."""
    if kind.tag:
        return kind
    empty: Any = {} if start == b"{" else []
    found = [branch for branch in kind.branches() if _score(branch, empty) >= 0]
    only = found[0] if len(found) == 1 else kind
    return kind if _is_open(only) or get_origin(only) in (Union, UnionType) else only


def _score(branch: Any, value: Any) -> int:
    """How many keys of a value a branch knows; -1 when the JSON kinds differ."""
    origin = get_origin(branch) or branch
    if origin in (Union, UnionType):
        return max(_score(part, value) for part in get_args(branch))
    if isinstance(value, dict):
        if _is_struct(origin):
            return len(value.keys() & _wire_names(origin))
        return 0 if origin is dict or _is_open(origin) else -1
    if isinstance(value, list):
        if origin is list:
            item = get_args(branch)[0]
            return max(0, _score(item, value[0])) if value else 0
        return 0 if _is_open(origin) else -1
    return -1 if origin in (dict, list) or _is_struct(origin) else 0


def _is_struct(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, msgspec.Struct)


def _is_open(origin: Any) -> bool:
    """Whether a branch says nothing about its JSON kind: `Any`, or another union."""
    return origin is Any or (isinstance(origin, type) and issubclass(origin, UnionMarker))


@cache
def _wire_names(model: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(model.__struct_encode_fields__)
