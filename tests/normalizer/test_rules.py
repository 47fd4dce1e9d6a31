import importlib
import pkgutil
import re
from itertools import pairwise
from typing import Any

import pytest

from normalizer import engine, invariants, rules
from normalizer.document import Json, clone, dump, get, same
from normalizer.rule import Area, Rule
from normalizer.rules import RULES
from normalizer.rules.base_path import EXTENSION as BASE_PATH
from normalizer.rules.operation_id import EXTENSION as UPSTREAM_ID
from normalizer.rules.websocket_operation import EXTENSION as WEBSOCKET
from normalizer.structure import SIGNED_PAYLOAD, Document

BY_ID = {rule.id: rule for rule in RULES}
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
B: Json = {"$ref": "#/components/schemas/B"}
C: Json = {"$ref": "#/components/schemas/C"}
NULL: Json = {"type": "null"}
OK: Json = {"200": {"description": "OK"}}


def apply_rule(rule: Rule, root: Json) -> Any:
    return engine.run_rule(Document(clone(root)), rule)[0].root


def apply_all(root: Json) -> Any:
    return engine.run(Document(clone(root)), RULES).document.root


def with_paths(paths: Json, **more: Json) -> dict[str, Json]:
    info = {"title": "t", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, **more}


def with_schemas(**schemas: Json) -> dict[str, Json]:
    return with_paths({}, components={"schemas": schemas})


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


# --- Schemas -------------------------------------------------------------------------------------

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
        "integer-fraction",
        "nullable",
        {"type": ["integer", "null"], "examples": [1, 2.0]},
        {"type": ["number", "null"], "examples": [1, 2.0]},
    ),
    ("integer-fraction", "whole numbers", *2 * ({"type": "integer", "examples": [1, None]},)),
    (
        "integer-fraction",
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


# --- Parameters ----------------------------------------------------------------------------------


def path_parameter(name: str, required: Json = True) -> dict[str, Json]:
    return {"name": name, "in": "path", "required": required, "schema": {"type": "string"}}


def places_after(path: str, *parameters: Json, shared: Json = ()) -> list[tuple[str, str, Json]]:
    """Name, place and flag of an operation's own parameters after all rules."""
    operation = {"parameters": list(parameters), "responses": OK}
    root = apply_all(with_paths({path: {"parameters": list(shared), "get": operation}}))
    found = next(iter(root["paths"].values()))["get"]["parameters"]
    return [(entry["name"], entry["in"], entry.get("required")) for entry in found]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("/a/{itemID}", [("itemId", True)], [("itemID", "path", True)]),
        ("/a/{kind}", [("type", True)], [("kind", "path", True)]),
        (
            "/a/{kind}/{itemID}",
            [("itemId", True), ("type", True)],
            [("itemID", "path", True), ("kind", "path", True)],
        ),
        ("/a/{id}", [], [("id", "path", True)]),
        ("/a/{id}", [("id", False)], [("id", "path", True)]),
        ("/a/{id}", [("id", None)], [("id", "path", True)]),
        ("/a/{id}", [("client-id", True), ("id", True)], [("id", "path", True)]),
        (
            "/a/{x}/{y}",
            [("p", True), ("q", True)],
            [("x", "path", True), ("y", "path", True)],
        ),
        (
            "/a/{x}/{y}",
            [("y", True), ("sort", False), ("x", True)],
            [("y", "path", True), ("sort", "query", None), ("x", "path", True)],
        ),
        ("/a", [("p", True), ("q", False), ("r", True)], [("q", "query", None)]),
        ("/a", [("p", True)], []),
    ],
)
def test_path_parameters_become_the_placeholders(
    path: str, before: list[tuple[str, Json]], after: list[tuple[str, str, Json]]
) -> None:
    assert places_after(path, *(path_parameter(*row) for row in before)) == after


@pytest.mark.parametrize(
    ("path", "names"), [("/a/{itemID}", ["itemId", "ITEMID"]), ("/a/{id}/b/{id}", [])]
)
def test_no_path_parameter_is_declared_twice(path: str, names: list[str]) -> None:
    found = places_after(path, *map(path_parameter, names))
    assert len(found) == len(set(found)) == 1


def test_placeholder_that_the_path_item_declares_is_not_declared_again() -> None:
    assert places_after("/a/{id}", shared=[path_parameter("id")]) == []


