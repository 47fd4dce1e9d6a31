"""Pinning a published document: fetch, check, keep the facts, write the pin and its lock.

Nothing is written before everything was checked, so a bad download leaves the old pin untouched.
"""

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from normalizer import facts, pipeline, restore, samples
from normalizer.diagnostics import Diagnostic, InputError
from normalizer.document import Json, dump, parse, read, read_bytes, sha256, write_files
from normalizer.structure import Document, Kind

DEFAULT_SOURCE: Final = "https://api.ibkr.com/gw/api/v3/api-docs"
PIN: Final = "openapi.json"
LOCK: Final = "lock.json"
FAMILIAR_SHARE: Final = 0.5
"""A new document must have at least this share of the pinned operations, or it is another API's."""
FLOOR_SHARE: Final = 0.7
"""Of schemas, parameters, responses and examples a new document keeps at least this share."""
_TIMEOUT_SECONDS: Final = 60
_HEADERS: Final = {"User-Agent": "bezant", "Accept": "application/json"}
_MARKERS: Final = ("/iserver/", "/portfolio/", "/gw/api/")


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a refresh wrote."""

    version: str
    operations: int
    schemas: int
    bytes: int


def refresh(source: str, folder: Path, restore_from: Path | None = None) -> Pinned:
    """Pin the document at a path or URL into a folder; `InputError` when it cannot be used."""
    data = fetch(source)
    root = parse(data, source)
    pipeline.check_source(root, source)
    _check_version(root, source)
    _check_familiar(root, source, folder / PIN)
    sources = [_source(source, data)]
    if restore_from is not None:
        earlier_data = read_bytes(restore_from)
        earlier = parse(earlier_data, str(restore_from))
        pipeline.check_source(earlier, str(restore_from))
        root = restore.restore(root, earlier)
        sources.append(_source(str(restore_from), earlier_data))
    pin = dump(facts.strip(root, source))
    _check_floors(parse(pin, PIN), source, folder / PIN)
    pinned = _count(parse(pin, PIN), pin)
    lock = dump(_lock(pinned, pin, sources))
    write_files({folder / PIN: pin, folder / LOCK: lock})
    return pinned


def fetch(source: str) -> bytes:
    """The bytes of a file or of an HTTP(S) URL; anything but a whole 200 is an `InputError`."""
    if not source.startswith(("http://", "https://")):
        return read_bytes(Path(source))
    try:
        request = urllib.request.Request(source, headers=_HEADERS)  # noqa: S310  # checked above
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
            data: bytes = response.read()
            status = response.status
    except urllib.error.HTTPError as error:
        with error:
            reason = f"the server answered {error.code} {error.reason}"
        raise _fetch_failed(source, reason) from error
    except http.client.IncompleteRead as error:
        raise _fetch_failed(source, f"the body is cut off: {error}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _fetch_failed(source, f"cannot fetch: {error!r}") from error
    if status != HTTPStatus.OK:
        raise _fetch_failed(source, f"the server answered {status}, not 200")
    return data


def _fetch_failed(source: str, message: str) -> InputError:
    hint = "the old pin is untouched; try again, or give a downloaded file with --source"
    return InputError(Diagnostic(code="fetch", file=source, message=message, hint=hint))


def _check_version(root: dict[str, Json], source: str) -> None:
    if not isinstance(root["info"].get("version"), str):
        raise InputError(
            Diagnostic(
                code="openapi-input",
                file=source,
                pointer="/info/version",
                message="the document does not say its version",
                hint="give the published document",
            )
        )


def _check_familiar(root: dict[str, Json], source: str, pin: Path) -> None:
    """Refuse a valid document of some other API, or a stub of this one."""
    new = _identities(root)
    if pin.exists():
        old = _identities(read(pin))
        known, needed = len(old & new), len(old) * FAMILIAR_SHARE
    else:
        known = sum(any(marker in path for marker in _MARKERS) for _, path in new)
        needed = 1
    if known < needed:
        raise InputError(
            Diagnostic(
                code="wrong-document",
                file=source,
                pointer="/paths",
                message=f"this is not IBKR's Web API: {known} of its {len(new)} operations are known",
                hint="the old pin is untouched; check the URL",
            )
        )


def _check_floors(new: dict[str, Json], source: str, pin: Path) -> None:
    """Refuse a document that lost much of what the pin has: a download that broke off."""
    if not pin.exists():
        return
    before, after = _sizes(read(pin)), _sizes(new)
    for what, count in before.items():
        if after[what] < count * FLOOR_SHARE:
            raise InputError(
                Diagnostic(
                    code="count-floor",
                    file=source,
                    message=f"only {after[what]} {what}, where the pin has {count}",
                    hint="the old pin is untouched; if it is true, delete the pin and refresh again",
                )
            )


def _sizes(root: dict[str, Json]) -> dict[str, int]:
    document = Document(root)
    return {
        "schemas": len(document.schemas),
        "parameters": len(document.of(Kind.PARAMETER)),
        "responses": len(document.of(Kind.RESPONSE)),
        "examples": sum(1 for _ in samples.roots(document)),
    }


def _identities(root: dict[str, Json]) -> set[tuple[str, str]]:
    return {operation.identity for operation in Document(root).operations}


def _source(name: str, data: bytes) -> dict[str, Json]:
    """How a source is named in the lock: a URL as it is, a file by its name."""
    label = name if "://" in name else Path(name).name
    return {"source": label, "sha256": sha256(data), "bytes": len(data)}


def _count(root: dict[str, Json], pin: bytes) -> Pinned:
    return Pinned(
        version=root["info"]["version"],
        operations=len(Document(root).operations),
        schemas=len(root.get("components", {}).get("schemas", {})),
        bytes=len(pin),
    )


def _lock(pinned: Pinned, pin: bytes, sources: list[dict[str, Json]]) -> dict[str, Json]:
    root = parse(pin, PIN)
    return {
        "version": pinned.version,
        **sources[0],
        **({"restored_from": sources[1]} if sources[1:] else {}),
        "counts": {
            "paths": len(root["paths"]),
            "operations": pinned.operations,
            "schemas": pinned.schemas,
            "tags": len(root.get("tags", ())),
        },
        "pin_sha256": sha256(pin),
    }
