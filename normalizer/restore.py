"""Undoes a known lossy repair, with the help of an earlier revision as it was published.

No published copy of 2.29.0 is at hand, only one that another tool had repaired for its own
generator. What that repair is known to drop or to rewrite is taken from the earlier revision,
wherever that has the same operation or schema. `spec/README.md` tells the story; the functions
below are its steps, one for each kind of damage. When a published revision is pinned, delete this.
"""

import re
from collections.abc import Iterator
from typing import Final

from normalizer.document import Json, same
from normalizer.structure import Document, placeholders

STATUS_SUCCESS: Final = "2"
_STAND_IN: Final = {"type": "string"}
_ONE_OF: Final = re.compile(r"\(one of: (.*)\)$")


def restore(repaired: dict[str, Json], earlier: dict[str, Json]) -> dict[str, Json]:
    """Restore `repaired` in place from `earlier`; returns it with the earlier one's key order."""
    widened = _fraction_names(repaired)
    _restore_components(repaired, earlier, widened)
    earlier_operations = _by_identity(earlier)
    for operation in Document(repaired).operations:
        _drop_invented_id(operation.path, operation.method, operation.value)
        known = earlier_operations.get(operation.identity)
        if known is not None:
            _restore_operation(operation.path, operation.value, known, repaired, earlier, widened)
    _restore_channels(repaired, earlier)
    ordered: dict[str, Json] = _order_like(repaired, earlier)
    return ordered


def _by_identity(root: dict[str, Json]) -> dict[tuple[str, str], dict[str, Json]]:
    return {operation.identity: operation.value for operation in Document(root).operations}


def _drop_invented_id(path: str, method: str, operation: dict[str, Json]) -> None:
    """The repair made ids of method and path where there were none, and suffixed duplicates."""
    slug = re.sub(r"[^A-Za-z0-9]+", "_", path.replace("{", "").replace("}", "")).strip("_").lower()
    invented = f"{method}_{slug}"
    name = operation.get("operationId", "")
    if name == invented:
        del operation["operationId"]
    elif name.endswith(f"_{invented}"):
        operation["operationId"] = name.removesuffix(f"_{invented}")


def _restore_channels(repaired: dict[str, Json], earlier: dict[str, Json]) -> None:
    """Operations that answer 1xx only were dropped, with their paths."""
    for operation in Document(earlier).operations:
        statuses = operation.value["responses"]
        if all(status.startswith("1") for status in statuses):
            repaired["paths"].setdefault(operation.path, {})[operation.method] = operation.value


# --- Components ----------------------------------------------------------------------------------


def _restore_components(
    repaired: dict[str, Json], earlier: dict[str, Json], widened: set[str]
) -> None:
    """Shared responses lost their content, shared bodies their media types, schemas their quirks."""
    for name, response in repaired["components"]["responses"].items():
        _restore_response(name, response, earlier["components"]["responses"].get(name), repaired)
    for name, body in repaired["components"]["requestBodies"].items():
        if name in earlier["components"]["requestBodies"]:
            _restore_content(body, earlier["components"]["requestBodies"][name])
    for name, schema in repaired["components"]["schemas"].items():
        if name in earlier["components"]["schemas"]:
            _restore_schema(schema, earlier["components"]["schemas"][name], widened)


# --- Operations ----------------------------------------------------------------------------------


def _restore_operation(
    path: str,
    operation: dict[str, Json],
    known: dict[str, Json],
    repaired: dict[str, Json],
    earlier: dict[str, Json],
    widened: set[str],
) -> None:
    _restore_security(operation, known)
    _restore_parameters(path, operation, known, Document(repaired), Document(earlier))
    for status, response in known["responses"].items():
        if status not in operation["responses"]:
            if status.startswith(STATUS_SUCCESS):
                operation["responses"][status] = response
            continue
        _restore_response(status, operation["responses"][status], response, repaired)
    if "requestBody" in operation and "content" in known.get("requestBody", {}):
        _restore_content(operation["requestBody"], known["requestBody"])
    _restore_schema(operation, known, widened)


def _restore_security(operation: dict[str, Json], known: dict[str, Json]) -> None:
    """Null scopes were filtered out."""
    filtered = [
        {
            scheme: [scope for scope in scopes if scope is not None]
            for scheme, scopes in entry.items()
        }
        for entry in known.get("security", ())
    ]
    if filtered and operation.get("security") == filtered:
        operation["security"] = known["security"]


def _restore_response(
    status: str, response: dict[str, Json], known: dict[str, Json] | None, repaired: dict[str, Json]
) -> None:
    """Errors lost their bodies; successes kept one media type, exotic ones under a false name."""
    if known is None or "$ref" in response or "content" not in known:
        return
    if "content" in response:
        _restore_content(response, known)
    elif status.startswith(STATUS_SUCCESS):
        return
    elif _resolves(known["content"], repaired):
        response["content"] = known["content"]


def _resolves(content: Json, root: dict[str, Json]) -> bool:
    """Whether the schemas that a restored body needs still exist."""
    names = set(re.findall(r"#/components/schemas/([^'\"]+)", repr(content)))
    return names <= set(root["components"]["schemas"])


def _restore_content(holder: dict[str, Json], known: dict[str, Json]) -> None:
    content, before = holder["content"], known["content"]
    exotic = [media for media in before if media not in content]
    if "text/plain" in content and "text/plain" not in before and exotic:
        if content["text/plain"].get("schema") == _STAND_IN:
            del content["text/plain"]
    for media in exotic:
        content[media] = before[media]


# --- Parameters ----------------------------------------------------------------------------------


