from pathlib import Path

import pytest

from normalizer import overlay
from normalizer.change import replay
from normalizer.diagnostics import EXIT_INPUT, Diagnostic, InputError, Severity
from normalizer.document import Json, clone, dump, same

HEAD = {"info": {"title": "t", "version": "1"}}
ROOT: Json = {
    "info": {"title": "old", "tags": ["a"], "n": {"x": 1, "y": [1]}},
    "paths": {
        "/a": {"get": {"deprecated": True}, "put": {}},
        "/b": {"get": {"deprecated": False}},
    },
    "list": [{"name": "a", "v": 1}, {"name": "b"}, {"name": "c", "v": 3}],
}


def document(*actions: Json, version: Json = "1.1.0") -> dict[str, Json]:
    return {"overlay": version, **HEAD, "actions": list(actions)}


def applied(root: Json, *actions: Json) -> tuple[Json, list[Diagnostic]]:
    edited = clone(root)
    changes, warnings = overlay.edit(edited, [overlay.parse(document(*actions), "o.yaml")])
    replayed = clone(root)
    replay(replayed, changes)
    assert same(replayed, edited)
    return edited, warnings


def refusal(*actions: Json, root: Json = ROOT) -> Diagnostic:
    with pytest.raises(InputError) as caught:
        applied(root, *actions)
    assert caught.value.exit_code == EXIT_INPUT
    assert caught.value.diagnostic.file == "o.yaml"
    return caught.value.diagnostic


# --- Update --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "update", "info"),
    [
        ("$.info", {"new": {"k": 1}}, {**ROOT["info"], "new": {"k": 1}}),
        ("$.info", {"title": "new"}, {**ROOT["info"], "title": "new"}),
        ("$.info", {"title": None}, {**ROOT["info"], "title": None}),
        ("$", {"info": {"n": {"x": 2}}}, {**ROOT["info"], "n": {"x": 2, "y": [1]}}),
        ("$.info", {"n": {"y": [2, 3]}}, {**ROOT["info"], "n": {"x": 1, "y": [1, 2, 3]}}),
        ("$.info.tags", ["b", "a"], {**ROOT["info"], "tags": ["a", "b", "a"]}),
        ("$.info.tags", "b", {**ROOT["info"], "tags": ["a", "b"]}),
        ("$.info.tags", {"k": 1}, {**ROOT["info"], "tags": ["a", {"k": 1}]}),
        ("$.info.title", 5, {**ROOT["info"], "title": 5}),
        ("$.info.title", None, {**ROOT["info"], "title": None}),
        ("$.info.n.x", False, {**ROOT["info"], "n": {"x": False, "y": [1]}}),
    ],
)
def test_update_merges_objects_extends_arrays_and_replaces_scalars(
    target: str, update: Json, info: Json
) -> None:
    edited, warnings = applied(ROOT, {"target": target, "update": update})
    assert dump(edited) == dump({**ROOT, "info": info})
    assert warnings == []


def test_update_reaches_every_target_with_its_own_copy() -> None:
    edited, _ = applied(
        ROOT,
        {"target": "$.paths.*.get", "update": {"x-tags": ["a"]}},
        {"target": "$.paths['/a'].get['x-tags']", "update": "b"},
    )
    assert edited["paths"]["/a"]["get"]["x-tags"] == ["a", "b"]
    assert edited["paths"]["/b"]["get"]["x-tags"] == ["a"]


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("$.list[?@.name == 'b']", ["b"]),
        ("$.list[?@.v]", ["a", "c"]),
        ("$.list[?@.v > 1 || @.name == 'a']", ["a", "c"]),
        ("$.list[?!@.v]", ["b"]),
        ("$.list[?match(@.name, '[ab]')]", ["a", "b"]),
        ("$.list[-1]", ["c"]),
        ("$.list[0:2]", ["a", "b"]),
    ],
)
def test_filters_and_slices_select_as_rfc_9535_says(target: str, names: list[str]) -> None:
    edited, _ = applied(ROOT, {"target": target, "update": {"hit": True}})
    assert [row["name"] for row in edited["list"] if "hit" in row] == names


def test_filter_on_a_path_selects_operations() -> None:
    edited, _ = applied(ROOT, {"target": "$.paths.*[?@.deprecated == true]", "update": {"hit": 1}})
    assert edited["paths"]["/a"]["get"] == {"deprecated": True, "hit": 1}
    assert "hit" not in edited["paths"]["/b"]["get"]


@pytest.mark.parametrize(
    ("target", "update"),
    [("$.info", [1]), ("$.info", "x"), ("$.info.title", {}), ("$", {"info": {"n": 1}})],
)
def test_update_of_another_kind_is_refused(target: str, update: Json) -> None:
    found = refusal({"target": target, "update": update})
    assert found.pointer == "/actions/0/update"
    assert "cannot merge" in found.message


