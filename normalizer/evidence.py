"""Repairs that rest on values: what was seen, where it does not fit, and the edit that admits it.

The same repairs serve the rules, whose evidence is the document's own examples, and `learn`, whose
evidence is recorded responses. The rule of the house: an edit touches the failing place only, a type
is never deleted, and a union holds only kinds that were seen. Values of more than two JSON types at
one place are refused; the invariants then name it, and a person decides in an overlay.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from normalizer import fit, samples
from normalizer.change import MISSING, Change
from normalizer.document import Json, get, join, same
from normalizer.fit import INT32, Misfit, Reason
from normalizer.infer import has_value, is_numeric_text, schema_of
from normalizer.samples import Sample, json_types
from normalizer.structure import Document, type_names

SENTINELS: Final = ("None", "null", "N/A")
"""Texts that stand for the absence of a value; only where no text is allowed."""

MOST_ORIGINS: Final = 3
MOST_TYPES: Final = 2
_SCALARS: Final = frozenset(("string", "number", "integer", "boolean"))
_NUMBERS: Final = frozenset(("integer", "number"))


@dataclass(frozen=True)
class Evidence:
    """What the examples of a document, and values recorded beside it, say about its schemas."""

    document: Document

    @cached_property
    def misfits(self) -> list[Misfit]:
        """Every value that does not fit."""
        return fit.of_examples(self.document)

    @cached_property
    def values(self) -> Mapping[str, list[Sample]]:
        """All values by the schema they belong to."""
        return samples.of(self.document)

    def by_place(self, *reasons: Reason) -> Iterator[tuple[str, list[Misfit]]]:
        """Misfits of some reasons, grouped by the schema that rejects."""
        yield from _grouped((m for m in self.misfits if m.reason in reasons), "schema")

    def by_use(self, *reasons: Reason) -> Iterator[tuple[str, list[Misfit]]]:
        """Misfits of some reasons, grouped by the place through which the schema was reached."""
        yield from _grouped((m for m in self.misfits if m.reason in reasons), "use")

    def at(self, pointer: str) -> Json:
        """The value of the document at a pointer."""
        return get(self.document.root, pointer)

    def seen(self, pointer: str) -> list[Json]:
        """Values seen at a schema, without nulls and what stands for them."""
        found = [sample.value for sample in self.values.get(pointer, ())]
        return [value for value in found if value is not None and value not in SENTINELS]


Repair: TypeAlias = Callable[[Evidence], Iterator[Change]]


def _grouped(misfits: Iterable[Misfit], key: str) -> Iterator[tuple[str, list[Misfit]]]:
    groups: dict[str, list[Misfit]] = {}
    for misfit in misfits:
        groups.setdefault(getattr(misfit, key), []).append(misfit)
    yield from groups.items()


def origins(misfits: Iterable[Misfit]) -> tuple[str, ...]:
    """Where the values of some misfits stand, the first few."""
    return tuple(dict.fromkeys(misfit.at for misfit in misfits))[:MOST_ORIGINS]


# --- Null ----------------------------------------------------------------------------------------


def admit_null(evidence: Evidence) -> Iterator[Change]:
    """Where null was seen, null is allowed: at the property, never in a shared component."""
    for use, misfits in evidence.by_use(Reason.NULL):
        yield from nullable(use, evidence.at(use), origins(misfits))


def nullable(pointer: str, schema: Json, why: tuple[str, ...]) -> Iterator[Change]:
    """The edits that make one schema admit null."""
    null: Json = {"type": "null"}
    if "$ref" in schema or "allOf" in schema:
        yield Change(pointer=pointer, before=schema, after={"anyOf": [schema, null]}, evidence=why)
        return
    for key, absent in (("type", "null"), ("enum", None), ("anyOf", null), ("oneOf", null)):
        listed = schema.get(key, ())
        listed = [listed] if isinstance(listed, str) else listed
        if listed and absent not in listed:
            after = [*listed, absent]
            yield Change(pointer=f"{pointer}/{key}", before=schema[key], after=after, evidence=why)


def clear_sentinels(evidence: Evidence) -> Iterator[Change]:
    """Turn a text that stands for nothing into null, in the example that holds it."""
    for _, misfits in evidence.by_place(Reason.TYPE):
        for misfit in misfits:
            if misfit.value in SENTINELS:
                yield Change(pointer=misfit.at, before=misfit.value, after=None)


# --- Numbers and other scalars -------------------------------------------------------------------


def widen_fractions(evidence: Evidence) -> Iterator[Change]:
    """An integer that was seen with a fraction is a number."""
    for place, misfits in evidence.by_place(Reason.FRACTION):
        schema = evidence.at(place)
        kinds = ["number" if kind == "integer" else kind for kind in type_names(schema)]
        kinds = list(dict.fromkeys(kinds))
        yield from _retype(place, schema, kinds, "", origins(misfits))


def widen_integers(evidence: Evidence) -> Iterator[Change]:
    """An int32 that was seen with a larger value is an int64."""
    for place, misfits in evidence.by_place(Reason.WIDTH):
        yield Change(
            pointer=f"{place}/format", before="int32", after="int64", evidence=origins(misfits)
        )


def retype_scalars(evidence: Evidence) -> Iterator[Change]:
    """A scalar that was only ever seen in another type has that type; seen in both, it has both.

    What an overlay has settled was seen before, or is known to a person.
    """
    for place, misfits in evidence.by_place(Reason.TYPE):
        schema = evidence.at(place)
        declared = [kind for kind in type_names(schema) if kind != "null"]
        values = evidence.seen(place) or [m.value for m in misfits if m.value not in SENTINELS]
        seen = _types(values)
        if not values or not set(declared) <= _SCALARS or not set(seen) <= _SCALARS:
            continue
        is_settled = not evidence.document.settled.isdisjoint((place, f"{place}/type"))
        confirmed = [kind for kind in declared if is_settled or _confirms(kind, seen)]
        kinds = list(dict.fromkeys([*confirmed, *(k for k in seen if not _covered(k, confirmed))]))
        if len(kinds) <= MOST_TYPES:
            null = ["null"] if "null" in type_names(schema) else []
            form = _format(values, declared) if len(kinds) == 1 else ""
            yield from _retype(place, schema, [*kinds, *null], form, origins(misfits))


def _types(values: Iterable[Json]) -> list[str]:
    seen = list(dict.fromkeys(json_types(value)[0] for value in values))
    return [kind for kind in seen if kind != "integer" or "number" not in seen]


def _confirms(declared: str, seen: list[str]) -> bool:
    return declared in seen or (declared == "number" and "integer" in seen)


def _covered(kind: str, confirmed: list[str]) -> bool:
    return kind in confirmed or (kind == "integer" and "number" in confirmed)


def _format(values: list[Json], declared: list[str]) -> str:
    """`int64` for whole numbers beyond int32, `decimal` for declared numbers sent as text."""
    if all(type(value) is int for value in values):
        return "" if all(value in INT32 for value in values) else "int64"
    is_decimal = "number" in declared and all(is_numeric_text(value) for value in values)
    return "decimal" if is_decimal else ""


def _retype(
    place: str, schema: Json, kinds: list[str], form: str, why: tuple[str, ...]
) -> Iterator[Change]:
    before = schema["type"]
    after = kinds if len(kinds) > 1 else kinds[0]
    yield Change(pointer=f"{place}/type", before=before, after=after, evidence=why)
    if schema.get("format", "") != form:
        yield Change(
            pointer=f"{place}/format",
            before=schema.get("format", MISSING),
            after=form or MISSING,
            evidence=why,
        )


# --- Enums ---------------------------------------------------------------------------------------


def extend_enums(evidence: Evidence) -> Iterator[Change]:
    """A value of the enum's own type that was seen belongs to the enum."""
    for place, misfits in evidence.by_place(Reason.ENUM):
        schema = evidence.at(place)
        known = schema.get("enum", [])
        missing: list[Json] = []
        for misfit in misfits:
            if "enum" in schema and not any(same(misfit.value, value) for value in missing):
                missing.append(misfit.value)
        if missing:
            yield Change(
                pointer=f"{place}/enum",
                before=known,
                after=[*known, *missing],
                evidence=origins(misfits),
            )


