"""One answer of every operation, for tests, mocks and documentation: data that is loaded when it is asked for."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec


class Example(msgspec.Struct, frozen=True):
    """A success of an operation; `body` is plain JSON, `None` where no body comes, text for a file."""

    status: str
    media_type: str
    body: Any


@cache
def _all() -> dict[str, Example]:
    package = __name__.partition(".")[0]
    data = files(package).joinpath("examples.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, Example])


def example(operation_id: str) -> Example:
    """An answer as the document gives it, else the smallest one that fits; raises `KeyError`.

    `example("get_portfolio_accounts").body[0]["accountId"]`
    """
    return _all()[operation_id]