@pytest.mark.parametrize("target", ["$.info.*", "$.info['title', 'n']", "$['info', 'list']"])
def test_targets_of_mixed_kinds_are_refused(target: str) -> None:
    found = refusal({"target": target, "update": {}})
    assert found.pointer == "/actions/0"
    assert "kinds" in found.message


# --- Remove --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("root", "target", "after"),
    [
        ({"a": 1, "b": 2}, "$.a", {"b": 2}),
        ({"a": [0, 1, 2, 3, 4]}, "$.a[0, 2, 4]", {"a": [1, 3]}),
        ({"a": [0, 1, 2, 3, 4]}, "$.a[1:4]", {"a": [0, 4]}),
        ({"a": [0, 1, 2, 3, 4]}, "$.a[?@ > 1]", {"a": [0, 1]}),
        ({"a": list(range(12))}, "$.a[?@ > 0]", {"a": [0]}),
        ({"a": [[0, 1], [2, 3]]}, "$.a[*][0]", {"a": [[1], [3]]}),
        ({"a": {"x": {"d": 1}, "y": {"d": 2}}}, "$..d", {"a": {"x": {}, "y": {}}}),
        ({"a": {"a": 1}, "b": {"a": 2}}, "$..a", {"b": {}}),
        ({"a": [[1, 2], [3, 4]]}, "$.a..[0]", {"a": [[4]]}),
        ({"a": [0, 1, 2]}, "$.a[0, 0]", {"a": [1, 2]}),
        ({"a": [1], "b": {"c": 1}}, "$.*.*", {"a": [], "b": {}}),
    ],
)
def test_remove_takes_exactly_the_targets(root: Json, target: str, after: Json) -> None:
    edited, warnings = applied(root, {"target": target, "remove": True})
    assert edited == after
    assert warnings == []


def test_remove_outranks_update() -> None:
    edited, _ = applied({"a": {}}, {"target": "$.a", "update": {"b": 1}, "remove": True})
    assert edited == {}


def test_remove_that_is_false_leaves_the_update() -> None:
    edited, _ = applied({"a": {}}, {"target": "$.a", "update": {"b": 1}, "remove": False})
    assert edited == {"a": {"b": 1}}


def test_document_itself_cannot_be_removed() -> None:
    assert refusal({"target": "$", "remove": True}).pointer == "/actions/0"


# --- Copy ----------------------------------------------------------------------------------------


def test_copy_merges_the_source_into_the_target() -> None:
    root = {"a": {"x": {"p": 1}, "l": [1]}, "b": {"x": {"q": 2}, "l": [2]}}
    edited, _ = applied(root, {"target": "$.b", "copy": "$.a"})
    assert edited["b"] == {"x": {"q": 2, "p": 1}, "l": [2, 1]}
    assert edited["a"] == root["a"]


def test_copy_is_independent_of_its_source() -> None:
    edited, _ = applied(
        {"a": {"l": []}, "b": {}},
        {"target": "$.b", "copy": "$.a"},
        {"target": "$.b.l", "update": 1},
    )
    assert edited == {"a": {"l": []}, "b": {"l": [1]}}


@pytest.mark.parametrize("source", ["$.none", "$.list[*]", "$.paths.*.get"])
def test_copy_must_select_one_value(source: str) -> None:
    found = refusal({"target": "$.info", "copy": source})
    assert found.pointer == "/actions/0/copy"
    assert source in found.message


def test_bad_source_of_a_copy_is_named() -> None:
    assert refusal({"target": "$.info", "copy": "$["}).pointer == "/actions/0/copy"


# --- Order and idle actions ----------------------------------------------------------------------


def test_actions_run_in_order_on_the_result_so_far() -> None:
    edited, warnings = applied(
        {},
        {"target": "$", "update": {"a": {"n": 1}}},
        {"target": "$.a", "update": {"n": 2}},
        {"target": "$", "update": {"b": {}}},
        {"target": "$.b", "copy": "$.a"},
        {"target": "$.a", "remove": True},
    )
    assert edited == {"b": {"n": 2}}
    assert warnings == []


def test_overlays_run_in_order() -> None:
    root: Json = {"a": 0}
    files = [(value, f"{value}.yaml") for value in (1, 2)]
    parts = [
        overlay.parse(document({"target": "$.a", "update": value}), file) for value, file in files
    ]
    overlay.edit(root, parts)
    assert root == {"a": 2}


