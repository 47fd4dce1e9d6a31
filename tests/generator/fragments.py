"""Small OpenAPI documents, one feature each.

`FRAGMENTS` have a snapshot for readers; `EDGES` are places where code and data meet, which have to
import and nothing more.
"""

from typing import Any, Final, TypeAlias

Json: TypeAlias = Any
Node: TypeAlias = dict[str, Json]

TEXT: Final[Node] = {"type": "string"}
COUNT: Final[Node] = {"type": "integer"}
AMOUNT: Final[Node] = {"type": "number"}


def ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def record(properties: Node, *required: str) -> Node:
    schema: Node = {"type": "object", "properties": properties}
    return {**schema, "required": list(required)} if required else schema


def listing(items: Node) -> Node:
    return {"type": "array", "items": items}


def choice(*branches: Node, **more: Json) -> Node:
    return {"oneOf": list(branches), **more}


def content(schema: Node, media_type: str = "application/json") -> Node:
    return {"description": "OK", "content": {media_type: {"schema": schema}}}


def body(schema: Node, media_type: str = "application/json") -> Node:
    return {"required": True, "content": {media_type: {"schema": schema}}}


def parameter(name: str, location: str, schema: Node, **more: Json) -> Node:
    return {"name": name, "in": location, "schema": schema, **more}


def document(paths: Node, schemas: Node | None = None, version: str = "3.0.3") -> Node:
    """A document whose operations belong to the tag `Things`, unless they say otherwise."""
    for item in paths.values():
        for method, operation in item.items():
            item[method] = {"tags": ["Things"], **operation}
    info = {"title": "Fragment", "version": "1"}
    return {
        "openapi": version,
        "info": info,
        "paths": paths,
        "components": {"schemas": schemas or {}},
    }


def reads(schema: Node, schemas: Node | None = None, version: str = "3.0.3") -> Node:
    """One operation that answers a schema."""
    return document({"/things": {"get": {"responses": {"200": content(schema)}}}}, schemas, version)


def sends(schema: Node, schemas: Node | None = None, media_type: str = "application/json") -> Node:
    """One operation that is sent a schema, and answers a map."""
    operation = {
        "requestBody": body(schema, media_type),
        "responses": {"200": content(record({"ok": {"type": "boolean"}}))},
    }
    return document({"/things": {"post": operation}}, schemas)


def asks(path: str, *parameters: Node) -> Node:
    """One operation with parameters."""
    responses = {"200": content(record({"found": COUNT}))}
    return document({path: {"get": {"parameters": list(parameters), "responses": responses}}})


def answers(responses: Node, schemas: Node | None = None) -> Node:
    """One operation with several answers."""
    return document({"/things": {"get": {"responses": responses}}}, schemas)


_CAT: Final = record({"kind": TEXT, "claws": COUNT}, "kind")
_DOG: Final = record({"kind": TEXT, "tricks": listing(TEXT)}, "kind")
_PETS: Final[Node] = {"Cat": _CAT, "Dog": _DOG}
_PROBLEM: Final = record({"error": TEXT})
_ODD_NAMES: Final = ("Lk Ahd Excss Lqdty", "t+1", "@ Opn", "31", "_updated", "84_raw", "mkt-data")


def _two_tags() -> Node:
    operation = {"responses": {"200": content(ref("Account"))}}
    return document(
        {"/a": {"get": {**operation, "tags": ["A"]}}, "/b": {"get": {**operation, "tags": ["B"]}}},
        {"Account": record({"id": TEXT, "side": {"type": "string", "enum": ["L", "S"]}})},
    )


def _deprecated() -> Node:
    operation = {
        "summary": "All things.",
        "description": "Answers *every* thing.",
        "deprecated": True,
        "parameters": [parameter("q", "query", TEXT, description="What to look for.")],
        "responses": {"200": content(ref("Thing"))},
    }
    thing = record({"name": {**TEXT, "description": "Its name.", "deprecated": True}})
    return document(
        {"/things": {"get": operation}}, {"Thing": {**thing, "description": "A thing."}}
    )


