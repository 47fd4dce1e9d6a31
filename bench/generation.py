"""The main job: `make generate` with nothing changed, and cold."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench.timing import ROOT, medians, run, show

_COPIED = (
    "normalizer",
    "generator",
    "templates",
    "spec",
    "output",
    "LICENSE-MIT",
    "LICENSE-APACHE",
)


def main() -> None:
    """Time both on a copy of the checkout, so that nothing of it is touched."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name)
            else:
                shutil.copy(source, copy / name)
        _generate(copy)
        cases = {
            "python -c pass": lambda: run([sys.executable, "-c", "pass"], copy),
            "nothing changed": lambda: _generate(copy),
            "cold (manifest deleted)": lambda: _cold(copy),
        }
        rows = medians(cases, rounds=3)
    base = rows["nothing changed"]
    show(
        "generate (normalizer run + generator build; the validator's verdict is cached)",
        [
            (name, f"{value:6.2f} s  {value / base:6.2f} x unchanged")
            for name, value in rows.items()
        ],
    )


def _generate(copy: Path) -> float:
    started = time.perf_counter()
    for command in ("normalizer run", "generator build"):
        run([sys.executable, "-m", *command.split()], copy)
    return time.perf_counter() - started


def _cold(copy: Path) -> float:
    (copy / "output" / "python" / ".manifest.json").unlink()
    return _generate(copy)
