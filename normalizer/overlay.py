"""OpenAPI Overlay 1.0 and 1.1: people's edits of a document, in YAML or JSON.

Actions run in order, each on the result of the one before. Targets are JSONPath (RFC 9535) in strict
mode. Beyond the specification: a target that matches nothing is reported, because it means that the
publisher has repaired what the overlay was written for. Every edit is a `Change` and stands in the
change log with the file and the action that made it.
"""

import math
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Final

from normalizer.change import Change, apply
from normalizer.diagnostics import Diagnostic, InputError, Severity
from normalizer.document import (
    Json,
    clone,
    dump,
    get,
    join,
    read,
    read_bytes,
    sha256,
    split,
    write_files,
)

CACHE: Final = Path(".cache/overlays")
"""Overlays as JSON, by the hash of their YAML, which takes 100 ms to read."""

RULE_PREFIX: Final = "overlay:"
STAGE: Final = "x-bezant-stage"
EARLY: Final = "early"
SHAPES: Final = "shapes"
"""Overlays of this stage see repaired shapes: they come after the rules about schemas."""

VERSIONS: Final = re.compile(r"1\.[01](\.\d+)?")
_ROOT_KEYS: Final = frozenset(("overlay", "info", "extends", "actions"))
_ACTION_KEYS: Final = frozenset(("target", "description", "update", "remove", "copy"))


@dataclass(frozen=True, slots=True)
class Action:
    """One action of an overlay; `place` names it in messages."""

    target: str
    place: str
    file: str
    update: Json = None
    copy: str = ""
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Overlay:
    """A parsed overlay document."""

    file: str
    actions: tuple[Action, ...] = field(default=())
    stage: str = EARLY


def load_folder(folder: Path) -> list[Overlay]:
    """Every `*.yaml` of a folder, in the order of their names."""
    return [load(path) for path in sorted(folder.glob("*.yaml"))]


def load(path: Path) -> Overlay:
    """Read one overlay; broken YAML or an unknown field is an `InputError`."""
    data = read_bytes(path)
    kept = CACHE / f"{sha256(data)}.json"
    if kept.exists():
        return parse(read(kept), str(path))
    value = _read_yaml(data, str(path))
    _check_json(value, str(path), "")
    overlay = parse(value, str(path))
    with suppress(InputError):  # what cannot be kept is read again next time
        write_files({kept: dump(value)})
    return overlay


def _read_yaml(data: bytes, file: str) -> Json:
    from ruamel.yaml import YAML  # 20 ms, needed only when an overlay is new
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(data)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            Diagnostic(
                code="overlay-yaml",
                file=file,
                line=mark.line + 1 if mark else 0,
                column=mark.column + 1 if mark else 0,
                message=str(getattr(error, "problem", None) or error),
                hint="repair the YAML",
            )
        ) from error


