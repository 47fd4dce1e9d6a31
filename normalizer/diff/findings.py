"""The kinds of findings, what each means, and one finding with its fingerprint.

Ids and levels follow oasdiff's vocabulary where it has a word. The effect says what a change does to
a client: `wire`, old calls or decoders fail; `type`, the bytes are the same and typed code changes;
`tolerance`, a client that takes what it does not know goes on; `text`, nothing but words.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Level(StrEnum):
    """How much a finding matters to callers."""

    ERR = "ERR"
    WARN = "WARN"
    INFO = "INFO"


LEVELS: Final = (Level.ERR, Level.WARN, Level.INFO)


class Effect(StrEnum):
    """What a finding does to a client."""

    WIRE = "wire"
    TYPE = "type"
    TOLERANCE = "tolerance"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Kind:
    """One id with its level, its effect and its meaning in a few words."""

    id: str
    level: Level
    effect: Effect
    meaning: str


_E, _W, _I = LEVELS
_WIRE, _TYPE, _TOLERANCE, _TEXT = Effect

_OPERATIONS: Final = (
    Kind("endpoint-added", _I, _TOLERANCE, "a new operation"),
    Kind("api-removed-without-deprecation", _E, _WIRE, "an operation is gone without warning"),
    Kind("api-removed-with-deprecation", _I, _WIRE, "a deprecated operation is gone"),
    Kind("endpoint-deprecated", _I, _TEXT, "an operation is deprecated"),
    Kind("endpoint-reactivated", _I, _TEXT, "an operation is deprecated no longer"),
    Kind("api-base-path-changed", _I, _TYPE, "the path key moved below another base path"),
    Kind("api-operation-id-added", _I, _TYPE, "an operation has an id now"),
    Kind("api-operation-id-removed", _W, _TYPE, "an operation has no id any more"),
    Kind("api-operation-id-changed", _I, _TYPE, "an operation has another id"),
    Kind("api-tag-added", _I, _TEXT, "an operation stands in another group"),
    Kind("api-tag-removed", _I, _TEXT, "an operation left a group"),
    Kind("api-security-added", _W, _WIRE, "credentials are stated where none were"),
    Kind("api-security-removed", _I, _TEXT, "credentials are stated no longer"),
    Kind("api-security-updated", _W, _WIRE, "other credentials are stated"),
    Kind("api-security-component-added", _I, _TEXT, "a new security scheme"),
    Kind("api-security-component-removed", _I, _TEXT, "a security scheme is gone"),
    Kind("api-examples-changed", _I, _TEXT, "other examples"),
)
_PARAMETERS: Final = (
    Kind("new-required-request-parameter", _E, _WIRE, "a new parameter must be sent"),
    Kind("new-optional-request-parameter", _I, _TOLERANCE, "a new parameter may be sent"),
    Kind("request-parameter-removed", _W, _WIRE, "a parameter is gone"),
    Kind("request-parameter-renamed", _I, _TYPE, "a parameter has another name"),
    Kind("request-parameter-became-required", _E, _WIRE, "a parameter must be sent now"),
    Kind("request-parameter-became-optional", _I, _TOLERANCE, "a parameter may be left out now"),
)
_BODIES: Final = (
    Kind("request-body-added-required", _E, _WIRE, "a body must be sent now"),
    Kind("request-body-added-optional", _I, _TOLERANCE, "a body may be sent now"),
    Kind("request-body-removed", _W, _WIRE, "a body is taken no longer"),
    Kind("request-body-became-required", _E, _WIRE, "the body must be sent now"),
    Kind("request-body-became-optional", _I, _TOLERANCE, "the body may be left out now"),
    Kind("request-body-media-type-added", _I, _TOLERANCE, "a new media type may be sent"),
    Kind("request-body-media-type-removed", _E, _WIRE, "a media type is taken no longer"),
    Kind("response-success-status-added", _I, _TOLERANCE, "a new success"),
    Kind("response-success-status-removed", _E, _WIRE, "a success is gone"),
    Kind("response-non-success-status-added", _I, _TOLERANCE, "a new failure"),
    Kind("response-non-success-status-removed", _I, _TOLERANCE, "a failure is gone"),
    Kind("response-media-type-added", _I, _TOLERANCE, "a new media type of an answer"),
    Kind("response-media-type-removed", _E, _WIRE, "a media type of an answer is gone"),
    Kind("response-header-added", _I, _TOLERANCE, "a new header of an answer"),
    Kind("response-header-removed", _W, _TOLERANCE, "a header of an answer is gone"),
)
_PROPERTIES: Final = (
    Kind("new-required-request-property", _E, _WIRE, "a new property must be sent"),
    Kind("new-optional-request-property", _I, _TOLERANCE, "a new property may be sent"),
    Kind("request-property-removed", _W, _WIRE, "a property is taken no longer"),
    Kind("request-property-became-required", _E, _WIRE, "a property must be sent now"),
    Kind("request-property-became-optional", _I, _TOLERANCE, "a property may be left out now"),
    Kind("response-property-added", _I, _TOLERANCE, "a new property of an answer"),
    Kind("response-optional-property-removed", _W, _TOLERANCE, "an optional property is gone"),
    Kind("response-required-property-removed", _E, _WIRE, "a promised property is gone"),
    Kind("response-property-became-optional", _E, _TOLERANCE, "a property may be absent now"),
    Kind("response-property-became-required", _I, _TYPE, "a property is promised now"),
)


def _of_schemas() -> Iterator[Kind]:
    """What can happen to a schema, wherever it stands; requests and answers differ."""
    for place in ("request-parameter", "request-property", "request-body"):
        word = place.replace("-", " ")
        changed = _TYPE if place == "request-parameter" else _WIRE
        yield Kind(f"{place}-type-changed", _E, changed, f"a {word} has another type")
        yield Kind(f"{place}-type-generalized", _I, _TYPE, f"a {word} takes more types")
        yield Kind(f"{place}-became-nullable", _I, _TOLERANCE, f"a {word} may be null")
        yield Kind(f"{place}-became-not-nullable", _E, _WIRE, f"a {word} may be null no longer")
        yield Kind(f"{place}-became-enum", _E, _WIRE, f"a {word} takes listed values only")
        yield Kind(f"{place}-enum-dropped", _I, _TYPE, f"a {word} takes any value")
        yield Kind(f"{place}-enum-value-removed", _E, _WIRE, f"a {word} takes a value no longer")
        yield Kind(f"{place}-enum-value-added", _I, _TOLERANCE, f"a {word} takes one more value")
        yield Kind(f"{place}-one-of-added", _I, _TOLERANCE, f"a {word} takes one more shape")
        yield Kind(f"{place}-one-of-removed", _E, _WIRE, f"a {word} takes a shape no longer")
        yield Kind(f"{place}-constraint-changed", _W, _WIRE, f"a {word} has another bound")
        yield Kind(f"{place}-default-value-changed", _W, _WIRE, f"a {word} has another default")
        yield from _common(place, word)
    for place in ("response-property", "response-body", "response-header"):
        word = place.replace("-", " ")
        yield Kind(f"{place}-type-changed", _E, _WIRE, f"a {word} has another type")
        yield Kind(f"{place}-type-generalized", _E, _TOLERANCE, f"a {word} has more types")
        yield Kind(f"{place}-became-nullable", _E, _TOLERANCE, f"a {word} may be null")
        yield Kind(f"{place}-became-not-nullable", _I, _TYPE, f"a {word} is null no longer")
        yield Kind(f"{place}-became-enum", _I, _TYPE, f"a {word} has listed values only")
        yield Kind(f"{place}-enum-dropped", _W, _TOLERANCE, f"a {word} has any value")
        yield Kind(f"{place}-enum-value-added", _W, _TOLERANCE, f"a {word} has one more value")
        yield Kind(f"{place}-enum-value-removed", _I, _TYPE, f"a {word} has a value no longer")
        yield Kind(f"{place}-one-of-added", _E, _TOLERANCE, f"a {word} has one more shape")
        yield Kind(f"{place}-one-of-removed", _I, _TYPE, f"a {word} has a shape no longer")
        yield Kind(f"{place}-constraint-changed", _I, _TOLERANCE, f"a {word} has another bound")
        yield Kind(f"{place}-default-value-changed", _I, _TEXT, f"a {word} has another default")
        yield from _common(place, word)


def _common(place: str, word: str) -> Iterator[Kind]:
    yield Kind(f"{place}-format-changed", _I, _TYPE, f"a {word} has another format")
    yield Kind(f"{place}-items-stated", _I, _TYPE, f"elements of a {word} have a type now")
    yield Kind(f"{place}-additional-properties-added", _I, _TOLERANCE, f"a {word} is a map now")
    yield Kind(f"{place}-additional-properties-removed", _W, _TYPE, f"a {word} is no map now")


KINDS: Final = {
    kind.id: kind for kind in (*_OPERATIONS, *_PARAMETERS, *_BODIES, *_PROPERTIES, *_of_schemas())
}

MECHANICAL: Final = frozenset(
    [
        "api-base-path-changed",
        "api-operation-id-added",
        "api-operation-id-changed",
        "api-tag-added",
        "api-tag-removed",
        "api-security-added",
        "api-security-updated",
        "api-examples-changed",
        "request-parameter-renamed",
    ]
)
"""What a revision does to many operations at once: reports show a few and count the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One change, with every operation that it reaches.

    `subject` is the canonical operation or the component it stands in, `place` the path inside it;
    both are the same in every revision, so that the fingerprint is.
    """

    id: str
    subject: str
    place: str
    text: str
    pointer: str
    operations: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        """Level, effect and meaning."""
        return KINDS[self.id]

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that name this change whatever stands around it."""
        parts = "\0".join((self.id, self.subject, self.place, self.text))
        return hashlib.sha256(parts.encode()).hexdigest()[:12]

    @property
    def order(self) -> tuple[Any, ...]:
        """Worst first, then by id and place."""
        level = LEVELS.index(self.kind.level)
        return (level, self.id, self.subject, self.place, self.text)

    def record(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {
            "id": self.id,
            "level": str(self.kind.level),
            "effect": str(self.kind.effect),
            "text": self.text,
            "subject": self.subject,
            "place": self.place,
            "pointer": self.pointer,
            "operations": list(self.operations),
            "fingerprint": self.fingerprint,
        }