# --- Objects and arrays --------------------------------------------------------------------------


def admit_shapes(evidence: Evidence) -> Iterator[Change]:
    """An array where one object is declared, or one object where an array is: at this use only."""
    for use, misfits in evidence.by_use(Reason.TYPE):
        schema = evidence.at(use)
        resolved = evidence.document.resolve(schema)
        admitted = _shape(evidence, use, resolved, [misfit.value for misfit in misfits])
        if admitted is not None:
            kept = evidence.seen(use)
            only = all(isinstance(value, type(misfits[0].value)) for value in kept)
            after: Json = admitted if only else {"anyOf": [schema, admitted]}
            yield Change(pointer=use, before=schema, after=after, evidence=origins(misfits))


def _shape(evidence: Evidence, use: str, schema: Json, values: list[Json]) -> Json:
    """The schema of what was seen at a use: a list of what is declared, or its item."""
    if "array" in type_names(schema) and all(isinstance(value, dict) for value in values):
        fits = "items" in schema and _are_of_kind(evidence, _items_pointer(evidence, use), values)
        return schema["items"] if fits else None
    is_object = "properties" in schema or "object" in type_names(schema)
    if is_object and all(isinstance(value, list) and value for value in values):
        objects = all(isinstance(element, dict) for value in values for element in value)
        return {"type": "array", "items": evidence.at(use)} if objects else None
    return None


