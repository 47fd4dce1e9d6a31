"""One edit of a document: what a rule or an overlay asks for, applied and recorded."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from normalizer.document import Json, clone, join, same, split, step

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Missing:
    """The type of `MISSING`: there is no value, which is not the same as `null`."""

    def __repr__(self) -> str:
        """Show the constant's name."""
        return "MISSING"


MISSING: Final = Missing()


class ChangeConflictError(Exception):
    """The document does not hold what a change expects: `pointer` says where, `reason` why."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer}: {reason}")
        self.pointer = pointer
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An edit at a JSON pointer, in the vocabulary of JSON Patch (RFC 6902) with a stated `before`.

    `before` MISSING adds, `after` MISSING removes, both present replace. With `source` the value at
    that pointer is moved (`keep_source=False`) or copied to `pointer`, where nothing may stand yet.
    `evidence` names what the edit rests on: pointers of examples, or words.
    """

    pointer: str
    before: Json | Missing = MISSING
    after: Json | Missing = MISSING
    source: str = ""
    keep_source: bool = False
    evidence: tuple[str, ...] = ()
    rule: str = ""

    @property
    def op(self) -> str:
        """`add`, `remove`, `replace`, `move` or `copy`."""
        if self.source:
            return "copy" if self.keep_source else "move"
        if isinstance(self.before, Missing):
            return "add"
        return "remove" if isinstance(self.after, Missing) else "replace"

    @property
    def operation(self) -> str:
        """`GET /path` of the operation the edit lies in, or an empty string."""
        return operation_of(self.pointer)

    def record(self) -> dict[str, Json]:
        """The change as JSON, for `changes.json`."""
        row: dict[str, Json] = {"rule": self.rule, "op": self.op}
        row |= {"operation": self.operation} if self.operation else {}
        row |= {"from": self.source} if self.source else {}
        row["pointer"] = self.pointer
        row |= {} if isinstance(self.before, Missing) else {"before": self.before}
        row |= {} if isinstance(self.after, Missing) else {"after": self.after}
        return row | ({"evidence": list(self.evidence)} if self.evidence else {})

    @classmethod
    def from_record(cls, row: dict[str, Json]) -> "Change":
        """The inverse of `record`."""
        return cls(
            rule=row["rule"],
            pointer=row["pointer"],
            source=row.get("from", ""),
            keep_source=row["op"] == "copy",
            before=row.get("before", MISSING),
            after=row.get("after", MISSING),
            evidence=tuple(row.get("evidence", ())),
        )


def operation_of(pointer: str) -> str:
    """`GET /path` when a pointer lies in an operation, else an empty string."""
    tokens = split(pointer)
    inside = len(tokens) > 2 and tokens[0] == "paths" and tokens[2] in METHODS  # noqa: PLR2004
    return f"{tokens[2].upper()} {tokens[1]}" if inside else ""


def replay(root: Json, changes: Iterable[Change]) -> None:
    """Apply changes in order, in place."""
    for change in changes:
        apply(root, change)


def apply(root: Json, change: Change) -> None:
    """Apply one change in place; `ChangeConflictError` when the document is not as expected."""
    if change.source:
        value = clone(_at(root, change.source))
        if isinstance(value, Missing):
            raise ChangeConflictError(change.source, "there is nothing to move or copy")
        if not change.keep_source:
            _put(root, change.source, MISSING)
        _expect(root, change.pointer, MISSING)
        _put(root, change.pointer, value)
        return
    _expect(root, change.pointer, change.before)
    _put(root, change.pointer, clone(change.after))


def _at(root: Json, pointer: str) -> Json | Missing:
    node = root
    for token in split(pointer):
        try:
            node = step(node, token)
        except KeyError:
            return MISSING
    return node


def _expect(root: Json, pointer: str, expected: Json | Missing) -> None:
    found = _at(root, pointer)
    if found is not expected and not same(found, expected):
        reason = f"expected {_short(expected)}, found {_short(found)}"
        raise ChangeConflictError(pointer, reason)


def _put(root: Json, pointer: str, value: Json | Missing) -> None:
    tokens = split(pointer)
    parent = _at(root, join("", *tokens[:-1])) if tokens else MISSING
    if not isinstance(parent, dict | list):
        raise ChangeConflictError(pointer, "there is no object or array to hold it")
    key: Json = _index(pointer, tokens[-1], parent) if isinstance(parent, list) else tokens[-1]
    if isinstance(value, Missing):
        del parent[key]
    elif isinstance(parent, list) and key == len(parent):
        parent.append(value)
    else:
        parent[key] = value


def _index(pointer: str, token: str, parent: list[Json]) -> int:
    if not token.isdecimal() or int(token) > len(parent):
        raise ChangeConflictError(pointer, f"{token!r} is no index of an array of {len(parent)}")
    return int(token)


def _short(value: Json | Missing) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004
