"""Models inside pydantic: imported only when pydantic asks."""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic_core import core_schema as pydantic

from .unions import hook


def core_schema(model: type[msgspec.Struct]) -> Any:
    """A pydantic core schema that hands validation and serialisation to msgspec."""

    def validate(value: Any) -> Any:
        try:
            return msgspec.convert(value, model, dec_hook=hook(strict=True))
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error

    return pydantic.no_info_plain_validator_function(
        validate,
        serialization=pydantic.plain_serializer_function_ser_schema(msgspec.to_builtins),
    )
