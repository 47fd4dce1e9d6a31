"""Which operation a request means."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bezant_api.core.operation import Operation

from bezant.mock.http import segments


@dataclass(slots=True)
class _Node:
    """A place in the tree of paths: what follows by word, what follows by any word, and what ends here."""

    words: dict[str, "_Node"] = field(default_factory=dict)
    any: "_Node | None" = None
    operations: dict[str, Operation[Any]] = field(default_factory=dict)


class Routes:
    """All paths of the registry. A word of a path goes before a parameter in its place."""

    def __init__(self, operations: Iterable[Operation[Any]]) -> None:
        self._root = _Node()
        for operation in operations:
            self._add(operation)

    def _add(self, operation: Operation[Any]) -> None:
        node = self._root
        for part in (operation.base_path + operation.path).split("/")[1:]:
            if part.startswith("{"):
                node.any = node = node.any or _Node()
            else:
                node = node.words.setdefault(part, _Node())
        node.operations[operation.method] = operation

    def find(self, path: str) -> tuple[dict[str, Operation[Any]], list[str]]:
        """The operations of a path by method, and the values of its parameters in their order."""
        # Clients write a slash at the end, and the real gateway does not mind.
        return self._walk(self._root, segments(path.rstrip("/"))[1:], [])

    def _walk(
        self, node: _Node, parts: list[str], values: list[str]
    ) -> tuple[dict[str, Operation[Any]], list[str]]:
        if not parts:
            return node.operations, values
        head, *rest = parts
        if head in node.words:
            found = self._walk(node.words[head], rest, values)
            if found[0]:
                return found
        if node.any is not None and head:
            return self._walk(node.any, rest, [*values, head])
        return {}, []


def parameters(operation: Operation[Any], values: list[str]) -> dict[str, str]:
    """The path parameters of a request by their wire names, from values in the order of the path."""
    template = operation.base_path + operation.path
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    return dict(zip(names, values, strict=True))
