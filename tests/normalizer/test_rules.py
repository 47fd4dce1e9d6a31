"""What holds for every rule, and what none may touch."""

import importlib
import pkgutil
import re
from itertools import pairwise

import pytest

from normalizer import engine, rules
from normalizer.document import Json, clone, dump, get, same
from normalizer.rule import Area, Rule
from normalizer.rules import RULES
from normalizer.structure import Document
from tests.normalizer.small_documents import (
    BY_ID,
    EACH_RULE,
    apply_all,
    apply_rule,
    with_paths,
    with_schemas,
)

# --- Every rule ----------------------------------------------------------------------------------


@EACH_RULE
def test_example_is_repaired_as_documented(rule: Rule) -> None:
    repaired = apply_rule(rule, rule.before)
    assert same(repaired, rule.after), repaired


@EACH_RULE
def test_repaired_example_is_left_alone(rule: Rule) -> None:
    assert list(rule.find(Document(clone(rule.after)))) == []


@EACH_RULE
def test_find_does_not_edit_its_example(rule: Rule) -> None:
    root = clone(rule.before)
    assert list(rule.find(Document(root)))
    assert dump(root) == dump(rule.before)


def test_find_does_not_edit_the_pin(pin: Json) -> None:
    document = Document(pin)
    for rule in RULES:
        before = dump(document.root)
        list(rule.find(document))
        assert dump(document.root) == before, rule.id
        document, _ = engine.run_rule(Document(document.root), rule)


@EACH_RULE
def test_metadata_is_complete(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert rule.title.strip()
    assert rule.why.strip()
    assert rule.area in Area
    assert rule.rounds >= 1


@EACH_RULE
def test_example_shows_a_repair(rule: Rule) -> None:
    assert not same(rule.before, rule.after)


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(RULES)


def test_titles_are_unique() -> None:
    assert len({rule.title for rule in RULES}) == len(RULES)


def test_each_module_has_one_rule_and_it_is_listed() -> None:
    names = [module.name for module in pkgutil.iter_modules(rules.__path__)]
    found = [importlib.import_module(f"normalizer.rules.{name}").RULE for name in names]
    assert len(found) == len(RULES)
    assert {rule.id for rule in found} == set(BY_ID)


# --- What no rule may touch ----------------------------------------------------------------------

KEYWORDS = [
    *("content", "in", "security", "nullable", "type", "format", "enum", "example", "examples"),
    *("properties", "items", "allOf", "oneOf", "required", "default", "const", "schema", "servers"),
    *("discriminator", "description", "parameters", "responses", "exclusiveMinimum", "operationId"),
]


@pytest.mark.parametrize("name", KEYWORDS)
def test_property_named_like_a_keyword_is_a_property(name: str) -> None:
    schema = {"type": "object", "properties": {name: {"type": "string"}}, "required": [name]}
    repaired = apply_all(with_schemas(A=schema, B={"properties": {"x": schema}}))
    schemas = repaired["components"]["schemas"]
    assert same(schemas["A"], schema)
    assert same(schemas["BX"], schema)


@pytest.mark.parametrize("name", KEYWORDS)
def test_component_named_like_a_keyword_keeps_its_name(name: str) -> None:
    assert name in apply_all(with_schemas(**{name: {"type": "string"}}))["components"]["schemas"]


LOOKS_LIKE_A_DOCUMENT: Json = {
    "nullable": True,
    "type": "array",
    "example": 1,
    "enum": ["1"],
    "format": "binary",
    "exclusiveMinimum": True,
    "minimum": 1,
    "in": "cookie",
    "name": "api",
    "security": [{"b": [None]}],
    "content": {"application/jwt": {}},
    "properties": {"a": {"type": "string", "nullable": True, "format": "int32", "example": 1}},
    "allOf": [{"nullable": True, "enum": ["a"]}],
    "oneOf": [{"properties": {}}, {"properties": {}}],
    "discriminator": {"propertyName": "t"},
    "parameters": [{"name": "id", "in": "path"}],
    "responses": {"101": {}},
    "servers": [{"url": "/v1/api"}],
    "operationId": "x",
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/components/schemas/A/example", "/components/schemas/A/examples/0"),
        ("/components/schemas/A/examples/0", "/components/schemas/A/examples/0"),
        ("/components/schemas/A/default", "/components/schemas/A/default"),
        ("/components/schemas/A/enum/0", "/components/schemas/A/enum/0"),
        ("/components/schemas/A/const", "/components/schemas/A/const"),
        ("/components/examples/E/value",) * 2,
        *[
            (f"/paths/~1a/get/{place}",) * 2
            for place in (
                "parameters/0/example",
                "parameters/0/examples/E/value",
                "parameters/0/schema/default",
                "requestBody/content/application~1json/example",
                "responses/200/content/application~1json/examples/E/value",
                "responses/200/headers/H/example",
                "x-sample",
            )
        ],
    ],
)
def test_payload_is_never_taken_for_structure(before: str, after: str) -> None:
    root = planted(before, LOOKS_LIKE_A_DOCUMENT)
    repaired = apply_all(root)
    assert dump(get(repaired, after)) == dump(LOOKS_LIKE_A_DOCUMENT)


def planted(pointer: str, value: Json) -> dict[str, Json]:
    """A small sound document with a value at a place."""
    content: Json = {"application/json": {"schema": {}}}
    operation = {
        "parameters": [{"name": "q", "in": "query", "schema": {}}],
        "requestBody": {"content": clone(content)},
        "responses": {"200": {"content": content, "headers": {"H": {"schema": {}}}}},
    }
    root = with_paths({"/a": {"get": operation}}, components={"schemas": {"A": {}}})
    node: Json = root
    tokens = [token.replace("~1", "/") for token in pointer.split("/")[1:]]
    for token, following in pairwise(tokens):
        empty: Json = [] if following == "0" else {}
        node = node[int(token)] if isinstance(node, list) else node.setdefault(token, empty)
    if isinstance(node, list):
        node.append(value)
    else:
        node[tokens[-1]] = clone(value)
    return root