def test_shared_parameter_is_respelled_for_one_operation_only() -> None:
    shared = {"$ref": "#/components/parameters/P"}
    root = with_paths(
        {
            "/a/{ID}": {"get": {"parameters": [shared]}},
            "/b/{id}": {"get": {"parameters": [shared]}},
        },
        components={"parameters": {"P": path_parameter("id")}},
    )
    repaired = apply_rule(BY_ID["path-parameter-case"], root)
    assert repaired["paths"]["/a/{ID}"]["get"]["parameters"] == [path_parameter("ID")]
    assert repaired["paths"]["/b/{id}"]["get"]["parameters"] == [shared]
    assert repaired["components"]["parameters"]["P"] == path_parameter("id")


def test_placeholder_spelling_follows_the_majority_and_a_tie_the_declaration() -> None:
    paths: Json = {
        "/a/{accID}": {"get": {}},
        "/b/{accId}": {"get": {"parameters": [path_parameter("accId")]}},
    }
    repaired = apply_rule(BY_ID["placeholder-spelling"], with_paths(paths))
    assert set(repaired["paths"]) == {"/a/{accId}", "/b/{accId}"}


@pytest.mark.parametrize("twins", [("/a/{ID}", "/a/{id}"), ("/a/{ID}", "/a/{Id}")])
def test_paths_that_differ_by_spelling_only_both_survive(twins: tuple[str, str]) -> None:
    paths: Json = {path: {"get": {}} for path in (*twins, "/b/{id}", "/c/{id}", "/d/{id}")}
    repaired = apply_rule(BY_ID["placeholder-spelling"], with_paths(paths))
    assert len(repaired["paths"]) == len(paths)


def test_base_path_of_a_path_that_is_taken_stays() -> None:
    root = with_paths({"/v1/api/a": {"get": {}}, "/a": {"post": {}}, "/v1/api": {}})
    assert apply_rule(BY_ID["path-prefix"], root) == root


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("/iserver/a", "/v1/api"),
        ("/gw/api/v1/a", ""),
        ("/oauth2/api/v1/token", ""),
        ("/oauth/live_session_token", "/v1/api"),
        ("/gwx/api/a", "/v1/api"),
    ],
)
def test_base_path_follows_from_the_path(path: str, base: str) -> None:
    servers = [{"url": "https://example.com"}]
    root = with_paths({path: {"servers": servers, "get": {"servers": servers}}})
    repaired = apply_rule(BY_ID["base-path"], root)
    assert repaired["paths"] == {path: {"get": {BASE_PATH: base}}}


COOKIE: Json = {"name": "api", "in": "cookie", "schema": {"type": "string"}}
SCHEME: Json = {"type": "apiKey", "in": "cookie", "name": "api"}


def test_cookie_joins_every_alternative_of_the_security() -> None:
    operation = {
        "parameters": [COOKIE, path_parameter("id")],
        "security": [{"a": []}, {"b": ["s"]}],
    }
    repaired = apply_rule(BY_ID["cookie-parameter"], with_paths({"/a/{id}": {"get": operation}}))
    after = repaired["paths"]["/a/{id}"]["get"]
    assert after["parameters"] == [path_parameter("id")]
    assert after["security"] == [{"a": [], "apiCookie": []}, {"b": ["s"], "apiCookie": []}]


def test_cookie_of_two_operations_is_one_scheme_beside_the_declared() -> None:
    paths = {path: {"get": {"parameters": [COOKIE]}} for path in ("/a", "/b")}
    root = with_paths(paths, components={"securitySchemes": {"x": {"type": "http"}}})
    repaired = apply_rule(BY_ID["cookie-parameter"], root)
    assert repaired["components"]["securitySchemes"] == {"x": {"type": "http"}, "apiCookie": SCHEME}


@pytest.mark.parametrize("place", ["component", "path item"])
def test_shared_cookie_becomes_a_scheme_too(place: str) -> None:
    entry = {"$ref": "#/components/parameters/api"} if place == "component" else COOKIE
    operation: dict[str, Json] = {"responses": OK}
    item: dict[str, Json] = {"get": operation}
    (operation if place == "component" else item)["parameters"] = [entry]
    root = apply_all(with_paths({"/a": item}, components={"parameters": {"api": COOKIE}}))
    assert root["components"]["securitySchemes"] == {"apiCookie": SCHEME}
    assert root["paths"]["/a"]["get"]["security"] == [{"apiCookie": []}]
    assert broken_invariants(root) == set()


