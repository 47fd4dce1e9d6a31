"""What the builders share: the document, its change log, and where diagnostics go."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from generator.ir import Doc, Origin
from normalizer.diagnostics import Diagnostic, InputError
from normalizer.document import Json, get

SCHEMAS: Final = "/components/schemas/"


@dataclass(frozen=True, slots=True)
class Source:
    """A normalised document; `diagnostics` collects what the builders have to report."""

    root: dict[str, Json]
    file: str
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def resolve(self, node: Json, pointer: str) -> dict[str, Json]:
        """Follow references; one that leads nowhere is an `InputError`."""
        seen: set[str] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if node["$ref"] in seen:
                raise self.error(pointer, "the reference leads back to itself")
            seen.add(node["$ref"])
            try:
                node = get(self.root, node["$ref"].removeprefix("#"))
            except KeyError as error:
                raise self.error(pointer, f"the reference {node['$ref']} leads nowhere") from error
        return self.mapping(node, pointer)

    def mapping(self, value: Json, pointer: str) -> dict[str, Json]:
        """A value that must be an object."""
        if not isinstance(value, dict):
            raise self.error(pointer, f"expected an object, found {type(value).__name__}")
        return value

    def member(self, holder: dict[str, Json], key: str, pointer: str) -> dict[str, Json]:
        """An object-valued member; an empty one when it is absent."""
        return self.mapping(holder.get(key, {}), f"{pointer}/{key}")

    def text(self, holder: dict[str, Json], key: str, pointer: str) -> str:
        """A member that must be a string."""
        if not isinstance(holder.get(key), str):
            raise self.error(f"{pointer}/{key}", "expected a string")
        return str(holder[key])

    @property
    def schemas(self) -> dict[str, Json]:
        """All component schemas."""
        components = self.member(self.root, "components", "")
        return self.member(components, "schemas", "/components")

    def origin(self, pointer: str) -> Origin:
        """The origin of a node: its rules are those of itself and of its place before hoisting."""
        upstream = self.moved.get(pointer, "")
        rules = dict.fromkeys((*self.rules.get(pointer, ()), *self.rules.get(upstream, ())))
        return Origin(pointer, upstream, tuple(rules))

    def error(self, pointer: str, message: str) -> InputError:
        """An `InputError` at a place of the document."""
        return InputError(
            Diagnostic(
                code="generator-input",
                file=self.file,
                pointer=pointer,
                message=message,
                hint="give a document that python -m normalizer run has written",
            )
        )


def doc(node: Mapping[str, Json]) -> Doc:
    """The words of an operation, a schema, a parameter or a tag."""
    return Doc(
        summary=_text(node.get("summary")),
        description=_text(node.get("description")),
        deprecated=node.get("deprecated") is True,
    )


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""


def rules_by_pointer(changes: Iterable[dict[str, Json]]) -> dict[str, tuple[str, ...]]:
    """Rule ids by the pointer that they changed and by the node around it."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for change in changes:
        for pointer in (change["pointer"], change["pointer"].rpartition("/")[0]):
            found[pointer][change["rule"]] = None
    return {pointer: tuple(rules) for pointer, rules in found.items()}


def moves(changes: Iterable[dict[str, Json]]) -> dict[str, str]:
    """Where hoisted and renamed nodes stood before."""
    return {change["pointer"]: change["from"] for change in changes if "from" in change}
