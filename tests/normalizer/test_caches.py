"""What is kept from one edit to the next is what a fresh look would find."""

import pytest

from normalizer import engine, fit, overlay, samples, workspace
from normalizer.document import Json, clone
from normalizer.rules import BEFORE_OVERLAYS, FINAL, SHAPES
from normalizer.structure import Document

EVERY = 6


def seen(document: Document) -> tuple[Json, Json]:
    met = {
        pointer: [(sample.value, sample.origin, sample.shared) for sample in found]
        for pointer, found in samples.of(document).items()
    }
    return fit.of_examples(document), met


def check(document: Document) -> None:
    fresh = Document(document.root)
    assert [s.pointer for s in document.sites] == [s.pointer for s in fresh.sites]
    assert seen(document) == seen(fresh)


def test_after_each_rule_of_the_pipeline(space: workspace.Workspace, pin: Json) -> None:
    root = clone(pin)
    document = Document(root)
    early = [o for o in overlay.load_folder(space.overlays) if o.stage == overlay.EARLY]
    seen(document)
    for number, rule in enumerate(BEFORE_OVERLAYS):
        document, _ = engine.run_rule(document, rule)
        if number % EVERY == 0:
            check(document)
    edits, _ = overlay.edit(root, early)
    document = document.after(change.pointer for change in edits)
    check(document)
    for number, rule in enumerate(SHAPES + FINAL):
        document, _ = engine.run_rule(document, rule)
        if number % EVERY == 0:
            check(document)
    check(document)


@pytest.mark.parametrize(
    ("pointer", "edit"),
    [
        ("/components/schemas/A", {"type": "integer", "examples": ["a"]}),
        ("/components/schemas/B/properties/x", {"type": "array", "items": {"type": "null"}}),
        ("/paths/~1a/get", {"responses": {}}),
        ("/components/examples/E", {"value": {"x": 5}}),
    ],
)
def test_an_edit_of_one_part_reaches_what_depends_on_it(pointer: str, edit: Json) -> None:
    reference = {"$ref": "#/components/schemas/B"}
    media = {"schema": reference, "examples": {"e": {"$ref": "#/components/examples/E"}}}
    root: Json = {
        "paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": media}}}}}},
        "components": {
            "schemas": {
                "A": {"type": "string", "examples": ["a", 1]},
                "B": {
                    "type": "object",
                    "properties": {"x": {"$ref": "#/components/schemas/A"}},
                },
            },
            "examples": {"E": {"value": {"x": "text"}}},
        },
    }
    document = Document(root)
    before = seen(document)
    holder = root
    *path, last = [t.replace("~1", "/") for t in pointer.split("/")[1:]]
    for token in path:
        holder = holder[token]
    holder[last] = edit
    document = document.after([pointer])
    check(document)
    assert seen(document) != before
