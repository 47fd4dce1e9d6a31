"""From the normalised document to files in memory, for every emitter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generator import build, tree
from generator.emit.protocol import Artifact, Emission, Emitter, Named, by_path
from generator.emit.python import PythonEmitter
from generator.emit.sidecar import SidecarEmitter
from generator.emit.typescript import TypeScriptEmitter
from generator.format import format_all, raw_hash
from generator.naming import NameLock
from generator.tree import Entry, Manifest, Plan
from normalizer.diagnostics import Diagnostic
from normalizer.document import Json, dump, read, sha256

LOCK: Final = "names.lock.json"
NAMES: Final = "python"
"""In the lock: names as Python spells them; other languages spell theirs after these."""

RENAMED: Final = "renamed"
"""In the lock: every accepted change of a public name, with its reason."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a checkout keeps what the generator reads and writes."""

    spec: Path = Path("spec")
    templates: Path = Path("templates")
    output: Path = Path("output")
    licences: Path = Path()

    @property
    def document(self) -> Path:
        """The normalised document."""
        return self.spec / "normalized" / "openapi.json"

    @property
    def changes(self) -> Path:
        """The normaliser's log: it tells origins."""
        return self.spec / "normalized" / "changes.json"

    @property
    def lock(self) -> Path:
        """The names given out so far."""
        return self.spec / LOCK


@dataclass(frozen=True, slots=True)
class Package:
    """One package: what is planned for its folder."""

    name: str
    plan: Plan
    files: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Build:
    """All packages, the new lock, and what was noticed on the way."""

    packages: tuple[Package, ...]
    lock: bytes
    diagnostics: tuple[Diagnostic, ...]


def emitters(paths: Paths) -> list[Emitter]:
    """All emitters."""
    return [
        PythonEmitter(paths.templates / "python", paths.licences),
        SidecarEmitter(paths.templates / "fastapi", paths.document),
        TypeScriptEmitter(paths.templates / "typescript", paths.licences),
    ]


def prepare(paths: Paths, *, accept_names: str = "", accept_of: str = "") -> Build:
    """Render and format everything in memory; an `InputError` names the unusable place.

    `accept_names` is the reason for which public names may change; the lock keeps it with them.
    They are those of all symbols, or of those that begin with `accept_of`.
    """
    root = read(paths.document)
    log = read(paths.changes)["changes"] if paths.changes.exists() else ()
    api, diagnostics = build.build(root, str(paths.document), log)
    locked: Json = read(paths.lock) if paths.lock.exists() else {}
    given = NameLock.from_json(locked, NAMES)
    named = Named.of(api, given.without(accept_of) if accept_names else given)
    if not accept_names:
        given.verify(named.names.table, str(paths.lock))
    lock = dump(_lock(locked, given, named.names.table, accept_names))
    emissions = _by_package((emitter.name, emitter.emit(named)) for emitter in emitters(paths))
    made = tuple(
        _package(paths.output / name, name, emission.artifacts, api.sha256, sha256(lock))
        for name, emission in emissions.items()
    )
    noticed = (d for emission in emissions.values() for d in emission.diagnostics)
    return Build(made, lock, (*diagnostics, *named.names.diagnostics, *noticed))


def _by_package(emissions: Iterable[tuple[str, Emission]]) -> dict[str, Emission]:
    """The emissions by package; a package may be made by several emitters."""
    found: dict[str, Emission] = {}
    for name, emission in emissions:
        before = found.get(name, Emission(()))
        artifacts = by_path(iter((*before.artifacts, *emission.artifacts)))
        found[name] = Emission(artifacts, (*before.diagnostics, *emission.diagnostics))
    return found


def _lock(locked: Json, given: NameLock, names: Mapping[str, str], reason: str) -> Json:
    """The lock file with all names of this build, and what was renamed for which reason."""
    renamed = given.renamed(names, reason)
    log = {RENAMED: [*locked.get(RENAMED, ()), *renamed]} if renamed else {}
    return {**locked, NAMES: given.merged(names), **log}


def _package(
    folder: Path, name: str, artifacts: Sequence[Artifact], spec_sha256: str, names_sha256: str
) -> Package:
    previous = Manifest.load(folder)
    texts = format_all(artifacts, _formatted(folder, previous))
    files = {path: text.encode() for path, text in texts.items()}
    entries = {str(a.path): Entry(sha256(files[str(a.path)]), raw_hash(a)) for a in artifacts}
    files[tree.MANIFEST] = Manifest(entries, spec_sha256, names_sha256).serialise()
    return Package(name, tree.plan(folder, files, previous), files)


def _formatted(folder: Path, previous: Manifest) -> dict[str, str]:
    """Texts on disk by raw hash, as far as they are what the manifest says."""
    known: dict[str, str] = {}
    for name, entry in previous.files.items():
        path = folder / name
        data = path.read_bytes() if path.is_file() else b""
        if sha256(data) == entry.sha256:
            known[entry.raw_sha256] = data.decode()
    return known
