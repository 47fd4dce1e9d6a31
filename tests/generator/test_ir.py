"""From a normalised document to the IR: types, origins, strategies, usage."""

from typing import Any

import pytest

from generator.build import build
from generator.build.unions import DISCRIMINATE
from generator.ir import (
    ANY,
    Alias,
    Api,
    Declaration,
    Ending,
    Enum,
    ListOf,
    MapOf,
    Model,
    Nullable,
    Origin,
    Primitive,
    PrimitiveKind,
    Reference,
    TypeExpr,
    UnionDeclaration,
    UnionOf,
    UnionStrategy,
    walk,
)
from generator.lower.shapes import without_refusals
from generator.usage import SHARED, STREAMS, analyse
from normalizer import pipeline
from normalizer.diagnostics import Diagnostic, InputError, Severity
from tests.generator import workshop
from tests.generator.fragments import (
    AMOUNT,
    COUNT,
    FRAGMENTS,
    TEXT,
    Node,
    body,
    choice,
    content,
    document,
    listing,
    parameter,
    reads,
    record,
    ref,
)

STRING = Primitive(PrimitiveKind.STRING)
INTEGER = Primitive(PrimitiveKind.INTEGER)
_A = record({"kind": TEXT, "a": TEXT})
_B = record({"kind": TEXT, "b": TEXT})


def _build(source: Node) -> tuple[Api, list[Diagnostic]]:
    return build(workshop.normalised(source), "ir.json")


def _declared(schema: Node, **others: Node) -> Declaration:
    api, _ = _build(reads(ref("X"), {"X": schema, **others}, "3.1.0"))
    return api.declarations["X"]


def _type(schema: Any) -> TypeExpr:
    """The type of a property that is declared by a schema."""
    model = _declared(record({"p": schema}), Other=record({"x": TEXT}))
    assert isinstance(model, Model)
    return model.fields[0].type


# --- Types ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (TEXT, STRING),
        ({**TEXT, "format": "date-time"}, Primitive(PrimitiveKind.STRING, "date-time")),
        ({**COUNT, "format": "int64"}, Primitive(PrimitiveKind.INTEGER, "int64")),
        (AMOUNT, Primitive(PrimitiveKind.NUMBER)),
        ({"type": "boolean"}, Primitive(PrimitiveKind.BOOLEAN)),
        ({}, ANY),
        (True, ANY),
        (listing(COUNT), ListOf(INTEGER)),
        ({"type": "object"}, MapOf(ANY)),
        ({"type": "object", "additionalProperties": COUNT}, MapOf(INTEGER)),
        ({"type": ["string", "null"]}, Nullable(STRING)),
        ({"type": ["null", "string", "integer"]}, Nullable(UnionOf((STRING, INTEGER)))),
        ({"type": "null"}, ANY),
        (ref("Other"), Reference("Other")),
        ({"anyOf": [ref("Other"), {"type": "null"}]}, Nullable(Reference("Other"))),
    ],
)
def test_types(schema: Any, expected: TypeExpr) -> None:
    assert _type(schema) == expected


def test_walk_reaches_every_part() -> None:
    expression = Nullable(UnionOf((ListOf(STRING), MapOf(Reference("X")))))
    assert list(walk(expression))[1:] == [
        expression.inner,
        ListOf(STRING),
        STRING,
        MapOf(Reference("X")),
        Reference("X"),
    ]


def test_enum() -> None:
    enum = _declared({"type": ["string", "null"], "enum": ["a", "b", "a", None]})
    assert isinstance(enum, Enum)
    assert (enum.values, enum.nullable) == (("a", "b"), True)


def test_alias() -> None:
    alias = _declared({"type": "array", "items": ref("Other")}, Other=record({"x": TEXT}))
    assert isinstance(alias, Alias)
    assert alias.target == ListOf(Reference("Other"))


def test_all_of_merges_and_the_last_definition_wins() -> None:
    base = record({"id": TEXT, "name": TEXT}, "id")
    model = _declared(
        {"allOf": [ref("Base"), record({"id": COUNT, "more": TEXT}, "more")]}, Base=base
    )
    assert isinstance(model, Model)
    assert [(f.wire, f.type, f.required) for f in model.fields] == [
        ("id", INTEGER, True),
        ("name", STRING, False),
        ("more", STRING, True),
    ]


