"""Recorded answers: one JSON file each, with method, path, status and body."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from normalizer.diagnostics import Diagnostic, InputError
from normalizer.document import Json, read
from normalizer.structure import TRADING_BASE

_METHODS: Final = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE"))


@dataclass(frozen=True, slots=True)
class Recording:
    """One answer of the live API; `path` is without query and without the base of trading."""

    file: str
    method: str
    path: str
    status: str
    body: Json
    has_body: bool

    @property
    def call(self) -> str:
        """`GET /path`."""
        return f"{self.method} {self.path}"


def load_folder(folder: Path) -> list[Recording]:
    """Every `*.json` below a folder, in the order of their names; `InputError` on a bad one."""
    files = sorted(folder.rglob("*.json"))
    if not files:
        raise _bad(str(folder), "", "there is no recording below this folder")
    return [load(file) for file in files]


def load(file: Path) -> Recording:
    """Read one recording."""
    row = read(file)
    if not isinstance(row, dict):
        raise _bad(str(file), "", f"expected an object, found {type(row).__name__}")
    problem = next(_problems(row), None)
    if problem is not None:
        raise _bad(str(file), *problem)
    path = str(row["path"]).split("?")[0].removeprefix(TRADING_BASE)
    body = row.get("body")
    return Recording(
        file=str(file),
        method=str(row["method"]).upper(),
        path=path,
        status=str(row["status"]),
        body=body,
        has_body=body is not None and body != "",
    )


def _problems(row: dict[str, Json]) -> Iterator[tuple[str, str]]:
    method, path, status = row.get("method"), row.get("path"), row.get("status")
    if not isinstance(method, str) or method.upper() not in _METHODS:
        yield "/method", f"no HTTP method: {method!r}"
    if not isinstance(path, str) or not path.startswith("/"):
        yield "/path", f"no path: {path!r}"
    if type(status) is not int or not 100 <= status < 600:  # noqa: PLR2004
        yield "/status", f"no HTTP status: {status!r}"


def _bad(file: str, pointer: str, message: str) -> InputError:
    hint = "a recording is a JSON object with method, path, status and body"
    return InputError(
        Diagnostic(code="recording", file=file, pointer=pointer, message=message, hint=hint)
    )