def _check_json(value: Json, file: str, pointer: str) -> None:
    """Refuse what YAML has and JSON has not: dates, sets, binary, NaN, keys that are no strings."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise _bad(file, pointer, f"the key {key!r} is no string", "put it in quotes")
            _check_json(inner, file, join(pointer, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_json(inner, file, f"{pointer}/{index}")
    elif not isinstance(value, str | int | float | bool | NoneType):
        raise _bad(file, pointer, f"{value!r} is no JSON value", "put it in quotes")
    elif isinstance(value, float) and not math.isfinite(value):
        raise _bad(file, pointer, f"{value!r} is no JSON value", "JSON numbers are finite")


def parse(value: Json, file: str) -> Overlay:
    """Check the shape of an overlay document and take its actions."""
    version = str(value.get("overlay", "")) if isinstance(value, dict) else ""
    if not isinstance(value, dict) or not VERSIONS.fullmatch(version):
        raise _bad(
            file, "", "this is no Overlay 1.0 or 1.1 document", "begin with `overlay: 1.1.0`"
        )
    _known_keys(value, _ROOT_KEYS, file, "")
    actions = value.get("actions")
    if not isinstance(actions, list) or not actions:
        raise _bad(
            file, "/actions", "an overlay needs at least one action", "add one, or delete it"
        )
    stage = value.get(STAGE, EARLY)
    if stage not in (EARLY, SHAPES):
        raise _bad(file, f"/{STAGE}", f"no such stage: {stage!r}", f"use {EARLY} or {SHAPES}")
    rows = tuple(_action(row, file, f"/actions/{i}") for i, row in enumerate(actions))
    return Overlay(file, rows, stage)


def _action(row: Json, file: str, place: str) -> Action:
    if not isinstance(row, dict) or not isinstance(row.get("target"), str):
        raise _bad(file, place, "an action needs a target", "give it a JSONPath, such as $.info")
    _known_keys(row, _ACTION_KEYS, file, place)
    for key, kind in (("copy", str), ("remove", bool)):
        if not isinstance(row.get(key, kind()), kind):
            hint = f"give it a {kind.__name__}"
            raise _bad(file, f"{place}/{key}", f"{key} is no {kind.__name__}", hint)
    if not row.keys() & {"update", "copy", "remove"}:
        raise _bad(file, place, "the action does nothing", "add update, copy or remove")
    action = Action(
        target=row["target"],
        place=place,
        file=file,
        update=row.get("update"),
        copy=row.get("copy", ""),
        remove=row.get("remove", False),
    )
    _check_query(action, action.target, "target")
    if action.copy:
        _check_query(action, action.copy, "copy")
    return action


def _known_keys(value: dict[str, Json], known: Iterable[str], file: str, place: str) -> None:
    for key in value:
        if key not in known and not str(key).startswith("x-"):
            hint = f"known are {', '.join(sorted(known))}, and names that start with x-"
            raise _bad(file, f"{place}/{key}", f"unknown field {key!r}", hint)


def _bad(file: str, pointer: str, message: str, hint: str) -> InputError:
    return InputError(
        Diagnostic(code="overlay", file=file, pointer=pointer, message=message, hint=hint)
    )


# --- Applying ------------------------------------------------------------------------------------


def edit(
    root: dict[str, Json], overlays: Iterable[Overlay]
) -> tuple[list[Change], list[Diagnostic]]:
    """Apply overlays to a document, in place; returns the edits, and a warning for each idle action."""
    made: list[Change] = []
    warnings: list[Diagnostic] = []
    for action in [action for overlay in overlays for action in overlay.actions]:
        targets = _find(root, action, action.target, "target")
        if not targets:
            warnings.append(_idle(action))
        made += (_remove if action.remove else _update)(root, action, targets)
    return made, warnings


def places(changes: Iterable[Change]) -> frozenset[str]:
    """The pointers that overlays have edited."""
    return frozenset(change.pointer for change in changes if change.rule.startswith(RULE_PREFIX))


def _idle(action: Action) -> Diagnostic:
    return Diagnostic(
        code="overlay-idle",
        severity=Severity.WARNING,
        file=action.file,
        pointer=action.place,
        message=f"the target {action.target} matches nothing",
        hint="the document may no longer need this action: correct the target or delete it",
    )


@cache
def _environment() -> Any:
    from jsonpath import JSONPathEnvironment  # 50 ms, needed only when there are overlays

    return JSONPathEnvironment(strict=True)


_STEP: Final = re.compile(
    r"""\.(?P<dotted>[A-Za-z_][A-Za-z0-9_]*) | \['(?P<quoted>[^'\\]*)'\] | \[(?P<index>0|[1-9]\d*)\]
    | (?P<every>\[\*\]) | \[\?@\.name=='(?P<named>[^'\\]*)'\]""",
    re.VERBOSE,
)
_PLAIN_QUERY: Final = re.compile(
    rf"\$(?:{re.sub('[?]P<[a-z]+>', '?:', _STEP.pattern)})*", re.VERBOSE
)
"""Names, indexes, `[*]` and `[?@.name=='x']`: what overlays should prefer, it needs no library."""


def _follow(root: Json, query: str) -> list[str]:
    """The pointers that a plain query selects."""
    found: list[tuple[str, Json]] = [("", root)]
    for match in _STEP.finditer(query):
        step = match.groupdict()
        found = [(join(p, key), value) for p, node in found for key, value in _step(node, step)]
    return [pointer for pointer, _ in found]


