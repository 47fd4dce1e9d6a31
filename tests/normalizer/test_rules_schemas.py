"""Rules about schemas, case by case."""

import pytest

from normalizer.document import Json, same
from tests.normalizer.small_documents import BY_ID, NULL, B, C, apply_all, apply_rule, with_schemas

SCHEMA_CASES: list[tuple[str, str, Json, Json]] = [
    ("nullable", "enum without type", {"enum": ["a"], "nullable": True}, {"enum": ["a", None]}),
    (
        "nullable",
        "enum that has null",
        {"type": "string", "enum": ["a", None], "nullable": True},
        {"type": ["string", "null"], "enum": ["a", None]},
    ),
    (
        "nullable",
        "type that has null",
        {"type": ["string", "null"], "nullable": True},
        {"type": ["string", "null"]},
    ),
    ("nullable", "false", {"type": "string", "nullable": False}, {"type": "string"}),
    ("nullable", "false beside $ref", {**B, "nullable": False}, B),
    ("nullable", "allOf", {"allOf": [B], "nullable": True}, {"anyOf": [{"allOf": [B]}, NULL]}),
    ("nullable", "oneOf", {"oneOf": [B, C], "nullable": True}, {"oneOf": [B, C, NULL]}),
    ("nullable", "anyOf", {"anyOf": [B, NULL], "nullable": True}, {"anyOf": [B, NULL]}),
    (
        "nullable",
        "$ref in properties beside allOf",
        {"allOf": [B], "nullable": True, "properties": {"x": {**B, "nullable": True}}},
        {"anyOf": [{"allOf": [B], "properties": {"x": {"anyOf": [B, NULL]}}}, NULL]},
    ),
    (
        "nullable",
        "$ref in items beside allOf",
        {"allOf": [B], "nullable": True, "items": {**B, "nullable": True}},
        {"anyOf": [{"allOf": [B], "items": {"anyOf": [B, NULL]}}, NULL]},
    ),
    (
        "exclusive-bounds",
        "both bounds",
        {"minimum": 1, "exclusiveMinimum": True, "maximum": 2.5, "exclusiveMaximum": True},
        {"exclusiveMinimum": 1, "exclusiveMaximum": 2.5},
    ),
    ("exclusive-bounds", "false", {"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
    ("exclusive-bounds", "no bound", {"exclusiveMinimum": True, "maximum": 1}, {"maximum": 1}),
    ("exclusive-bounds", "zero", {"exclusiveMinimum": 0}, {"exclusiveMinimum": 0}),
    ("schema-example", "null", {"example": None}, {"examples": [None]}),
    ("schema-example", "both", {"example": 1, "examples": [2]}, {"examples": [2]}),
    ("binary-format", "integer", *2 * ({"type": "integer", "format": "byte"},)),
    (
        "binary-format",
        "nullable string",
        {"type": ["string", "null"], "format": "binary"},
        {"type": ["string", "null"], "contentMediaType": "application/octet-stream"},
    ),
    ("format-type", "enum", *2 * ({"type": "string", "format": "int32", "enum": ["1"]},)),
    ("format-type", "date", *2 * ({"type": "string", "format": "date"},)),
    (
        "format-type",
        "double",
        {"type": "string", "format": "double"},
        {"type": "number", "format": "double"},
    ),
    ("object-type", "reference", *2 * ({**B, "properties": {}},)),
    ("object-type", "typed", *2 * ({"type": "array", "properties": {}},)),
    (
        "properties-misplaced",
        "string",
        {"type": "string", "properties": {"x": {}}},
        {"type": "object", "properties": {"x": {}}},
    ),
    (
        "properties-misplaced",
        "required goes along",
        {"type": "array", "properties": {"x": {}}, "required": ["x"], "minItems": 1},
        {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "properties": {"x": {}}, "required": ["x"]},
        },
    ),
    (
        "properties-misplaced",
        "inside another",
        {"type": "array", "properties": {"x": {"type": "array", "properties": {"y": {}}}}},
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "x": {"type": "array", "items": {"type": "object", "properties": {"y": {}}}}
                },
            },
        },
    ),
    (
        "properties-misplaced",
        "nullable array",
        {"type": ["array", "null"], "properties": {"x": {}}},
        {"type": ["array", "null"], "items": {"type": "object", "properties": {"x": {}}}},
    ),
    ("allof-wrapper", "two references", *2 * ({"allOf": [B, C]},)),
    ("allof-wrapper", "constraint beside", *2 * ({"allOf": [B], "required": ["x"]},)),
    ("allof-wrapper", "constraint inside", *2 * ({"allOf": [B, {"required": ["x"]}]},)),
    ("allof-wrapper", "boolean member", *2 * ({"allOf": [True, {"type": "string"}]},)),
    (
        "allof-wrapper",
        "property wrapped",
        {"allOf": [B], "description": "d"},
        {**B, "description": "d"},
    ),
    ("array-items", "prefixItems", *2 * ({"type": "array", "prefixItems": [{}]},)),
    (
        "array-items",
        "nullable",
        {"type": ["array", "null"], "examples": [None, [1, 1.5]]},
        {"type": ["array", "null"], "examples": [None, [1, 1.5]], "items": {"type": "number"}},
    ),
    (
        "array-items",
        "nested",
        {"type": "array", "examples": [[[1], ["a", None]]]},
        {
            "type": "array",
            "examples": [[[1], ["a", None]]],
            "items": {"type": "array", "items": {"type": ["integer", "string", "null"]}},
        },
    ),
    (
        "seen-fraction",
        "nullable",
        {"type": ["integer", "null"], "examples": [1, 2.0]},
        {"type": ["number", "null"], "examples": [1, 2.0]},
    ),
    ("seen-fraction", "whole numbers", *2 * ({"type": "integer", "examples": [1, None]},)),
    (
        "seen-fraction",
        "only the property that shows one",
        {
            "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
            "examples": [{"x": 1.5, "y": 1}],
        },
        {
            "properties": {"x": {"type": "number"}, "y": {"type": "integer"}},
            "examples": [{"x": 1.5, "y": 1}],
        },
    ),
    (
        "discriminator-orphan",
        "union",
        *2 * ({"oneOf": [B], "discriminator": {"propertyName": "t"}},),
    ),
    (
        "discriminator-mapping",
        "branch without a value",
        {"oneOf": [B, C], "discriminator": {"propertyName": "t"}},
        {"oneOf": [B, C]},
    ),
    (
        "discriminator-mapping",
        "inline branch",
        {
            "oneOf": [{"properties": {"t": {"const": "a"}}}],
            "discriminator": {"propertyName": "t"},
        },
        {"oneOf": [{"properties": {"t": {"const": "a"}}}]},
    ),
]


