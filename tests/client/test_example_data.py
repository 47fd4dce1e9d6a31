"""The example of every operation: what its type and the document say."""

import json
from pathlib import Path
from typing import Any

import pytest
from bezant_api import OPERATIONS, example

from normalizer import fit
from normalizer.document import get, join
from normalizer.structure import Document as Structure
from tests.client.drive import Document

DOCUMENT = Path(__file__).parents[2] / "spec" / "normalized" / "openapi.json"


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.id)
def test_decodes_without_drift(operation: Any) -> None:
    found = example(operation.id)
    body = b"" if not found.media_type else json.dumps(found.body).encode()
    if "json" in found.media_type or not found.media_type:
        operation.decode(int(found.status), found.media_type, body, mode="strict")
    else:
        assert isinstance(found.body, str)


@pytest.fixture(scope="module")
def structure() -> Structure:
    return Structure(json.loads(DOCUMENT.read_bytes()))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.id)
def test_fits_the_document(operation: Any, structure: Structure) -> None:
    found = example(operation.id)
    place = join("/paths", operation.path, operation.method.lower(), "responses", found.status)
    answer = get(structure.root, place)
    place = str(answer["$ref"]).removeprefix("#") if "$ref" in answer else place
    if "json" in found.media_type:
        schema = join(place, "content", found.media_type, "schema")
        assert fit.judge(structure, schema, found.body, schema).misfits == ()


def test_is_the_document_own_where_it_has_one() -> None:
    document = Document(DOCUMENT)
    own = {call.id: call.answer for call in document.calls() if call.content_type}
    same = [name for name, answer in own.items() if example(name).body == answer]
    assert len(same) > 120


def test_is_loaded_when_it_is_asked_for() -> None:
    with pytest.raises(KeyError):
        example("no_such_operation")
