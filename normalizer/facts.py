"""The facts of a published document: everything but its words.

Summaries, descriptions and titles belong to their publisher and are left out; so is every long
string of an example, for which a short one of ours stands. What remains is the interface itself.
"""

from collections.abc import Iterator
from typing import Final

from normalizer.document import Json
from normalizer.structure import Document, Kind

TITLE: Final = "Interactive Brokers Web API"
LONGEST_STRING: Final = 60
STAND_IN: Final = "(long text)"
STAND_IN_URL: Final = "https://example.com/long"
_PROSE: Final = ("summary", "description", "externalDocs")
_ROOT_KEYS: Final = ("openapi", "info", "servers", "security", "tags", "paths", "components")
_SAMPLE_KEYS: Final = ("example", "default")


def strip(root: dict[str, Json], file: str = "") -> dict[str, Json]:
    """Remove the prose from a document, in place, and return it with its keys in a fixed order."""
    document = Document(root, file)
    for site in document.sites:
        _drop(site.value, *_PROSE)
        if site.kind is Kind.SCHEMA:
            _drop(site.value, "title", "x-enum-descriptions", "x-enumDescriptions")
        _strip_samples(site.value)
        for link in _list(site.value.get("links")) if site.kind is Kind.RESPONSE else ():
            _drop(link, *_PROSE)
    for holder in _small_holders(root):
        _drop(holder, *_PROSE)
    for example in _list(root.get("components", {}).get("examples", {})):
        _strip_example(example)
    root["info"] = {"title": TITLE, "version": root["info"]["version"]}
    kept = {key: root[key] for key in _ROOT_KEYS if key in root}
    return kept | {key: value for key, value in root.items() if key.startswith("x-")}


def shorten(value: Json) -> Json:
    """An example payload with every long string replaced; structure, types and values stay."""
    if isinstance(value, dict):
        return {key: shorten(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shorten(inner) for inner in value]
    if isinstance(value, str) and len(value) > LONGEST_STRING:
        return STAND_IN_URL if value.startswith(("http://", "https://")) else STAND_IN
    return value


def _strip_samples(holder: dict[str, Json]) -> None:
    for key in _SAMPLE_KEYS:
        if key in holder:
            holder[key] = shorten(holder[key])
    examples = holder.get("examples")
    if isinstance(examples, list):
        holder["examples"] = shorten(examples)
    for example in _list(examples):
        _strip_example(example)


def _strip_example(example: Json) -> None:
    if isinstance(example, dict):
        _drop(example, *_PROSE)
        if "value" in example:
            example["value"] = shorten(example["value"])


def _small_holders(root: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """Tags, servers, links and security schemes: objects with words that are no sites."""
    yield from root.get("tags", ())
    yield from root.get("x-tagGroups", ())
    holders = [root, *root["paths"].values()]
    holders += [value for item in root["paths"].values() for value in item.values()]
    for holder in holders:
        for server in holder.get("servers", ()) if isinstance(holder, dict) else ():
            yield server
            yield from _list(server.get("variables"))
    components = root.get("components", {})
    yield from _list(components.get("links"))
    for scheme in _list(components.get("securitySchemes")):
        yield scheme
        for flow in _list(scheme.get("flows")):
            flow["scopes"] = dict.fromkeys(flow.get("scopes", {}), "")


def _list(value: Json) -> list[Json]:
    return list(value.values()) if isinstance(value, dict) else []


def _drop(holder: dict[str, Json], *keys: str) -> None:
    for key in keys:
        holder.pop(key, None)
