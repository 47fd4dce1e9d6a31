"""How these tests make packages and run Python on them."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from generator.build import build
from generator.emit.protocol import Emission, Named
from generator.emit.python import PythonEmitter
from generator.emit.typescript import TypeScriptEmitter
from generator.format import format_all, raw_hash
from generator.naming import NameLock
from normalizer import pipeline
from normalizer.rules import error_response

ROOT: Final = Path(__file__).parents[2]
TEMPLATES: Final = ROOT / "templates" / "python"
PACKAGE: Final = "src/bezant_api"
DRIVER: Final = Path(__file__).with_name("driver.py")

FAILURES: Final = [
    {"$ref": f"#/components/responses/{name}"} for name in ("RateLimited", "TradingFailure")
]

_formatted: dict[str, str] = {}
"""What black made of a text: most files are the same in all small packages."""


def normalised(source: dict[str, Any]) -> dict[str, Any]:
    """The normalised document; one that breaks an invariant is no input for these tests.

    The failures that every trading call has are left out: they would stand in every fragment.
    """
    result = pipeline.normalise(source, "fragment.json")
    assert result.errors == []
    root = result.document.root
    for operation in result.document.operations:
        responses = operation.value["responses"]
        for status in [s for s, r in responses.items() if r in FAILURES]:
            del responses[status]
    root.get("components", {}).get("schemas", {}).pop(error_response.SCHEMA, None)
    root.get("components", {}).pop("responses", None)
    return root


def emit(root: dict[str, Any], lock: NameLock | None = None) -> Emission:
    """All files of the package of a normalised document, unformatted."""
    api, _ = build(root, "fragment.json")
    return PythonEmitter(TEMPLATES, ROOT).emit(Named.of(api, lock or NameLock()))


def make_typescript(root: dict[str, Any]) -> dict[str, str]:
    """All files of the TypeScript package of a normalised document."""
    api, _ = build(root, "fragment.json")
    emission = TypeScriptEmitter(ROOT / "templates" / "typescript", ROOT).emit(
        Named.of(api, NameLock())
    )
    return {str(artifact.path): artifact.text for artifact in emission.artifacts}


def make(root: dict[str, Any]) -> dict[str, str]:
    """All files of the package of a normalised document, formatted."""
    artifacts = emit(root).artifacts
    texts = format_all(artifacts, _formatted)
    _formatted.update({raw_hash(a): texts[str(a.path)] for a in artifacts if a.needs_format})
    return texts


def write(folder: Path, texts: Mapping[str, str]) -> Path:
    """Write a package into a folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def run(
    *arguments: str | Path, stdin: str = "", cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter that takes every warning for an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **environment},
    )


def drive(jobs: Sequence[Mapping[str, Any]], cwd: Path = ROOT) -> list[Any]:
    """Import packages and build their decoders, each in a process of its own."""
    done = run(DRIVER, stdin=json.dumps(jobs), cwd=cwd)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found