def broken_invariants(root: Json) -> set[str]:
    document = Document(root)
    return {found.code for rule in invariants.INVARIANTS for found in rule.check(document)}


# --- Operations and content ----------------------------------------------------------------------


def test_websocket_leaves_the_other_methods_of_its_path() -> None:
    channel: Json = {"responses": {"101": {}}}
    call = {"responses": OK}
    repaired = apply_rule(
        BY_ID["websocket-operation"], with_paths({"/ws": {"get": channel, "post": call}})
    )
    assert repaired["paths"] == {"/ws": {"post": call}}
    assert repaired[WEBSOCKET] == {"/ws": channel}


@pytest.mark.parametrize("responses", [{}, {"101": {}, "200": {}}, {"default": {}}])
def test_operation_that_may_answer_is_no_channel(responses: Json) -> None:
    root = with_paths({"/ws": {"get": {"responses": responses}}})
    assert apply_rule(BY_ID["websocket-operation"], root) == root


def test_second_channel_joins_the_first() -> None:
    channel: Json = {"responses": {"101": {}}}
    root = with_paths({"/ws2": {"get": channel}}) | {WEBSOCKET: {"/ws": channel}}
    repaired = apply_rule(BY_ID["websocket-operation"], root)
    assert repaired[WEBSOCKET] == {"/ws": channel, "/ws2": channel}


def test_two_methods_that_switch_protocols_are_survived() -> None:
    channel: Json = {"responses": {"101": {}}}
    repaired = apply_rule(
        BY_ID["websocket-operation"], with_paths({"/ws": {"get": channel, "head": channel}})
    )
    assert "/ws" in repaired[WEBSOCKET]


def test_claims_of_a_token_keep_schema_and_examples() -> None:
    media = {"schema": B, "example": {"a": 1}, "examples": {"x": {"value": 1}}, "x-a": 1}
    body = {"content": {"application/jwt": media, "application/json": {"schema": B}}}
    root = with_paths(
        {}, components={"schemas": {"B": {"type": "object"}}, "requestBodies": {"T": body}}
    )
    content = apply_rule(BY_ID["jwt-body"], root)["components"]["requestBodies"]["T"]["content"]
    claims = {key: media[key] for key in ("schema", "example", "examples")}
    token = {"type": "string", "format": "jwt"}
    assert content["application/jwt"] == {"schema": token, "x-a": 1, SIGNED_PAYLOAD: claims}
    assert content["application/json"] == {"schema": B}


def test_token_that_is_a_string_already_is_left_alone() -> None:
    body = {"content": {"application/jwt": {"schema": B}}}
    root = with_paths({"/a": {"post": {"requestBody": body}}})
    root["components"] = {"schemas": {"B": {"type": "string"}}}
    assert apply_rule(BY_ID["jwt-body"], root) == root


@pytest.mark.parametrize(
    ("media_type", "schema"),
    [
        ("application/json", {}),
        ("application/problem+json; charset=utf-8", {}),
        ("*/*", {}),
        ("TEXT/CSV", {"type": "string"}),
        ("application/PDF", {"type": "string", "contentMediaType": "application/pdf"}),
    ],
)
def test_media_type_without_schema_gets_a_fitting_one(media_type: str, schema: Json) -> None:
    response: Json = {"content": {media_type: {}}}
    root = with_paths({"/a": {"get": {"responses": {"200": response}}}})
    repaired = apply_rule(BY_ID["media-type-schema"], root)
    found = repaired["paths"]["/a"]["get"]["responses"]["200"]["content"][media_type]
    assert found == {"schema": schema}


@pytest.mark.parametrize(
    ("key", "words"),
    [("200", "OK"), ("299", "Response"), ("default", "default"), ("BadRequest", "Bad Request")],
)
def test_response_gets_a_description(key: str, words: str) -> None:
    repaired = apply_rule(
        BY_ID["response-description"], with_paths({}, components={"responses": {key: {}}})
    )
    assert repaired["components"]["responses"] == {key: {"description": words}}


@pytest.mark.parametrize("scopes", [[None, "read"], ["read", 1], [None]])
def test_scopes_are_strings_wherever_they_stand(scopes: Json) -> None:
    security = [{"b": scopes, "c": ["x"]}, {}]
    root = with_paths({"/a": {"get": {"security": security}}}, security=security)
    repaired = apply_rule(BY_ID["security-scopes"], root)
    kept = [{"b": [scope for scope in scopes if scope == "read"], "c": ["x"]}, {}]
    assert repaired["security"] == repaired["paths"]["/a"]["get"]["security"] == kept


