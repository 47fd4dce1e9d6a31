"""Listings that come in pages: what to ask for next, and when there is no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .errors import StalledPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .operation import Operation, Pagination

MAX_PAGES = 10_000


class Pages:
    """The state of one walk through a listing, the same for both clients.

    It ends with an empty page, and with a page of which every row came before: past the end IBKR
    repeats pages. Rows are told apart by their identifying fields, for prices change in between.
    """

    def __init__(self, operation: Operation[Any], arguments: Mapping[str, Any]) -> None:
        if operation.pagination is None:
            message = f"{operation.id} does not come in pages"
            raise TypeError(message)
        self._operation = operation
        self._way: Pagination = operation.pagination
        self._given = dict(arguments)
        self._seen: set[Any] = set()
        self._count = 0
        self._next: Any = self._given.get(self._way.argument)
        if self._next is None and self._way.style != "cursor":
            self._next = self._way.start
        self.done = False
        """Whether the last page has come."""

    @property
    def operation_id(self) -> str:
        """The operation to call for the next page."""
        follow = self._count and self._way.follow
        return follow or self._operation.id

    def arguments(self) -> dict[str, Any]:
        """The arguments of the next page."""
        if self._count and self._way.follow:
            return {self._way.argument: self._next}
        return {**self._given, self._way.argument: self._next}

    def take(self, value: Any) -> list[Any]:
        """The rows of a page that came, but for those seen before."""
        rows = rows_of(value)
        fresh = [row for row in rows if identity(row) not in self._seen]
        self._seen.update(map(identity, fresh))
        self._count += 1
        if fresh and self._count >= MAX_PAGES:
            message = f"{self._operation.id}: no end after {MAX_PAGES} pages"
            raise StalledPage(message)
        self._next = self._after(rows) if fresh else None
        self.done = self._next is None
        return fresh

    def _after(self, rows: list[Any]) -> Any:
        if self._way.style == "page":
            return int(self._next) + 1
        if self._way.style == "offset":
            return int(self._next) + len(rows)
        return _field(rows[-1], self._way.source)


def rows_of(value: Any) -> list[Any]:
    """The rows of a page: the page itself, or the one list that it holds."""
    if isinstance(value, list):
        return value
    if isinstance(value, msgspec.Struct):
        members: Any = (getattr(value, name) for name in value.__struct_fields__)
    else:
        members = value.values() if isinstance(value, dict) else ()
    lists = [member for member in members if isinstance(member, list)]
    return lists[0] if len(lists) == 1 else []


def identity(row: Any) -> Any:
    """What tells a row from others: its fields that are identifiers, else all of it."""
    plain = msgspec.to_builtins(row)
    if isinstance(plain, dict):
        named = [(key, value) for key, value in plain.items() if _identifies(key)]
        plain = dict(named) or plain
    return msgspec.json.encode(plain, order="sorted")


def _identifies(key: str) -> bool:
    return key.lower().endswith(("id", "conid", "model"))


def _field(row: Any, wire: str) -> Any:
    plain = msgspec.to_builtins(row)
    return plain.get(wire) if isinstance(plain, dict) else None
