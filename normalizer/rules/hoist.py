"""Rule: every object, enum and union is a component with a name from its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from normalizer.change import Change
from normalizer.document import Json, join, split
from normalizer.rule import Area, Rule
from normalizer.rules.component_case import free_name
from normalizer.rules.open_enum import KNOWN_VALUES
from normalizer.structure import SIGNED_PAYLOAD, Document, Site
from normalizer.words import pascal, singular

_SCHEMAS = "/components/schemas"
_COMPONENT_DEPTH = 3
_ENUM_ENDINGS = ("Enum", "Type", "Status", "Code")
_SECTION_SUFFIX = {
    "responses": "Response",
    "requestBodies": "Request",
    "parameters": "Param",
    "headers": "Header",
}


def find(document: Document) -> Iterator[Change]:
    """Hoist every anonymous schema, the innermost first, so that each holds only references."""
    anonymous = [site for site in document.schemas if is_anonymous(site)]
    components = document.root.get("components", {})
    if anonymous and "schemas" not in components:
        yield from _make_room(document)
    taken = {name.casefold() for name in components.get("schemas", {})}
    for site in reversed(anonymous):
        name = free_name(owner_name(document, site), taken)
        target = join(_SCHEMAS, name)
        yield Change(source=site.pointer, pointer=target, keep_source=True)
        words = {key: site.value[key] for key in ("description",) if key in site.value}
        reference = {"$ref": f"#{target}", **words}
        yield Change(pointer=site.pointer, before=site.value, after=reference)


def _make_room(document: Document) -> Iterator[Change]:
    if "components" not in document.root:
        yield Change(pointer="/components", after={})
    yield Change(pointer=_SCHEMAS, after={})


def is_anonymous(site: Site) -> bool:
    """Whether a schema needs a name of its own and stands where it has none."""
    if site.pointer.startswith(_SCHEMAS) and site.pointer.count("/") == _COMPONENT_DEPTH:
        return False
    if site.pointer.rsplit("/", 2)[-2] == "allOf":
        return False
    schema = site.value
    is_union = len(schema.get("oneOf", ())) > 1 or len(schema.get("anyOf", ())) > 1
    return (
        "properties" in schema
        or "enum" in schema
        or KNOWN_VALUES in schema
        or "allOf" in schema
        or (is_union and not _nullable_only(schema))
    )


def _nullable_only(schema: dict[str, Json]) -> bool:
    """A union of one schema and null: `X | null` needs no name."""
    branches = [
        b for b in (*schema.get("oneOf", ()), *schema.get("anyOf", ())) if b != {"type": "null"}
    ]
    return len(branches) == 1


# --- Names from owner paths ----------------------------------------------------------------------


@dataclass(slots=True)
class _Path:
    """The tokens of a pointer, read from the left."""

    tokens: list[str]

    def take(self, count: int = 1) -> list[str]:
        """Remove and return the next tokens."""
        taken, self.tokens = self.tokens[:count], self.tokens[count:]
        return taken


def owner_name(document: Document, site: Site) -> str:
    """The name of an anonymous schema: its owner, then one word a step down to it."""
    path = _Path(split(site.pointer))
    name = _root_name(document, path)
    while path.tokens:
        name = _step(name, path)
    is_enum = ("enum" in site.value or KNOWN_VALUES in site.value) and not name.endswith(
        _ENUM_ENDINGS
    )
    return f"{name}Enum" if is_enum else name


def _root_name(document: Document, path: _Path) -> str:
    if path.take() == ["components"]:
        section, name = path.take(2)
        return pascal(name) + _inside_component(path, section)
    template, part = path.take(2)
    item = document.root["paths"][template]
    if part == "parameters":
        return pascal(template) + _parameter_name(item, path)
    operation = item[part]
    return pascal(operation.get("operationId", f"{part} {template}")) + _role(operation, path)


def _inside_component(path: _Path, section: str) -> str:
    if section == "schemas":
        return ""
    _enter_schema(path)
    return _SECTION_SUFFIX.get(section, "")


def _role(operation: dict[str, Json], path: _Path) -> str:
    part = path.take()[0]
    if part == "parameters":
        return _parameter_name(operation, path)
    if part == "requestBody":
        _enter_schema(path)
        return "Request"
    status = path.take()[0]
    if path.tokens[0] == "headers":
        name = path.take(2)[1]
        _enter_schema(path)
        return f"{pascal(name)}Header"
    _enter_schema(path)
    return "Response" if status == "200" else f"Response{pascal(status)}"


def _parameter_name(holder: dict[str, Json], path: _Path) -> str:
    parameter = holder["parameters"][int(path.take()[0])]
    _enter_schema(path)
    return f"{pascal(str(parameter.get('name', '')))}Param"


def _enter_schema(path: _Path) -> None:
    """Step over `schema`, or over `content`, the media type, a signed payload and `schema`."""
    if path.tokens[0] == "content":
        path.take(2)
    if path.tokens[0] == SIGNED_PAYLOAD:
        path.take()
    path.take()


def _step(name: str, path: _Path) -> str:
    keyword = path.take()[0]
    if keyword in ("properties", "patternProperties", "$defs"):
        word = pascal(path.take()[0])
        return f"{name}{'Field' if word[:1].isdigit() else ''}{word or 'Field'}"
    if keyword == "items":
        return singular(name) or f"{name}Item"
    if keyword in ("oneOf", "anyOf", "prefixItems"):
        return f"{name}Variant{int(path.take()[0]) + 1}"
    if keyword == "allOf":
        path.take()
        return name
    return f"{name}{'Value' if keyword == 'additionalProperties' else pascal(keyword)}"


RULE = Rule(
    id="hoist-anonymous-schema",
    title="Name anonymous schemas by their owner",
    why=(
        "Half of all types have no name, and each generator invents another; adding one somewhere renames others "
        "elsewhere. A name from the owner's path changes only when the path does."
    ),
    area=Area.NAMES,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "Order": {
                    "type": "object",
                    "properties": {
                        "side": {"type": "string", "enum": ["BUY", "SELL"]},
                        "legs": {
                            "type": "array",
                            "items": {"type": "object", "properties": {"size": {"type": "number"}}},
                        },
                    },
                }
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "Order": {
                    "type": "object",
                    "properties": {
                        "side": {"$ref": "#/components/schemas/OrderSideEnum"},
                        "legs": {
                            "type": "array",
                            "items": {"$ref": "#/components/schemas/OrderLeg"},
                        },
                    },
                },
                "OrderSideEnum": {"type": "string", "enum": ["BUY", "SELL"]},
                "OrderLeg": {"type": "object", "properties": {"size": {"type": "number"}}},
            }
        },
    },
    find=find,
)