@pytest.mark.parametrize("action", [{"update": {}}, {"remove": True}, {"copy": "$.info"}], ids=str)
def test_target_without_match_is_a_warning(action: Json) -> None:
    edited, warnings = applied(
        ROOT, {"target": "$.info", "update": {}}, {"target": "$.paths['/c'].get", **action}
    )
    assert edited == ROOT
    [found] = warnings
    assert (found.code, found.severity) == ("overlay-idle", Severity.WARNING)
    assert (found.file, found.pointer) == ("o.yaml", "/actions/1")
    assert "$.paths['/c'].get" in found.message


# --- Reading -------------------------------------------------------------------------------------


def written(folder: Path, text: str) -> Path:
    path = folder / "o.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("target", ["", "info", "$[", "$.a[?@.b ==]", "$.a b", "$..", "$.a[01]"])
def test_bad_target_names_file_and_action(target: str) -> None:
    good = {"target": "$", "update": {}}
    with pytest.raises(InputError) as caught:
        overlay.parse(document(good, {"target": target, "update": {}}), "o.yaml")
    found = caught.value.diagnostic
    assert (found.file, found.pointer) == ("o.yaml", "/actions/1/target")
    assert repr(target) in found.message


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (None, ""),
        ([], ""),
        ({}, ""),
        ({"openapi": "3.0.0"}, ""),
        (document({"target": "$", "update": {}}, version="2.0.0"), ""),
        (document({"target": "$", "update": {}}, version="1.10.0"), ""),
        (document({"target": "$", "update": {}}, version="1.2.0"), ""),
        (document({"target": "$", "update": {}}, version=None), ""),
        ({**document({"target": "$", "update": {}}), "action": []}, "/action"),
        (document(), "/actions"),
        ({**document(), "actions": {}}, "/actions"),
        (document("$"), "/actions/0"),
        (document({"update": {}}), "/actions/0"),
        (document({"target": 5, "update": {}}), "/actions/0"),
        (document({"target": "$", "description": "d"}), "/actions/0"),
        (document({"target": "$", "updat": {}}), "/actions/0/updat"),
        (document({"target": "$.a", "copy": 5}), "/actions/0/copy"),
        (document({"target": "$.a", "remove": "no"}), "/actions/0/remove"),
    ],
)
def test_malformed_overlay_is_refused_at_its_place(value: Json, pointer: str) -> None:
    with pytest.raises(InputError) as caught:
        overlay.parse(value, "o.yaml")
    assert (caught.value.diagnostic.file, caught.value.diagnostic.pointer) == ("o.yaml", pointer)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.0.1", "1.1"])
def test_known_versions_and_extensions_are_accepted(version: str) -> None:
    value = document({"target": "$.a", "update": 1, "x-why": "w", "description": "d"})
    parsed = overlay.parse({**value, "overlay": version, "x-a": 1, "extends": "u"}, "o.yaml")
    assert [(action.target, action.update) for action in parsed.actions] == [("$.a", 1)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("overlay: 1.1.0\nactions:\n  - target: '$\n", 4),
        ("overlay: 1.1.0\nactions: [1, 2\nx: 1\n", 3),
        ("overlay: 1.1.0\noverlay: 1.0.0\n", 2),
        ("a: 1\n\tb: 2\n", 2),
    ],
)
def test_broken_yaml_gives_file_and_line(tmp_path: Path, text: str, line: int) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        overlay.load(path)
    assert (caught.value.diagnostic.file, caught.value.diagnostic.line) == (str(path), line)


def test_yaml_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_bytes(b"overlay: \xff\xfe")
    with pytest.raises(InputError, match=r"o\.yaml"):
        overlay.load(tmp_path / "o.yaml")


@pytest.mark.parametrize(
    "value", ["2024-01-01", ".nan", "-.inf", "!!binary aGk=", "!!set {a}", "{200: OK}", "{null: 1}"]
)
def test_yaml_value_that_json_does_not_have_is_refused(tmp_path: Path, value: str) -> None:
    text = f"overlay: 1.1.0\nactions:\n  - target: $\n    update: {{a: {value}}}\n"
    with pytest.raises(InputError, match=r"o\.yaml"):
        overlay.load(written(tmp_path, text))


def test_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("20-b.yaml", "10-a.yaml", "notes.md"):
        text = f"overlay: 1.1.0\nactions:\n  - target: $.a\n    update: {name}\n"
        (tmp_path / name).write_text(text)
    names = [part.actions[0].update for part in overlay.load_folder(tmp_path)]
    assert names == ["10-a.yaml", "20-b.yaml"]


def test_absent_folder_has_no_overlays(tmp_path: Path) -> None:
    assert overlay.load_folder(tmp_path / "none") == []
