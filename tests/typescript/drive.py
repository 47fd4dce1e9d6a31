"""Calls made by the TypeScript client, one after another, from Python."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.typescript.project import Project


class Driver:
    """A Node process that makes the calls it is told."""

    def __init__(self, process: subprocess.Popen[str], base_url: str) -> None:
        self._process = process
        self._base_url = base_url

    def call(self, entry: str, name: str, args: Any = None, **more: Any) -> dict[str, Any]:
        """What came of a call: `value`, `bytes` or `rows`, or the `error` with all it says."""
        job = {"baseUrl": self._base_url, "entry": entry, "name": name, **more}
        job |= {"args": args} if args is not None else {}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the driver ended at {job}"
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def driver(project: Project, base_url: str) -> Iterator[Driver]:
    """Start the process; it ends with the block."""
    process = subprocess.Popen(
        ["node", "out/suite/drive.js"],
        cwd=project.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Driver(process, base_url)
    finally:
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0, said


def registry(project: Project) -> dict[str, Any]:
    """The registry of the package, as data."""
    script = "console.log(JSON.stringify((await import('bezant-client/registry')).OPERATIONS))"
    found: dict[str, Any] = json.loads(project.node("--input-type=module", "--eval", script))
    return found


def entry_of(resource: str) -> str:
    """The entry point of a namespace: `marketData` gives `market-data`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in resource)