@pytest.mark.parametrize(
    ("rule_id", "before", "after"),
    [pytest.param(row[0], row[2], row[3], id=f"{row[0]}: {row[1]}") for row in SCHEMA_CASES],
)
def test_rule_on_a_schema(rule_id: str, before: Json, after: Json) -> None:
    root = with_schemas(A=before, B={"type": "object"}, C={"type": "object"})
    repaired = apply_rule(BY_ID[rule_id], root)
    assert same(repaired["components"]["schemas"]["A"], after), repaired["components"]["schemas"]


@pytest.mark.parametrize(
    ("kind", "values", "kind_after", "values_after"),
    [
        ("integer", ["1", "-2"], "integer", [1, -2]),
        ("integer", ["1.5"], "string", ["1.5"]),
        ("integer", ["1", "1.5"], "string", ["1", "1.5"]),
        ("integer", ["01"], "string", ["01"]),
        ("integer", ["1_000"], "string", ["1_000"]),
        ("integer", ["+1"], "string", ["+1"]),
        ("integer", ["a", 1], ["string", "integer"], ["a", 1]),
        ("number", ["1.5", "2"], "number", [1.5, 2]),
        ("number", ["1.50"], "string", ["1.50"]),
        ("number", [1, 1.5], "number", [1, 1.5]),
        ("number", ["nan"], "string", ["nan"]),
        ("number", ["inf", "-inf"], "string", ["inf", "-inf"]),
        ("string", [1, 2.5, True, False], "string", ["1", "2.5", "true", "false"]),
        ("string", ["a", None], ["string", "null"], ["a", None]),
        ("string", ["a", "b"], "string", ["a", "b"]),
        (["string", "integer"], ["a", 1], ["string", "integer"], ["a", 1]),
        (["integer", "null"], ["1", None], ["integer", "null"], [1, None]),
    ],
)
def test_enum_and_type_agree(
    kind: Json, values: Json, kind_after: Json, values_after: Json
) -> None:
    repaired = apply_rule(BY_ID["enum-type"], with_schemas(A={"type": kind, "enum": values}))
    after = {"type": kind_after, "enum": values_after}
    assert same(repaired["components"]["schemas"]["A"], after), repaired


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("boolean", [True, False]),
        ("boolean", ["true"]),
        ("boolean", ["TRUE", "no"]),
        ("boolean", [None]),
        ("integer", [True]),
    ],
)
def test_boolean_needs_no_enum(kind: str, values: Json) -> None:
    repaired = apply_rule(BY_ID["enum-type"], with_schemas(A={"type": kind, "enum": values}))
    assert repaired["components"]["schemas"]["A"] == {"type": "boolean"}


def test_keys_beside_a_reference_are_obeyed_in_a_newer_document() -> None:
    root = with_schemas(A={**B, "description": "d"}, B={}) | {"openapi": "3.1.0"}
    assert apply_rule(BY_ID["reference-siblings"], root) == root


def test_discriminator_of_a_parent_is_kept() -> None:
    parent = {"type": "object", "discriminator": {"propertyName": "t"}}
    root = with_schemas(B=parent, A={"allOf": [B, {"type": "object"}]})
    assert apply_rule(BY_ID["discriminator-orphan"], root) == root


def test_value_of_a_discriminator_is_found_through_all_of() -> None:
    tag = {"properties": {"t": {"enum": ["b"]}}}
    root = with_schemas(
        A={"oneOf": [B], "discriminator": {"propertyName": "t"}}, B={"allOf": [C]}, C=tag
    )
    repaired = apply_rule(BY_ID["discriminator-mapping"], root)
    found = repaired["components"]["schemas"]["A"]["discriminator"]["mapping"]
    assert found == {"b": B["$ref"]}


def test_schema_that_contains_itself_in_all_of_is_survived() -> None:
    union = {"oneOf": [B], "discriminator": {"propertyName": "t"}, "example": {"t": "b"}}
    root = with_schemas(A=union, B={"allOf": [B, {"type": "object", "properties": {"t": {}}}]})
    assert apply_all(root)["components"]["schemas"]["A"]["oneOf"] == [B]
