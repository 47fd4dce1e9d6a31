"""The base of all models, and the types that their annotations use."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["UNSET", "Model", "Number", "UnsetType"]

Number: TypeAlias = int | float | Decimal
"""A number of a request; a `Decimal` goes on the wire with exactly its digits."""


class Model(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A typed record.

    Attributes are snake case, the wire keeps its own names. Fields of a response are `None` where
    the wire had null or nothing; optional fields of a request are `UNSET` and then not sent.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Callable[[Any], Any]) -> Any:
        """Let pydantic, and so FastAPI, validate and serialise models as they are."""
        from .interop import core_schema  # pydantic is no dependency

        return core_schema(cls)
