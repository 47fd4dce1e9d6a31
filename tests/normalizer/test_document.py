import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer import positions
from normalizer.diagnostics import EXIT_INPUT, Diagnostic, InputError
from normalizer.document import (
    Json,
    clone,
    contains,
    dump,
    first_difference,
    get,
    join,
    parse,
    read,
    same,
    split,
    write_files,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    # surrogates have no UTF-8 form
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)


def refusal(data: bytes) -> Diagnostic:
    with pytest.raises(InputError) as caught:
        parse(data, "a.json")
    assert caught.value.exit_code == EXIT_INPUT
    assert caught.value.diagnostic.file == "a.json"
    return caught.value.diagnostic


# --- Strict reading ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"", 1, 1),
        (b'{\n "a": 1,\n "b" 2\n}', 3, 6),
        (b"<!DOCTYPE html>\n<html></html>", 1, 1),
        (b'{"a": [1, 2', 1, 12),
        (b'{"a": 1} {"b": 2}', 1, 10),
        (b"{'a': 1}", 1, 2),
        (b'{"a": 1,}', 1, 9),
    ],
)
def test_syntax_error_has_line_and_column(data: bytes, line: int, column: int) -> None:
    found = refusal(data)
    assert (found.code, found.line, found.column) == ("json-syntax", line, column)


@pytest.mark.parametrize(
    ("data", "pointer", "key", "line", "column"),
    [
        (b'{"a": 1, "a": 2}', "/a", "a", 1, 15),
        (b'{\n "x": [{"y": 1},\n  {"y": 1, "y": 1}]\n}', "/x/1/y", "y", 3, 17),
        (b'{"p": {"a/b~c": 1,\n"a/b~c": 2}}', "/p/a~1b~0c", "a/b~c", 2, 10),
        (b'{"\\u0061": 1, "a": {}}', "/a", "a", 1, 20),
    ],
)
def test_duplicate_key_is_named_with_its_place(
    data: bytes, pointer: str, key: str, line: int, column: int
) -> None:
    found = refusal(data)
    assert (found.code, found.pointer) == ("json-strict", pointer)
    assert (found.line, found.column) == (line, column)
    assert repr(key) in found.message


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_number_without_finite_value_is_refused_with_its_place(text: str) -> None:
    found = refusal(f'{{"a": 1,\n "b": [0, {text}]}}'.encode())
    assert (found.code, found.pointer, found.line, found.column) == ("json-strict", "/b/1", 2, 11)
    assert text in found.message


def test_string_that_spells_a_constant_is_accepted() -> None:
    assert parse(b'["NaN", "1e999"]', "a.json") == ["NaN", "1e999"]


def test_integer_of_thousands_of_digits_is_refused() -> None:
    assert refusal(b'{"a": ' + b"1" * 5000 + b"}").pointer == "/a"


def test_lone_surrogate_is_refused() -> None:
    refusal(b'{"a": "\\ud800"}')


@pytest.mark.parametrize(
    ("data", "line", "column"), [(b"\xff", 1, 1), (b'{\n "a": "\xc3\x28"}', 2, 8)]
)
def test_invalid_utf8_has_line_and_column(data: bytes, line: int, column: int) -> None:
    found = refusal(data)
    assert (found.code, found.line, found.column) == ("json-encoding", line, column)


def test_byte_order_mark_is_accepted() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}', "a.json") == {"a": 1}


@pytest.mark.parametrize("depth", [2_000, 100_000])
@pytest.mark.parametrize("inner", [b"1", b'{"a": 1, "a": 2}', b"NaN"])
def test_deep_nesting_is_refused(depth: int, inner: bytes) -> None:
    assert refusal(b"[" * depth + inner + b"]" * depth).code == "json-depth"


def test_loose_value_at_a_depth_that_parses_is_refused() -> None:
    refusal(b"[" * 900 + b'{"a": 1, "a": 2}' + b"]" * 900)


@pytest.mark.parametrize("name", ["absent.json", "folder"])
def test_unreadable_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=name) as caught:
        read(tmp_path / name)
    assert caught.value.diagnostic.code == "unreadable"


@given(JSON)
def test_dump_and_parse_are_inverse(value: Json) -> None:
    assert same(parse(dump(value), "a.json"), value)


@given(JSON)
def test_scan_finds_every_value_where_it_stands(value: Json) -> None:
    text = dump(value).decode()
    for token in positions.scan(text):
        assert contains(value, token.pointer)
    assert positions.locate(text, "/no/such/place") == (0, 0)


