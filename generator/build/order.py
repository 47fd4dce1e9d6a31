"""The order of properties on the wire, as the document's example answers show it.

A reader that expects fields in the order in which they come finds each at once; the order of the
document's schemas says little, for tools have sorted it.
"""

from collections.abc import Iterator

from normalizer.document import Json, contains, get

_REFERENCE = "#/components/schemas/"
_DEPTH = 24


def wire_orders(root: dict[str, Json]) -> dict[str, tuple[str, ...]]:
    """Keys in the order of the first example of each component schema; those of later ones follow."""
    orders: dict[str, dict[str, None]] = {}
    for schema, value in _samples(root):
        _note(root, schema, value, orders, 0)
    return {name: tuple(order) for name, order in orders.items()}


def _samples(root: dict[str, Json]) -> Iterator[tuple[Json, Json]]:
    """`(schema, value)` of every example of every answer."""
    for item in _members(root, "paths"):
        for operation in item.values():
            for response in _members(operation, "responses"):
                for media in _members(_resolved(root, response), "content"):
                    for value in _values(root, media):
                        yield media.get("schema"), value


def _members(holder: Json, key: str) -> list[dict[str, Json]]:
    """The objects of an object-valued member; what is malformed is for the builders to report."""
    member = holder.get(key) if isinstance(holder, dict) else None
    values = member.values() if isinstance(member, dict) else ()
    return [value for value in values if isinstance(value, dict)]


def _values(root: dict[str, Json], media: dict[str, Json]) -> Iterator[Json]:
    yield from [media["example"]] if "example" in media else []
    for entry in _members(media, "examples"):
        yield _resolved(root, entry).get("value")


def _resolved(root: dict[str, Json], node: Json) -> dict[str, Json]:
    """The end of a chain of references; an empty object where it leads nowhere."""
    for _ in range(_DEPTH):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            return node if isinstance(node, dict) else {}
        target = node["$ref"].removeprefix("#")
        node = get(root, target) if contains(root, target) else {}
    return {}


def _note(
    root: dict[str, Json], schema: Json, value: Json, orders: dict[str, dict[str, None]], depth: int
) -> None:
    """Follow a value along its schema and note the keys of each component on the way."""
    if not isinstance(schema, dict) or depth > _DEPTH:
        return
    target = schema.get("$ref")
    if isinstance(target, str) and isinstance(value, dict):
        orders.setdefault(target.removeprefix(_REFERENCE), {}).update(dict.fromkeys(value))
    if isinstance(target, str):
        schema = _resolved(root, schema)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(keyword, ()):
            _note(root, branch, value, orders, depth + 1)
    if isinstance(value, list):
        for item in value:
            _note(root, schema.get("items"), item, orders, depth + 1)
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        for key, item in value.items():
            inner = properties.get(key, schema.get("additionalProperties"))
            _note(root, inner, item, orders, depth + 1)
