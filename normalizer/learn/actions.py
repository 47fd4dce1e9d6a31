"""Changes as overlay actions: what a person reviews, and any overlay tool can apply."""

from collections.abc import Iterable, Iterator
from typing import Any

from normalizer.change import MISSING, Change
from normalizer.document import Json, get, join, split

Action = dict[str, Any]


def of_changes(root: Json, changes: Iterable[Change]) -> Iterator[Action]:
    """Actions that do to `root` what the changes do; `root` is the document before each of them.

    The caller applies each change after taking its actions. A type in an overlay cannot be replaced
    by a list, nor a list be shortened: such a value is removed and added again.
    """
    for change in changes:
        yield from of_change(root, change)


def of_change(root: Json, change: Change) -> Iterator[Action]:
    """The actions of one change."""
    parent, _, key = change.pointer.rpartition("/")
    name = split(f"/{key}")[0]
    if change.source:
        yield {"target": query(root, parent), "update": {name: get(root, change.source)}}
        yield {"target": query(root, change.source), "remove": True}
    elif change.before is MISSING:
        yield {"target": query(root, parent), "update": {name: change.after}}
    elif change.after is MISSING:
        yield {"target": query(root, change.pointer), "remove": True}
    else:
        yield from _replacement(root, change, parent, name)


def _replacement(root: Json, change: Change, parent: str, name: str) -> Iterator[Action]:
    before, after = change.before, change.after
    if isinstance(before, list) and isinstance(after, list) and after[: len(before)] == before:
        yield {"target": query(root, change.pointer), "update": after[len(before) :]}
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in before:
            if key not in after or before[key] != after[key]:
                yield {"target": query(root, join(change.pointer, key)), "remove": True}
        added = {key: value for key, value in after.items() if before.get(key, MISSING) != value}
        yield {"target": query(root, change.pointer), "update": added}
    elif not isinstance(before, dict | list) and not isinstance(after, dict | list):
        yield {"target": query(root, parent), "update": {name: after}}
    else:
        yield {"target": query(root, change.pointer), "remove": True}
        yield {"target": query(root, parent), "update": {name: after}}


def query(root: Json, pointer: str) -> str:
    """A JSONPath of names and indexes for a pointer that leads somewhere."""
    path, node = "$", root
    for token in split(pointer):
        if isinstance(node, list):
            path, node = f"{path}[{token}]", node[int(token)]
        else:
            path += f".{token}" if token.isidentifier() and token.isascii() else _quoted(token)
            node = node[token]
    return path


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"
