"""What the normalised document is worth: examples that break it, recordings that break it, damages that it notices.

Figures are counts, not speeds. Recordings come from the folder that the variable RECORDINGS names; without it the
document's own examples stand in for them.
"""

import copy
import gc
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from bench.timing import ROOT, medians, show
from normalizer import fit, samples, workspace
from normalizer.document import Json, read
from normalizer.learn import recording, teach
from normalizer.learn.match import Matcher
from normalizer.rules.untyped_schema import WAIVER
from normalizer.samples import Root
from normalizer.structure import Document

VARIABLE: Final = "RECORDINGS"
_DAMAGES: Final[dict[str, Json]] = {
    "text": "damage",
    "number": 7.5,
    "object": {"zz": 1},
    "array": [[1]],
}
_SCALARS: Final = {"text", "number"}
_FEW: Final = 2


def main() -> None:
    """Print the figures of the committed document, and the time of the pipeline."""
    space = workspace.Workspace(ROOT / "spec")
    document = Document(read(space.normalized / workspace.DOCUMENT))
    roots = list(samples.roots(document))
    broken = len(fit.of_examples(document))
    rows = [("examples that break their schema", f"{broken} of {len(roots)}")]
    answers = _recorded(document)
    if answers is not None:
        fitting, matched = answers
        rows.append(("recordings that break their schema", fitting))
        roots = matched
    rejected, damages = _strictness(document, roots)
    share = rejected / damages
    rows.append(("damages rejected (strictness)", f"{rejected} of {damages} = {share:.3f}"))
    rows.append(("untyped positions", str(len(untyped(document)))))
    seconds = medians({"run": lambda: _run(space)}, rounds=5)["run"]
    rows.append(("pipeline, without validation", f"{seconds:.2f} s"))
    show(f"contract (damages of {'recordings' if answers else 'examples'})", rows)


def untyped(document: Document) -> list[str]:
    """Where a schema admits anything: it says nothing, or waives on purpose."""
    return [site.pointer for site in document.schemas if not site.value or WAIVER in site.value]


def _run(space: workspace.Workspace) -> float:
    """One run as the command does it: with the collector off."""
    gc.disable()
    started = time.perf_counter()
    workspace.normalise(space.pin, space)
    taken = time.perf_counter() - started
    gc.enable()
    return taken


def _recorded(document: Document) -> tuple[str, list[Root]] | None:
    folder = os.environ.get(VARIABLE)
    if not folder:
        return None
    recordings = recording.load_folder(Path(folder))
    bad = {found.file for found in teach.contradictions(document, recordings)}
    matches = map(Matcher(document).match, recordings)
    roots = [match for match in matches if isinstance(match, Root)]
    return f"{len(bad)} of {len(recordings)}", roots


def _strictness(document: Document, roots: Sequence[Root]) -> tuple[int, int]:
    """Of all values of another JSON kind, put at every position, how many are noticed."""
    rejected = total = 0
    for root in roots:
        if fit.judge(document, root.pointer, root.sample.value, "").misfits:
            continue
        for damaged in _damaged(root.sample.value):
            total += 1
            rejected += bool(fit.judge(document, root.pointer, damaged, "").misfits)
    return rejected, total


def _damaged(value: Json) -> Iterator[Json]:
    for path, inner in _places(value):
        kind = _kind(inner)
        for other, damage in _DAMAGES.items():
            if kind not in ("", other) and not {kind, other} <= _SCALARS:
                yield _put(value, path, damage)


def _places(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Json]]:
    yield path, value
    steps: Any = value.items() if isinstance(value, dict) else ()
    steps = enumerate(value[:_FEW]) if isinstance(value, list) else steps
    for key, inner in steps:
        yield from _places(inner, (*path, key))


def _kind(value: Json) -> str:
    if value is None or isinstance(value, bool):
        return ""
    names = {str: "text", int: "number", float: "number", dict: "object", list: "array"}
    return names[type(value)]


def _put(value: Json, path: tuple[Any, ...], damage: Json) -> Json:
    if not path:
        return damage
    made = copy.deepcopy(value)
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = damage
    return made