FRAGMENTS: Final[dict[str, Node]] = {
    "nullable": reads(record({"a": {**TEXT, "nullable": True}, "b": COUNT}, "a", "b")),
    "nullable_reference": reads(
        record({"owner": {"allOf": [ref("Person")], "nullable": True}}),
        {"Person": record({"name": TEXT})},
    ),
    "nullable_enum": reads(
        record({"side": {**TEXT, "nullable": True, "enum": ["BUY", "SELL", None]}})
    ),
    "open_enum": reads(record({"side": {**TEXT, "enum": ["BUY", "SELL"]}})),
    "closed_enum": sends(
        record({"side": {**TEXT, "enum": ["BUY", "SELL"]}, "size": AMOUNT}, "side")
    ),
    "integer_enum": reads(record({"level": {**COUNT, "enum": [1, 2, 3]}})),
    "map": reads(record({"counts": {"type": "object", "additionalProperties": COUNT}})),
    "free_form": reads(record({"anything": {"type": "object"}, "really": {}})),
    "array_of_references": reads(listing(ref("Leg")), {"Leg": record({"ratio": COUNT})}),
    "all_of_inheritance": reads(
        ref("Dog"),
        {
            "Pet": record({"name": TEXT}, "name"),
            "Dog": {"allOf": [ref("Pet"), record({"tricks": listing(TEXT)})]},
        },
    ),
    "all_of_override": reads(
        ref("Special"),
        {
            "Base": record({"id": TEXT, "name": TEXT}),
            "Special": {"allOf": [ref("Base"), record({"id": COUNT})]},
        },
    ),
    "one_of_keys": reads(choice(ref("Cat"), ref("Dog")), _PETS),
    "one_of_tag": reads(
        ref("Pet"),
        {
            **_PETS,
            "Pet": choice(
                ref("Cat"),
                ref("Dog"),
                discriminator={
                    "propertyName": "kind",
                    "mapping": {"cat": ref("Cat")["$ref"], "dog": ref("Dog")["$ref"]},
                },
            ),
        },
    ),
    "one_of_kind": reads(choice(ref("Cat"), listing(ref("Cat"))), _PETS),
    "one_of_arrays": reads(choice(listing(ref("Cat")), listing(ref("Dog"))), _PETS),
    "type_array": reads(record({"price": {"type": ["string", "number"]}}), version="3.1.0"),
    "recursive": reads(
        ref("Tree"), {"Tree": record({"name": TEXT, "children": listing(ref("Tree"))})}
    ),
    "alias": reads(record({"id": ref("Conid")}), {"Conid": COUNT}),
    "keyword_properties": reads(record({"from": TEXT, "class": TEXT, "None": TEXT})),
    "odd_properties": reads(record(dict.fromkeys(_ODD_NAMES, AMOUNT))),
    "annotation_properties": reads(
        record({"date": TEXT, "time": TEXT, "str": TEXT, "list": listing(TEXT), "field": COUNT})
    ),
    "colliding_properties": reads(record({"accountId": TEXT, "account_id": COUNT})),
    "query_arrays": asks(
        "/things",
        parameter("conids", "query", listing(COUNT), required=True, explode=False, style="form"),
        parameter("fields", "query", listing(TEXT)),
    ),
    "header_parameter": asks("/things", parameter("X-Request-Id", "header", TEXT)),
    "path_parameters": document(
        {
            "/accounts/{accountId}/things/{thingId}:bulk": {
                "post": {
                    "parameters": [
                        parameter("accountId", "path", TEXT, required=True),
                        parameter("thingId", "path", COUNT, required=True),
                    ],
                    "responses": {"200": content(record({"found": COUNT}))},
                }
            }
        }
    ),
    "form_body": sends(
        record({"grant_type": TEXT, "lifetime": COUNT}, "grant_type"),
        media_type="application/x-www-form-urlencoded",
    ),
    "jwt_body": sends(record({"sub": TEXT}, "sub"), media_type="application/jwt"),
    "text_response": answers({"200": content(TEXT, "text/plain"), "400": content(_PROBLEM)}),
    "binary_or_json": answers(
        {
            "200": {
                "description": "OK",
                "content": {
                    "application/pdf": {"schema": {**TEXT, "format": "binary"}},
                    "application/json": {"schema": record({"url": TEXT})},
                },
            }
        }
    ),
    "several_successes": answers(
        {"200": content(record({"done": TEXT})), "202": content(record({"pending": COUNT}))}
    ),
    "no_content": answers({"204": {"description": "Gone"}, "400": content(_PROBLEM)}),
    "default_error": answers({"200": content(listing(COUNT)), "default": content(_PROBLEM)}),
    "two_tags": _two_tags(),
    "property_like_class": reads(ref("Order"), {"Order": record({"Order": TEXT, "model": TEXT})}),
    "deprecated": _deprecated(),
    "base64": reads(record({"file": {**TEXT, "format": "byte"}})),
    "int64": reads(record({"id": {**COUNT, "format": "int64"}})),
}

