"""JSON documents: strict reading, atomic writing, and JSON pointers (RFC 6901).

The only module of the normaliser that touches files and turns bytes into values and back. Knows
JSON, not OpenAPI.
"""

import errno
import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

import msgspec

from normalizer import positions
from normalizer.diagnostics import Diagnostic, InputError

Json: TypeAlias = Any
"""A JSON value: `dict[str, Json]`, `list[Json]`, `str`, `int`, `float`, `bool` or `None`."""


DEPTH_LIMIT: Final = 200
"""Deepest nesting of containers; IBKR's document has 25."""


def read(path: Path) -> Json:
    """Read and parse a JSON file; an unreadable file or broken JSON is an `InputError`."""
    return parse(read_bytes(path), str(path))


def parse(data: bytes, file: str) -> Json:
    """Parse strict JSON: UTF-8, no duplicate keys, no NaN, no infinity, one value.

    `file` is the name that errors give. Errors carry line and column.
    """
    text = _decode(data, file)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        if "\\ud" in text.lower():
            _refuse_surrogates(value)
    except json.JSONDecodeError as error:
        raise InputError(
            Diagnostic(
                code="json-syntax",
                file=file,
                line=error.lineno,
                column=error.colno,
                message=f"this is not JSON: {error.msg}",
                hint="a truncated download or an HTML page is the usual cause",
            )
        ) from error
    except ValueError as error:
        # What the hooks refuse, and integers so long that Python does not read them.
        raise _locate_loose(text, file) from error
    except RecursionError as error:
        raise _too_deep(file) from error
    if isinstance(value, dict | list) and not _depth_within(value, DEPTH_LIMIT):
        raise _too_deep(file)
    return value


def dump(value: Json) -> bytes:
    """Serialise for machines: indent 1, UTF-8, keys in the given order, trailing newline."""
    compact = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # The standard library indents in Python, at a quarter of the speed.
    return msgspec.json.format(compact.encode(), indent=1) + b"\n"


def sha256(data: bytes) -> str:
    """Hex digest of bytes."""
    return hashlib.sha256(data).hexdigest()


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; an unreadable file is an `InputError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            Diagnostic(
                code="unreadable",
                file=str(path),
                message=error.strerror or str(error),
                hint="check the path and its permissions",
            )
        ) from error


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write all files or none: everything is staged beside its target, then renamed over it.

    A full disk or a read-only folder is an `InputError`, and leaves what was there before.
    """
    with ExitStack() as cleanup:
        staged = [(_stage(path, data, cleanup), path) for path, data in files.items()]
        for temporary, path in staged:
            temporary.replace(path)


def _stage(path: Path, data: bytes, cleanup: ExitStack) -> Path:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    cleanup.callback(_remove, temporary)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "there is a folder of that name")
        temporary.write_bytes(data)
    except OSError as error:
        raise InputError(
            Diagnostic(
                code="unwritable",
                file=str(path),
                message=f"cannot write: {error.strerror or error}",
                hint="nothing was changed; make room or fix the permissions, and run it again",
            )
        ) from error
    return temporary


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        path.unlink()


def _decode(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        raise InputError(
            Diagnostic(
                code="json-encoding",
                file=file,
                line=before.count(b"\n") + 1,
                column=error.start - before.rfind(b"\n"),
                message="this is not UTF-8 text",
                hint="a compressed or binary file is the usual cause",
            )
        ) from error


class _LooseJsonError(ValueError):
    """JSON that Python's parser accepts and RFC 8259, or common sense, does not."""


def _unique_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _LooseJsonError
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise _LooseJsonError


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _LooseJsonError
    return number


def _refuse_surrogates(value: Json) -> None:
    """Half a UTF-16 pair can be escaped in JSON, and is no text that could be written."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _LooseJsonError from error


def _locate_loose(text: str, file: str) -> InputError:
    """Say where the duplicate key or the non-finite number is: found by a second, slower scan."""
    try:
        found = next(filter(positions.looseness, positions.scan(text)), positions.Token("", 0))
    except RecursionError:
        return _too_deep(file)
    line, column = positions.line_and_column(text, found.offset)
    return InputError(
        Diagnostic(
            code="json-strict",
            file=file,
            line=line,
            column=column,
            pointer=found.pointer,
            message=positions.looseness(found) or "this is not strict JSON",
            hint="repair the source: a parser that guesses here loses data",
        )
    )


def _too_deep(file: str) -> InputError:
    return InputError(
        Diagnostic(
            code="json-depth",
            file=file,
            message="values are nested too deeply",
            hint=f"no OpenAPI document nests {DEPTH_LIMIT} levels: check the file",
        )
    )


def _depth_within(value: Json, limit: int) -> bool:
    """Whether containers nest at most `limit` levels, so that recursion over them is safe."""
    level = [value]
    while level and limit >= 0:
        level = [inner for node in level for inner in _inner(node)]
        limit -= 1
    return not level


def _inner(node: Json) -> Iterable[Json]:
    values = node.values() if isinstance(node, dict) else node
    return [value for value in values if isinstance(value, dict | list)]


# --- JSON pointers -------------------------------------------------------------------------------


def escape(token: str) -> str:
    """Escape one reference token of a JSON pointer."""
    if "/" in token or "~" in token:
        return token.replace("~", "~0").replace("/", "~1")
    return token


def join(pointer: str, *tokens: str | int) -> str:
    """Append unescaped tokens to a pointer."""
    for token in tokens:
        pointer = f"{pointer}/{escape(str(token))}"
    return pointer


def split(pointer: str) -> list[str]:
    """Split a pointer into its unescaped tokens."""
    if "~" not in pointer:
        return pointer.split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def step(node: Json, token: str) -> Json:
    """Follow one token; `KeyError` when there is nothing there."""
    if isinstance(node, dict):
        return node[token]
    if isinstance(node, list) and token.isdigit() and int(token) < len(node):
        return node[int(token)]
    raise KeyError(token)


def get(root: Json, pointer: str) -> Json:
    """The value at a pointer; `KeyError` when there is nothing there."""
    for token in split(pointer):
        root = step(root, token)
    return root


def contains(root: Json, pointer: str) -> bool:
    """Whether there is a value at a pointer."""
    try:
        get(root, pointer)
    except KeyError:
        return False
    return True


def same(left: Json, right: Json) -> bool:
    """Equality of JSON values that tells `1`, `1.0` and `true` apart."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def first_difference(left: Json, right: Json, pointer: str = "") -> str | None:
    """Pointer of the first place where two values differ; `None` when they are the same."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in [*left, *(key for key in right if key not in left)]:
            if key not in left or key not in right:
                return join(pointer, key)
            found = first_difference(left[key], right[key], join(pointer, key))
            if found is not None:
                return found
        return None if list(left) == list(right) else pointer
    if isinstance(left, list) and isinstance(right, list):
        for index, (a, b) in enumerate(zip(left, right, strict=False)):
            found = first_difference(a, b, join(pointer, index))
            if found is not None:
                return found
        return None if len(left) == len(right) else join(pointer, min(len(left), len(right)))
    return None if same(left, right) else pointer


def clone(value: Json) -> Json:
    """A deep copy of a JSON value."""
    if isinstance(value, dict):
        return {key: clone(inner) for key, inner in value.items()}
    return [clone(inner) for inner in value] if isinstance(value, list) else value
