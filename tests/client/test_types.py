"""What type checkers make of the package, from a user's side."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
USAGE = "tests/client/usage.py"
pytestmark = pytest.mark.slow


def test_mypy_strict_is_clean_on_realistic_use() -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--warn-unused-ignores", USAGE]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.skipif(shutil.which("node") is None, reason="pyright needs Node")
def test_pyright_strict_is_clean_on_package_and_realistic_use(tmp_path: Path) -> None:
    """The package is checked as it stands; the usage file in strict mode."""
    project = tmp_path / "pyrightconfig.json"

    def place(path: str) -> str:
        """A path as the configuration has to name it: from its own folder."""
        return os.path.relpath(ROOT / path, tmp_path)

    settings = {
        "include": [place(USAGE), place("output/python/src/bezant_api")],
        "strict": [place(USAGE)],
        "extraPaths": [place("output/python/src")],
        "pythonVersion": "3.11",
        "enableTypeIgnoreComments": False,
        "reportUnnecessaryTypeIgnoreComment": True,
    }
    project.write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--project", str(project)]
    command += ["--pythonpath", sys.executable]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    report = json.loads(run.stdout)
    found = [
        f"{item['file']}:{item['range']['start']['line'] + 1}: {item['message']}"
        for item in report["generalDiagnostics"]
        if item["severity"] == "error"
    ]
    assert found == []
    assert report["summary"]["filesAnalyzed"] > 70
