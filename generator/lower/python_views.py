"""What the Python templates see: plain values, decided and named."""

import re
from dataclasses import dataclass

from generator.lower.views import OperationView


def export_order(name: str) -> tuple[bool, list[tuple[bool, int, str]]]:
    """The order of `__all__` and of import lists: constants first, numbers by value."""
    pieces = re.findall(r"\d+|\D+", name)
    natural = [(piece.isdigit(), int(piece) if piece.isdigit() else 0, piece) for piece in pieces]
    return not name.isupper(), natural


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One attribute: `name: annotation = default`; `wire` is empty when it is the name."""

    name: str
    wire: str
    annotation: str
    default: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StructView:
    """One model class."""

    name: str
    doc: str
    component: str
    fields: tuple[FieldView, ...]
    additional: str
    """The annotation of further properties; empty when the model takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumView:
    """One alias of known values."""

    name: str
    doc: str
    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionView:
    """One union: what type checkers read, and the branches that the marker tries."""

    name: str
    doc: str
    static: str
    branches: tuple[str, ...]
    is_native: bool
    tag: str
    mapping: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsModuleView:
    """`models/<tag>.py`."""

    title: str
    imports: tuple[tuple[str, tuple[str, ...]], ...]
    core: tuple[str, ...]
    typing: tuple[str, ...]
    has_fields: bool
    has_markers: bool
    enums: tuple[EnumView, ...]
    structs: tuple[StructView, ...]
    unions: tuple[UnionView, ...]

    @property
    def exported(self) -> tuple[str, ...]:
        """All public names, sorted."""
        names = [enum.name for enum in self.enums]
        names += [struct.name for struct in self.structs]
        names += [union.name for union in self.unions]
        return tuple(sorted(names, key=export_order))


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsModuleView:
    """`operations/<tag>.py`."""

    title: str
    resource: str
    class_name: str
    typing: tuple[str, ...]
    uses_models: bool
    abstract: tuple[str, ...]
    core_model: tuple[str, ...]
    core_operation: tuple[str, ...]
    operations: tuple[OperationView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceView:
    """One resource group of the clients."""

    attribute: str
    class_name: str
    title: str

    @property
    def imports(self) -> tuple[str, ...]:
        """Both classes of the group, sorted."""
        return tuple(sorted((self.class_name, f"Async{self.class_name}")))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """Where the registry finds an operation."""

    id: str
    resource: str
    constant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """A WebSocket: its path and the names of its query parameters."""

    path: str
    base_path: str
    query: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageView:
    """Everything that spans the tags."""

    version: str
    spec_title: str
    spec_version: str
    spec_sha256: str
    resources: tuple[ResourceView, ...]
    modules: tuple[str, ...]
    entries: tuple[EntryView, ...]
    channels: tuple[ChannelView, ...]
    homes: tuple[tuple[str, str], ...]
    exported: tuple[str, ...]
    imports: tuple[tuple[str, tuple[str, ...]], ...]
