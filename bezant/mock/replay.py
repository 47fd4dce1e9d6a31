"""Recorded answers in place of the mock's own: which there are in a folder, and which request gets which.

What a request has to pass before it is answered is not known here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import parse_qsl

import msgspec

from bezant.mock.http import Reply, Request, segments
from bezant.mock.pages import DISPATCHER, LOGIN
from bezant.mock.routes import Routes

_SHAPE: Final = "a recording is a JSON object with method, path, status, content_type and body"
_BASE: Final = "/v1/api"
_AT_ROOT: Final = ("/v1/", "/gw/", "/oauth2/", LOGIN, DISPATCHER)
"""What has no base in front of it; recordings may leave it out before all else."""
_EMPTY: Final = (b"null", b'""')
_HEADER: Final = r"^([!-~]([ -~]*[!-~])?)?\Z"

_Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_Query: TypeAlias = frozenset[tuple[str, str]]
_Place: TypeAlias = tuple[str, ...]
"""A path in its segments, decoded."""
_Target: TypeAlias = tuple[str, ...]
"""The id of an operation; where there is none, the method and the place."""


class BadRecording(ValueError):
    """A file that is no recording, or a folder that has none; the message names it and says why."""


class _Row(msgspec.Struct):
    """What a file has; a recorder may have written more."""

    method: _Method
    path: Annotated[str, msgspec.Meta(pattern="^/")]
    status: Annotated[int, msgspec.Meta(ge=200, le=599)]
    content_type: Annotated[str, msgspec.Meta(pattern=_HEADER)]
    body: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded answer. `path` is what requests have in its place: with its base, without a query."""

    method: str
    path: str
    query: _Query
    reply: Reply


@dataclass(slots=True, eq=False)
class _Series:
    """The recordings of one request, in their order."""

    place: _Place
    query: _Query
    replies: list[Reply] = field(default_factory=list)
    _given: Counter[_Place] = field(default_factory=Counter)

    def rank(self, place: _Place) -> tuple[int, int]:
        """How well it fits a request: by the segments that are the same, then by what it asks of queries."""
        alike = sum(own == asked for own, asked in zip(self.place, place, strict=True))
        return alike, len(self.query)

    def following(self, place: _Place) -> Reply:
        """The next answer; the last repeats. Other places that are answered from here begin anew."""
        turn = self._given[place]
        self._given[place] += 1
        return self.replies[min(turn, len(self.replies) - 1)]


class Replay:
    """Gives recorded answers: those of the same path, or else of the same operation."""

    def __init__(self, recordings: Iterable[Recording], routes: Routes) -> None:
        self._routes = routes
        self._known: dict[_Target, list[_Series]] = {}
        self.recordings = 0
        """How many there are."""
        for recording in recordings:
            self._series(recording).replies.append(recording.reply)
            self.recordings += 1

    @property
    def operations(self) -> list[str]:
        """The ids of the operations that it answers."""
        return [target[0] for target in self._known if len(target) == 1]

    @property
    def others(self) -> list[str]:
        """What it answers and is no operation, as `GET /v1/api/some/path`."""
        places = [target for target in self._known if len(target) > 1]
        return [f"{method} {'/'.join(place)}" for method, *place in places]

    def answer(self, request: Request) -> Reply | None:
        """The recorded answer to a request; None where there is none."""
        query = _query(request.target)
        known = self._known.get(self._target(request.method, request.path), ())
        fitting = [series for series in known if series.query <= query]
        if not fitting:
            return None
        place = _place(request.path)
        return max(fitting, key=lambda series: series.rank(place)).following(place)

    def _series(self, recording: Recording) -> _Series:
        """Where a recording belongs; begun with the first of its request."""
        place = _place(recording.path)
        known = self._known.setdefault(self._target(recording.method, recording.path), [])
        for series in known:
            if (series.place, series.query) == (place, recording.query):
                return series
        known.append(_Series(place, recording.query))
        return known[-1]

    def _target(self, method: str, path: str) -> _Target:
        operation = self._routes.find(path)[0].get(method)
        return (operation.id,) if operation else (method, *_place(path))


def load(folder: str | PathLike[str]) -> list[Recording]:
    """Every `*.json` in a folder and under it, in the order of their names. Raises `BadRecording`."""
    root = Path(folder)
    if not root.is_dir():
        message = f"{root}: there is no such folder; a folder with recordings is needed"
        raise BadRecording(message)
    files = sorted(file for file in root.rglob("*.json") if file.is_file())
    if not files:
        message = f"{root}: there is no recording (*.json) in this folder or under it"
        raise BadRecording(message)
    return [_read(file) for file in files]


def _read(file: Path) -> Recording:
    try:
        # Strict about UTF-8, which the decoder does not look at inside of a body.
        row = msgspec.json.decode(file.read_text("utf-8"), type=_Row)
        return _recording(row)
    except (OSError, ValueError) as error:
        message = f"{file}: {error}; {_SHAPE}"
        raise BadRecording(message) from error


def _recording(row: _Row) -> Recording:
    path = row.path.partition("?")[0]
    full = path if path.startswith(_AT_ROOT) else _BASE + path
    reply = Reply(row.status, _body(row), row.content_type)
    return Recording(row.method, full, _query(row.path), reply)


def _body(row: _Row) -> bytes:
    """The bytes of a body: JSON with its numbers as they were written, or text."""
    written = bytes(row.body)
    if written in _EMPTY:
        return b""
    if "json" in row.content_type:
        return msgspec.json.format(written, indent=-1)
    try:
        return msgspec.json.decode(written, type=str).encode()
    except msgspec.ValidationError as error:
        message = f"the body has to be text where the type is no JSON: {error} - at `$.body`"
        raise ValueError(message) from error


def _place(path: str) -> _Place:
    return tuple(segments(path.rstrip("/")))


def _query(target: str) -> _Query:
    return frozenset(parse_qsl(target.partition("?")[2], keep_blank_values=True))
