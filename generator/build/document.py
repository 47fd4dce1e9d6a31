"""The whole document becomes an `Api`."""

from collections.abc import Iterable

from generator.build.operations import channels, operations
from generator.build.schemas import declare
from generator.build.source import Source, doc, moves, rules_by_pointer
from generator.ir import Api, Tag
from normalizer.diagnostics import Diagnostic
from normalizer.document import Json, dump, sha256


def build(
    root: dict[str, Json], file: str, changes: Iterable[dict[str, Json]] = ()
) -> tuple[Api, list[Diagnostic]]:
    """Build the IR of a normalised document; an unusable place is an `InputError`."""
    changes = list(changes)
    source = Source(root, file, rules_by_pointer(changes), moves(changes))
    if not isinstance(root, dict) or not isinstance(root.get("paths"), dict):
        raise source.error("/paths", "this is no OpenAPI document")
    schemas = root.get("components", {}).get("schemas", {})
    api = Api(
        title=str(root["info"].get("title", "")),
        version=str(root["info"].get("version", "")),
        sha256=sha256(dump(root)),
        servers=tuple(str(server["url"]) for server in root.get("servers", ())),
        tags=tuple(_tags(root)),
        operations=tuple(operations(source)),
        channels=tuple(channels(source)),
        declarations={name: declare(source, name, schema) for name, schema in schemas.items()},
    )
    return api, source.diagnostics


def _tags(root: dict[str, Json]) -> Iterable[Tag]:
    for tag in root.get("tags", ()):
        yield Tag(name=str(tag["name"]), doc=doc(tag))