def test_properties_of_branches_are_merged_and_optional() -> None:
    model = _declared({**record({"id": TEXT}, "id"), "oneOf": [ref("A"), ref("B")]}, A=_A, B=_B)
    assert isinstance(model, Model)
    assert [(f.wire, f.required) for f in model.fields] == [
        ("id", True),
        ("kind", False),
        ("a", False),
        ("b", False),
    ]


def test_inheritance_from_itself_ends() -> None:
    model = _declared({"allOf": [ref("X"), record({"id": TEXT})]})
    assert isinstance(model, Model)
    assert [field.wire for field in model.fields] == ["id"]


# --- Operations ----------------------------------------------------------------------------------


def test_operation() -> None:
    api, _ = _build(FRAGMENTS["path_parameters"])
    (operation,) = api.operations
    assert operation.key == "POST /accounts/{accountId}/things/{thingId}:bulk"
    assert (operation.base_path, operation.tag, operation.body) == ("/v1/api", "Things", None)
    found = [(p.wire, p.location, p.required, p.explode) for p in operation.parameters]
    assert found == [("accountId", "path", True, False), ("thingId", "path", True, False)]


def test_query_arrays_explode_unless_they_say_otherwise() -> None:
    api, _ = _build(FRAGMENTS["query_arrays"])
    assert [p.explode for p in api.operations[0].parameters] == [False, True]


def test_own_parameter_replaces_that_of_the_path() -> None:
    operation = {
        "parameters": [parameter("q", "query", COUNT)],
        "responses": {"200": content(TEXT)},
    }
    source = document({"/x": {"get": operation}})
    source["paths"]["/x"]["parameters"] = [
        parameter("q", "query", TEXT),
        parameter("r", "query", TEXT),
    ]
    api, _ = _build(source)
    found = [(p.wire, p.type) for p in api.operations[0].parameters]
    assert found == [("q", INTEGER), ("r", STRING)]


def test_claims_of_a_signed_body() -> None:
    api, _ = _build(FRAGMENTS["jwt_body"])
    request = api.operations[0].body
    assert request is not None
    (signed,) = request.contents
    assert signed.type == Primitive(PrimitiveKind.STRING, "jwt")
    assert isinstance(signed.claims, Reference)


@pytest.mark.parametrize(
    ("status", "success"), [("200", True), ("2XX", True), ("default", False), ("404", False)]
)
def test_success(status: str, success: bool) -> None:
    operation = {"responses": {"204": {"description": "No"}, status: content(TEXT)}}
    api, _ = _build(document({"/x": {"get": operation}}))
    found = {response.status: response.is_success for response in api.operations[0].responses}
    assert found == {"204": True, status: success}


# --- Origins -------------------------------------------------------------------------------------


def test_origins_tell_pointer_upstream_and_rules() -> None:
    schema = record({"side": {**TEXT, "nullable": True, "enum": ["BUY"]}})
    result = pipeline.normalise(reads(schema), "ir.json")
    log = [change.record() for change in result.changes]
    api, _ = build(result.document.root, "ir.json", log)
    operation = api.operations[0]
    assert operation.origin.pointer == "/paths/~1things/get"
    assert "operation-id" in operation.origin.rules
    model = api.declarations["GetThingsResponse"]
    assert model.origin == Origin(
        pointer="/components/schemas/GetThingsResponse",
        upstream="/paths/~1things/get/responses/200/content/application~1json/schema",
        rules=model.origin.rules,
    )
    assert "hoist-anonymous-schema" in model.origin.rules
    enum = api.declarations["GetThingsResponseSideEnum"]
    assert enum.origin.upstream.endswith("/schema/properties/side")
    assert {"nullable", "hoist-anonymous-schema"} <= set(enum.origin.rules)


def test_origins_without_a_log() -> None:
    api, _ = _build(reads(ref("X"), {"X": record({"a/b": TEXT})}))
    model = api.declarations["X"]
    assert isinstance(model, Model)
    assert model.origin == Origin("/components/schemas/X")
    assert model.fields[0].origin == Origin("/components/schemas/X/properties/a~1b")


