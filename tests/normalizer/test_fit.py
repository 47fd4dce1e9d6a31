"""`fit` against an independent validator: the same verdict on examples, recordings and damages of both."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from normalizer import fit, pipeline, samples
from normalizer.document import Json, clone
from normalizer.learn import recording
from normalizer.learn.match import Matcher
from normalizer.samples import Root
from normalizer.structure import Document
from tests.conftest import SHARED

DAMAGES: tuple[Json, ...] = (None, "damage", 7, 7.5, True, [], {}, [[1]], {"damage": 1})
PER_VALUE = 12


@pytest.fixture(scope="module")
def document(result: pipeline.Result) -> Document:
    return Document(result.document.root)


@pytest.fixture(scope="module")
def validators(document: Document) -> Any:
    resource: Any = Resource.from_contents(document.root, DRAFT202012)
    registry: Any = Registry().with_resource("urn:document", resource)

    def validator(pointer: str) -> Any:
        reference = {"$ref": f"urn:document#{pointer}"}
        return Draft202012Validator(reference, registry=registry)

    return validator


def places(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps: Any = value.items() if isinstance(value, dict) else ()
    steps = enumerate(value[:2]) if isinstance(value, list) else steps
    for key, inner in steps:
        yield from places(inner, (*path, key))


def damaged(value: Json, path: tuple[Any, ...], by: Json) -> Json:
    if not path:
        return by
    copy = clone(value)
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = by
    return copy


def variants(value: Json, chance: random.Random) -> Iterator[Json]:
    yield value
    spots = list(places(value))
    for _ in range(PER_VALUE):
        yield damaged(value, chance.choice(spots), chance.choice(DAMAGES))


def disagreements(document: Document, validators: Any, roots: list[Root]) -> Iterator[str]:
    """Where exactly one of the two refuses a value; a fraction of zero is ours alone to refuse."""
    chance = random.Random(7)
    for root in roots:
        theirs = validators(root.pointer)
        for value in variants(root.sample.value, chance):
            ours = fit.judge(document, root.pointer, value, "").misfits
            if {misfit.reason for misfit in ours} <= {
                fit.Reason.FRACTION,
                fit.Reason.WIDTH,
            } and ours:
                continue
            if bool(ours) == theirs.is_valid(value):
                yield f"{root.pointer} {str(value)[:200]} {[misfit.summary for misfit in ours]}"


def test_the_same_verdict_on_examples_and_their_damages(
    document: Document, validators: Any
) -> None:
    roots = list(samples.roots(document))
    assert len(roots) > 400
    assert list(disagreements(document, validators, roots)) == []


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"needs recordings in {SHARED}")
def test_the_same_verdict_on_recorded_answers_and_their_damages(
    document: Document, validators: Any
) -> None:
    matcher = Matcher(document)
    matches = map(matcher.match, recording.load_folder(SHARED / "recordings"))
    roots = [match for match in matches if isinstance(match, Root)]
    assert len(roots) > 40
    assert list(disagreements(document, validators, roots)) == []


@pytest.mark.parametrize(
    ("schema", "value", "reason", "at"),
    [
        ({"type": "string"}, None, "null", "/v"),
        ({"type": "string"}, 5, "type", "/v"),
        ({"type": "integer"}, 5.0, "fraction", "/v"),
        ({"type": "integer", "format": "int32"}, 2**31, "width", "/v"),
        ({"type": "string", "enum": ["a"]}, "b", "enum", "/v"),
        ({"type": "object", "required": ["a"]}, {}, "required", "/v"),
        ({"type": "array", "items": {"type": "string"}}, ["a", 5], "type", "/v/1"),
        (
            {"type": "object", "properties": {"a/b": {"type": "string"}}},
            {"a/b": 5},
            "type",
            "/v/a~1b",
        ),
        ({"type": "number", "minimum": 3}, 2, "bound", "/v"),
        ({"type": "string", "maxLength": 1}, "ab", "bound", "/v"),
    ],
)
def test_a_misfit_names_its_reason_and_its_place(
    schema: Json, value: Json, reason: str, at: str
) -> None:
    document = Document({"paths": {}, "components": {"schemas": {"A": schema}}})
    [found] = fit.judge(document, "/components/schemas/A", value, "/v").misfits
    assert (str(found.reason), found.at) == (reason, at)
    assert found.schema.startswith("/components/schemas/A")
