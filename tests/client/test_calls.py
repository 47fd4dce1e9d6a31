"""Every operation, called over a socket: what arrives is what the document says."""

import asyncio
import subprocess
import venv
from dataclasses import replace
from pathlib import Path

import pytest
from bezant_api import OPERATIONS

from tests.client.drive import Arrived, Document, judge, run_async, run_sync

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "spec" / "normalized" / "openapi.json"
OPERATION_COUNT = 173


@pytest.fixture(scope="module")
def document() -> Document:
    return Document(DOCUMENT)


def test_sync_calls(document: Document) -> None:
    judged = list(run_sync(document))
    assert len(judged) == OPERATION_COUNT
    assert {call.key: problems for call, problems in judged if problems} == {}


def test_async_calls(document: Document) -> None:
    judged = asyncio.run(run_async(document))
    assert len(judged) == OPERATION_COUNT
    assert {call.key: problems for call, problems in judged if problems} == {}


def test_the_registry_and_the_document_have_the_same_operations(document: Document) -> None:
    listed = {(op.id, op.method, op.base_path + op.path) for op in OPERATIONS.values()}
    assert listed == {(call.id, call.method, call.target_path) for call in document.calls()}


def test_the_judge_sees_what_is_wrong(document: Document) -> None:
    """The tests above are worth what `judge` is worth: tamper with a request in each of its parts."""
    call = next(c for c in document.calls() if c.id == "post_iserver_account_orders")
    good = Arrived(
        "POST",
        call.target_path.replace("{accountId}", str(call.path["accountId"])),
        {"content-type": "application/json"},
        b"{}",
    )
    call = replace(call, body={}, answer=[{"order_id": "1"}])
    operation = OPERATIONS[call.id]
    sent = [{"order_id": "1"}]
    assert list(judge(call, good, sent, operation)) == []
    tampered = {
        "request line": (replace(good, method="PUT"), sent),
        "query": (replace(good, target=f"{good.target}?a=1"), sent),
        "content type": (replace(good, headers={}), sent),
        "body": (replace(good, body=b'{"a": 1}'), sent),
        "result lost": (good, [{"order_id": "2"}]),
    }
    for word, (arrived, result) in tampered.items():
        problems = list(judge(call, arrived, result, operation))
        assert len(problems) == 1
        assert word in problems[0]


@pytest.mark.slow
def test_the_package_installs_into_an_empty_environment(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    install: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        ROOT / "output/python",
    ]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    if "NewConnectionError" in installed.stderr or "No matching distribution" in installed.stderr:
        pytest.skip("no package index can be reached to install the dependencies from")
    assert installed.returncode == 0, installed.stderr
    driver = ROOT / "tests" / "client" / "drive.py"
    driven = subprocess.run(
        [python, "-I", driver, DOCUMENT], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert driven.stdout == f"{2 * OPERATION_COUNT} calls, 0 problems\n", driven.stderr
