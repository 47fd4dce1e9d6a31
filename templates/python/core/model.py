"""The base of all models, and the types that their annotations use."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

__all__ = ["UNSET", "Model", "Number", "OpenModel", "UnsetType"]

Number: TypeAlias = int | float | Decimal
"""A number of a request; a `Decimal` goes on the wire with exactly its digits."""


class Model(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A typed record.

    Attributes are snake case, the wire keeps its own names. Fields of a response are `None` where
    the wire had null or nothing; optional fields of a request are `UNSET` and then not sent.
    Records compare, copy and pickle by value and match by keyword: `case Position(conid=265598)`.
    Python's garbage collector does not look into them, which makes decoding faster; so do not make
    a record hold itself, or it is never freed.
    """

    def to_dict(self, *, wire_names: bool = False) -> dict[str, Any]:
        """Plain values by attribute name, or by the wire's; what is `None` or `UNSET` is left out."""
        from .tables import plain_record, wire_record

        return wire_record(self) if wire_names else plain_record(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """A record from plain values by wire name; raises `msgspec.ValidationError`."""
        from .unions import hook

        return msgspec.convert(fields, cls, dec_hook=hook(strict=True))

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The fields that are set; values under secret names are masked."""
        from .drift import is_secret

        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [
            (name, "(masked)" if isinstance(value, str) and is_secret(name) else value)
            for name, value in fields
            if value is not None and value is not UNSET
        ]

    def __repr__(self) -> str:
        """The fields that are set; values under secret names are masked."""
        inside = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({inside})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Callable[[Any], Any]) -> Any:
        """Let pydantic, and so FastAPI, validate and serialise models as they are."""
        from .interop import core_schema  # pydantic is no dependency

        return core_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Callable[[Any], Any]) -> Any:
        """The JSON schema of the model, complete in itself."""
        from .interop import json_schema

        return json_schema(cls)


class OpenModel(Model, kw_only=True):
    """A record that takes fields beyond those it declares: they are in `additional` by wire name."""

    additional: dict[str, Any] = msgspec.field(default_factory=dict)