SAMPLES: Final[dict[str, Json]] = {
    "nullable": {"b": 1},
    "nullable_reference": {"owner": {"name": "x"}},
    "open_enum": {"side": "SOMETHING NEW"},
    "integer_enum": {"level": 3},
    "map": {"counts": {"a": 1, "b": 2}},
    "free_form": {"anything": {"a": [None]}, "really": [1, "x"]},
    "array_of_references": [{"ratio": 1}, {"ratio": -1}],
    "all_of_inheritance": {"name": "Rex", "tricks": ["sit"]},
    "all_of_override": {"id": 7, "name": "x"},
    "one_of_keys": {"kind": "any", "tricks": ["sit"]},
    "one_of_tag": {"kind": "dog", "tricks": []},
    "one_of_kind": [{"kind": "cat", "claws": 18}],
    "one_of_arrays": [{"kind": "dog", "tricks": ["sit"]}],
    "type_array": {"price": "1.5"},
    "recursive": {"name": "a", "children": [{"name": "b", "children": []}]},
    "alias": {"id": 265598},
    "keyword_properties": {"from": "a", "class": "b", "None": "c"},
    "odd_properties": {name: float(number) for number, name in enumerate(_ODD_NAMES)},
    "annotation_properties": {"date": "d", "time": "t", "str": "s", "list": ["l"], "field": 1},
    "colliding_properties": {"accountId": "U1", "account_id": 1},
    "property_like_class": {"Order": "a", "model": "b"},
    "int64": {"id": 2**62},
    "tag_any": {"a": {"b": 1}},
}
"""What a live answer could be: it must survive typing and writing unchanged."""


def _tagged(tag: str) -> Node:
    """An operation whose module uses `Any`, `Number` and a model beside the classes of its tag."""
    operation = {
        "tags": [tag],
        "parameters": [parameter("limit", "query", AMOUNT)],
        "responses": {"200": content({"type": "object"}), "400": content(_PROBLEM)},
    }
    return document({"/things": {"get": operation}})


def _shared_and_tag() -> Node:
    """A tag with the name of the module of shared models, beside two tags that share a model."""
    found = _two_tags()
    operation = {"tags": ["Shared"], "responses": {"200": content(record({"mine": TEXT}))}}
    found["paths"]["/c"] = {"get": operation}
    return found


EDGES: Final[dict[str, Node]] = {
    "no_models": answers({"200": content(TEXT, "text/plain")}),
    "no_operations": document({}),
    "empty_model": reads(record({})),
    "recursive_union": reads(
        ref("Value"), {"Value": choice(TEXT, AMOUNT, listing(ref("Value")))}, "3.1.0"
    ),
    "union_of_later_union": reads(
        ref("First"),
        {**_PETS, "First": choice(ref("Cat"), listing(ref("Second"))), "Second": _PETS["Dog"]},
    ),
    "union_before_union": reads(
        ref("First"),
        {
            **_PETS,
            "First": choice(ref("Cat"), listing(ref("Second"))),
            "Second": choice(ref("Cat"), ref("Dog")),
        },
    ),
    "union_of_slashed_names": reads(
        choice(ref("a~1b"), ref("c~1d")), {"a/b": record({"x": TEXT}), "c/d": record({"y": TEXT})}
    ),
    "enum_of_null": reads(record({"nothing": {"enum": [None]}}), version="3.1.0"),
    "tag_shared": _shared_and_tag(),
    **{
        f"tag_{tag.lower()}": _tagged(tag)
        for tag in ("None", "True", "Any", "Number", "Import", "Client", "Resource", "Operation")
    },
    "tag_list": _tagged("list"),
    "tag_blank": _tagged("---"),
}
"""Documents that are legal and unkind."""