def _items_pointer(evidence: Evidence, use: str) -> str:
    schema = evidence.at(use)
    while "$ref" in schema:
        use = schema["$ref"][1:]
        schema = evidence.at(use)
    return f"{use}/items"


def _are_of_kind(evidence: Evidence, pointer: str, values: list[Json]) -> bool:
    """Whether values are of the JSON kind that a schema wants; what is inside is judged later."""
    for value in values:
        wrong = fit.judge(evidence.document, pointer, value, "").misfits
        if any(misfit.at == "" and misfit.reason is Reason.TYPE for misfit in wrong):
            return False
    return True


def admit_kinds(evidence: Evidence) -> Iterator[Change]:
    """A kind that no branch of a union admits becomes a branch."""
    for place, misfits in evidence.by_place(Reason.TYPE):
        schema = evidence.at(place)
        keyword = next((key for key in ("anyOf", "oneOf") if key in schema), "")
        values = [misfit.value for misfit in misfits if misfit.value not in SENTINELS]
        if keyword and values and len(_types(values)) == 1:
            branches = [*schema[keyword], schema_of(values)]
            yield Change(
                pointer=f"{place}/{keyword}",
                before=schema[keyword],
                after=branches,
                evidence=origins(misfits),
            )


def relax_required(evidence: Evidence) -> Iterator[Change]:
    """A property that a seen object lacks is not required."""
    for place, misfits in evidence.by_place(Reason.REQUIRED):
        before = evidence.at(place)["required"]
        lacking = {misfit.detail for misfit in misfits}
        after = [name for name in before if name not in lacking]
        yield Change(
            pointer=f"{place}/required",
            before=before,
            after=after or MISSING,
            evidence=origins(misfits),
        )


# --- Undeclared properties -----------------------------------------------------------------------


def declare_properties(evidence: Evidence) -> Iterator[Change]:
    """A member that was seen and is not declared gets a property with the schema of its values."""
    for site in evidence.document.schemas:
        place = _home_of_properties(site.pointer, site.value)
        if place is None or site.pointer not in evidence.values:
            continue
        seen = [s for s in evidence.values[site.pointer] if isinstance(s.value, dict)]
        known = samples.declared(evidence.document, site.value)
        names = dict.fromkeys(
            name
            for s in seen
            if not s.shared
            for name in s.value
            if name not in known and has_value([s.value[name]])
        )
        if names and "properties" not in evidence.at(place):
            yield Change(pointer=f"{place}/properties", after={})
        for name in names:
            held = [s for s in seen if name in s.value]
            yield Change(
                pointer=join(place, "properties", name),
                after=schema_of([s.value[name] for s in held]),
                evidence=tuple(dict.fromkeys(s.origin for s in held))[:MOST_ORIGINS],
            )


def _home_of_properties(pointer: str, schema: dict[str, Json]) -> str | None:
    """Where an object schema declares its members: in itself, or in the last part of its `allOf`."""
    if schema.keys() & {"$ref", "anyOf", "oneOf", "additionalProperties"}:
        return None
    if "allOf" in schema:
        own = [i for i, part in enumerate(schema["allOf"]) if _has_properties(part)]
        return f"{pointer}/allOf/{own[-1]}" if own else None
    is_object = "properties" in schema or type_names(schema) == ["object"]
    return pointer if is_object else None


def _has_properties(schema: Json) -> bool:
    return isinstance(schema, dict) and "properties" in schema
