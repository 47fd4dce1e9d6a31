"""Formatting by black, which meets only what has changed.

Black is slow (thousands of lines a second), so the manifest keeps the hash of each unformatted text
with black's version: the same hash means the formatted file on disk is still right.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from _black_version import version  # type: ignore[import-untyped]  # as a module, unlike black, it is quick to load

from generator.emit.protocol import Artifact
from normalizer.diagnostics import BugError, Diagnostic
from normalizer.document import sha256

LINE_LENGTH: Final = 100
_POOL_FROM: Final = 4
"""Fewer files than this are formatted faster without starting processes."""


@cache
def formatter() -> str:
    """The formatter and its version, which belong to every raw hash."""
    return f"black {version} {LINE_LENGTH}"


def raw_hash(artifact: Artifact) -> str:
    """Hash of an artifact before formatting."""
    suffix = f"\0{formatter()}" if artifact.needs_format else ""
    return sha256((artifact.text + suffix).encode())


def format_all(artifacts: Sequence[Artifact], known: Mapping[str, str]) -> dict[str, str]:
    """Final texts by path; `known` maps raw hashes to texts that are already formatted."""
    texts = {
        str(artifact.path): (
            known.get(raw_hash(artifact), "") if artifact.needs_format else artifact.text
        )
        for artifact in artifacts
    }
    new = [a for a in artifacts if a.needs_format and raw_hash(a) not in known]
    new.sort(key=lambda artifact: -len(artifact.text))
    formatted = _format_many([artifact.text for artifact in new])
    for artifact, text in zip(new, formatted, strict=True):
        if isinstance(text, BaseException):
            raise _unformattable(artifact, text)
        texts[str(artifact.path)] = text
    return texts


def _format_many(texts: Sequence[str]) -> list[str | BaseException]:
    """Format in all cores; the longest text should come first."""
    if len(texts) < _POOL_FROM:
        return [format_python(text) for text in texts]
    from concurrent.futures import ProcessPoolExecutor  # 15 ms, needed only when much changed

    with ProcessPoolExecutor(min(len(texts), os.cpu_count() or 1)) as pool:
        return list(pool.map(format_python, texts))


def format_python(text: str) -> str | BaseException:
    """Format one module; an error is returned, for it has to cross a process boundary."""
    from black import format_str  # 100 ms, needed only when something changed
    from black.mode import Mode, TargetVersion

    mode = Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH)
    try:
        return format_str(text, mode=mode)
    except Exception as error:
        return ValueError(str(error))


def _unformattable(artifact: Artifact, error: BaseException) -> BugError:
    return BugError(
        Diagnostic(
            code="unformattable",
            file=str(artifact.path),
            message=f"the template {artifact.template} rendered no valid Python: {error}",
            hint="nothing was written; a name or a text has become code: correct the template",
        )
    )
