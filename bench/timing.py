"""How things are timed and shown: medians of repeated runs, interleaved with their baseline."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CLIENT: Final = ROOT / "output" / "python" / "src"


def environment(**extra: str) -> dict[str, str]:
    """The environment of a timed process: bytecode is written, for compiling is not what is timed."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **extra}


def run(command: Sequence[str], cwd: Path = ROOT) -> float:
    """Wall time in seconds of a command that must succeed."""
    started = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=environment(), check=True, capture_output=True)
    return time.perf_counter() - started


def medians(cases: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Median seconds of each case; rounds are interleaved, so that noise meets all alike."""
    for case in cases.values():
        case()
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            times[name].append(case())
    return {name: statistics.median(values) for name, values in times.items()}


def python(code: str) -> Callable[[], float]:
    """A fresh interpreter that runs some code with the client on its path."""
    program = f"import sys; sys.path.insert(0, {str(CLIENT)!r}); {code}"
    return lambda: run([sys.executable, "-I", "-c", program])


def show(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print a small table."""
    print(f"\n{title}")
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"  {name:<{width}}  {text}")
