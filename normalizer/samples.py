"""Which values the document's own examples hold at each schema: the evidence of rules.

A value is followed through references, `allOf`, properties, items and maps. Of a union only the
branch that the value clearly belongs to is entered, so that no branch is judged by another's data.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from normalizer.document import Json, get, join
from normalizer.structure import Document, Kind, part_of, type_names

DEPTH_LIMIT = 32


class Sample(NamedTuple):
    """One value seen at a schema, and the pointer of the example it comes from.

    `shared` tells that other schemas describe the same value: parts of an `allOf`, or branches beside
    properties.
    """

    value: Json
    origin: str
    shared: bool = False


class Root(NamedTuple):
    """An example and the schema beside it; `part` is where a value that is only referred to stands."""

    pointer: str
    schema: Json
    sample: Sample
    part: str = ""


class Walk(NamedTuple):
    """Where one example leads: every schema it meets, and the parts of the document they are in."""

    met: tuple[tuple[str, Sample], ...]
    parts: frozenset[str]


def of(document: Document) -> Mapping[str, list[Sample]]:
    """Samples by schema pointer; a reference and the schema that it leads to both have theirs."""
    if "samples" not in document.derived:
        document.derived["samples"] = _collect(document)
    found: Mapping[str, list[Sample]] = document.derived["samples"]
    return found


def _collect(document: Document) -> Mapping[str, list[Sample]]:
    found: defaultdict[str, list[Sample]] = defaultdict(list)
    for root in roots(document):
        place = root.sample.origin
        if place not in document.walks:
            document.walks[place] = _walk(document, root)
        for pointer, sample in document.walks[place].met:
            found[pointer].append(sample)
    return found


def _walk(document: Document, root: Root) -> Walk:
    """Follow one example through the schemas."""
    met: list[tuple[str, Sample]] = []
    parts = {part_of(root.pointer), part_of(root.sample.origin), root.part}
    pending = [(root.pointer, root.schema, root.sample, 0)]
    while pending:
        pointer, schema, sample, depth = pending.pop()
        if not isinstance(schema, dict) or depth > DEPTH_LIMIT:
            continue
        met.append((pointer, sample))
        target = schema.get("$ref")
        if isinstance(target, str):
            parts.add(part_of(target[1:]))
            pending.append((target[1:], get(document.root, target[1:]), sample, depth + 1))
            continue
        composed = "allOf" in schema or "properties" in schema
        children = list(_children(document, pointer, schema, sample.value))
        for child_pointer, child, value in reversed(children):
            same_value = value is sample.value
            shared = same_value and (composed or sample.shared)
            held = Sample(value, sample.origin, shared)
            pending.append((child_pointer, child, held, depth + 1))
    return Walk(tuple(met), frozenset(parts))


def roots(document: Document) -> Sequence[Root]:
    """Every example, and every recorded value, with the schema that it illustrates."""
    if "roots" not in document.derived:
        document.derived["roots"] = tuple(_roots(document))
    found: Sequence[Root] = document.derived["roots"]
    return found


def _roots(document: Document) -> Iterator[Root]:
    for kind in (Kind.MEDIA_TYPE, Kind.PARAMETER):
        for site in document.of(kind):
            if "schema" in site.value:
                for sample, part in _examples(document, site.value, site.pointer):
                    yield Root(f"{site.pointer}/schema", site.value["schema"], sample, part)
    for site in document.schemas:
        if "examples" not in site.value:
            continue
        for index, value in enumerate(_list(site.value["examples"])):
            origin = f"{site.pointer}/examples/{index}"
            yield Root(site.pointer, site.value, Sample(value, origin))
    for root in document.recorded:
        yield root._replace(schema=get(document.root, root.pointer))


def _examples(document: Document, holder: Json, pointer: str) -> Iterator[tuple[Sample, str]]:
    """Samples of a holder, each with the part of the document that its value stands in."""
    if "example" in holder:
        yield Sample(holder["example"], f"{pointer}/example"), part_of(pointer)
    examples = holder.get("examples", {})
    for name, entry in examples.items() if isinstance(examples, dict) else ():
        place = join(pointer, "examples", name)
        home, example = document.follow(place, entry)
        if isinstance(example, dict) and "value" in example:
            yield Sample(example["value"], f"{place}/value"), part_of(home)


def _children(
    document: Document, pointer: str, schema: Json, value: Json
) -> Iterator[tuple[str, Json, Json]]:
    if "allOf" in schema:
        for index, branch in enumerate(schema["allOf"]):
            yield f"{pointer}/allOf/{index}", branch, value
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            index_of_branch = clear_branch(document, schema[keyword], value)
            if index_of_branch is not None:
                branch = schema[keyword][index_of_branch]
                yield f"{pointer}/{keyword}/{index_of_branch}", branch, value
    if isinstance(value, dict):
        yield from _members(pointer, schema, value)
    elif isinstance(value, list) and "items" in schema:
        for item in value:
            yield f"{pointer}/items", schema["items"], item


def _members(pointer: str, schema: Json, value: Json) -> Iterator[tuple[str, Json, Json]]:
    properties = schema.get("properties", {})
    for name, member in value.items():
        if name in properties:
            yield join(pointer, "properties", name), properties[name], member
        elif "additionalProperties" in schema:
            yield f"{pointer}/additionalProperties", schema["additionalProperties"], member


def clear_branch(document: Document, branches: Json, value: Json) -> int | None:
    """Index of the one branch that shares most keys with a value; `None` on a tie."""
    scores = [_score(document, branch, value, 0) for branch in branches]
    best = max(scores, default=-1)
    return scores.index(best) if best >= 0 and scores.count(best) == 1 else None


def _score(document: Document, branch: Json, value: Json, depth: int) -> int:
    """How many keys of a value a branch declares; -1 when the JSON kinds differ."""
    schema = document.resolve(branch) if isinstance(branch, dict) else {}
    if isinstance(value, dict):
        names = declared(document, schema)
        closed = schema.get("type") not in (None, "object") or "items" in schema
        return -1 if closed else len(names & value.keys())
    if isinstance(value, list):
        if schema.get("type") != "array":
            return -1
        deeper = value and "items" in schema and depth < DEPTH_LIMIT
        return max(0, _score(document, schema["items"], value[0], depth + 1)) if deeper else 0
    return 0 if schema and set(type_names(schema)) & set(json_types(value)) else -1


def declared(document: Document, schema: Json, depth: int = 0) -> set[str]:
    """Names of all properties of a schema, through references and `allOf`."""
    schema = document.resolve(schema) if isinstance(schema, dict) else {}
    names = set(schema.get("properties", {}))
    inherited = schema.get("allOf", ()) if depth < DEPTH_LIMIT else ()
    return names.union(*(declared(document, part, depth + 1) for part in inherited))


def json_types(value: Json) -> tuple[str, ...]:
    """The schema types that a value satisfies, the narrowest first."""
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, int):
        return ("integer", "number")
    names = {float: "number", str: "string", list: "array", dict: "object", type(None): "null"}
    return (names[type(value)],)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
