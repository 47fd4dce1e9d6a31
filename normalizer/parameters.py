"""Path parameters and the templates they belong to: what the path-parameter rules ask."""

from collections.abc import Iterator
from dataclasses import dataclass

from normalizer.document import Json
from normalizer.structure import Document, Operation, placeholders


@dataclass(frozen=True, slots=True)
class Declared:
    """One entry of a parameter list, with the object that it stands for."""

    pointer: str
    entry: dict[str, Json]
    value: dict[str, Json]

    @property
    def name(self) -> str:
        """The wire name."""
        return str(self.value.get("name", ""))

    @property
    def location(self) -> str:
        """`path`, `query`, `header` or `cookie`."""
        return str(self.value.get("in", ""))

    @property
    def in_path(self) -> bool:
        """Whether it is declared `in: path`."""
        return self.location == "path"


@dataclass(frozen=True, slots=True)
class PathParameters:
    """How the declared path parameters of one operation stand to its template."""

    operation: Operation
    own: tuple[Declared, ...]
    shared: tuple[Declared, ...]

    @property
    def declared(self) -> set[str]:
        """Names declared `in: path`, on the operation or on its path item."""
        return {entry.name for entry in (*self.own, *self.shared) if entry.in_path}

    @property
    def undeclared(self) -> list[str]:
        """Placeholders that no path parameter declares, in the order of the template."""
        names = dict.fromkeys(placeholders(self.operation.path))
        return [name for name in names if name not in self.declared]

    @property
    def stray(self) -> list[Declared]:
        """The operation's own path parameters that the template does not have."""
        names = placeholders(self.operation.path)
        return [entry for entry in self.own if entry.in_path and entry.name not in names]


def of_operations(document: Document) -> Iterator[PathParameters]:
    """The path parameters of each operation."""
    for operation in document.operations:
        item_pointer = operation.pointer.rpartition("/")[0]
        yield PathParameters(
            operation,
            tuple(_entries(document, operation.value, operation.pointer)),
            tuple(_entries(document, operation.item, item_pointer)),
        )


def _entries(document: Document, holder: dict[str, Json], pointer: str) -> Iterator[Declared]:
    for index, entry in enumerate(holder.get("parameters", ())):
        yield Declared(f"{pointer}/parameters/{index}", entry, document.resolve(entry))
