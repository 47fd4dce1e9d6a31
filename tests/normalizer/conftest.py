import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from normalizer import pipeline, workspace
from normalizer.document import Json, read

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture(scope="session")
def space(checkout: Path) -> workspace.Workspace:
    return workspace.Workspace(checkout / "spec")


@pytest.fixture
def pin(space: workspace.Workspace) -> Json:
    return read(space.pin)


@pytest.fixture(scope="session")
def result(space: workspace.Workspace) -> pipeline.Result:
    """The committed pin, normalised; tests that edit the document clone it."""
    return workspace.normalise(space.pin, space)


@pytest.fixture
def collected_garbage() -> Iterator[None]:
    """The command line switches the collector off; the test process keeps it."""
    yield
    gc.enable()
