"""What an emitter is and what it gives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from generator.ir import Api
from generator.naming import NameLock
from normalizer.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a package: its path in the package's folder, its text, and what made it."""

    path: PurePosixPath
    text: str
    template: str
    needs_format: bool = False


@dataclass(frozen=True, slots=True)
class Emission:
    """All files of a package, the public names that they use, and what was noticed on the way."""

    artifacts: tuple[Artifact, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


class Emitter(Protocol):
    """Makes one package."""

    @property
    def name(self) -> str:
        """The folder below `output/`."""
        ...

    def emit(self, api: Api, lock: NameLock) -> Emission:
        """Make every file; the same input gives the same bytes."""
        ...


def by_path(artifacts: Iterator[Artifact]) -> tuple[Artifact, ...]:
    """Artifacts in the order of their paths."""
    return tuple(sorted(artifacts, key=lambda artifact: artifact.path))