def _step(node: Json, step: dict[str, str | None]) -> Iterator[tuple[str, Json]]:
    """The members of a value that one step of a plain query selects."""
    name = step["dotted"] if step["quoted"] is None else step["quoted"]
    if step["index"] is not None:
        if isinstance(node, list) and int(step["index"]) < len(node):
            yield step["index"], node[int(step["index"])]
    elif name is not None:
        if isinstance(node, dict) and name in node:
            yield name, node[name]
    elif isinstance(node, dict | list):
        rows = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in rows:
            named = isinstance(value, dict) and value.get("name") == step["named"]
            if step["every"] or named:
                yield str(key), value


def _check_query(action: Action, query: str, key: str) -> None:
    if not _PLAIN_QUERY.fullmatch(query):
        _compile(action, query, key)


def _compile(action: Action, query: str, key: str) -> Any:
    from jsonpath import JSONPathError

    if not query:
        raise _bad(
            action.file, f"{action.place}/{key}", "bad JSONPath '': it is empty", "see RFC 9535"
        )
    try:
        return _environment().compile(query)
    except JSONPathError as error:
        message = f"bad JSONPath {query!r}: {str(error).splitlines()[0]}"
        raise _bad(action.file, f"{action.place}/{key}", message, "see RFC 9535") from error


def _find(root: Json, action: Action, query: str, key: str) -> list[str]:
    """Pointers of what a query selects, each once."""
    if _PLAIN_QUERY.fullmatch(query):
        return _follow(root, query)
    matches = _compile(action, query, key).finditer(root)
    return list(dict.fromkeys(join("", *match.parts) for match in matches))


def _remove(root: Json, action: Action, targets: list[str]) -> Iterator[Change]:
    """Remove targets, descendants before ancestors and last indexes first."""
    for pointer in sorted(targets, key=_document_order, reverse=True):
        if not pointer:
            message = "the document itself cannot be removed"
            raise _bad(action.file, action.place, message, "narrow the target")
        yield _applied(root, action, Change(pointer=pointer, before=get(root, pointer)))


def _document_order(pointer: str) -> list[tuple[int, str]]:
    return [(int(token) if token.isdecimal() else -1, token) for token in split(pointer)]


def _update(root: Json, action: Action, targets: list[str]) -> Iterator[Change]:
    update = action.update
    if action.copy and targets:
        sources = _find(root, action, action.copy, "copy")
        if len(sources) != 1:
            message = f"copy must select one value, {action.copy} selects {len(sources)}"
            raise _bad(action.file, f"{action.place}/copy", message, "narrow the path")
        update = clone(get(root, sources[0]))
    if len({_kind(get(root, pointer)) for pointer in targets}) > 1:
        message = "the targets are of different kinds: objects, arrays and scalars do not mix"
        raise _bad(action.file, action.place, message, "narrow the target")
    for pointer in targets:
        for change in list(_merge(get(root, pointer), update, pointer, action)):
            yield _applied(root, action, change)


def _applied(root: Json, action: Action, change: Change) -> Change:
    made = replace(change, rule=f"{RULE_PREFIX}{Path(action.file).name}", evidence=(action.place,))
    apply(root, made)
    return made


def _merge(target: Json, update: Json, pointer: str, action: Action) -> Iterator[Change]:
    """Merge as the specification says: recursion, concatenation, replacement."""
    kinds = (_kind(target), _kind(update))
    if kinds == ("object", "object"):
        for key, value in update.items():
            place = join(pointer, key)
            if key in target:
                yield from _merge(target[key], value, place, action)
            else:
                yield Change(pointer=place, after=value)
    elif kinds[0] == "array":
        added = update if kinds[1] == "array" else [update]
        yield Change(pointer=pointer, before=target, after=[*target, *added])
    elif kinds == ("scalar", "scalar"):
        yield Change(pointer=pointer, before=target, after=update)
    else:
        message = f"cannot merge {kinds[1]} into {kinds[0]} at {pointer}"
        raise _bad(action.file, f"{action.place}/update", message, "match the kind of the target")


def _kind(value: Json) -> str:
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else "scalar"
