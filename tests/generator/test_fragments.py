"""Small documents become packages that import, and that a reviewer can read."""

from collections.abc import Mapping
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from normalizer.diagnostics import ToolkitError
from tests.generator import workshop
from tests.generator.fragments import EDGES, FRAGMENTS, SAMPLES, TEXT, asks, parameter
from tests.generator.snapshot_files import FragmentFile

Packages = dict[str, dict[str, str] | ToolkitError]


class PythonFile(FragmentFile):
    """In `tests/snapshots/generator`."""

    file_extension = "py"
    folder = "generator"


@pytest.fixture(scope="module")
def packages() -> Packages:
    return {name: _make(source) for name, source in {**FRAGMENTS, **EDGES}.items()}


def _make(source: dict[str, Any]) -> dict[str, str] | ToolkitError:
    root = workshop.normalised(source)
    try:
        return workshop.make(root)
    except ToolkitError as error:
        return error


@pytest.fixture(scope="module")
def examined(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    folder = tmp_path_factory.mktemp("fragments")
    made = {name: texts for name, texts in packages.items() if isinstance(texts, dict)}
    jobs = [
        {"src": str(workshop.write(folder / name, texts) / "src"), "samples": _samples(name)}
        for name, texts in made.items()
    ]
    return dict(zip(made, workshop.drive(jobs, folder), strict=True))


def _samples(name: str) -> dict[str, Any]:
    return {"": SAMPLES[name]} if name in SAMPLES else {}


def _texts(packages: Packages, name: str) -> dict[str, str]:
    found = packages[name]
    assert isinstance(found, dict), str(found)
    return found


@pytest.mark.parametrize("name", [*FRAGMENTS, *EDGES])
def test_imports_and_builds_all_decoders(
    name: str, packages: Packages, examined: Mapping[str, Any]
) -> None:
    texts = _texts(packages, name)
    found = examined[name]
    assert "error" not in found, found["error"]
    assert found["modules"] == sum(path.endswith(".py") for path in texts)


@pytest.mark.parametrize("name", SAMPLES)
def test_answers_survive_typing(name: str, examined: Mapping[str, Any]) -> None:
    assert examined[name]["echoes"][""] == SAMPLES[name]


@pytest.mark.parametrize("name", FRAGMENTS)
def test_reads_well(name: str, packages: Packages, snapshot: SnapshotAssertion) -> None:
    texts = _texts(packages, name)
    chosen = [
        f"# --- {path.removeprefix('src/')}\n{texts[path]}"
        for path in sorted(texts)
        if "/models/" in path or "/operations/" in path
        if not path.endswith("__init__.py")
    ]
    assert "\n".join(chosen) == snapshot(extension_class=PythonFile)


def test_positional_arguments_stand_in_the_order_of_the_path() -> None:
    second, first = (parameter(name, "path", TEXT, required=True) for name in ("b", "a"))
    texts = workshop.make(workshop.normalised(asks("/x/{a}/y/{b}", second, first)))
    module = texts["src/bezant_api/operations/things.py"]
    signature = module.split("def get_x_y_by_b(")[1].split(")")[0]
    assert "".join(signature.split()) == "self,a:str,b:str,**options:Unpack[CallOptions],"
