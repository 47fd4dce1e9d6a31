"""Models inside pydantic: imported only when pydantic asks."""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic_core import core_schema as pydantic

from .tables import wire_record
from .unions import UnionMarker, hook

_REFERENCE = "#/$defs/"


def core_schema(model: type[msgspec.Struct]) -> Any:
    """A pydantic core schema that hands validation and serialisation to msgspec."""

    def validate(value: Any) -> Any:
        try:
            return msgspec.convert(value, model, dec_hook=hook(strict=True))
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error

    return pydantic.no_info_plain_validator_function(
        validate,
        serialization=pydantic.plain_serializer_function_ser_schema(wire_record),
    )


def json_schema(model: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON schema of a model with all that it refers to inlined.

    FastAPI would not know of components that pydantic has not made. A model inside itself is an
    object without more words.
    """
    (reference,), components = msgspec.json.schema_components(
        (model,), schema_hook=_open, ref_template=_REFERENCE + "{name}"
    )
    inlined: dict[str, Any] = _inline(reference, components, ())
    return inlined


def _open(kind: type) -> dict[str, Any]:
    """The schema of a union that msgspec does not know: any value, by the name of the union."""
    if issubclass(kind, UnionMarker):
        return {"title": kind.__name__}
    # What msgspec asks its hooks to raise for a type that is not theirs.
    raise NotImplementedError(kind)


def _inline(node: Any, components: dict[str, Any], inside: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inline(item, components, inside) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].removeprefix(_REFERENCE)
        if name in inside:
            return {"type": "object", "title": name}
        return _inline(components[name], components, (*inside, name))
    return {key: _inline(value, components, inside) for key, value in node.items()}
