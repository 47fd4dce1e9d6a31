"""The files of `spec/`: where the pin, the overlays and the products of the normaliser live."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from normalizer import overlay, pipeline
from normalizer.diagnostics import Diagnostic, InputError
from normalizer.document import first_difference, parse, read, read_bytes, sha256, write_files
from normalizer.pipeline import Result

DOCUMENT: Final = "openapi.json"
CHANGES: Final = "changes.json"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The `spec` folder of a checkout."""

    folder: Path = Path("spec")

    @property
    def pin(self) -> Path:
        """The pinned facts of the published document."""
        return self.folder / "upstream" / DOCUMENT

    @property
    def lock(self) -> Path:
        """Version and hashes of the pin and its source."""
        return self.folder / "upstream" / "lock.json"

    @property
    def overlays(self) -> Path:
        """People's edits."""
        return self.folder / "overlays"

    @property
    def normalized(self) -> Path:
        """The normaliser's products."""
        return self.folder / "normalized"


def normalise(source: Path, workspace: Workspace) -> Result:
    """Normalise a document with the overlays of a workspace."""
    return pipeline.normalise(read(source), str(source), overlay.load_folder(workspace.overlays))


def shaped(source: Path, workspace: Workspace) -> Result:
    """A document with its shapes repaired and nothing renamed, as `learn` wants it."""
    return pipeline.shape(read(source), str(source), overlay.load_folder(workspace.overlays))


def write(result: Result, folder: Path) -> None:
    """Write both products, if either differs from what is there."""
    products = {folder / DOCUMENT: result.normalised, folder / CHANGES: result.change_log}
    stale = {path: data for path, data in products.items() if not _holds(path, data)}
    write_files(stale)


def _holds(path: Path, data: bytes) -> bool:
    return path.exists() and path.read_bytes() == data


def stale(result: Result, workspace: Workspace) -> list[Diagnostic]:
    """Where the committed products differ from what the pin gives now."""
    products = {DOCUMENT: result.normalised, CHANGES: result.change_log}
    found = [_compare(workspace.normalized / name, data) for name, data in products.items()]
    return [item for item in (_compare_pin(workspace), *found) if item is not None]


def _compare(path: Path, expected: bytes) -> Diagnostic | None:
    if not path.exists():
        return _stale(path, "", "the file is missing")
    actual = read_bytes(path)
    if actual == expected:
        return None
    try:
        pointer = first_difference(parse(expected, str(path)), parse(actual, str(path)))
    except InputError as error:
        return _stale(path, "", f"not what the pinned document gives: {error.diagnostic.message}")
    where = "only its layout differs" if pointer is None else "its content differs"
    return _stale(path, pointer or "", f"not what the pinned document gives: {where}")


def _compare_pin(workspace: Workspace) -> Diagnostic | None:
    if sha256(read_bytes(workspace.pin)) == read(workspace.lock).get("pin_sha256"):
        return None
    return Diagnostic(
        code="pin-edited",
        file=str(workspace.pin),
        message="not the document that lock.json describes",
        hint="the pin is never edited: restore it, or run python -m normalizer refresh",
    )


def _stale(path: Path, pointer: str, message: str) -> Diagnostic:
    return Diagnostic(
        code="normalised-stale",
        file=str(path),
        pointer=pointer,
        message=message,
        hint="run: make generate",
    )