# --- Unions --------------------------------------------------------------------------------------


def _union(schema: Node, **schemas: Node) -> tuple[UnionDeclaration, list[Diagnostic]]:
    named = {"X": schema, "A": _A, "B": _B, **schemas}
    api, diagnostics = _build(reads(ref("X"), named, "3.1.0"))
    union = api.declarations["X"]
    assert isinstance(union, UnionDeclaration)
    return union, diagnostics


def _own(one: Node, other: Node) -> list[str]:
    return sorted(one["properties"].keys() - other["properties"].keys())


@pytest.mark.parametrize(
    ("branches", "words"),
    [
        ((ref("A"), ref("B")), {"by": "sibling"}),
        ((ref("A"), listing(ref("A"))), {"by": "kind"}),
        ((ref("A"), ref("B")), {"by": "keys", "keys": [_own(_A, _B), _own(_B, _A)]}),
    ],
)
def test_the_recorded_strategy_is_taken(branches: tuple[Node, ...], words: Node) -> None:
    union, diagnostics = _union(choice(*branches, **{DISCRIMINATE: words}))
    assert (str(union.strategy), union.tag, union.mapping) == (words["by"], "", ())
    assert diagnostics == []


def test_an_unknown_strategy_is_refused() -> None:
    root = reads(ref("X"), {"X": choice(ref("A"), ref("B")), "A": _A, "B": _B}, "3.1.0")
    document = workshop.normalised(root)
    document["components"]["schemas"]["X"][DISCRIMINATE] = {"by": "luck"}
    with pytest.raises(InputError) as caught:
        build(document, "d.json", ())
    assert caught.value.diagnostic.pointer == f"/components/schemas/X/{DISCRIMINATE}"


def test_discriminator_is_a_tag() -> None:
    mapping = {"b": ref("B")["$ref"], "a": ref("A")["$ref"]}
    union, diagnostics = _union(
        choice(ref("A"), ref("B"), discriminator={"propertyName": "kind", "mapping": mapping})
    )
    assert (union.strategy, union.tag) == (UnionStrategy.TAG, "kind")
    assert union.mapping == (("b", 1), ("a", 0))
    assert diagnostics == []


@pytest.mark.parametrize("words", [{}, {DISCRIMINATE: {"by": "merged"}}])
def test_merged_union_is_reported(words: Node) -> None:
    union, diagnostics = _union(choice(ref("A"), ref("Same"), **words), Same=_A)
    assert union.strategy is UnionStrategy.MERGED
    (found,) = diagnostics
    assert (found.code, found.severity) == ("union-ambiguous", Severity.INFO)
    assert found.pointer == "/components/schemas/X"
    assert "X" in found.message


@pytest.mark.parametrize("name", ["a/b", "a~b"])
def test_branches_with_odd_component_names(name: str) -> None:
    target = {"$ref": f"#/components/schemas/{name.replace('~', '~0').replace('/', '~1')}"}
    tagged, _ = _union(
        choice(
            target,
            ref("A"),
            discriminator={"propertyName": "kind", "mapping": {"b": target["$ref"]}},
        ),
        **{name: _B},
    )
    assert (tagged.strategy, tagged.mapping) == (UnionStrategy.TAG, (("b", 0),))


def test_nullable_union() -> None:
    union, _ = _union(choice(ref("A"), ref("B"), {"type": "null"}))
    assert (union.nullable, len(union.type.variants)) == (True, 2)


# --- Usage ---------------------------------------------------------------------------------------


def _usage_document() -> Node:
    writes = {
        "tags": ["W"],
        "requestBody": body(ref("Sent")),
        "responses": {"200": content(ref("Both"))},
    }
    gets = {"tags": ["R"], "responses": {"200": content(ref("Got")), "400": content(ref("Both"))}}
    schemas = {
        "Sent": record({"nested": ref("Nested"), "both": ref("Both")}),
        "Nested": record({"again": ref("Sent")}),
        "Both": record({"x": TEXT}),
        "Got": record({"items": listing(ref("Item"))}),
        "Item": record({"y": TEXT}),
        "Orphan": record({"z": TEXT}),
    }
    return document({"/w": {"post": writes}, "/r": {"get": gets}}, schemas)


