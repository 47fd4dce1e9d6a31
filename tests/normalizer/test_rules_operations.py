"""Rules about parameters, operations and content, case by case."""

import pytest

from normalizer.document import Json
from normalizer.rules.base_path import EXTENSION as BASE_PATH
from normalizer.rules.websocket_operation import EXTENSION as WEBSOCKET
from normalizer.structure import SIGNED_PAYLOAD
from tests.normalizer.small_documents import (
    BY_ID,
    OK,
    B,
    apply_all,
    apply_rule,
    broken_invariants,
    with_paths,
)

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
