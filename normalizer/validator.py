"""Validation by openapi-spec-validator, once per content hash: it takes seconds on this document."""

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from normalizer.diagnostics import Diagnostic
from normalizer.document import Json, join, parse, sha256

CACHE: Final = Path(".cache/openapi-valid")


def validate(data: bytes, file: str, cache: Path = CACHE) -> list[Diagnostic]:
    """What the specification's own schema has against a document; remembers the clean ones."""
    marker = cache / f"{sha256(data)}.{_installed()}"
    if marker.exists():
        return []
    found = [_diagnostic(error, file) for error in _errors(parse(data, file))]
    if not found:
        with suppress(OSError):  # a verdict that cannot be kept is worked out again next time
            cache.mkdir(parents=True, exist_ok=True)
            marker.touch()
    return found


def _installed() -> int:
    """When the validator was installed: another one has to judge again."""
    spec = find_spec("openapi_spec_validator")
    return int(Path(spec.origin).stat().st_mtime) if spec and spec.origin else 0


def _errors(root: dict[str, Json]) -> list[Json]:
    from openapi_spec_validator import (  # costs 200 ms, needed on a cache miss only
        OpenAPIV30SpecValidator,
        OpenAPIV31SpecValidator,
    )

    is_new = str(root.get("openapi", "")).startswith("3.1")
    validator = OpenAPIV31SpecValidator if is_new else OpenAPIV30SpecValidator
    return list(validator(root).iter_errors())


def _diagnostic(error: Json, file: str) -> Diagnostic:
    path = getattr(error, "absolute_path", ())
    return Diagnostic(
        code="openapi-valid",
        file=file,
        pointer=join("", *path),
        message=str(error.message).splitlines()[0][:300],
        hint="a rule is missing: the normalised document must satisfy openapi-spec-validator",
    )
