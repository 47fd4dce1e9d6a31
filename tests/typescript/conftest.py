"""The package is built once for all tests of this folder."""

import shutil

import pytest

from tests.typescript.project import SUITE, TOOLS, Project, install


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The installed package, with the compiled suite beside it."""
    if not shutil.which("npm"):
        pytest.skip("Node and npm are not here")
    if not (TOOLS / "typescript").exists():
        pytest.skip("the tools are not installed: npm ci --prefix tests/typescript")
    made = install(tmp_path_factory.mktemp("typescript"))
    files = [made.folder / "suite" / path.name for path in sorted(SUITE.glob("*.ts"))]
    problems = made.check("suite", files)
    assert problems == ""
    return made
