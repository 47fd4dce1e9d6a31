"""What an emitter is, what it is given, and what it gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from generator.ir import Api
from generator.naming import NameLock, Names, keep_groups, name_api
from generator.usage import Usage, analyse
from normalizer.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a package: its path in the package's folder, its text, and what made it."""

    path: PurePosixPath
    text: str
    template: str
    needs_format: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """An API with all that is derived from it once and used by every emitter."""

    api: Api
    usage: Usage
    names: Names

    @classmethod
    def of(cls, api: Api, lock: NameLock) -> "Named":
        """The API with its operations in the groups, and under the names, that users know."""
        api = keep_groups(api, lock)
        usage = analyse(api)
        return cls(api, usage, name_api(api, lock, usage.reached, usage.further_homes))


@dataclass(frozen=True, slots=True)
class Emission:
    """All files of a package, and what was noticed on the way."""

    artifacts: tuple[Artifact, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


class Emitter(Protocol):
    """Makes one package."""

    @property
    def name(self) -> str:
        """The folder below `output/`."""
        ...

    def emit(self, named: Named) -> Emission:
        """Make every file; the same input gives the same bytes."""
        ...


def by_path(artifacts: Iterator[Artifact]) -> tuple[Artifact, ...]:
    """Artifacts in the order of their paths."""
    return tuple(sorted(artifacts, key=lambda artifact: artifact.path))
