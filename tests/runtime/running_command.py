"""The command of the project as a program of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join([str(ROOT), str(ROOT / "output" / "python" / "src")])
ENVIRONMENT = {**os.environ, "PYTHONPATH": PATHS}
COMMAND = [sys.executable, "-m", "bezant"]
EXPORT = "export IBKR_GATEWAY_URL="
SECONDS = 60


class Running(NamedTuple):
    """A mock gateway that listens, the URL that it says to export, and all that it said until then."""

    process: subprocess.Popen[str]
    url: str
    said: str


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    """The command, once it listens."""
    with subprocess.Popen(
        [*COMMAND, "mock", "--port", "0", *arguments],
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if line.startswith(EXPORT):
                    break
            yield Running(process, said[-1].removeprefix(EXPORT).strip(), "".join(said))
        finally:
            process.kill()
