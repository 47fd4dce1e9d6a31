"""From a source document to the normalised one: rules, overlays, rules, invariants.

Owns the order of the stages and what a source must be to enter them. Early overlays come when the
document is 3.1 and its paths have their final keys, so that their targets hold across revisions, and
before the rules about schemas, which see the result. Overlays of the stage `shapes`, which `learn`
writes, come after those rules and before tolerance and names. Reads and writes no file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from normalizer import canonical, engine, overlay
from normalizer.change import Change
from normalizer.diagnostics import Diagnostic, InputError, Severity
from normalizer.document import Json, clone, contains, dump
from normalizer.invariant import broken
from normalizer.invariants import INVARIANTS
from normalizer.overlay import Overlay
from normalizer.rules import BEFORE_OVERLAYS, FINAL, SHAPES, websocket_operation
from normalizer.soundness import check_kinds, references
from normalizer.structure import Document, canonical_path, media_types_of


@dataclass(frozen=True)
class Result:
    """A normalised document with the proof of its making."""

    document: Document
    changes: tuple[Change, ...]
    findings: tuple[Diagnostic, ...]
    idle: tuple[str, ...]

    @cached_property
    def normalised(self) -> bytes:
        """The normalised document, as it is written."""
        return canonical.serialise(self.document.root)

    @cached_property
    def change_log(self) -> bytes:
        """`changes.json`, as it is written."""
        return dump({"schema": 1, "changes": [change.record() for change in self.changes]})

    @property
    def errors(self) -> list[Diagnostic]:
        """The findings that make a command fail."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]


def normalise(source: dict[str, Json], file: str, overlays: Sequence[Overlay] = ()) -> Result:
    """Normalise a parsed document; `source` stays as it is. Unusable input is an `InputError`."""
    shaped = shape(source, file, overlays)
    final = engine.run(shaped.document, FINAL)
    promised = inventory(Document(source, file))
    unkept = [finding for invariant in INVARIANTS for finding in invariant.check(final.document)]
    return Result(
        document=final.document,
        changes=(*shaped.changes, *final.changes),
        findings=(*shaped.findings, *unkept, *losses(promised, final.document)),
        idle=(*shaped.idle, *final.idle),
    )


def shape(source: dict[str, Json], file: str, overlays: Sequence[Overlay] = ()) -> Result:
    """All stages but the last: repaired shapes that still stand where the source has them."""
    check_source(source, file)
    root = clone(source)
    early = engine.run(Document(root, file), BEFORE_OVERLAYS)
    edits, warnings = overlay.edit(root, [o for o in overlays if o.stage == overlay.EARLY])
    shapes = engine.run(Document(root, file), SHAPES)
    learned, more = overlay.edit(root, [o for o in overlays if o.stage == overlay.SHAPES])
    return Result(
        document=shapes.document.after(change.pointer for change in learned),
        changes=(*early.changes, *edits, *shapes.changes, *learned),
        findings=(*warnings, *more),
        idle=(*early.idle, *shapes.idle),
    )


def check_source(source: Json, file: str) -> None:
    """Refuse what is no OpenAPI 3.0 or 3.1 document, or has a reference that leads nowhere."""
    version = source.get("openapi") if isinstance(source, dict) else None
    if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
        found = f"`openapi` is {version!r}" if version else "there is no `openapi` version"
        raise _unusable(file, "/openapi", f"this is no OpenAPI 3.0 or 3.1 document: {found}")
    for key in ("info", "paths"):
        if not isinstance(source.get(key), dict):
            raise _unusable(file, f"/{key}", f"`{key}` must be an object")
    document = Document(source, file)
    check_kinds(document)
    for pointer, target in references(document):
        if not target.startswith("#/") or not contains(source, target[1:]):
            raise _unusable(file, f"{pointer}/$ref", f"the reference {target} leads nowhere")
    if not isinstance(source.get("components", {}).get("securitySchemes", {}), dict):
        raise _unusable(file, "/components/securitySchemes", "expected an object")


def _unusable(file: str, pointer: str, message: str) -> InputError:
    return InputError(
        Diagnostic(
            code="openapi-input",
            file=file,
            pointer=pointer,
            message=message,
            hint="give the published document, or repair it at this place",
        )
    )


def inventory(document: Document) -> dict[tuple[str, str], frozenset[str]]:
    """Statuses and media types by method and canonical path: what must not get lost."""
    return {
        operation.identity: frozenset(media_types_of(operation.value, document))
        for operation in document.operations
    }


def losses(
    promised: dict[tuple[str, str], frozenset[str]], result: Document
) -> Iterator[Diagnostic]:
    """Operations, statuses and media types that the result lacks; channels are kept elsewhere."""
    kept = inventory(result)
    channels = {canonical_path(path) for path in result.root.get(websocket_operation.EXTENSION, {})}
    for (method, path), media_types in promised.items():
        if path in channels:
            continue
        if (method, path) not in kept:
            yield broken("nothing-lost", "/paths", f"{method.upper()} {path} is gone")
        for media in sorted(media_types - kept.get((method, path), media_types)):
            yield broken("nothing-lost", "/paths", f"{method.upper()} {path} lost {media}")
