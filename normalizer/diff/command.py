"""The command's parts: reading both documents, the baseline, and when it fails."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from normalizer import facts, pipeline
from normalizer.diagnostics import Diagnostic, InputError
from normalizer.diff.findings import LEVELS, Finding
from normalizer.document import dump, read, write_files
from normalizer.structure import Document
from normalizer.workspace import Workspace


def load(name: str, space: Workspace) -> Document:
    """A document by path, or `pin` or `normalized`; only its facts are compared, never its prose."""
    paths = {"pin": space.pin, "normalized": space.normalized / "openapi.json"}
    path = paths.get(name, Path(name))
    root = read(path)
    pipeline.check_source(root, str(path))
    return Document(facts.strip(root, str(path)), str(path))


def version(document: Document) -> str:
    """The document's version, or its file."""
    return str(document.root["info"].get("version", document.file))


def known_in(baseline: Path | None) -> set[str]:
    """Fingerprints of a baseline file."""
    if baseline is None:
        return set()
    rows = read(baseline)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            Diagnostic(
                code="baseline",
                file=str(baseline),
                message="a baseline is a JSON list of objects with a fingerprint",
                hint="write one with --write-baseline",
            )
        )
    return {str(row.get("fingerprint")) for row in rows}


def write_baseline(findings: Sequence[Finding], path: Path) -> None:
    """Write all findings as known, with their text for people."""
    rows: list[dict[str, Any]] = [
        {"fingerprint": f.fingerprint, "id": f.id, "text": f"{f.subject} {f.place}: {f.text}"}
        for f in findings
    ]
    write_files({path: dump(rows)})


def failing(findings: Sequence[Finding], threshold: str | None) -> list[Finding]:
    """Findings at or above a level; none without a threshold."""
    if threshold is None:
        return []
    bad = LEVELS[: [str(level) for level in LEVELS].index(threshold) + 1]
    return [finding for finding in findings if finding.kind.level in bad]
