"""What the client makes of the document's own example payloads, for a reader to review."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bezant_api import OPERATIONS, SchemaDrift
from bezant_api.core.errors import DecodeError
from bezant_api.core.tables import wire_record
from bezant_api.core.unknown import unknown_fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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


# --- Round trips, and what stands in a field's place ---------------------------------------------


@pytest.mark.parametrize("index", range(len(ALL)))
def test_an_example_comes_back_as_it_was(index: int) -> None:
    """Decode, encode, compare: by value, with null and absent taken as one."""
    operation_id, status, media_type, _, payload = ALL[index]
    operation = OPERATIONS[operation_id]
    decoded, drifts = decode(operation_id, status, media_type, payload)
    back = plain(decoded)
    declared = operation.response(int(status), media_type)
    if declared is None or declared.type is None:
        assert decoded == payload
        return
    coerced = {drift.pointer for drift in drifts}
    unknown = {pointer for pointer, _ in unknown_fields(payload, decoded)}
    assert list(differences(payload, back, "", coerced | unknown)) == []


def plain(value: Any) -> Any:
    """A decoded value as the wire has it."""
    if isinstance(value, msgspec.Struct):
        return wire_record(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def differences(sent: Any, back: Any, pointer: str, excused: set[str]) -> Iterator[str]:
    if pointer in excused:
        return
    if isinstance(sent, dict) and isinstance(back, dict):
        for key in sent.keys() | back.keys():
            place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from differences(sent.get(key), back.get(key), place, excused)
    elif isinstance(sent, list) and isinstance(back, list) and len(sent) == len(back):
        for index, (mine, theirs) in enumerate(zip(sent, back, strict=True)):
            yield from differences(mine, theirs, f"{pointer}/{index}", excused)
    elif sent != back:
        yield f"{pointer}: {sent!r} came back as {back!r}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_anything_in_a_fields_place_is_kept_or_reported(data: st.DataObject) -> None:
    """Never an error in lenient mode; and a value that strict mode refuses is always reported."""
    index = data.draw(st.integers(0, len(ALL) - 1))
    operation_id, status, media_type, _, payload = ALL[index]
    path = data.draw(st.sampled_from(list(places(payload, ()))))
    damaged = put(payload, path, data.draw(JSON))
    body = json.dumps(damaged).encode()
    operation = OPERATIONS[operation_id]
    drifts: list[SchemaDrift] = []
    value = operation.decode(int(status), media_type, body, on_drift=drifts.append)
    try:
        strict = operation.decode(int(status), media_type, body, "strict")
    except DecodeError:
        assert drifts, f"{operation_id} {path}: not reported"
        for drift in drifts:
            assert drift.operation == operation_id
            assert drift.answer is not None
            assert drift.answer.body == body
    else:
        assert plain(strict) == plain(value)
        assert not drifts


def places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield path
    steps: Any = value.items() if isinstance(value, dict) else ()
    steps = list(enumerate(value[:3])) if isinstance(value, list) else steps
    for key, inner in steps:
        yield from places(inner, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    made = copy.copy(value)
    made[path[0]] = put(value[path[0]], path[1:], new)
    return made
