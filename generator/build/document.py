"""The whole document becomes an `Api`."""

from collections.abc import Iterable
from dataclasses import replace

from generator.build.operations import channels, operations
from generator.build.order import wire_orders
from generator.build.schemas import declare
from generator.build.source import Source, doc, moves, rules_by_pointer
from generator.build.topics import topics
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
        raise source.error("/paths", "this is no OpenAPI document: there are no paths")
    source = replace(source, orders=wire_orders(root))
    info = source.member(root, "info", "")
    api = Api(
        title=str(info.get("title", "")),
        version=str(info.get("version", "")),
        sha256=_digest(source),
        servers=tuple(str(server["url"]) for server in root.get("servers", ())),
        tags=tuple(_tags(source)),
        operations=tuple(operations(source)),
        channels=tuple(channels(source)),
        topics=tuple(topics(source)),
        declarations={name: declare(source, name, value) for name, value in source.schemas.items()},
    )
    return api, source.diagnostics


def _digest(source: Source) -> str:
    try:
        return sha256(dump(source.root))
    except UnicodeEncodeError as error:
        message = f"a text cannot be written: {error.reason}"
        raise source.error("", message) from error


def _tags(source: Source) -> Iterable[Tag]:
    for index, tag in enumerate(source.root.get("tags", ())):
        pointer = f"/tags/{index}"
        yield Tag(name=source.text(source.mapping(tag, pointer), "name", pointer), doc=doc(tag))
