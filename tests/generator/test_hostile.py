"""Text of a document is data wherever it stands: it never runs, and it arrives as it was."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.build import build
from generator.format import format_python
from generator.render import docstring, markdown_text, python_string, python_value
from normalizer.diagnostics import InputError
from normalizer.document import escape
from tests.generator import workshop
from tests.generator.fragments import content, parameter, record

SENTINEL: Final = "bezant-hostile-sentinel"
CODE: Final = (
    f'__import__("builtins").__dict__.update(bezant_sentinel=1) or '
    f'__import__("os").system("touch {SENTINEL}")'
)
TEXTS: Final = (
    "double \" and single ' quotes",
    "back\\slash \\n \\",
    "new\nline",
    "carriage\rreturn\r\nboth",
    "\x00nul \x07bell \x1besc \x7fdel \ttab",
    f'""" + {CODE} + """ #',
    f"''' + {CODE} + ''' #",
    f'"); {CODE} #',
    f'\\"; {CODE} #',
    f'"""\n{CODE}\nx = """ ',
    f"*/ {CODE} /* //",
    f"{{{{ cycler.__init__.__globals__.os.system('touch {SENTINEL}') }}}}",
    "{% raw %}{% endraw %}{# gone #}",
    "#{7*7} ${7*7} %(seven)s {0} $7",
    "\\N{BULLET} \\x41 \\u0041 \\101",
    CODE,
    "right \u202e\u2066 to left \u2069\u200f",
    "separators \u2028 \u2029 \x85 \ufeff",
    "日本語 é \U0001f600",
    "# type: ignore",
    "class",
)
NAMES: Final = tuple(t for t in TEXTS if not any(c in '"\\' or c < " " for c in t))
"""Texts that msgspec takes for the name of a field; the others have a test of their own."""
_FORBIDDEN: Final = frozenset(("__import__", "builtins", "system", "update", "cycler", "eval"))


def _root(paths: dict[str, Any], schemas: dict[str, Any], version: str = "1") -> dict[str, Any]:
    """A document as the normaliser writes it."""
    info = {"title": CODE, "version": version}
    components = {"schemas": schemas}
    return {"openapi": "3.1.1", "info": info, "paths": paths, "components": components}


def _target(component: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{escape(component)}"}


def _operation(number: int, text: str, component: str) -> dict[str, Any]:
    typed = content(_target(component))
    typed["content"][text] = {"schema": {"type": "string"}}
    return {
        "operationId": f"call_{number}",
        "tags": [text],
        "summary": text,
        "description": text,
        "x-bezant-base-path": text,
        "parameters": [
            parameter(text, "query", {"type": "string", "default": text}, description=text),
            parameter(text, "header", _target(f"{component} enum"), description=text),
        ],
        "requestBody": {"content": {text: {"schema": {"type": "string"}}}},
        "responses": {"200": typed},
    }


def _model(text: str, component: str) -> dict[str, Any]:
    wire = text if text in NAMES else "plain"
    member = {"type": "string", "description": text, "default": text}
    schema = record({wire: member, "enum": _target(f"{component} enum")})
    return {**schema, "description": text, "title": text}


def _document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for number, text in enumerate(TEXTS):
        paths[f"/{number}/{text}"] = {"get": _operation(number, text, text)}
        schemas[text] = _model(text, text)
        schemas[f"{text} enum"] = {"type": "string", "enum": [text, "other"], "description": text}
    return _root(paths, schemas, version=CODE)


def _samples() -> dict[str, Any]:
    wires = [text if text in NAMES else "plain" for text in TEXTS]
    return {
        f"call_{number}": {wire: "value", "enum": text}
        for number, (wire, text) in enumerate(zip(wires, TEXTS, strict=True))
    }


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return workshop.make(_document())


@pytest.fixture(scope="module")
def folder(texts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workshop.write(tmp_path_factory.mktemp("hostile"), texts)


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    (examined,) = workshop.drive([{"src": str(folder / "src"), "samples": _samples()}], folder)
    assert "error" not in examined, examined["error"]
    result: dict[str, Any] = examined
    return result


def _squeeze(text: str) -> str:
    return "".join(text.split())


def test_no_text_runs(found: dict[str, Any], folder: Path) -> None:
    assert found["sentinel"] is False
    assert not (folder / SENTINEL).exists()
    assert not (workshop.ROOT / SENTINEL).exists()


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_operations_hold_the_texts_as_they_are(number: int, found: dict[str, Any]) -> None:
    text = TEXTS[number]
    assert found["operations"][number] == {
        "id": f"call_{number}",
        "path": f"/{number}/{text}",
        "parameters": [text, text],
        "media": ["application/json", text],
        "body": text,
    }


def test_models_hold_wire_names_as_they_are(found: dict[str, Any]) -> None:
    wires = {name for names in found["structs"].values() for name in names}
    assert wires == {*NAMES, "plain", "enum"}
    assert len(found["structs"]) == len(TEXTS)


def test_enums_hold_values_as_they_are(found: dict[str, Any]) -> None:
    assert sorted(found["literals"].values()) == sorted([text, "other"] for text in TEXTS)


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_payloads_with_these_keys_and_values_decode(number: int, found: dict[str, Any]) -> None:
    name = f"call_{number}"
    assert found["echoes"][name] == _samples()[name]


@pytest.mark.parametrize("text", TEXTS)
def test_docstrings_say_the_text(text: str, found: dict[str, Any]) -> None:
    fitting = [doc for doc in found["docs"] if _squeeze(text) in _squeeze(doc)]
    # a module of models, a module of operations, two resource groups, a model, two methods
    assert len(fitting) >= 7


def test_version_is_data(found: dict[str, Any]) -> None:
    assert found["version"] == CODE


def _identifiers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_no_module_mentions_code_of_the_text(texts: dict[str, str]) -> None:
    modules = {n: t for n, t in texts.items() if n.endswith(".py") and "/core/" not in n}
    assert len(modules) > 2 * len(TEXTS)
    for text in modules.values():
        assert not _FORBIDDEN & set(_identifiers(ast.parse(text)))


def test_modules_are_ascii(texts: dict[str, str]) -> None:
    assert [
        name for name, text in texts.items() if name.endswith(".py") and not text.isascii()
    ] == []


def test_readme_says_nothing_of_the_markup(texts: dict[str, str]) -> None:
    readme = texts["README.md"]
    assert "touch" in readme
    assert markdown_text(CODE) in readme
    assert not set('(){}[]<>"`') & set(markdown_text(CODE))


@pytest.mark.parametrize(
    "name", ['quote "', "back\\slash", "new\nline", "nul\x00"], ids=["quote", "backslash", "n", "0"]
)
def test_property_names_that_msgspec_refuses_break_nothing(name: str, tmp_path: Path) -> None:
    """The package imports, or the document is refused with the place of the name."""
    schemas = {"Model": record({name: {"type": "string"}, "other": {"type": "string"}})}
    operation = {"operationId": "get_x", "responses": {"200": content(_target("Model"))}}
    try:
        made = workshop.make(_root({"/x": {"get": operation}}, schemas))
    except InputError as error:
        pointer = error.diagnostic.pointer
        made = {}
    if not made:
        assert pointer.startswith("/components/schemas/Model/properties/")
        return
    folder = workshop.write(tmp_path, made)
    (examined,) = workshop.drive(
        [{"src": str(folder / "src"), "samples": {"get_x": {"other": "x"}}}], folder
    )
    assert "error" not in examined, examined["error"]
    assert examined["echoes"]["get_x"] == {"other": "x"}


@pytest.mark.parametrize("place", ["description", "property", "enum"])
def test_lone_surrogates_are_data_or_refused(place: str) -> None:
    text = json.loads('"lone \\ud800 surrogate"')
    places = {"description": "words", "property": "name", "enum": "value", place: text}
    schemas = {
        "Side": {"type": "string", "enum": [places["enum"]]},
        "Model": {
            **record({places["property"]: _target("Side")}),
            "description": places["description"],
        },
    }
    operation = {"operationId": "get_x", "responses": {"200": content(_target("Model"))}}
    try:
        made = workshop.make(_root({"/x": {"get": operation}}, schemas))
    except InputError:
        return
    assert "\\ud800" in made["src/bezant_api/models/default.py"]


@pytest.mark.parametrize("name", [CODE, "", "a b", "a\n", 7, None, "1st"])
def test_operation_ids_that_are_no_identifiers_are_refused(name: Any) -> None:
    operation = {"operationId": name, "responses": {}}
    with pytest.raises(InputError) as caught:
        build(_root({"/x": {"get": operation}}, {}), "hostile.json")
    assert caught.value.diagnostic.pointer == "/paths/~1x/get/operationId"


# --- The filters ---------------------------------------------------------------------------------

_STEADY: Final = settings(deadline=None, derandomize=True)
_ANY_TEXT: Final = st.text(st.characters(codec=None)) | st.text("\"'\\\n\r{# a")


@_STEADY
@given(_ANY_TEXT)
def test_strings_are_exact(text: str) -> None:
    literal = python_string(text)
    assert literal.isascii()
    assert ast.literal_eval(literal) == text


@_STEADY
@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _ANY_TEXT)
def test_values_are_exact(value: Any) -> None:
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return
    written = ast.literal_eval(python_value(value))
    assert (type(written), written) == (type(value), value)


def _only_string(text: str) -> str:
    tree = ast.parse(text)
    assert [type(node) for node in tree.body] == [ast.Expr]
    value = ast.literal_eval(text.strip())
    assert isinstance(value, str)
    return value


@_STEADY
@given(_ANY_TEXT)
def test_docstrings_cannot_be_left(text: str) -> None:
    written = docstring(text)
    assert written.isascii()
    found = _squeeze(_only_string(written))
    assert found == _squeeze(text) or (found == "Nodescription." and not text.strip())


@pytest.mark.parametrize(
    "text",
    [
        '"""',
        'ends with """',
        'ends with "',
        'ends with ""',
        '""""',
        "ends with \\",
        '\\"""',
        "\\\\",
        '"',
    ],
)
def test_docstrings_with_unkind_ends_stay_docstrings(text: str) -> None:
    formatted = format_python(f"def f():\n    {docstring(text)}\n")
    assert isinstance(formatted, str), formatted
    function = ast.parse(formatted).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert _squeeze(ast.get_docstring(function) or "") == _squeeze(text)