def _restore_parameters(
    path: str,
    operation: dict[str, Json],
    known: dict[str, Json],
    repaired: Document,
    earlier: Document,
) -> None:
    """Put back entries that the repair moved, renamed or inlined; drop those that it invented."""
    present = operation.pop("parameters", [])
    restored: list[Json] = []
    for entry in known.get("parameters", ()):
        resolved = earlier.resolve(entry)
        moved = _as_repaired(path, resolved)
        match = next((p for p in present if _same_place(repaired.resolve(p), moved)), None)
        if match is not None:
            present.remove(match)
            restored.append(_undo(entry, resolved, match))
    restored += [entry for entry in present if not _is_invented(path, entry, restored)]
    if restored:
        operation["parameters"] = restored


def _as_repaired(path: str, parameter: dict[str, Json]) -> tuple[str, str]:
    """Where the repair leaves a parameter: `(name, in)`."""
    name, where = parameter["name"], parameter["in"]
    names = {placeholder.lower(): placeholder for placeholder in placeholders(path)}
    if where == "path" and name not in names.values():
        return (names[name.lower()], "path") if name.lower() in names else (name, "query")
    return name, where


def _same_place(parameter: dict[str, Json], place: tuple[str, str]) -> bool:
    return (parameter["name"], parameter["in"]) == place


def _undo(entry: dict[str, Json], resolved: dict[str, Json], match: dict[str, Json]) -> Json:
    """The earlier entry when it was a reference, else the later one with its old place."""
    if "$ref" in entry:
        return entry
    if "$ref" in match or (match["name"], match["in"]) == (resolved["name"], resolved["in"]):
        return match
    place = {
        key: resolved[key]
        for key in ("name", "in", "required", "style", "explode")
        if key in resolved
    }
    return {**match, **place}


def _is_invented(path: str, entry: dict[str, Json], restored: list[Json]) -> bool:
    """A bare string for a placeholder, beside a path parameter that has no placeholder."""
    name = entry.get("name")
    bare = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    stray = [p for p in restored if p.get("in") == "path" and p["name"] not in placeholders(path)]
    return entry == bare and bool(stray)


# --- Schemas -------------------------------------------------------------------------------------


def _fraction_names(root: dict[str, Json]) -> set[str]:
    """Names under which the repair saw a float: it widened every integer of that name."""
    names: set[str] = set()
    for site in Document(root).sites:
        for example in _examples(site.value):
            names.update(_float_keys(example))
    return names


def _examples(holder: dict[str, Json]) -> Iterator[Json]:
    examples = holder.get("examples")
    for example in examples.values() if isinstance(examples, dict) else ():
        if isinstance(example, dict) and isinstance(example.get("value"), dict):
            yield example["value"]


def _float_keys(value: Json) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, float):
            yield key
        nested = inner if isinstance(inner, list) else [inner]
        for item in nested:
            yield from _float_keys(item)


def _restore_schema(node: Json, known: Json, widened: set[str], name: str = "") -> None:
    """Walk two revisions of one value side by side and undo what the repair did to the later."""
    if isinstance(node, dict) and isinstance(known, dict):
        _restore_enum(node, known)
        _restore_numbers(node, known, name in widened)
        if node.get("type") == known.get("type") == "string" and "format" not in node:
            if known.get("format") == "jwt":
                node["format"] = "jwt"
        for key in [key for key in node if key in known]:
            _restore_schema(node[key], known[key], widened, key)
    elif isinstance(node, list) and isinstance(known, list) and len(node) == len(known):
        for inner, before in zip(node, known, strict=True):
            _restore_schema(inner, before, widened)


def _restore_enum(node: dict[str, Json], known: dict[str, Json]) -> None:
    """Ambiguous string enums were moved into the description; numbers in quotes were converted."""
    before = known.get("enum")
    demoted = _ONE_OF.search(str(node.get("description", "")))
    if isinstance(before, list) and "enum" not in node and demoted:
        node["enum"] = demoted[1].split(", ")
    elif isinstance(before, list) and isinstance(node.get("enum"), list):
        if node["enum"] != before and _coerced(before, node.get("type")) == node["enum"]:
            node["enum"] = before


def _coerced(values: list[Json], kind: Json) -> list[Json]:
    parse = {"integer": int, "number": float, "string": str}.get(kind)
    if parse is None:
        return values
    return [
        value if isinstance(value, int | float) and kind != "string" else parse(value)
        for value in values
    ]


def _restore_numbers(node: dict[str, Json], known: dict[str, Json], is_widened: bool) -> None:
    """Integers were widened by bare name; items of numeric query arrays were made strings."""
    if is_widened and known.get("type") == "integer" and same(node.get("type"), "number"):
        if "format" not in node:
            node["type"] = "integer"
            if "format" in known:
                node["format"] = known["format"]
    if known.get("in") == "query" and known.get("schema", {}).get("type") == "array":
        if node.get("schema", {}).get("items", {}) == {"type": "string"}:
            node["schema"]["items"] = known["schema"]["items"]


def _order_like(node: Json, known: Json) -> Json:
    """The repair sorted all keys; take back the earlier order where both have them."""
    if isinstance(node, dict):
        reference = known if isinstance(known, dict) else {}
        keys = [key for key in reference if key in node]
        keys += [key for key in node if key not in reference]
        return {key: _order_like(node[key], reference.get(key)) for key in keys}
    if isinstance(node, list):
        pairs = known if isinstance(known, list) and len(known) == len(node) else [None] * len(node)
        return [_order_like(inner, before) for inner, before in zip(node, pairs, strict=True)]
    return node
