"""The one order in which a document is written: paths, components and statuses are sorted.

Order that people see and chose, such as that of properties and parameters, is kept.
"""

from typing import Final

from normalizer.change import METHODS
from normalizer.document import Json, dump

_ROOT: Final = ("openapi", "info", "servers", "security", "tags", "paths", "components")


def canonical(root: dict[str, Json]) -> dict[str, Json]:
    """A document with its unordered maps in a fixed order; values are shared with `root`."""
    ordered = _first(root, _ROOT)
    ordered["paths"] = {path: _path_item(item) for path, item in sorted(root["paths"].items())}
    if "components" in root:
        ordered["components"] = {
            name: dict(sorted(section.items())) if isinstance(section, dict) else section
            for name, section in sorted(root["components"].items())
        }
    return ordered


def serialise(root: dict[str, Json]) -> bytes:
    """The bytes of a document in canonical order."""
    return dump(canonical(root))


def _path_item(item: dict[str, Json]) -> dict[str, Json]:
    return {
        key: _operation(value) if key in METHODS else value
        for key, value in _first(item, METHODS).items()
    }


def _operation(operation: dict[str, Json]) -> dict[str, Json]:
    if not isinstance(operation.get("responses"), dict):
        return operation
    responses = dict(sorted(operation["responses"].items(), key=_status_order))
    return {key: responses if key == "responses" else value for key, value in operation.items()}


def _status_order(row: tuple[str, Json]) -> tuple[bool, str]:
    return row[0] == "default", row[0]


def _first(node: dict[str, Json], keys: tuple[str, ...]) -> dict[str, Json]:
    """A copy with the named keys first."""
    head = {key: node[key] for key in keys if key in node}
    return head | {key: value for key, value in node.items() if key not in head}
