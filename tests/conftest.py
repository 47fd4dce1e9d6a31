"""What all tests share: where things are, and how a test that needs more than a checkout skips."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(autouse=True)
def _in_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in the root of the checkout, whatever the caller's folder."""
    monkeypatch.chdir(ROOT)
