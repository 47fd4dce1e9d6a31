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
    found: set[str] = set()
    pending = [node]
    while pending:
        inner = pending.pop()
        if isinstance(inner, dict):
            if isinstance(inner.get("$ref"), str):
                found.add(inner["$ref"])
            pending += inner.values()
        elif isinstance(inner, list):
            pending += inner
    return found


def _closure(start: set[str], graph: dict[str, set[str]]) -> set[str]:
    reached = _all_reached(start, graph)
    return {target.removeprefix("#/components/schemas/") for target in reached}


def _all_reached(start: set[str], graph: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    pending = list(start)
    while pending:
        target = pending.pop()
        if target not in reached:
            reached.add(target)
            pending += graph.get(target, ())
    return reached


def only_in_responses(document: Document, pointer: str) -> bool:
    """Whether what stands at a pointer is reached from answers and from no request."""
    if "requested" not in document.derived:
        document.derived["requested"] = _requested(document)
    requested, answered = document.derived["requested"]
    tokens = pointer.split("/")[1:]
    if tokens[0] == "paths":
        return tokens[3:4] == ["responses"]
    component = "/".join(tokens[:3])
    return component in answered and component not in requested


def _requested(document: Document) -> tuple[set[str], set[str]]:
    """Components that requests reach, and those that answers reach, as `components/section/name`."""
    graph = {name: _targets(node) for name, node in _component_graph(document).items()}
    sent: set[str] = set()
    answered: set[str] = set()
    for operation in document.operations:
        answered |= _targets(operation.value.get("responses", {}))
        rest = {key: value for key, value in operation.value.items() if key != "responses"}
        sent |= _targets(rest) | _targets(operation.item.get("parameters", []))
    return _reach(sent, graph), _reach(answered, graph)


def _reach(start: set[str], graph: dict[str, set[str]]) -> set[str]:
    return {target.removeprefix("#/") for target in _all_reached(start, graph)}
