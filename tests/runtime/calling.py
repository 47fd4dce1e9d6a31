"""Calls of a mock gateway by the generated clients of either colour, written once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from anyio.from_thread import BlockingPortal, start_blocking_portal
from bezant_api import AsyncClient, Client

COLOURS: Final = ("sync", "asyncio", "trio")
"""The synchronous client, and the asynchronous one on each of its backends."""


@dataclass(frozen=True)
class Caller:
    """One client; what it is told is done before the next line, whatever its colour is.

    Methods are told by what both have them under, such as `portfolio.ledger`.
    """

    client: Any
    portal: BlockingPortal | None

    def __call__(self, method: str, *args: Any, **named: Any) -> Any:
        """What a call gives; it raises what the call raises."""
        call = partial(attrgetter(method)(self.client), *args, **named)
        return call() if self.portal is None else self.portal.call(call)

    def listed(self, method: str, *args: Any, **named: Any) -> list[Any]:
        """All rows of a listing."""
        rows = attrgetter(method)(self.client)(*args, **named)
        return list(rows) if self.portal is None else self.portal.call(_collected, rows)

    def saved(self, path: Path, method: str, *args: Any, **named: Any) -> int:
        """Download an answer into a file; gives its size."""
        download = partial(self.client.download, attrgetter(method)(self.client), *args, **named)
        if self.portal is not None:
            return int(self.portal.call(_saved, download, path))
        with download() as file:
            return int(file.save(path))


async def _collected(rows: Any) -> list[Any]:
    return [row async for row in rows]


async def _saved(download: Callable[[], Any], path: Path) -> int:
    async with await download() as file:
        return int(await file.save(path))


@contextmanager
def calling(colour: str, url: str, **options: Any) -> Iterator[Caller]:
    """A client of a gateway. An asynchronous one runs in a loop of its own, in a thread of its own."""
    with ExitStack() as stack:
        if colour == "sync":
            yield Caller(stack.enter_context(Client(url, **options)), None)
            return
        portal = stack.enter_context(start_blocking_portal(colour))
        opened: AbstractContextManager[AsyncClient] = portal.wrap_async_context_manager(
            AsyncClient(url, **options)
        )
        yield Caller(stack.enter_context(opened), portal)
