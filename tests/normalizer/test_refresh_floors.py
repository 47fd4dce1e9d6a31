"""A download that lost much of what the pin has never becomes the pin."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from normalizer import refresh
from normalizer.diagnostics import EXIT_INPUT, InputError
from normalizer.document import Json, clone, dump
from normalizer.structure import Document, Kind


@pytest.fixture
def folder(tmp_path: Path, checkout: Path) -> Path:
    return Path(shutil.copytree(checkout / "spec" / "upstream", tmp_path / "upstream"))


def without_schemas(root: Json) -> None:
    for site in Document(root).of(Kind.MEDIA_TYPE):
        site.value.pop("schema", None)
    root["components"].pop("schemas")


def without_parameters(root: Json) -> None:
    root["components"].pop("parameters", None)
    for operation in Document(root).operations:
        operation.value.pop("parameters", None)


def without_examples(root: Json) -> None:
    for site in [*Document(root).of(Kind.MEDIA_TYPE), *Document(root).schemas]:
        if isinstance(site.value, dict):
            site.value.pop("examples", None)
            site.value.pop("example", None)


def without_most_operations(root: Json) -> None:
    for path in list(root["paths"])[::3] + list(root["paths"])[1::3]:
        del root["paths"][path]


def hashes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (without_schemas, "schemas"),
        (without_parameters, "parameters"),
        (without_examples, "examples"),
        (without_most_operations, "operations"),
    ],
)
def test_a_shrunken_download_is_refused_and_nothing_is_written(
    pin: Json, folder: Path, tmp_path: Path, spoil: Callable[[Json], None], what: str
) -> None:
    root = clone(pin)
    spoil(root)
    source = tmp_path / "download.json"
    source.write_bytes(dump(root))
    before = hashes(folder)
    with pytest.raises(InputError) as caught:
        refresh.refresh(str(source), folder)
    assert caught.value.exit_code == EXIT_INPUT
    assert caught.value.diagnostic.file == str(source)
    assert (
        what in caught.value.diagnostic.message or "operations" in caught.value.diagnostic.message
    )
    assert hashes(folder) == before


def test_the_pin_itself_is_large_enough(pin: Json, folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "download.json"
    source.write_bytes(dump(pin))
    assert refresh.refresh(str(source), folder).operations == len(Document(pin).operations)