# --- Names ---------------------------------------------------------------------------------------


def ids_of(*paths: str) -> list[str]:
    root = with_paths({path: {"get": {"responses": OK}} for path in paths})
    repaired = apply_rule(BY_ID["operation-id"], root)
    return [item["get"]["operationId"] for item in repaired["paths"].values()]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/iserver/accounts", "get_iserver_accounts"),
        ("/portfolio/{accountId}/ledger", "get_portfolio_ledger"),
        ("/portfolio/{accountId}", "get_portfolio_by_account_id"),
        ("/a/{x}/{yZ}", "get_a_by_x_and_y_z"),
        ("/gw/api/v1/accounts", "get_accounts"),
        ("/gw/api/v2/accounts", "get_v2_accounts"),
        ("/v1/api/accounts", "get_accounts"),
        ("/oauth2/api/v1/token", "get_token"),
        ("/hmds/v2/getIt", "get_hmds_v2_get_it"),
        ("/get/it", "get_it"),
        ("/a/b:bulk-add", "get_a_b_bulk_add"),
    ],
)
def test_operation_is_named_by_method_and_path(path: str, name: str) -> None:
    assert ids_of(path) == [name]


@pytest.mark.parametrize(
    "paths",
    [
        ("/gw/api/v1/a", "/gw/api/v2/a", "/gw/api/v3/a"),
        ("/a/b", "/a/{x}/b", "/a/{x}/{y}/b"),
        ("/a", "/a/{x}"),
        ("/a/{x}/b", "/{x}/a/b"),
        ("/a", "/gw/api/v1/a"),
        ("/gw/api/v1/a", "/oauth2/api/v1/a"),
        ("/a", "/a/a"),
        ("/a/b", "/a-b"),
        ("/aB", "/a/b"),
    ],
)
def test_operation_ids_are_unique(paths: tuple[str, ...]) -> None:
    found = ids_of(*paths)
    assert len(set(found)) == len(paths), found


def test_published_operation_id_is_kept_beside_the_new_one() -> None:
    root = with_paths({"/a": {"get": {"operationId": "x"}, "put": {"operationId": ""}}})
    item = apply_rule(BY_ID["operation-id"], root)["paths"]["/a"]
    assert item["get"] == {"operationId": "get_a", UPSTREAM_ID: "x"}
    assert item["put"] == {"operationId": "put_a"}


def answering(path: str, *names: str) -> dict[str, Json]:
    union = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
    response = {"content": {"application/json": {"schema": union}}}
    return {path: {"get": {"responses": {"200": response}}}}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/iserver/a", ["user", "User", "IserverUser"]),
        ("/iserver/a", ["err_or", "errOr", "ErrOr"]),
        ("/", ["user", "User"]),
        ("/{id}", ["user", "User"]),
        ("/iserver/a", ["user", "uSer"]),
    ],
)
def test_components_that_differ_by_case_get_free_names(path: str, names: list[str]) -> None:
    schemas: Json = {name: {"title": name} for name in names}
    root = with_paths(answering(path, *names), components={"schemas": schemas})
    repaired = apply_rule(BY_ID["component-case"], root)
    after = repaired["components"]["schemas"]
    assert len({name.casefold() for name in after}) == len(names)
    assert {schema["title"] for schema in after.values()} == set(names)
    response = repaired["paths"][path]["get"]["responses"]["200"]
    targets = response["content"]["application/json"]["schema"]["anyOf"]
    assert [get(repaired, target["$ref"][1:])["title"] for target in targets] == names


def test_discriminator_follows_a_component_that_is_renamed() -> None:
    target = "#/components/schemas/user"
    union = {
        "oneOf": [{"$ref": target}],
        "discriminator": {"propertyName": "t", "mapping": {"u": target}},
    }
    schemas: Json = {"user": {"type": "object"}, "User": {"type": "object"}, "Union": union}
    repaired = apply_rule(BY_ID["component-case"], with_schemas(**schemas))
    found = repaired["components"]["schemas"]["Union"]
    assert found["oneOf"][0]["$ref"] != target
    assert found["discriminator"]["mapping"] == {"u": found["oneOf"][0]["$ref"]}


THING: Json = {"type": "object", "properties": {"a": {"type": "string"}}}
CHOICE: Json = {"type": "string", "enum": ["a", "b"]}