def test_usage() -> None:
    api, _ = _build(_usage_document())
    usage = analyse(api)
    assert usage.requested == {"Sent", "Nested", "Both"}
    assert usage.answered == {"Both", "Got", "Item"}
    assert usage.reached == {"Sent", "Nested", "Both", "Got", "Item"}
    only = {name for name in api.declarations if usage.request_only(name)}
    assert only == {"Sent", "Nested"}


def test_homes() -> None:
    api, _ = _build(_usage_document())
    homes = {"Sent": "W", "Nested": "W", "Both": SHARED, "Got": "R", "Item": "R"}
    assert dict(analyse(api).homes) == homes


def test_parameters_and_claims_are_requests() -> None:
    source = FRAGMENTS["jwt_body"]
    usage = analyse(_build(source)[0])
    assert any(usage.request_only(name) for name in usage.requested)
    enum = {"type": "string", "enum": ["a", "b"]}
    operation = {"parameters": [parameter("q", "query", enum)], "responses": {"200": content(TEXT)}}
    api, _ = _build(document({"/x": {"get": operation}}))
    assert {name for name in api.declarations if analyse(api).request_only(name)} == {
        "GetXQParamEnum"
    }


# --- Unusable input ------------------------------------------------------------------------------


def _plain(**operation: Any) -> Node:
    value = {"operationId": "get_x", "responses": {"200": content(TEXT)}, **operation}
    return {
        "openapi": "3.1.1",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"get": value}},
        "components": {"schemas": {"Loop": ref("Loop"), "Fine": record({"x": TEXT})}},
    }


_GET = "/paths/~1x/get"
_CONTENT = f"{_GET}/responses/200/content/application~1json/schema"


@pytest.mark.parametrize(
    ("root", "pointer"),
    [
        (_plain(operationId=None), f"{_GET}/operationId"),
        (_plain(operationId="not an id"), f"{_GET}/operationId"),
        (_plain(responses={"200": content(ref("Nothing"))}), _CONTENT),
        (_plain(responses={"200": content({"$ref": "other.json#/X"})}), _CONTENT),
        (_plain(responses={"200": {"$ref": "#/components/responses/No"}}), f"{_GET}/responses/200"),
        (_plain(parameters=[{"$ref": "#/components/parameters/No"}]), f"{_GET}/parameters/0"),
        (_plain(requestBody={"$ref": "#/nowhere"}), f"{_GET}/requestBody"),
        ({**_plain(), "paths": []}, "/paths"),
        ({"openapi": "3.1.1"}, "/paths"),
        ([], "/paths"),
    ],
)
def test_unusable_places_are_named(root: Any, pointer: str) -> None:
    with pytest.raises(InputError) as caught:
        build(root, "ir.json")
    diagnostic = caught.value.diagnostic
    assert (diagnostic.file, diagnostic.pointer) == ("ir.json", pointer)
    assert diagnostic.hint


def test_missing_operation_id_is_named() -> None:
    root = _plain()
    del root["paths"]["/x"]["get"]["operationId"]
    with pytest.raises(InputError) as caught:
        build(root, "ir.json")
    assert caught.value.diagnostic.pointer == f"{_GET}/operationId"


@pytest.mark.parametrize(
    "change",
    [
        {"components": None},
        {"components": {"schemas": []}},
        {"info": None},
        {"paths": {"/x": None}},
        {"paths": {"/x": {"get": None}}},
        {"tags": [{}]},
        {"paths": {"/x": {"get": {"operationId": "x", "responses": {"200": None}}}}},
        {"paths": {"/x": {"get": {"operationId": "x", "parameters": [{"in": "query"}]}}}},
    ],
)
def test_malformed_documents_are_refused_not_crashed_on(change: Node) -> None:
    with pytest.raises(InputError):
        build({**_plain(), **change}, "ir.json")


