"""Does a value fit a schema, and where exactly does it not: what evidence is weighed with.

Validators say whether; a repair needs to know which schema is to blame, through which reference it was
reached, and which branch of a union the value was meant for. Formats are annotations, except for the
range of int32. A fraction never fits an integer, not even `5.0`: whoever writes it serialises a float.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Final

from normalizer.document import Json, get, join, same
from normalizer.samples import clear_branch, json_types, roots
from normalizer.structure import Document, part_of, type_names

DEPTH_LIMIT: Final = 64
INT32: Final = range(-(2**31), 2**31)
_OBJECT_BOUNDS: Final = (("minProperties", 1), ("maxProperties", -1))
_ARRAY_BOUNDS: Final = (("minItems", 1), ("maxItems", -1))
_TEXT_BOUNDS: Final = (("minLength", 1), ("maxLength", -1))


class Reason(StrEnum):
    """Why a value does not fit."""

    NULL = "null"
    TYPE = "type"
    FRACTION = "fraction"
    WIDTH = "width"
    ENUM = "enum"
    REQUIRED = "required"
    BOUND = "bound"
    AMBIGUOUS = "ambiguous"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Misfit:
    """One value that one schema rejects.

    `schema` is the pointer of the rejecting schema, `use` that of the place through which it was
    reached: the outermost reference or the schema itself. `at` is the place of the value. `detail`
    names the missing property or the violated keyword.
    """

    reason: Reason
    schema: str
    use: str
    value: Json
    at: str
    detail: str = ""

    @property
    def summary(self) -> str:
        """`'x' is not what #/components/schemas/A wants (type)`."""
        shown = repr(self.value)
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004
        detail = f" {self.detail}" if self.detail else ""
        return f"{shown} is not what #{self.schema} wants ({self.reason}{detail})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The misfits of one value, and the parts of the document that were asked."""

    misfits: tuple[Misfit, ...]
    parts: frozenset[str]


def of_examples(document: Document) -> list[Misfit]:
    """Every misfit of the document's own examples."""
    found: list[Misfit] = []
    for root in roots(document):
        place = root.sample.origin
        if place not in document.verdicts:
            verdict = judge(document, root.pointer, root.sample.value, place)
            document.verdicts[place] = replace(verdict, parts=verdict.parts | {root.part})
        found += document.verdicts[place].misfits
    return found


def judge(document: Document, pointer: str, value: Json, at: str) -> Verdict:
    """Judge one value by the schema at a pointer; `at` is where the value stands."""
    judgement = _Judgement(document)
    judgement.parts.update((part_of(pointer), part_of(at)))
    where = _Place(pointer, pointer, at, 0)
    misfits = tuple(judgement.schema(get(document.root, pointer), value, where))
    return Verdict(misfits, frozenset(judgement.parts))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a judgement stands: in the schemas, at their use, in the value."""

    schema: str
    use: str
    at: str
    depth: int

    def inside(self, *tokens: str) -> "_Place":
        """A subschema for the same value."""
        pointer = join(self.schema, *tokens)
        return _Place(pointer, pointer, self.at, self.depth + 1)

    def member(self, name: str, *tokens: str) -> "_Place":
        """A subschema for a member of the value."""
        pointer = join(self.schema, *tokens)
        return _Place(pointer, pointer, join(self.at, name), self.depth + 1)


class _Judgement:
    """One pass of one value through the schemas of a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.parts: set[str] = set()

    def schema(self, schema: Json, value: Json, place: _Place) -> Iterator[Misfit]:
        """All misfits, those of members after those of the value itself."""
        if schema is False:
            yield _misfit(Reason.NOTHING, value, place)
        if not isinstance(schema, dict) or place.depth > DEPTH_LIMIT:
            return
        if isinstance(schema.get("$ref"), str):
            yield from self._reference(schema["$ref"][1:], value, place)
        wrong = list(_own(schema, value, place))
        yield from wrong
        if any(misfit.reason in (Reason.TYPE, Reason.NULL) for misfit in wrong):
            return
        for index, branch in enumerate(schema.get("allOf", ())):
            yield from self.schema(branch, value, place.inside("allOf", str(index)))
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                yield from self._union(schema[keyword], keyword, value, place)
        yield from self._members(schema, value, place)

    def _reference(self, target: str, value: Json, place: _Place) -> Iterator[Misfit]:
        self.parts.add(part_of(target))
        there = _Place(target, place.use, place.at, place.depth + 1)
        yield from self.schema(get(self.document.root, target), value, there)

    def _union(
        self, branches: list[Json], keyword: str, value: Json, place: _Place
    ) -> Iterator[Misfit]:
        found = [
            list(self.schema(branch, value, place.inside(keyword, str(index))))
            for index, branch in enumerate(branches)
        ]
        fitting = sum(not misfits for misfits in found)
        if fitting > 1 and keyword == "oneOf":
            yield _misfit(Reason.AMBIGUOUS, value, place)
        if not fitting:
            yield from self._closest(branches, found, value, place)

    def _closest(
        self, branches: list[Json], found: list[list[Misfit]], value: Json, place: _Place
    ) -> Iterator[Misfit]:
        """Blame the branch that the value was meant for, or the union when none admits its kind."""
        meant = [misfits for misfits in found if not _refused_whole(misfits, place)]
        if not meant:
            reason = Reason.NULL if value is None else Reason.TYPE
            yield _misfit(reason, value, place)
            return
        clear = clear_branch(self.document, branches, value)
        yield from found[clear] if clear is not None else min(meant, key=len)

    def _members(self, schema: dict[str, Json], value: Json, place: _Place) -> Iterator[Misfit]:
        if isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                yield from self.schema(schema["items"], item, place.member(str(index), "items"))
        if not isinstance(value, dict):
            return
        properties = schema.get("properties", {})
        for name, member in value.items():
            if name in properties:
                there = place.member(name, "properties", name)
                yield from self.schema(properties[name], member, there)
            elif "additionalProperties" in schema:
                there = place.member(name, "additionalProperties")
                yield from self.schema(schema["additionalProperties"], member, there)