def list_of(schema: Json) -> Json:
    return {"type": "array", "items": schema}


@pytest.mark.parametrize(
    ("name", "schema", "hoisted"),
    [
        ("legs", list_of(THING), {"OrderLeg"}),
        ("currencies", list_of(THING), {"OrderCurrency"}),
        ("data", list_of(THING), {"OrderDataItem"}),
        ("status", list_of(THING), {"OrderStatusItem"}),
        ("legs", list_of(list_of(THING)), {"OrderLegItem"}),
        ("byId", {"type": "object", "additionalProperties": THING}, {"OrderByIdValue"}),
        (
            "price",
            {"oneOf": [THING, {"type": "string"}, THING]},
            {"OrderPrice", "OrderPriceVariant1", "OrderPriceVariant3"},
        ),
        ("side", CHOICE, {"OrderSideEnum"}),
        ("sides", list_of(CHOICE), {"OrderSideEnum"}),
        ("orderStatus", CHOICE, {"OrderOrderStatus"}),
        ("orderType", CHOICE, {"OrderOrderType"}),
        ("31", THING, {"OrderField31"}),
        ("%", THING, {"OrderField"}),
        ("acct_id", THING, {"OrderAcctId"}),
        ("deep", {"type": "object", "properties": {"x": THING}}, {"OrderDeep", "OrderDeepX"}),
        ("maybe", {"anyOf": [{"type": "string"}, NULL]}, set()),
        ("maybe", {"anyOf": [THING, NULL]}, {"OrderMaybeVariant1"}),
        ("plain", {"type": "object"}, set()),
        ("plain", list_of({"type": "string"}), set()),
    ],
)
def test_anonymous_schema_of_a_component_is_named_by_its_owner(
    name: str, schema: Json, hoisted: set[str]
) -> None:
    root = with_schemas(Order={"type": "object", "properties": {name: schema}})
    repaired = apply_rule(BY_ID["hoist-anonymous-schema"], root)
    assert set(repaired["components"]["schemas"]) == {"Order"} | hoisted
    assert "anonymous-schema" not in broken_invariants({"openapi": "3.1.0", **repaired})


@pytest.mark.parametrize("taken", ["OrderLeg", "orderleg", "ORDERLEG"])
def test_existing_component_keeps_its_name(taken: str) -> None:
    order = {"type": "object", "properties": {"legs": list_of(THING)}}
    repaired = apply_rule(
        BY_ID["hoist-anonymous-schema"], with_schemas(**{taken: {"title": "mine"}, "Order": order})
    )
    schemas = repaired["components"]["schemas"]
    assert schemas[taken] == {"title": "mine"}
    assert schemas["OrderLeg2"] == THING


def test_anonymous_schemas_of_an_operation_are_named_by_its_id() -> None:
    content = {"content": {"application/json": {"schema": THING}}}
    header = {"X-Kind": {"schema": CHOICE}}
    operation = {
        "operationId": "post_a",
        "parameters": [{"name": "sort-by", "in": "query", "schema": CHOICE}],
        "requestBody": content,
        "responses": {"200": {**content, "headers": header}, "404": content, "default": content},
    }
    shared = [{"name": "mode", "in": "query", "schema": CHOICE}]
    root = with_paths({"/a/b": {"parameters": shared, "post": operation}})
    repaired = apply_rule(BY_ID["hoist-anonymous-schema"], root)
    assert set(repaired["components"]["schemas"]) == {
        "PostARequest",
        "PostAResponse",
        "PostAResponse404",
        "PostAResponseDefault",
        "PostASortByParamEnum",
        "PostAXKindHeaderEnum",
        "ABModeParamEnum",
    }


@pytest.mark.parametrize(
    ("section", "value", "name"),
    [
        ("responses", {"content": {"application/json": {"schema": THING}}}, "BadResponse"),
        ("requestBodies", {"content": {"application/json": {"schema": THING}}}, "BadRequest"),
        ("parameters", {"name": "n", "in": "query", "schema": CHOICE}, "BadParamEnum"),
        ("headers", {"schema": CHOICE}, "BadHeaderEnum"),
    ],
)
def test_anonymous_schema_of_a_shared_part_is_named_by_it(
    section: str, value: Json, name: str
) -> None:
    root = with_paths({}, components={section: {"bad": value}})
    repaired = apply_rule(BY_ID["hoist-anonymous-schema"], root)
    assert set(repaired["components"]["schemas"]) == {name}


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
