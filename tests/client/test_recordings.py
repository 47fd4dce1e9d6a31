"""Responses recorded from the live API: typed, whole, and without drift."""

import json
from pathlib import Path
from typing import Any

import pytest
from bezant_api import OPERATIONS, DriftCollector
from bezant_api.core.errors import DecodeError
from bezant_api.core.unknown import unknown_fields

from tests.client.drive import lost
from tests.conftest import SHARED

DOCUMENT = Path("spec/normalized/openapi.json")
FOLDER = SHARED / "recordings"
FILES = sorted(FOLDER.rglob("*.json")) if FOLDER.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="the recordings are not beside the project")


def load(file: Path) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return row


def operation_of(row: dict[str, Any]) -> Any:
    """The operation whose path template fits best: the one with the most fixed segments."""
    path = row["path"].split("?")[0].removeprefix("/v1/api").split("/")
    fitting = [
        operation
        for operation in OPERATIONS.values()
        if operation.method == row["method"] and _fits(operation.path.split("/"), path)
    ]
    return min(fitting, key=lambda operation: operation.path.count("{"), default=None)


def _fits(template: list[str], path: list[str]) -> bool:
    pairs = zip(template, path, strict=False)
    return len(template) == len(path) and all(t.startswith("{") or t == p for t, p in pairs)


def body_of(row: dict[str, Any]) -> bytes:
    return b"" if row.get("body") in (None, "") else json.dumps(row["body"]).encode()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_a_recording_decodes_without_drift_or_loss(file: Path, mode: Any) -> None:
    row = load(file)
    operation = operation_of(row)
    assert operation is not None, f"{row['method']} {row['path']}"
    collector = DriftCollector()
    decoded = operation.decode(
        row["status"],
        row.get("content_type") or "application/json",
        body_of(row),
        mode,
        collector,
        report_unknown=True,
    )
    assert collector.counts == {}
    sent = None if row.get("body") == "" else row.get("body")
    assert list(lost(decoded, sent, "")) == []
    assert list(unknown_fields(row.get("body"), decoded)) == []


def test_the_collector_exports_what_learning_reads(tmp_path: Path) -> None:
    """A drift that is planted in a recording comes out as a recording that contradicts the document."""
    from normalizer.learn import recording, teach
    from normalizer.structure import Document

    operation = next(o for o in OPERATIONS.values() if o.id == "get_portfolio_positions_by_page_id")
    collector = DriftCollector()
    wrong = json.dumps([{"acctId": "U7654321", "conid": [1], "mktPrice": 1.0}]).encode()
    operation.decode(200, "application/json", wrong, on_drift=collector)
    with pytest.raises(DecodeError):
        operation.decode(200, "application/json", wrong, "strict")
    (file,) = collector.export(tmp_path / "seen")
    assert "U7654321" not in file.read_text()
    document = Document(json.loads(DOCUMENT.read_text("utf-8")))
    found = list(teach.contradictions(document, recording.load_folder(tmp_path / "seen")))
    assert [item.file for item in found] == [str(file)]