def _refused_whole(misfits: list[Misfit], place: _Place) -> bool:
    """Whether a branch refuses a value for its JSON kind."""
    return any(
        misfit.at == place.at and misfit.reason in (Reason.TYPE, Reason.NULL) for misfit in misfits
    )


def _misfit(reason: Reason, value: Json, place: _Place, detail: str = "") -> Misfit:
    return Misfit(reason, place.schema, place.use, value, place.at, detail)


def _own(schema: dict[str, Json], value: Json, place: _Place) -> Iterator[Misfit]:
    """What the keywords of one schema say about the value itself."""
    wrong_type = _type_reason(schema, value)
    if wrong_type is not None:
        yield _misfit(wrong_type, value, place)
        return
    if schema.get("format") == "int32" and type(value) is int and value not in INT32:
        yield _misfit(Reason.WIDTH, value, place)
    if "enum" in schema and not any(same(value, known) for known in schema["enum"]):
        yield _misfit(Reason.ENUM, value, place)
    if "const" in schema and not same(value, schema["const"]):
        yield _misfit(Reason.ENUM, value, place, "const")
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                yield _misfit(Reason.REQUIRED, value, place, name)
    for keyword in _violated(schema, value):
        yield _misfit(Reason.BOUND, value, place, keyword)


def _type_reason(schema: dict[str, Json], value: Json) -> Reason | None:
    types = type_names(schema)
    if not types or set(types) & set(json_types(value)):
        return None
    if value is None:
        return Reason.NULL
    return Reason.FRACTION if type(value) is float and "integer" in types else Reason.TYPE


def _violated(schema: dict[str, Json], value: Json) -> Iterable[str]:
    """Keywords of size and pattern that a value violates."""
    if isinstance(value, str):
        yield from _outside(schema, _TEXT_BOUNDS, len(value))
        if "pattern" in schema and not _pattern(schema["pattern"]).search(value):
            yield "pattern"
    elif isinstance(value, list):
        yield from _outside(schema, _ARRAY_BOUNDS, len(value))
        if schema.get("uniqueItems") is True and _has_twins(value):
            yield "uniqueItems"
    elif isinstance(value, dict):
        yield from _outside(schema, _OBJECT_BOUNDS, len(value))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _out_of_range(schema, value)


def _outside(schema: dict[str, Json], bounds: tuple[tuple[str, int], ...], size: int) -> list[str]:
    return [key for key, sign in bounds if key in schema and (size - schema[key]) * sign < 0]


def _out_of_range(schema: dict[str, Json], value: float) -> Iterator[str]:
    if "minimum" in schema and value < schema["minimum"]:
        yield "minimum"
    if "maximum" in schema and value > schema["maximum"]:
        yield "maximum"
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield "exclusiveMinimum"
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        yield "exclusiveMaximum"
    if "multipleOf" in schema and value % schema["multipleOf"]:
        yield "multipleOf"


def _has_twins(values: list[Json]) -> bool:
    return any(same(a, b) for i, a in enumerate(values) for b in values[:i])


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