def test_document_without_components() -> None:
    root = _plain()
    del root["components"]
    api, _ = build(root, "ir.json")
    assert dict(api.declarations) == {}
    root["paths"]["/x"]["get"]["responses"]["200"] = content(ref("Nothing"))
    with pytest.raises(InputError) as caught:
        build(root, "ir.json")
    assert caught.value.diagnostic.pointer == _CONTENT


def test_reference_that_leads_back_to_itself_is_refused() -> None:
    root = _plain(responses={"200": {"$ref": "#/components/responses/Loop"}})
    root["components"]["responses"] = {"Loop": {"$ref": "#/components/responses/Loop"}}
    with pytest.raises(InputError) as caught:
        build(root, "ir.json")
    assert caught.value.diagnostic.pointer == f"{_GET}/responses/200"


# --- Topics --------------------------------------------------------------------------------------


def _topics(**topics: Node) -> tuple[Api, list[Diagnostic]]:
    root = workshop.normalised(reads(ref("X"), {"X": record({"x": TEXT})}, "3.1.0"))
    schemas = root["components"]["schemas"]
    schemas |= {"Asked": record({"fields": listing(TEXT)}, "fields"), "Sent": record({"y": COUNT})}
    return build({**root, "x-bezant-channels": topics}, "ir.json")


def test_topics() -> None:
    api, _ = _topics(
        quotes={
            "summary": "Quotes",
            "session": "brokerage",
            "topic": "smd",
            "target": ["{conid}"],
            "arguments": ref("Asked"),
            "payload": ref("Sent"),
            "unsubscribe": {"topic": "umd", "target": ["{conid}"], "arguments": True},
            "refresh": 600,
        },
        ping={"session": "none", "topic": "tic", "bare": True, "payload": ref("X")},
    )
    quotes, ping = api.topics
    assert (quotes.topic, quotes.target, quotes.refresh) == ("smd", ("{conid}",), 600)
    assert (quotes.arguments, quotes.payload) == (Reference("Asked"), Reference("Sent"))
    assert quotes.ending == Ending(topic="umd", target=("{conid}",), has_arguments=True)
    assert not quotes.bare
    assert (ping.bare, ping.arguments, ping.ending, ping.unsolicited) == (True, None, None, False)


def test_types_of_topics_alone_have_a_home_of_their_own() -> None:
    topic = {"session": "none", "topic": "t", "arguments": ref("Asked"), "payload": ref("Sent")}
    api, _ = _topics(alone=topic, shared={**topic, "payload": ref("X")})
    usage = analyse(api)
    homes = {name: usage.homes[name] for name in ("Asked", "Sent", "X")}
    assert homes == {"Asked": STREAMS, "Sent": STREAMS, "X": "Things"}
    assert usage.request_only("Asked")
    assert not usage.request_only("Sent")
    assert usage.further_homes == (STREAMS,)


@pytest.mark.parametrize(
    "wrong", [{"session": "some"}, {"topic": 7}, {"unsubscribe": {}, "topic": None}]
)
def test_topics_that_are_none(wrong: Node) -> None:
    topic = {"session": "none", "topic": "t", "payload": ref("X"), **wrong}
    with pytest.raises(InputError) as caught:
        _topics(bad=topic)
    assert caught.value.diagnostic.pointer.startswith("/x-bezant-channels/bad")


# --- Refusals ------------------------------------------------------------------------------------


def test_what_says_nothing_but_an_error_is_no_result() -> None:
    found = record({"x": TEXT})
    refusal = record({"error": TEXT, "statusCode": COUNT})
    mixed = record({"error": TEXT, "more": TEXT})
    schemas = {"Found": found, "Refusal": refusal, "Mixed": mixed}
    answer = {"anyOf": [listing(ref("Found")), ref("Refusal"), ref("Mixed")]}
    api, _ = _build(reads(answer, schemas, "3.1.0"))
    (content_of,) = api.operations[0].responses[0].contents
    kept = without_refusals(api, content_of.type)
    assert kept == [ListOf(Reference("Found")), Reference("Mixed")]
    assert without_refusals(api, Reference("Refusal")) == [Reference("Refusal")]
    assert without_refusals(api, Reference("Found")) == [Reference("Found")]
