"""OpenAPI Overlay 1.0 and 1.1: people's edits of a document, in YAML or JSON.

Actions run in order, each on the result of the one before. Targets are JSONPath (RFC 9535) in strict
mode. Beyond the specification: a target that matches nothing is reported, because it means that the
publisher has repaired what the overlay was written for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from normalizer.diagnostics import Diagnostic, InputError, Severity
from normalizer.document import Json, clone, read_bytes

VERSIONS: Final = ("1.0", "1.1")
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


def load_folder(folder: Path) -> list[Overlay]:
    """Every `*.yaml` of a folder, in the order of their names."""
    return [load(path) for path in sorted(folder.glob("*.yaml"))]


def load(path: Path) -> Overlay:
    """Read one overlay; broken YAML or an unknown field is an `InputError`."""
    from ruamel.yaml import YAML  # 20 ms, needed only when there are overlays
    from ruamel.yaml.error import YAMLError

    try:
        value = YAML(typ="safe", pure=True).load(read_bytes(path))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            Diagnostic(
                code="overlay-yaml",
                file=str(path),
                line=mark.line + 1 if mark else 0,
                column=mark.column + 1 if mark else 0,
                message=str(getattr(error, "problem", None) or error),
                hint="repair the YAML",
            )
        ) from error
    return parse(value, str(path))


def parse(value: Json, file: str) -> Overlay:
    """Check the shape of an overlay document and take its actions."""
    if not isinstance(value, dict) or str(value.get("overlay", ""))[:3] not in VERSIONS:
        raise _bad(
            file, "", "this is no Overlay 1.0 or 1.1 document", "begin with `overlay: 1.1.0`"
        )
    _known_keys(value, _ROOT_KEYS, file, "")
    actions = value.get("actions")
    if not isinstance(actions, list) or not actions:
        raise _bad(
            file, "/actions", "an overlay needs at least one action", "add one, or delete it"
        )
    return Overlay(
        file, tuple(_action(row, file, f"/actions/{i}") for i, row in enumerate(actions))
    )


def _action(row: Json, file: str, place: str) -> Action:
    if not isinstance(row, dict) or not isinstance(row.get("target"), str):
        raise _bad(file, place, "an action needs a target", "give it a JSONPath, such as $.info")
    _known_keys(row, _ACTION_KEYS, file, place)
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
    _compile(action, action.target)
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


def apply(root: dict[str, Json], overlays: Iterable[Overlay]) -> list[Diagnostic]:
    """Apply overlays to a document, in place; returns a warning for each idle action."""
    actions = [action for overlay in overlays for action in overlay.actions]
    return [_idle(action) for action in actions if not _apply_action(root, action)]


def _idle(action: Action) -> Diagnostic:
    return Diagnostic(
        code="overlay-idle",
        severity=Severity.WARNING,
        file=action.file,
        pointer=action.place,
        message=f"the target {action.target} matches nothing",
        hint="the document may no longer need this action: correct the target or delete it",
    )


def _apply_action(root: dict[str, Json], action: Action) -> bool:
    """Apply one action; whether its target matched."""
    targets = _find(root, action, action.target)
    if action.remove:
        for parts in sorted(targets, key=lambda parts: parts[-1:], reverse=True):
            _remove(root, action, parts)
    elif targets:
        update = _copied(root, action) if action.copy else action.update
        _same_kind(action, [_at(root, parts) for parts in targets])
        for parts in targets:
            _replace(root, parts, _merge(_at(root, parts), update, action))
    return bool(targets)


@cache
def _environment() -> Any:
    from jsonpath import JSONPathEnvironment  # 50 ms, needed only when there are overlays

    return JSONPathEnvironment(strict=True)


def _compile(action: Action, query: str) -> Any:
    from jsonpath import JSONPathError

    try:
        return _environment().compile(query)
    except JSONPathError as error:
        message = f"bad JSONPath {query!r}: {str(error).splitlines()[0]}"
        raise _bad(action.file, f"{action.place}/target", message, "see RFC 9535") from error


def _find(root: Json, action: Action, query: str) -> list[tuple[str | int, ...]]:
    return [tuple(match.parts) for match in _compile(action, query).finditer(root)]


def _copied(root: Json, action: Action) -> Json:
    sources = _find(root, action, action.copy)
    if len(sources) != 1:
        message = f"copy must select one value, {action.copy} selects {len(sources)}"
        raise _bad(action.file, f"{action.place}/copy", message, "narrow the path")
    return _at(root, sources[0])


def _at(root: Json, parts: tuple[str | int, ...]) -> Json:
    for part in parts:
        root = root[part]
    return root


def _remove(root: Json, action: Action, parts: tuple[str | int, ...]) -> None:
    if not parts:
        raise _bad(
            action.file, action.place, "the document itself cannot be removed", "narrow the target"
        )
    del _at(root, parts[:-1])[parts[-1]]


def _replace(root: Json, parts: tuple[str | int, ...], value: Json) -> None:
    if parts:
        _at(root, parts[:-1])[parts[-1]] = value


def _same_kind(action: Action, values: list[Json]) -> None:
    if len({_kind(value) for value in values}) > 1:
        message = "the targets are of different kinds: objects, arrays and scalars do not mix"
        raise _bad(action.file, action.place, message, "narrow the target")


def _kind(value: Json) -> str:
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else "scalar"


def _merge(target: Json, update: Json, action: Action) -> Json:
    """Merge as the specification says: recursion, concatenation, replacement."""
    merge = _MERGES.get((_kind(target), _kind(update)))
    if merge is None and isinstance(target, list):
        merge = _append
    if merge is None:
        message = f"cannot merge {_kind(update)} into {_kind(target)}"
        raise _bad(action.file, f"{action.place}/update", message, "match the kind of the target")
    return merge(target, update, action)


def _merge_objects(target: dict[str, Json], update: dict[str, Json], action: Action) -> Json:
    for key, value in update.items():
        target[key] = _merge(target[key], value, action) if key in target else clone(value)
    return target


def _concatenate(target: list[Json], update: list[Json], _: Action) -> Json:
    return [*target, *clone(update)]


def _append(target: list[Json], update: Json, _: Action) -> Json:
    return [*target, clone(update)]


def _take(_: Json, update: Json, __: Action) -> Json:
    return update


_MERGES: Final[dict[tuple[str, str], Callable[[Any, Any, Action], Json]]] = {
    ("object", "object"): _merge_objects,
    ("array", "array"): _concatenate,
    ("scalar", "scalar"): _take,
}
