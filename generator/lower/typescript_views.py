"""What the TypeScript templates see: plain values, decided and named."""

from dataclasses import dataclass

from generator.ir import Behaviour
from generator.lower.views import OperationView


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyView:
    """One property of an interface, under its wire name."""

    name: str
    type: str
    is_optional: bool
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceView:
    """One interface; `further` is the type of properties beside these, empty when there are none."""

    name: str
    doc: str
    properties: tuple[PropertyView, ...]
    further: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionView:
    """One named union of types."""

    name: str
    doc: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumView:
    """One named union of known values."""

    name: str
    doc: str
    values: tuple[str | int | float | bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """Types that a module takes from another one, which stands at `path`."""

    path: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypesModuleView:
    """`types/<tag>.ts`."""

    title: str
    imports: tuple[ImportView, ...]
    enums: tuple[EnumView, ...]
    interfaces: tuple[InterfaceView, ...]
    unions: tuple[UnionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireView:
    """What a call needs to know of its operation; `path` has the names of arguments in its braces."""

    constant: str
    id: str
    method: str
    path: str
    idempotency: str
    query: tuple[tuple[str, str], ...]
    joined: tuple[str, ...]
    header: tuple[tuple[str, str], ...]
    body: str
    required: tuple[str, ...]

    @property
    def writers(self) -> tuple[str, ...]:
        """The functions of the kernel that write the arguments into the request."""
        found = {
            "needed": bool(self.required),
            "inPath": "{" in self.path,
            "inQuery": bool(self.query),
            "inHeader": bool(self.header),
            "jsonBody": "json" in self.body,
            "formBody": "form" in self.body,
        }
        written = [name for name, is_used in found.items() if is_used]
        is_text = self.body and not {"jsonBody", "formBody"} & set(written)
        return (*written, *(["textBody"] if is_text else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionView:
    """One operation as a function; `exported` is its name where a reserved word keeps it from having it."""

    name: str
    exported: str
    doc: str
    wire: WireView
    arguments: InterfaceView | None
    is_called_bare: bool
    """Whether nothing has to be given."""
    operation: OperationView
    follow: str
    """The constant of the operation that gives all pages but the first."""

    @property
    def result(self) -> str:
        """The type of the value."""
        return self.operation.result

    @property
    def iterator(self) -> str:
        """The name of the function that walks through all pages."""
        return f"iter{self.exported[:1].upper()}{self.exported[1:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsModuleView:
    """`operations/<tag>.ts`."""

    title: str
    entry: str
    has_types: bool
    imports: tuple[ImportView, ...]
    functions: tuple[FunctionView, ...]

    @property
    def renamed(self) -> tuple[FunctionView, ...]:
        """Functions whose exported name is a reserved word."""
        return tuple(item for item in self.functions if item.name != item.exported)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One entry point of the package: `bezant-client/<name>` is `dist/<module>.js`."""

    name: str
    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceView:
    """One namespace of the facade."""

    name: str
    entry: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRowView:
    """One operation of the registry, with the namespace that TypeScript has for it."""

    resource: str
    operation: OperationView

    @property
    def behaviour(self) -> Behaviour:
        """How the call behaves."""
        return self.operation.behaviour


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """One part of a message: a word, or the name of an option."""

    word: str
    option: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicView:
    """One topic of the WebSocket as a function."""

    name: str
    doc: str
    topic: str
    target: tuple[TargetView, ...]
    options: tuple[PropertyView, ...]
    arguments: str
    needs_arguments: bool
    takes_arguments: bool
    payload: str
    unsolicited: bool
    refresh: float
    ending: str
    ending_target: tuple[TargetView, ...]
    ending_from: str
    ending_arguments: bool

    @property
    def is_called_bare(self) -> bool:
        """Whether there is nothing to give."""
        return not self.options and not self.arguments

    @property
    def options_name(self) -> str:
        """The name of the type of what it is asked with."""
        return f"{self.name[:1].upper()}{self.name[1:]}Options"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageView:
    """Everything that spans the tags."""

    version: str
    spec_version: str
    spec_sha256: str
    entries: tuple[EntryView, ...]
    namespaces: tuple[NamespaceView, ...]
    registry: tuple[RegistryRowView, ...]
    topics: tuple[TopicView, ...]
    topic_imports: tuple[ImportView, ...]
    has_streams: bool
