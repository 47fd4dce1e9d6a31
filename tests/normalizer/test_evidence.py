"""Guard rails of the rules that weigh evidence: what they leave alone."""

from typing import Any

import pytest

from normalizer.document import Json, clone
from tests.normalizer.small_documents import BY_ID, apply_rule


def answer(schema: Json, *values: Json, **schemas: Json) -> dict[str, Json]:
    examples = {f"e{index}": {"value": value} for index, value in enumerate(values)}
    media = {"schema": schema, "examples": examples}
    response = {"description": "d", "content": {"application/json": media}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": response}}}},
        "components": {"schemas": schemas},
    }


def request(schema: Json) -> dict[str, Json]:
    body = {"content": {"application/json": {"schema": schema}}}
    responses = {"200": {"description": "d"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"post": {"requestBody": body, "responses": responses}}},
    }


def schema_of(root: Any) -> Any:
    return root["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]


def members(**properties: Json) -> dict[str, Json]:
    return {"type": "object", "properties": properties}


TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer"}


@pytest.mark.parametrize(
    ("rule", "root"),
    [
        ("seen-null", answer(members(a=TEXT), {"a": "x"})),
        ("seen-fraction", answer(members(a=COUNT), {"a": 5})),
        ("seen-scalar", answer(members(a=TEXT), {"a": "5"})),
        ("seen-scalar", answer(members(a=TEXT), {"a": {"b": 1}})),
        ("seen-width", answer(members(a={"type": "integer", "format": "int32"}), {"a": 2**31 - 1})),
        ("seen-enum-value", answer(members(a={**TEXT, "enum": ["x"]}), {"a": "x"})),
        ("seen-enum-value", answer(members(a={**TEXT, "enum": ["x"]}), {"a": 5})),
        ("seen-absence", answer({**members(a=TEXT), "required": ["a"]}, {"a": "x"})),
        ("seen-property", answer(members(a=TEXT), {"a": "x"})),
        ("open-enum", request(members(a={**TEXT, "enum": ["x"]}))),
        ("null-members", request(members(a={"type": ["string", "null"]}, b=TEXT))),
        ("null-members", answer(members(a=TEXT, b=TEXT))),
        ("disguised-map", answer(members(name=TEXT, size=TEXT))),
        ("untyped-schema", answer(members(a=TEXT))),
        ("union-any-of", answer({"oneOf": [TEXT, {"type": "boolean"}]}, "x")),
    ],
)
def test_what_fits_is_left_alone(rule: str, root: Json) -> None:
    assert apply_rule(BY_ID[rule], root) == root


def test_only_the_place_that_fails_is_edited() -> None:
    shared = {"$ref": "#/components/schemas/S"}
    root = answer(members(a=shared, b=TEXT), {"a": {"x": None}}, S=members(x=TEXT, y=TEXT))
    made = apply_rule(BY_ID["seen-null"], root)
    wanted = clone(root)
    wanted["components"]["schemas"]["S"]["properties"]["x"] = {"type": ["string", "null"]}
    assert made == wanted


@pytest.mark.parametrize(
    ("declared", "values", "types"),
    [
        (TEXT, [5], "integer"),
        (TEXT, ["x", 5], ["string", "integer"]),
        (TEXT, [5, 5.5], "number"),
        ({"type": "number"}, [5], "number"),
        ({"type": ["string", "null"]}, [True, None], ["boolean", "null"]),
    ],
)
def test_a_type_is_changed_and_never_taken_away(
    declared: Json, values: list[Json], types: Json
) -> None:
    root = answer(members(a=declared), *({"a": value} for value in values))
    assert schema_of(apply_rule(BY_ID["seen-scalar"], root))["properties"]["a"]["type"] == types


@pytest.mark.parametrize("rule", [rule for rule in BY_ID if rule.startswith("seen-")])
def test_damaged_evidence_does_not_open_a_schema(rule: str) -> None:
    """Whatever is seen, no rule of evidence leaves a place that admits everything."""
    seen: list[Json] = [{"a": value} for value in (None, 5, 5.5, "x", True, [], [1], {}, {"b": 1})]
    made = schema_of(apply_rule(BY_ID[rule], answer(members(a=TEXT, b=COUNT), *seen)))
    assert made.get("type") == "object" or "anyOf" in made
    for schema in made.get("properties", {}).values():
        assert schema.keys() & {"type", "anyOf", "oneOf", "$ref"}, made