def test_locate_gives_line_and_column() -> None:
    assert positions.locate('{\n "a": [1,\n  {"b/c": 2}]\n}', "/a/1/b~1c") == (3, 11)


# --- Pointers and equality -----------------------------------------------------------------------


@given(st.lists(st.text()))
def test_join_and_split_are_inverse(tokens: list[str]) -> None:
    assert split(join("", *tokens)) == tokens


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", {"a/b": {"m~n": [10, {"": 11}]}}), ("/a~1b/m~0n/0", 10), ("/a~1b/m~0n/1/", 11)],
)
def test_get_follows_rfc_6901(pointer: str, value: Json) -> None:
    assert get({"a/b": {"m~n": [10, {"": 11}]}}, pointer) == value


@pytest.mark.parametrize("pointer", ["/b", "/a/2", "/a/-", "/a/-1", "/a/x", "/a/0/0"])
def test_absent_place_is_a_key_error(pointer: str) -> None:
    root = {"a": [1, 2]}
    assert not contains(root, pointer)
    with pytest.raises(KeyError):
        get(root, pointer)


SCALARS: list[Json] = [
    0,
    0.0,
    False,
    1,
    1.0,
    True,
    None,
    "",
    "1",
    [],
    {},
    [1],
    {"a": 1},
    {"a": 1.0},
]


@pytest.mark.parametrize("left", range(len(SCALARS)))
@pytest.mark.parametrize("right", range(len(SCALARS)))
def test_same_tells_all_json_values_apart(left: int, right: int) -> None:
    assert same(SCALARS[left], clone(SCALARS[right])) is (left == right)


def test_same_ignores_the_order_of_keys_and_minds_that_of_items() -> None:
    assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not same([1, 2], [2, 1])


@pytest.mark.parametrize(
    ("left", "right", "pointer"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": 1}, {"a": 1.0}, "/a"),
        ({"a": {"b": 1}}, {"a": {}}, "/a/b"),
        ({"a": {}}, {"a": {"b": 1}}, "/a/b"),
        ([1, 2], [1], "/1"),
        ([1], {"0": 1}, ""),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ""),
    ],
)
def test_first_difference(left: Json, right: Json, pointer: str | None) -> None:
    assert first_difference(left, right) == pointer


# --- Writing -------------------------------------------------------------------------------------

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from normalizer.diagnostics import InputError
from normalizer.document import write_files

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
folder = Path(sys.argv[1])
try:
    write_files({folder / "a": b"new", folder / "b": b"x" * 5000})
except InputError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def test_files_and_their_folders_are_written(tmp_path: Path) -> None:
    write_files({tmp_path / "new" / "a": b"1", tmp_path / "b": b"2"})
    assert (tmp_path / "new" / "a").read_bytes() == b"1"
    assert sorted(os.listdir(tmp_path)) == ["b", "new"]


def test_full_disk_leaves_all_old_files(tmp_path: Path, checkout: Path) -> None:
    (tmp_path / "a").write_bytes(b"old a")
    (tmp_path / "b").write_bytes(b"old b")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (EXIT_INPUT, "")
    assert f"{tmp_path / 'b'}: cannot write" in done.stdout
    assert_untouched(tmp_path)


def assert_untouched(folder: Path) -> None:
    assert (folder / "a").read_bytes() == b"old a"
    assert (folder / "b").read_bytes() == b"old b"
    assert sorted(os.listdir(folder)) == ["a", "b"]


@pytest.mark.parametrize("target", ["b/file", "b/deeper/file"])
def test_folder_that_is_a_file_leaves_all_old_files(tmp_path: Path, target: str) -> None:
    (tmp_path / "a").write_bytes(b"old a")
    (tmp_path / "b").write_bytes(b"old b")
    with pytest.raises(InputError, match="cannot write"):
        write_files({tmp_path / "a": b"new", tmp_path / target: b"new"})
    assert_untouched(tmp_path)


def test_target_that_is_a_folder_leaves_all_old_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old a")
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match="cannot write"):
        write_files({tmp_path / "a": b"new", tmp_path / "b": b"new"})
    assert (tmp_path / "a").read_bytes() == b"old a"
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_diagnostic_cannot_steer_a_terminal() -> None:
    shown = str(Diagnostic(code="c", pointer="/a\x1b[2J", message="m\r\n\u202e", hint="h\x07"))
    assert shown == "error c: #/a\\x1b[2J: m\\r\\n\\u202e\n  hint: h\\x07"
