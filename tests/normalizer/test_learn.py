"""`learn`: recorded answers become overlay actions, once, with their evidence, and people's lines stay."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from normalizer import workspace
from normalizer.cli import main
from normalizer.diagnostics import EXIT_INPUT, InputError
from normalizer.document import Json, dump, sha256
from normalizer.learn import recording, teach
from normalizer.learn.write import OPERATIONS, SHAPES

pytestmark = pytest.mark.usefixtures("collected_garbage")

THING: Json = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "side": {"type": "string", "enum": ["BUY", "SELL"]},
        "parts": {"type": "array", "items": {"type": "string"}},
    },
}
ROOT: Json = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/things/{id}": {
            "get": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {
                    "200": {
                        "description": "d",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/thing"}}
                        },
                    }
                },
            }
        },
        "/silent": {"post": {"responses": {"200": {"description": "d"}}}},
    },
    "components": {"schemas": {"thing": THING}},
}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    folder = tmp_path / "spec"
    (folder / "upstream").mkdir(parents=True)
    (folder / "overlays").mkdir()
    data = dump(ROOT)
    (folder / "upstream" / "openapi.json").write_bytes(data)
    (folder / "upstream" / "lock.json").write_text(json.dumps({"pin_sha256": sha256(data)}))
    return folder


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    folder = tmp_path / "answers"
    folder.mkdir()
    return folder


def record(folder: Path, body: Json, call: str = "GET /things/7", status: int = 200) -> None:
    method, path = call.split()
    row = {"method": method, "path": path, "status": status, "body": body}
    name = f"{len(list(folder.iterdir())):03}.json"
    (folder / name).write_text(json.dumps(row))


def learn(spec: Path, answers: Path, *options: str) -> int | str | None:
    with pytest.raises(SystemExit) as caught:
        main(["learn", str(answers), "--spec", str(spec), *options])
    return caught.value.code


def taught(spec: Path) -> Any:
    space = workspace.Workspace(spec)
    return workspace.normalise(space.pin, space).document.root


def learned(spec: Path, name: str = SHAPES) -> str:
    path = spec / "overlays" / name
    return path.read_text() if path.exists() else ""


def schema_of_thing(spec: Path) -> Any:
    schemas = taught(spec)["components"]["schemas"]
    return schemas["thing"]["properties"], schemas


@pytest.mark.parametrize(
    ("body", "where", "type_"),
    [
        ({"name": None}, "name", ["string", "null"]),
        ({"size": 1.5}, "size", "number"),
        ({"size": "5"}, "size", "string"),
        ({"parts": None}, "parts", ["array", "null"]),
        ({"fresh": True}, "fresh", "boolean"),
    ],
)
def test_a_recorded_value_is_admitted_where_it_was_seen(
    spec: Path, answers: Path, body: Json, where: str, type_: Json
) -> None:
    record(answers, body)
    assert learn(spec, answers, "--check") == (0 if where == "fresh" else 1)
    assert learn(spec, answers) == 0
    assert learn(spec, answers, "--check") == 0
    properties, _ = schema_of_thing(spec)
    assert properties[where]["type"] == type_
    assert "GET /things/{id}" in learned(spec)
    targets = re.findall(r"target: (.*)", learned(spec))
    assert targets
    place = "$.components.schemas.thing.properties"
    assert {target.removesuffix(".type") for target in targets} <= {place, f"{place}.{where}"}


def test_an_unknown_value_of_an_enum_is_added_to_it(spec: Path, answers: Path) -> None:
    record(answers, {"side": "SHORT"})
    assert learn(spec, answers) == 0
    _, schemas = schema_of_thing(spec)
    [enum] = [schema for schema in schemas.values() if "BUY" in schema.get("x-extensible-enum", ())]
    assert enum["x-extensible-enum"] == ["BUY", "SELL", "SHORT"]


@pytest.mark.parametrize(("call", "status"), [("GET /things/7", 202), ("POST /silent", 200)])
def test_an_answer_without_a_place_gets_one(
    spec: Path, answers: Path, call: str, status: int
) -> None:
    record(answers, {"error": "none", "code": 3}, call, status)
    assert learn(spec, answers, "--check") == 1
    assert learn(spec, answers) == 0
    assert learn(spec, answers, "--check") == 0


def test_an_unknown_operation_is_added_with_the_parameters_of_its_path(
    spec: Path, answers: Path
) -> None:
    record(answers, {"ok": True}, "GET /groups/U1234567/members/265598")
    record(answers, {"ok": False}, "GET /groups/U7654321/members/8314")
    assert learn(spec, answers) == 0
    assert learn(spec, answers, "--check") == 0
    [path] = [path for path in taught(spec)["paths"] if path.startswith("/groups")]
    operation = taught(spec)["paths"][path]["get"]
    assert path.count("{") == 2
    assert {p["name"] for p in operation["parameters"]} == set(path_names(path))
    assert "U1234567" not in learned(spec, OPERATIONS)


def path_names(path: str) -> list[str]:
    return [piece.split("}")[0] for piece in path.split("{")[1:]]


def test_learning_again_changes_nothing(spec: Path, answers: Path) -> None:
    record(answers, {"name": None, "side": "SHORT"})
    record(answers, {"ok": True}, "GET /groups/5")
    assert learn(spec, answers) == 0
    before = learned(spec), learned(spec, OPERATIONS)
    assert all(before)
    assert learn(spec, answers) == 0
    assert (learned(spec), learned(spec, OPERATIONS)) == before


@pytest.mark.parametrize("turned", [False, True])
def test_lessons_add_up_in_either_order(spec: Path, tmp_path: Path, turned: bool) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder, body in zip(folders, [{"name": None}, {"name": 5, "side": "SHORT"}], strict=True):
        folder.mkdir()
        record(folder, body)
    for folder in reversed(folders) if turned else folders:
        assert learn(spec, folder) == 0
    assert [learn(spec, folder, "--check") for folder in folders] == [0, 0]
    properties, _ = schema_of_thing(spec)
    assert {"null", "integer"} <= set(properties["name"]["type"])


def test_lines_and_comments_of_people_stay(spec: Path, answers: Path) -> None:
    words = (
        "# Looked at by a person.\noverlay: 1.1.0\ninfo: {title: t, version: 1.0.0}\n"
        "x-bezant-stage: shapes\nactions:\n"
        "  # Why this one is here.\n"
        "  - target: $.components.schemas['thing'].properties['name']\n"
        "    update: {description: 'Name.'}  # to the point\n"
    )
    path = spec / "overlays" / SHAPES
    path.write_text(words)
    record(answers, {"size": None})
    assert learn(spec, answers) == 0
    lines = path.read_text().splitlines()
    assert lines[0] == "# Looked at by a person."
    assert "  # Why this one is here." in lines
    assert any(line.endswith("# to the point") for line in lines)
    assert any("seen-null" in line for line in lines)
    assert schema_of_thing(spec)[0]["name"]["description"] == "Name."


def test_evidence_that_contradicts_itself_is_reported_and_not_averaged(
    spec: Path, answers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for body in ({"parts": {"a": 1}}, {"parts": 5}, {"parts": "x"}, {"parts": [1]}):
        record(answers, body)
    code = learn(spec, answers)
    shown = capsys.readouterr().out
    kinds = schema_of_thing(spec)[0]["parts"]
    if code == 0:
        assert learn(spec, answers, "--check") == 0
    else:
        assert "learn-conflict" in shown
        assert "/body/parts" in shown
    assert kinds != {}


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("[]", ""),
        ('{"path": "/a", "status": 200}', "/method"),
        ('{"method": "FETCH", "path": "/a", "status": 200}', "/method"),
        ('{"method": "GET", "path": "a", "status": 200}', "/path"),
        ('{"method": "GET", "path": "/a", "status": "200"}', "/status"),
        ('{"method": "GET", "path": "/a", "status": true}', "/status"),
        ('{"method": "GET", "path": "/a", "status": 99}', "/status"),
    ],
)
def test_a_bad_recording_is_named(answers: Path, text: str, pointer: str) -> None:
    (answers / "bad.json").write_text(text)
    with pytest.raises(InputError) as caught:
        recording.load_folder(answers)
    assert caught.value.diagnostic.file.endswith("bad.json")
    assert caught.value.diagnostic.pointer == pointer
    assert caught.value.diagnostic.hint


@pytest.mark.parametrize("text", [None, "{", '{"method": "GET"}'])
def test_bad_input_teaches_nothing(spec: Path, answers: Path, text: str | None) -> None:
    if text is not None:
        record(answers, {"name": None})
        (answers / "bad.json").write_text(text)
    assert learn(spec, answers) == EXIT_INPUT
    assert list((spec / "overlays").iterdir()) == []


def test_base_and_query_of_a_recorded_path_do_not_matter(spec: Path, answers: Path) -> None:
    record(answers, {"name": None}, "GET /v1/api/things/7?a=b")
    assert learn(spec, answers) == 0
    assert learned(spec, OPERATIONS) == ""
    assert schema_of_thing(spec)[0]["name"]["type"] == ["string", "null"]


def test_a_contradiction_names_file_and_place(spec: Path, answers: Path) -> None:
    record(answers, {"side": "NEITHER"})
    space = workspace.Workspace(spec)
    document = workspace.normalise(space.pin, space).document
    found = teach.contradictions(document, recording.load_folder(answers))
    assert [(item.file[-8:], item.pointer) for item in found] in ([], [("000.json", "/body/side")])
