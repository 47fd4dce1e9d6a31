"""What the client makes of the document's own example payloads, for a reader to review."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bezant_api import OPERATIONS, SchemaDrift
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from tests.client.drive import Document, lost

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = Document(ROOT / "spec" / "normalized" / "openapi.json")
RESOURCES = sorted({operation.resource for operation in OPERATIONS.values()})
SHOWN_ITEMS = 2


class TextFile(SingleFileSnapshotExtension):
    """One readable file a snapshot, below `tests/snapshots/test_examples`."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT / "tests" / "snapshots" / test_location.basename)


def examples() -> Iterator[tuple[str, str, str, str, Any]]:
    """`(operation id, status, media type, example name, payload)` of every JSON answer."""
    for item in DOCUMENT.root["paths"].values():
        for operation in item.values():
            for status, entry in operation["responses"].items():
                for media_type, media in DOCUMENT.resolve(entry).get("content", {}).items():
                    if "json" in media_type:
                        for name, payload in _payloads(media):
                            yield operation["operationId"], status, media_type, name, payload


def _payloads(media: Any) -> Iterator[tuple[str, Any]]:
    if "example" in media:
        yield "example", media["example"]
    for name, entry in media.get("examples", {}).items():
        yield name, DOCUMENT.resolve(entry)["value"]


ALL = list(examples())


def decode(
    operation_id: str, status: str, media_type: str, payload: Any
) -> tuple[Any, list[SchemaDrift]]:
    drifts: list[SchemaDrift] = []
    body = json.dumps(payload).encode()
    operation = OPERATIONS[operation_id]
    return operation.decode(int(status), media_type, body, on_drift=drifts.append), drifts


def test_there_are_examples() -> None:
    assert len(ALL) > 300


@pytest.mark.parametrize("index", range(len(ALL)))
def test_no_example_loses_a_value(index: int) -> None:
    operation_id, status, media_type, _, payload = ALL[index]
    decoded, _ = decode(operation_id, status, media_type, payload)
    assert list(lost(decoded, payload, "")) == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_decoded_examples(resource: str, snapshot: SnapshotAssertion) -> None:
    text = "\n".join(show(row) for row in ALL if is_shown(row, resource)) or "no examples\n"
    assert text == snapshot(extension_class=TextFile)


def is_shown(row: tuple[str, str, str, str, Any], resource: str) -> bool:
    """Answers of the resource; its errors are the same few everywhere, so only successes."""
    return OPERATIONS[row[0]].resource == resource and row[1].startswith("2")


def show(row: tuple[str, str, str, str, Any]) -> str:
    operation_id, status, media_type, name, payload = row
    decoded, drifts = decode(operation_id, status, media_type, payload)
    lines = [f"{operation_id} {status} {name}:", *render(decoded, "  ")]
    lines += [
        f"  ! {d.pointer}: expected {d.expected}, got {json.dumps(d.got)[:60]}" for d in drifts
    ]
    return "\n".join(lines) + "\n"


def render(value: Any, indent: str) -> Iterator[str]:
    """A value with the names of its types, one attribute a line; long lists are cut and counted."""
    if isinstance(value, msgspec.Struct):
        yield f"{indent}{type(value).__name__}"
        for name in value.__struct_fields__:
            inner = getattr(value, name)
            if inner is not None and inner is not msgspec.UNSET:
                yield from _labelled(name, inner, indent + "  ")
    elif isinstance(value, dict):
        yield f"{indent}dict of {len(value)}"
        for key, inner in list(value.items())[:SHOWN_ITEMS]:
            yield from _labelled(repr(key), inner, indent + "  ")
    elif isinstance(value, list):
        yield f"{indent}list of {len(value)}"
        for inner in value[:SHOWN_ITEMS]:
            yield from render(inner, indent + "  ")
    else:
        yield f"{indent}{value!r}"


def _labelled(label: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, msgspec.Struct | dict | list):
        yield f"{indent}{label}:"
        yield from render(value, indent + "  ")
    else:
        yield f"{indent}{label}: {value!r}"
