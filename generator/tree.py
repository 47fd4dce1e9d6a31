"""The files of a package on disk: manifest, comparison, and writing that never loses an edit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from normalizer.diagnostics import Diagnostic, FindingsError
from normalizer.document import Json, dump, read, sha256, write_files

MANIFEST: Final = ".manifest.json"
_IGNORED: Final = frozenset(("__pycache__", "dist", "build", ".venv", "node_modules"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One generated file: hash of its bytes, and of the text before formatting."""

    sha256: str
    raw_sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the last build wrote into a folder."""

    files: Mapping[str, Entry]
    spec_sha256: str = ""
    names_sha256: str = ""

    @classmethod
    def load(cls, folder: Path) -> "Manifest":
        """The manifest of a folder; an empty one when there is none."""
        path = folder / MANIFEST
        value: Json = read(path) if path.exists() else {}
        files = {name: Entry(**entry) for name, entry in value.get("files", {}).items()}
        return cls(files, value.get("spec_sha256", ""), value.get("names_sha256", ""))

    def serialise(self) -> bytes:
        """The bytes of the manifest."""
        files = {
            name: {"sha256": entry.sha256, "raw_sha256": entry.raw_sha256}
            for name, entry in sorted(self.files.items())
        }
        return dump(
            {
                "schema": 1,
                "spec_sha256": self.spec_sha256,
                "names_sha256": self.names_sha256,
                "files": files,
            }
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to happen to a folder so that it holds a package."""

    folder: Path
    written: Mapping[Path, bytes]
    removed: tuple[Path, ...]
    unchanged: int
    edited: tuple[Path, ...]


def plan(folder: Path, files: Mapping[str, bytes], previous: Manifest) -> Plan:
    """Compare new files with the folder and its manifest."""
    written: dict[Path, bytes] = {}
    edited: list[Path] = []
    for name, data in files.items():
        path = folder / name
        current = path.read_bytes() if path.is_file() else None
        if current == data:
            continue
        written[path] = data
        if current is not None and not _is_ours(name, current, previous):
            edited.append(path)
    gone = [name for name in previous.files if name not in files and (folder / name).is_file()]
    edited += [folder / n for n in gone if not _is_ours(n, (folder / n).read_bytes(), previous)]
    return Plan(
        folder=folder,
        written=written,
        removed=tuple(folder / name for name in gone),
        unchanged=len(files) - len(written),
        edited=tuple(edited),
    )


def _is_ours(name: str, data: bytes, previous: Manifest) -> bool:
    """Whether a file is what a build wrote, and so may be overwritten."""
    if name == MANIFEST:
        return True
    return name in previous.files and previous.files[name].sha256 == sha256(data)


def refuse_edited(plans: Iterable[Plan]) -> None:
    """Stop before anything is written where a build would overwrite what people edited."""
    edited = [path for planned in plans for path in planned.edited]
    if edited:
        raise FindingsError(
            Diagnostic(
                code="generated-file-edited",
                file=str(edited[0]),
                message=f"{len(edited)} generated file(s) were edited by hand; nothing was written",
                hint="move the edit into a template, a rule or an overlay, or run with --force",
            )
        )


def sync(planned: Plan, extra: Mapping[Path, bytes]) -> None:
    """Carry a plan out; `extra` is written with it."""
    write_files({**planned.written, **extra})
    for path in planned.removed:
        path.unlink()
        _remove_empty_folders(path.parent, planned.folder)


def _remove_empty_folders(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def differences(planned: Plan, files: Mapping[str, bytes]) -> Iterator[Diagnostic]:
    """What `check` reports: files that are missing, stale, left over, or that nobody generated."""
    for path in planned.written:
        if not path.exists():
            yield _difference(path, "missing")
        elif path in planned.edited:
            yield _difference(path, "edited by hand", "restore it, or generator build --force")
        else:
            yield _difference(path, "not what the document gives")
    for path in planned.removed:
        yield _difference(path, "no longer generated")
    for path in _strangers(planned.folder, files, set(planned.removed)):
        yield _difference(path, "not generated: output/ holds nothing else")


def _strangers(folder: Path, files: Mapping[str, bytes], known: set[Path]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not _IGNORED & set(name.parts) and path not in known:
            if str(name) not in files:
                yield path


def _difference(path: Path, message: str, hint: str = "run: make generate") -> Diagnostic:
    return Diagnostic(code="output-stale", file=str(path), message=message, hint=hint)
