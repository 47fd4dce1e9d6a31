"""Two schemas, in one direction: what differs, and which pairs of components stand inside.

References are followed. Where both sides refer to components, the pair is named instead of entered:
it is compared once, however many operations reach it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from normalizer.document import Json, join, same
from normalizer.structure import Document, type_names

COMPONENTS: Final = "/components/schemas/"
DEPTH_LIMIT: Final = 48
_BOUNDS: Final = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)
_NULL: Final = {"type": "null"}


class Pair(NamedTuple):
    """Two components that stand at the same place of both revisions."""

    old: str
    new: str
    direction: str


class Difference(NamedTuple):
    """What differs inside one schema: the ending of its id, where, and in words."""

    place: str
    part: str
    ending: str
    text: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Side:
    """One revision's schema with its pointer."""

    schema: Json
    pointer: str


@dataclass(frozen=True)
class SchemaComparison:
    """Compares schemas of two documents in one direction, `request` or `response`."""

    old: Document
    new: Document
    direction: str

    def compare(
        self, old: Side, new: Side, place: str, part: str, depth: int = 0
    ) -> Iterator[Difference | Pair]:
        """Differences of two schemas; `part` is `parameter`, `property`, `body` or `header`."""
        one, other = _component(old.schema), _component(new.schema)
        if one and other and depth:
            yield Pair(one, other, self.direction)
            return
        if depth > DEPTH_LIMIT:
            return
        old, new = self._entered(self.old, old), self._entered(self.new, new)
        if isinstance(old.schema, dict) and isinstance(new.schema, dict):
            yield from self._kinds(old, new, place, part)
            yield from self._scalars(old, new, place, part)
            yield from self._properties(old, new, place, depth)
            yield from self._inner(old, new, place, part, depth)
            yield from self._branches(old, new, place, part, depth)

    def _entered(self, document: Document, side: Side) -> Side:
        """The schema behind references, with single parts of `allOf` merged into it."""
        pointer, schema = document.follow(side.pointer, side.schema)
        if not isinstance(schema, dict):
            return Side({}, pointer)
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for index, member in enumerate(schema.get("allOf", ())):
            inner = self._entered(document, Side(member, f"{pointer}/allOf/{index}")).schema
            merged = _merge(merged, inner)
        return Side(merged, pointer)

    def _kinds(self, old: Side, new: Side, place: str, part: str) -> Iterator[Difference]:
        before, after = _types(old.schema), _types(new.schema)
        if before != after and before and after:
            wider = _covers(after, before)
            ending = "type-generalized" if wider else "type-changed"
            text = f"type {_words(before)} became {_words(after)}"
            yield Difference(place, part, ending, text, new.pointer)
        elif not before and after and not old.schema:
            text = f"type is stated now: {_words(after)}"
            yield Difference(place, part, "type-changed", text, new.pointer)
        nulls = _nullable(old.schema), _nullable(new.schema)
        if nulls == (False, True):
            yield Difference(place, part, "became-nullable", "may be null now", new.pointer)
        elif nulls == (True, False):
            yield Difference(place, part, "became-not-nullable", "is null no longer", new.pointer)

    def _scalars(self, old: Side, new: Side, place: str, part: str) -> Iterator[Difference]:
        yield from self._enums(old, new, place, part)
        formats = str(old.schema.get("format", "")), str(new.schema.get("format", ""))
        if formats[0] != formats[1] and _types(old.schema) == _types(new.schema):
            text = f"format {formats[0] or 'none'} became {formats[1] or 'none'}"
            yield Difference(place, part, "format-changed", text, new.pointer)
        for key in _BOUNDS:
            before, after = old.schema.get(key), new.schema.get(key)
            if before != after:
                text = f"{key} {_short(before)} became {_short(after)}"
                yield Difference(place, part, "constraint-changed", text, new.pointer)
        defaults = old.schema.get("default"), new.schema.get("default")
        if not same(*defaults):
            text = f"default {_short(defaults[0])} became {_short(defaults[1])}"
            yield Difference(place, part, "default-value-changed", text, new.pointer)

    def _enums(self, old: Side, new: Side, place: str, part: str) -> Iterator[Difference]:
        before, after = _values(old.schema), _values(new.schema)
        if before and not after:
            yield Difference(place, part, "enum-dropped", "any value is allowed", new.pointer)
        elif after and not before:
            text = f"allowed are now only {', '.join(sorted(after))}"
            yield Difference(place, part, "became-enum", text, new.pointer)
        else:
            for value in sorted(after - before):
                yield Difference(place, part, "enum-value-added", f"new value {value}", new.pointer)
            for value in sorted(before - after):
                text = f"value {value} is gone"
                yield Difference(place, part, "enum-value-removed", text, new.pointer)

    def _properties(
        self, old: Side, new: Side, place: str, depth: int
    ) -> Iterator[Difference | Pair]:
        before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
        required = _required(old.schema), _required(new.schema)
        for name in sorted(before.keys() - after.keys()):
            where = join(old.pointer, "properties", name)
            yield self._removed(join(place, name), where, is_required=name in required[0])
        for name in sorted(after.keys() - before.keys()):
            where = join(new.pointer, "properties", name)
            yield self._added(join(place, name), where, is_required=name in required[1])
        for name in sorted(before.keys() & after.keys()):
            inner, where = join(place, name), join(new.pointer, "properties", name)
            if (name in required[0]) != (name in required[1]):
                ending = "became-required" if name in required[1] else "became-optional"
                yield Difference(inner, "property", ending, ending.replace("-", " "), where)
            earlier = Side(before[name], join(old.pointer, "properties", name))
            yield from self.compare(earlier, Side(after[name], where), inner, "property", depth + 1)

    def _removed(self, place: str, pointer: str, *, is_required: bool) -> Difference:
        if self.direction == "request":
            return Difference(place, "property", "removed", "property is gone", pointer)
        kept = "required" if is_required else "optional"
        return Difference(place, f"{kept}-property", "removed", "property is gone", pointer)

    def _added(self, place: str, pointer: str, *, is_required: bool) -> Difference:
        if self.direction == "response":
            return Difference(place, "property", "added", "new property", pointer)
        kind = "required" if is_required else "optional"
        return Difference(place, f"new-{kind}", "property", f"new {kind} property", pointer)

    def _inner(
        self, old: Side, new: Side, place: str, part: str, depth: int
    ) -> Iterator[Difference | Pair]:
        for key, step in (("items", "[]"), ("additionalProperties", "{}")):
            before, after = old.schema.get(key), new.schema.get(key)
            before, after = _said(before), _said(after)
            if before is not None and after is not None:
                sides = (Side(before, f"{old.pointer}/{key}"), Side(after, f"{new.pointer}/{key}"))
                yield from self.compare(*sides, f"{place}/{step}", "property", depth + 1)
            elif key == "additionalProperties" and (before is None) != (after is None):
                verb = "added" if before is None else "removed"
                ending = f"additional-properties-{verb}"
                yield Difference(place, part, ending, f"other members {verb}", new.pointer)
            elif before is None and after is not None and "array" in _types(old.schema):
                yield Difference(
                    place, part, "items-stated", "elements have a type now", new.pointer
                )

    def _branches(
        self, old: Side, new: Side, place: str, part: str, depth: int
    ) -> Iterator[Difference | Pair]:
        before, after = _branches(old), _branches(new)
        pairs, gone, came = _matched(before, after)
        alone = not before or not after
        for side in () if alone else gone:
            text = f"no longer {_label(side.schema)}"
            yield Difference(place, part, "one-of-removed", text, side.pointer)
        for side in () if alone else came:
            text = f"now also {_label(side.schema)}"
            yield Difference(place, part, "one-of-added", text, side.pointer)
        for index, (one, other) in enumerate(pairs):
            yield from self.compare(one, other, f"{place}/|{index}", part, depth + 1)


