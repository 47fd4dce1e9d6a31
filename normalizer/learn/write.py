"""Learned actions in overlay files: added at the end, people's lines and comments untouched."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from normalizer import overlay
from normalizer.document import write_files
from normalizer.learn.actions import Action
from normalizer.learn.teach import Lesson

OPERATIONS: Final = "50-learned-operations.yaml"
SHAPES: Final = "60-learned-shapes.yaml"
_HEADS: Final = {
    OPERATIONS: ("Operations that answer and are not in the document", overlay.EARLY),
    SHAPES: ("What recorded answers showed about schemas", overlay.SHAPES),
}
_WIDTH: Final = 4096
"""At ruamel's default width long keys are folded and cannot be read back."""


def write(lesson: Lesson, folder: Path) -> list[Path]:
    """Add the actions of a lesson to the learned overlays; returns the files that changed."""
    wanted = {OPERATIONS: lesson.operations, SHAPES: lesson.shapes}
    files = {folder / name: _extended(folder / name, rows) for name, rows in wanted.items() if rows}
    write_files(files)
    return list(files)


def _extended(path: Path, actions: Sequence[Action]) -> bytes:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = _WIDTH
    yaml.preserve_quotes = True
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(path.read_bytes()) if path.exists() else _new(path.name)
    document["actions"].extend(map(_plain, actions))
    out = io.BytesIO()
    yaml.dump(document, out)
    return out.getvalue()


def _new(name: str) -> dict[str, Any]:
    title, stage = _HEADS[name]
    head: dict[str, Any] = {"overlay": "1.1.0", "info": {"title": title, "version": "1.0.0"}}
    head |= {overlay.STAGE: stage} if stage != overlay.EARLY else {}
    return {**head, "actions": []}


def _plain(action: Action) -> dict[str, Any]:
    """The action in the order in which people read it."""
    order = ("target", "description", "remove", "update")
    return {key: action[key] for key in order if key in action}
