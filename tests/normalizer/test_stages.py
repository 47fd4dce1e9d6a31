"""Overlays in stages, and the plain queries that are followed without a JSONPath library."""

import random
from pathlib import Path
from typing import Any

import pytest
from jsonpath import JSONPathEnvironment

from normalizer import overlay, pipeline
from normalizer.change import MISSING
from normalizer.diagnostics import InputError
from normalizer.document import Json, join
from normalizer.learn.actions import query

HEAD: dict[str, Json] = {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}}


def pointers(root: Json) -> list[str]:
    found = [""]

    def walk(node: Json, pointer: str) -> None:
        items: Any = node.items() if isinstance(node, dict) else ()
        items = enumerate(node) if isinstance(node, list) else items
        for key, value in items:
            place = join(pointer, str(key))
            found.append(place)
            walk(value, place)

    walk(root, "")
    return found


def targets(root: Json, target: str) -> list[str]:
    action: Json = {"target": target, "update": {"x-seen": 1}}
    parsed = overlay.parse({**HEAD, "actions": [action]}, "o.yaml")
    changes, _ = overlay.edit(root, [parsed])
    return sorted(change.pointer.removesuffix("/x-seen") for change in changes)


def test_queries_find_what_the_library_finds(pin: Json) -> None:
    """Every object of a sample of the pin, by the query that `learn` would write."""
    environment: Any = JSONPathEnvironment()
    chance = random.Random(3)
    places = [p for p in pointers(pin) if p and not isinstance(_at(pin, p), list | str)]
    for pointer in chance.sample(places, 200):
        target = query(pin, pointer)
        [match] = environment.finditer(target, pin)
        assert str(match.pointer()) == pointer
        if isinstance(_at(pin, pointer), dict):
            assert targets(pin, target) == [pointer]


def _at(root: Json, pointer: str) -> Json:
    node = root
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


@pytest.mark.parametrize("name", ["it's", "a\\b", 'say "x"', "a.b", "[0]", "ü", "a b", "$", "~/"])
def test_names_of_any_spelling_are_found(name: str) -> None:
    root: Json = {"a": {name: {"list": [{"k": 1}]}}}
    pointer = join("", "a", name, "list", "0")
    assert targets(root, query(root, pointer)) == [pointer]


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("$.a[0]", ["/a/0"]),
        ("$.a[*]", ["/a/0", "/a/1"]),
        ("$.a[?@.name=='y']", ["/a/1"]),
        ("$['a'][?@.name=='z']", []),
        ("$.a[5]", []),
        ("$.none.at.all", []),
    ],
)
def test_plain_steps(target: str, found: list[str]) -> None:
    root: Json = {"a": [{"name": "x"}, {"name": "y"}]}
    assert targets(root, target) == found


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        overlay.parse(
            {**HEAD, "x-bezant-stage": "late", "actions": [{"target": "$", "update": {}}]}, "o.yaml"
        )
    diagnostic = caught.value.diagnostic
    assert (diagnostic.file, diagnostic.pointer) == ("o.yaml", "/x-bezant-stage")


def test_the_stage_of_shapes_sees_what_rules_have_made(pin: Json, tmp_path: Path) -> None:
    """A media type without a schema has one only after the rules."""
    document: Json = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/a": {
                "get": {"responses": {"200": {"description": "d", "content": {"text/plain": {}}}}}
            }
        },
        "components": {},
    }
    target = "$.paths['/a'].get.responses['200'].content['text/plain'].schema"
    update = {"target": target, "update": {"description": "Seen."}}
    early = overlay.parse({**HEAD, "actions": [update]}, "early.yaml")
    late = overlay.parse({**HEAD, "x-bezant-stage": "shapes", "actions": [update]}, "late.yaml")
    made = pipeline.normalise(document, "d", [early, late])
    edits = [c for c in made.changes if c.rule.startswith(overlay.RULE_PREFIX)]
    assert [(c.rule, c.before is MISSING, c.after) for c in edits] == [
        ("overlay:late.yaml", True, "Seen.")
    ]
    assert [f.file for f in made.findings if f.code.startswith("overlay")] == ["early.yaml"]