def _component(schema: Json) -> str:
    """The name of the component that a schema refers to, if it does nothing else."""
    if not isinstance(schema, dict):
        return ""
    target, members = schema.get("$ref", ""), schema.get("allOf", [])
    if len(members) == 1 and not schema.keys() - {"allOf", "nullable"}:
        return _component(members[0])
    is_component = isinstance(target, str) and target.startswith(f"#{COMPONENTS}")
    return target.rsplit("/", 1)[-1] if is_component else ""


def _merge(left: dict[str, Json], right: dict[str, Json]) -> dict[str, Json]:
    merged = {**right, **left}
    if "properties" in left and "properties" in right:
        merged["properties"] = {**left["properties"], **right["properties"]}
    if "required" in left and "required" in right:
        merged["required"] = [*left["required"], *right["required"]]
    return merged


def _types(schema: dict[str, Json]) -> frozenset[str]:
    named = frozenset(type_names(schema)) - {"null"}
    if named:
        return named
    return frozenset({"object"}) if "properties" in schema else frozenset()


def _covers(wide: frozenset[str], narrow: frozenset[str]) -> bool:
    numbers = {"integer"} if "number" in wide else set()
    return narrow <= wide | numbers


def _nullable(schema: dict[str, Json]) -> bool:
    listed = (*schema.get("oneOf", ()), *schema.get("anyOf", ()))
    return schema.get("nullable") is True or "null" in type_names(schema) or _NULL in listed


def _required(schema: dict[str, Json]) -> set[str]:
    listed = schema.get("required", ())
    return set(listed) if isinstance(listed, list) else set()


def _values(schema: dict[str, Json]) -> set[str]:
    listed = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return {_short(value) for value in listed if value is not None}


def _said(schema: Json) -> Json:
    """A schema that says something, or nothing."""
    return None if schema in (None, False, True) else schema


def _branches(side: Side) -> list[Side]:
    return [
        Side(branch, f"{side.pointer}/{key}/{index}")
        for key in ("oneOf", "anyOf")
        for index, branch in enumerate(side.schema.get(key, ()))
        if branch != _NULL
    ]


def _matched(
    before: list[Side], after: list[Side]
) -> tuple[list[tuple[Side, Side]], list[Side], list[Side]]:
    """Branches of the same component or the same content; then what is left, in order, if as many."""
    pairs: list[tuple[Side, Side]] = []
    left, right = list(before), list(after)
    for side in before:
        twin = next((s for s in right if _key(s.schema) == _key(side.schema)), None)
        if twin is not None:
            pairs.append((side, twin))
            left.remove(side)
            right.remove(twin)
    inline = [s for s in left if not _component(s.schema)], [
        s for s in right if not _component(s.schema)
    ]
    if len(left) == len(right) == len(inline[0]) == len(inline[1]):
        return [*pairs, *zip(left, right, strict=True)], [], []
    return pairs, left, right


def _key(schema: Json) -> str:
    return _component(schema) or json.dumps(schema, sort_keys=True)


def _label(schema: Json) -> str:
    return _component(schema) or _words(_types(schema) if isinstance(schema, dict) else frozenset())


def _words(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "anything"


def _short(value: Json) -> str:
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004
