"""Schema drift: what the wire sent and the document does not say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias


class SchemaDrift(NamedTuple):
    """One place of one response that does not fit its type.

    `pointer` is a JSON pointer into the body, `expected` the type in words, `got` the value as it
    came. The value is kept: drift never costs data.
    """

    operation: str
    pointer: str
    expected: str
    got: Any


DriftHandler: TypeAlias = Callable[[SchemaDrift], None]


def ignore(_: SchemaDrift) -> None:
    """The drift handler that does nothing."""
