"""Rules that name things, case by case."""

import pytest

from normalizer.document import Json, get
from normalizer.rules.operation_id import EXTENSION as UPSTREAM_ID
from tests.normalizer.small_documents import (
    BY_ID,
    NULL,
    OK,
    apply_rule,
    broken_invariants,
    with_paths,
    with_schemas,
)


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
