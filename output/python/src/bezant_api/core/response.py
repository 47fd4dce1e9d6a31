"""What came, beside the value of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from .transport import AsyncByteStream, ByteStream, RawResponse

Result = TypeVar("Result")


class Response(NamedTuple, Generic[Result]):
    """A value with the answer that it was read from."""

    value: Result
    raw: RawResponse

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.raw.status

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, with their names in lower case."""
        return self.raw.headers

    @property
    def body(self) -> bytes:
        """The body as it came, decompressed."""
        return self.raw.body

    @property
    def elapsed(self) -> float:
        """Seconds from sending to the end of the body, of the last attempt."""
        return self.raw.elapsed

    @property
    def request_id(self) -> str:
        """What the server calls this call; empty when it does not say."""
        return self.raw.request_id

    def json(self) -> Any:
        """The body as plain values, with every field that came; raises `ValueError`."""
        from .decoding import plain

        return plain(self.raw.body)

    def unknown_fields(self) -> list[str]:
        """JSON pointers of the fields that came and that no model has."""
        from .unknown import unknown_fields

        return [pointer for pointer, _ in unknown_fields(self.json(), self.value)]


class Download:
    """A body that is read in pieces: a context manager, and an iterator of bytes."""

    def __init__(self, raw: RawResponse, stream: ByteStream) -> None:
        self.status = raw.status
        self.headers = raw.headers
        self._stream = stream

    def __enter__(self) -> Self:
        """Use the download as a context manager that lets go of the connection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of the connection."""
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        """The pieces of the body, once; raises `TransportError` when it ends too soon."""
        return iter(self._stream)

    def close(self) -> None:
        """Let go of the connection."""
        self._stream.close()

    def save(self, path: str | Path) -> int:
        """Write the body to a file, which appears when it is complete; gives its size in bytes."""
        with _Partial(path) as file:
            return sum(file.write(piece) for piece in self)


class AsyncDownload:
    """The asynchronous twin of `Download`."""

    def __init__(self, raw: RawResponse, stream: AsyncByteStream) -> None:
        self.status = raw.status
        self.headers = raw.headers
        self._stream = stream

    async def __aenter__(self) -> Self:
        """Use the download as a context manager that lets go of the connection."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of the connection."""
        await self.close()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces of the body, once; raises `TransportError` when it ends too soon."""
        return self._stream.__aiter__()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._stream.close()

    async def save(self, path: str | Path) -> int:
        """Write the body to a file, which appears when it is complete; gives its size in bytes."""
        with _Partial(path) as file:
            return sum([file.write(piece) async for piece in self])


class _Partial:
    """A file beside its final place, moved there when all went well and deleted when not."""

    def __init__(self, path: str | Path) -> None:
        from pathlib import Path

        self._path = Path(path)
        self._partial = self._path.with_name(f"{self._path.name}.part")

    def __enter__(self) -> Any:
        self._file = self._partial.open("wb")
        return self._file

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()
        if kind is None:
            self._partial.replace(self._path)
        else:
            self._partial.unlink()
