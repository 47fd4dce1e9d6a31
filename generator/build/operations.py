"""Operations, their parameters, bodies and responses."""

from collections.abc import Iterator
from typing import Final

from generator.build.behaviour import behaviour
from generator.build.schemas import type_of
from generator.build.source import Source, doc
from generator.ir import Body, Channel, Content, Limits, Operation, Parameter, Response
from normalizer.document import Json, join

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
BASE_PATH: Final = "x-bezant-base-path"
WEBSOCKET: Final = "x-bezant-websocket"
SIGNED_PAYLOAD: Final = "x-bezant-signed-payload"
_ARGUMENTS: Final = ("path", "query", "header")
UNTAGGED: Final = "default"


def operations(source: Source) -> Iterator[Operation]:
    """All operations, in the order of the document."""
    for path, value in source.member(source.root, "paths", "").items():
        item = source.mapping(value, join("/paths", path))
        for method in METHODS:
            if method in item:
                yield _operation(source, path, method, item)


def channels(source: Source) -> Iterator[Channel]:
    """The WebSockets that the normaliser took out of the operations."""
    for path, value in source.member(source.root, WEBSOCKET, "").items():
        pointer = join("", WEBSOCKET, path)
        parameters = tuple(_parameters(source, value, {}, pointer))
        yield Channel(path=path, parameters=parameters, origin=source.origin(pointer))


def _operation(source: Source, path: str, method: str, item: dict[str, Json]) -> Operation:
    pointer = join("/paths", path, method)
    value = source.mapping(item[method], pointer)
    name = value.get("operationId")
    if not isinstance(name, str) or not name.isidentifier():
        raise source.error(f"{pointer}/operationId", f"{name!r} is no operation id")
    return Operation(
        id=name,
        method=method.upper(),
        path=path,
        base_path=str(value.get(BASE_PATH, "")),
        tag=str((value.get("tags") or [UNTAGGED])[0]),
        parameters=tuple(_parameters(source, value, item, pointer)),
        body=_body(source, value, pointer),
        responses=tuple(_responses(source, value, pointer)),
        behaviour=behaviour(source, value, pointer),
        doc=doc(value),
        origin=source.origin(pointer),
    )


def _parameters(
    source: Source, value: dict[str, Json], item: dict[str, Json], pointer: str
) -> Iterator[Parameter]:
    """The operation's own parameters, then those of its path item that it does not redefine."""
    seen: set[tuple[str, str]] = set()
    for holder, base in ((value, pointer), (item, pointer.rpartition("/")[0])):
        for index, entry in enumerate(holder.get("parameters", ())):
            place = f"{base}/parameters/{index}"
            parameter = source.resolve(entry, place)
            key = (str(parameter.get("name")), str(parameter.get("in")))
            if key not in seen and key[1] in _ARGUMENTS:
                seen.add(key)
                yield _parameter(source, parameter, place)


def _parameter(source: Source, value: dict[str, Json], pointer: str) -> Parameter:
    location = source.text(value, "in", pointer)
    content: dict[str, Json] = next(iter(value.get("content", {}).values()), {})
    schema = value.get("schema", content.get("schema"))
    return Parameter(
        wire=source.text(value, "name", pointer),
        location=location,
        type=type_of(source, schema, f"{pointer}/schema"),
        required=value.get("required") is True,
        explode=bool(value.get("explode", location == "query")),
        limits=_limits(source.resolve(schema or {}, f"{pointer}/schema")),
        doc=doc(value),
        origin=source.origin(pointer),
    )


def _limits(schema: dict[str, Json]) -> Limits:
    return Limits(
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        most_items=schema.get("maxItems"),
    )


def _body(source: Source, value: dict[str, Json], pointer: str) -> Body | None:
    if "requestBody" not in value:
        return None
    place = f"{pointer}/requestBody"
    body = source.resolve(value["requestBody"], place)
    contents = tuple(_contents(source, body, place))
    if not contents:
        return None
    return Body(required=body.get("required") is True, contents=contents, doc=doc(body))


def _responses(source: Source, value: dict[str, Json], pointer: str) -> Iterator[Response]:
    for status, entry in source.member(value, "responses", pointer).items():
        place = join(pointer, "responses", status)
        response = source.resolve(entry, place)
        yield Response(status=status, contents=tuple(_contents(source, response, place)))


def _contents(source: Source, holder: dict[str, Json], pointer: str) -> Iterator[Content]:
    for media_type, value in source.member(holder, "content", pointer).items():
        place = join(pointer, "content", media_type)
        media = source.mapping(value, place)
        claims = media.get(SIGNED_PAYLOAD, {}).get("schema")
        yield Content(
            media_type=media_type,
            type=type_of(source, media.get("schema"), f"{place}/schema"),
            claims=type_of(source, claims, place) if claims is not None else None,
            examples=tuple(_examples(source, media, place)),
        )


def _examples(source: Source, media: dict[str, Json], pointer: str) -> Iterator[Json]:
    if "example" in media:
        yield media["example"]
    for name, entry in source.member(media, "examples", pointer).items():
        example = source.resolve(entry, join(pointer, "examples", name))
        if "value" in example:
            yield example["value"]
