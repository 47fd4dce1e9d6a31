"""Which operations reach which component schemas, directly or through others."""

from collections.abc import Iterator

from normalizer.document import Json, escape
from normalizer.structure import Document, Operation


def users(document: Document, component: str) -> Iterator[Operation]:
    """Operations that reach a component schema, directly or through other components."""
    if "reachable" not in document.derived:
        document.derived["reachable"] = _reachable(document)
    targets = document.derived["reachable"]
    for operation in document.operations:
        if component in targets[operation.key]:
            yield operation


def _reachable(document: Document) -> dict[str, set[str]]:
    graph = {name: _targets(node) for name, node in _component_graph(document).items()}
    return {
        operation.key: _closure(_targets(operation.value), graph)
        for operation in document.operations
    }


def _component_graph(document: Document) -> dict[str, Json]:
    return {
        f"#/components/{section}/{escape(name)}": value
        for section, entries in document.root.get("components", {}).items()
        if isinstance(entries, dict)
        for name, value in entries.items()
    }


def _targets(node: Json) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_targets(value) for value in node.values()))
    return set().union(*map(_targets, node)) if isinstance(node, list) else set()


def _closure(start: set[str], graph: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    pending = list(start)
    while pending:
        target = pending.pop()
        if target not in reached:
            reached.add(target)
            pending += graph.get(target, ())
    return {target.removeprefix("#/components/schemas/") for target in reached}
