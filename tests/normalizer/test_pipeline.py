import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from normalizer import canonical, overlay, pipeline, unions, validator, workspace
from normalizer.change import METHODS, Change, replay
from normalizer.diagnostics import EXIT_INPUT, InputError, Severity
from normalizer.document import Json, clone, dump, parse, read, sha256
from normalizer.invariants import INVARIANTS
from normalizer.rules import RULES
from normalizer.rules.base_path import EXTENSION as BASE_PATH
from normalizer.rules.websocket_operation import EXTENSION as WEBSOCKET
from normalizer.structure import Document, Kind, canonical_path
from normalizer.unions import EXTENSION

EARLIER = Path(__file__).resolve().parents[3] / "shared/upstream/ibkr-web-api-2.28.0.json"


# --- The committed products ----------------------------------------------------------------------


def test_pin_gives_the_committed_products(
    result: pipeline.Result, space: workspace.Workspace
) -> None:
    assert result.normalised == (space.normalized / "openapi.json").read_bytes()
    assert result.change_log == (space.normalized / "changes.json").read_bytes()


def test_committed_changes_replay_on_the_pin(pin: Json, space: workspace.Workspace) -> None:
    log = read(space.normalized / "changes.json")
    replay(pin, map(Change.from_record, log["changes"]))
    assert canonical.serialise(pin) == (space.normalized / "openapi.json").read_bytes()


def test_every_change_names_a_rule_in_the_order_of_rules(result: pipeline.Result) -> None:
    order = [rule.id for rule in RULES]
    used = [c.rule for c in result.changes if not c.rule.startswith("overlay:")]
    assert sorted(used, key=order.index) == used
    assert set(used) | set(result.idle) == set(order)
    assert not set(used) & set(result.idle)


def test_normalised_document_is_left_alone(
    result: pipeline.Result, space: workspace.Workspace
) -> None:
    again = pipeline.normalise(read(space.normalized / "openapi.json"), "again")
    assert again.changes == ()
    assert again.normalised == result.normalised


def test_source_is_left_as_it_is(pin: Json, space: workspace.Workspace) -> None:
    pipeline.normalise(pin, "pin", overlay.load_folder(space.overlays))
    assert dump(pin) == space.pin.read_bytes()


def test_pin_has_no_errors_and_all_operations(result: pipeline.Result) -> None:
    assert result.errors == []
    assert len(result.document.operations) == 173


def promises(root: Json) -> set[tuple[str, str, str, str]]:
    """Method, path without names, status and media type, read without the code under test."""
    found = set()
    for path, item in root["paths"].items():
        for method in METHODS:
            for status, response in item.get(method, {}).get("responses", {}).items():
                if "$ref" in response:
                    name = response["$ref"].rpartition("/")[2]
                    response = root["components"]["responses"][name]  # noqa: PLW2901
                for media in ("", *response.get("content", {})):
                    found.add((method, canonical_path(path), status, media))
    return found


def test_no_operation_status_or_media_type_is_lost(pin: Json, result: pipeline.Result) -> None:
    lost = promises(pin) - promises(result.document.root)
    assert {(method, path) for method, path, _, _ in lost} == {("get", "/ws")}
    assert set(result.document.root[WEBSOCKET]) == {"/ws"}


@pytest.mark.parametrize("lose", ["operation", "status", "media type"])
def test_loss_is_an_error(lose: str) -> None:
    content: Json = {"application/json": {}, "text/csv": {}}
    responses: Json = {"200": {"content": content}, "404": {"content": content}}
    source = small({"/a/{x}": {"get": {"responses": responses}, "put": {}}})
    promised = pipeline.inventory(Document(clone(source)))
    kept = clone(source)
    item = kept["paths"].pop("/a/{x}")
    kept["paths"]["/a/{y}"] = item
    assert list(pipeline.losses(promised, Document(kept))) == []
    holder, key = {
        "operation": (item, "get"),
        "status": (item["get"]["responses"], "404"),
        "media type": (item["get"]["responses"]["200"]["content"], "text/csv"),
    }[lose]
    del holder[key]
    found = list(pipeline.losses(promised, Document(kept)))
    assert {item.code for item in found} == {"nothing-lost"}
    assert {item.severity for item in found} == {Severity.ERROR}


def test_status_without_content_is_not_lost_silently() -> None:
    source = small({"/a": {"get": {"responses": {"200": {}, "204": {}}}}})
    promised = pipeline.inventory(Document(clone(source)))
    del source["paths"]["/a"]["get"]["responses"]["204"]
    assert [found.code for found in pipeline.losses(promised, Document(source))] == ["nothing-lost"]


HASHES = """
import sys
from pathlib import Path
from normalizer import workspace
from normalizer.document import sha256
space = workspace.Workspace(Path(sys.argv[1]))
result = workspace.normalise(space.pin, space)
print(sha256(result.normalised), sha256(result.change_log))
"""


@pytest.mark.parametrize("seed", ["0", "1"])
def test_products_do_not_depend_on_hash_order(
    seed: str, checkout: Path, space: workspace.Workspace, result: pipeline.Result
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HASHES, str(space.folder)],
        cwd=checkout,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [sha256(result.normalised), sha256(result.change_log)]


# --- Canonical order -----------------------------------------------------------------------------


def test_order_of_unordered_maps_does_not_show(result: pipeline.Result) -> None:
    assert canonical.serialise(shuffled(result.document.root)) == result.normalised


def shuffled(root: Json) -> Json:
    """A copy with its root keys, paths, components and statuses turned around."""
    turned = dict(reversed(clone(root).items()))
    turned["paths"] = dict(reversed(turned["paths"].items()))
    for item in turned["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"] = dict(reversed(operation["responses"].items()))
    sections = turned["components"].items()
    turned["components"] = {key: dict(reversed(value.items())) for key, value in reversed(sections)}
    extensions = {key: value for key, value in root.items() if key.startswith("x-")}
    return {key: turned[key] for key in turned if key not in extensions} | clone(extensions)


def test_order_that_people_chose_is_kept() -> None:
    schema: Json = {"properties": {"b": {}, "a": {}}, "type": "object"}
    root = small({"/b": {}, "/a": {"post": {}, "get": {}}}, components={"schemas": {"A": schema}})
    ordered = parse(canonical.serialise(root), "a.json")
    assert list(ordered["paths"]) == ["/a", "/b"]
    assert list(ordered["paths"]["/a"]) == ["get", "post"]
    assert dump(ordered["components"]["schemas"]["A"]) == dump(schema)


# --- What a source must be -----------------------------------------------------------------------


def small(paths: Json, **more: Json) -> dict[str, Json]:
    info = {"title": "t", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, **more}


REF: Json = {"$ref": "#/components/schemas/None"}


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        ([], "/openapi"),
        (None, "/openapi"),
        ({}, "/openapi"),
        ({"swagger": "2.0", "info": {}, "paths": {}}, "/openapi"),
        ({**small({}), "openapi": "2.0"}, "/openapi"),
        ({**small({}), "openapi": "3.2.0"}, "/openapi"),
        ({**small({}), "openapi": "4.0.0"}, "/openapi"),
        ({**small({}), "openapi": 3.0}, "/openapi"),
        ({"openapi": "3.0.0", "info": {}}, "/paths"),
        ({"openapi": "3.0.0", "paths": {}}, "/info"),
        (small([]), "/paths"),
        (small({"/a": []}), "/paths/~1a"),
        (small({"/a": {"get": None}}), "/paths/~1a/get"),
        (small({"/a": {"get": {"parameters": {}}}}), "/paths/~1a/get/parameters"),
        (small({"/a": {"get": {"responses": {"200": "x"}}}}), "/paths/~1a/get/responses/200"),
        (small({}, components=[]), "/components"),
        (small({}, components={"schemas": []}), "/components/schemas"),
        (small({}, components={"schemas": {"A": "x"}}), "/components/schemas/A"),
        (
            small({}, components={"schemas": {"A": {"properties": {"b": REF}}}}),
            "/components/schemas/A/properties/b/$ref",
        ),
        (
            small({}, components={"schemas": {"A": {"$ref": "x.json"}}}),
            "/components/schemas/A/$ref",
        ),
        (
            small({"/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/X"}}}}}),
            "/paths/~1a/get/responses/200/$ref",
        ),
    ],
)
def test_unusable_source_is_refused_at_its_place(source: Json, pointer: str) -> None:
    with pytest.raises(InputError) as caught:
        pipeline.normalise(source, "a.json")
    assert caught.value.exit_code == EXIT_INPUT
    assert (caught.value.diagnostic.file, caught.value.diagnostic.pointer) == ("a.json", pointer)


@pytest.mark.parametrize("version", ["3.0.0", "3.0.3", "3.1.0", "3.1.1"])
def test_smallest_source_of_each_version_is_accepted(version: str) -> None:
    made = pipeline.normalise({**small({}), "openapi": version}, "a.json")
    assert made.errors == []
    assert made.document.root["openapi"].startswith("3.1.")


def test_reference_in_a_payload_is_data() -> None:
    schema: Json = {"type": "object", "example": {"$ref": "no reference"}}
    made = pipeline.normalise(small({}, components={"schemas": {"A": schema}}), "a.json")
    assert made.errors == []


def one_operation(**operation: Json) -> dict[str, Json]:
    return small({"/a": {"get": {"responses": {"200": {"description": "d"}}, **operation}}})


def one_schema(**schema: Json) -> dict[str, Json]:
    return small({}, components={"schemas": {"A": schema}})


MALFORMED: dict[str, Json] = {
    "scopes null": one_operation(security=[{"a": None}]),
    "security object": one_operation(security={}),
    "security null": one_operation(security=None),
    "examples array": one_operation(
        responses={"200": {"content": {"a/json": {"schema": {}, "examples": []}}}}
    ),
    "token boolean": one_operation(requestBody={"content": {"application/jwt": {"schema": True}}}),
    "parameter boolean schema": one_operation(
        parameters=[{"name": "a", "in": "query", "schema": True}]
    ),
    "parameter name array": one_operation(parameters=[{"name": [], "in": "query"}]),
    "union of booleans": one_schema(oneOf=[True, False], discriminator={"propertyName": "t"}),
    "operation id number": one_operation(operationId=5),
    "properties null": one_schema(properties=None),
    "enum null": one_schema(enum=None),
    "type number": one_schema(type=5, enum=[1]),
    "oneOf null": one_schema(oneOf=None),
    "allOf boolean": one_schema(allOf=[True]),
    "discriminator string": one_schema(discriminator="t", oneOf=[{}]),
    "schema examples object": one_schema(examples={"one": {}}),
    "path without slash": small({"a": {"get": {"responses": {}}}}),
    "security schemes array": small({}, components={"securitySchemes": []}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_source_is_refused_or_repaired(name: str) -> None:
    with suppress(InputError):
        made = pipeline.normalise(MALFORMED[name], "a.json")
        assert parse(made.normalised, "normalised") == made.document.root


# --- Invariants ----------------------------------------------------------------------------------


def schemas_of(root: Json) -> dict[str, Json]:
    found: dict[str, Json] = root["components"]["schemas"]
    return found


def operations_of(root: Json) -> list[dict[str, Json]]:
    return [operation.value for operation in Document(root).operations]


def with_schema(**schema: Json) -> Callable[[Json], None]:
    return lambda root: schemas_of(root).update(Broken=schema)


def with_parameter(**parameter: Json) -> Callable[[Json], None]:
    return lambda root: operations_of(root)[0].setdefault("parameters", []).append(parameter)


def with_operation(**members: Json) -> Callable[[Json], None]:
    return lambda root: operations_of(root)[0].update(members)


def without_parameters(root: Json) -> None:
    operation = next(found for found in Document(root).operations if "{" in found.path)
    operation.value["parameters"] = []


def with_optional_path_parameter(root: Json) -> None:
    site = next(
        site for site in Document(root).of(Kind.PARAMETER) if site.value.get("in") == "path"
    )
    site.value["required"] = False


def without_schema(root: Json) -> None:
    del Document(root).of(Kind.MEDIA_TYPE)[0].value["schema"]


def with_object_token(root: Json) -> None:
    site = next(site for site in Document(root).of(Kind.MEDIA_TYPE) if "jwt" in site.key)
    site.value["schema"] = {"type": "object"}


def without_base_path(root: Json) -> None:
    del operations_of(root)[0][BASE_PATH]


def with_twin_id(root: Json) -> None:
    first, second, *_ = operations_of(root)
    first["operationId"] = second["operationId"]


def with_twin_component(root: Json) -> None:
    name = next(name for name in schemas_of(root) if name != name.lower())
    schemas_of(root)[name.lower()] = {"type": "string"}


def with_foreign_mapping(root: Json) -> None:
    first, second, *_ = (f"#/components/schemas/{name}" for name in schemas_of(root))
    tag: Json = {"propertyName": "t", "mapping": {"a": second}}
    with_schema(oneOf=[{"$ref": first}], discriminator=tag)(root)


def with_answer(schema: Json, value: Json) -> Callable[[Json], None]:
    """An operation whose answer is shown as something else."""

    def mutate(root: Json) -> None:
        media = {"schema": schema, "examples": {"one": {"value": value}}}
        response = {"description": "d", "content": {"application/json": media}}
        operations_of(root)[0]["responses"]["200"] = response

    return mutate


def with_example_of_a_request(root: Json) -> None:
    site = next(s for s in Document(root).of(Kind.REQUEST_BODY) if "content" in s.value)
    media = next(iter(site.value["content"].values()))
    media["schema"] = {"type": "array", "items": {"type": "string"}}
    media["examples"] = {"one": {"value": {"a": 1}}}


def with_claimed_keys(root: Json) -> None:
    site = next(s for s in unions.of(Document(root)) if s.value[EXTENSION]["by"] == "keys")
    site.value[EXTENSION]["keys"][0] = ["nothingOfTheKind"]


def with_field(code: str, **entry: Json) -> Callable[[Json], None]:
    return lambda root: root["x-bezant-market-data-fields"].update({code: entry})


def with_channel(**entry: Json) -> Callable[[Json], None]:
    return lambda root: root["x-bezant-channels"].update(new=entry)


STRING: Json = {"type": "string"}
OBJECT: Json = {"type": "object", "properties": {"a": STRING}}
UNION: Json = {"oneOf": [STRING, {"type": "number"}], EXTENSION: {"by": "kind"}}
MUTATIONS: list[tuple[str, Callable[[Json], object]]] = [
    ("openapi-3.1", lambda root: root.update(openapi="3.0.3")),
    ("component-sections", lambda root: root["components"].update(extensions={})),
    ("path-parameters", without_parameters),
    (
        "path-parameters",
        with_parameter(**{"name": "stray", "in": "path", "required": True, "schema": STRING}),
    ),
    ("parameter-objects", with_parameter(**{"name": "q", "in": "query"})),
    (
        "parameter-objects",
        with_parameter(**{"name": "q", "in": "query", "schema": STRING, "content": {}}),
    ),
    ("parameter-objects", with_parameter(**{"name": "q", "in": "cookie", "schema": STRING})),
    ("parameter-objects", with_optional_path_parameter),
    ("success-response", with_operation(responses={"404": {"description": "d"}})),
    ("success-response", with_operation(responses={})),
    ("media-type-schema", without_schema),
    ("media-type-schema", with_object_token),
    ("base-path", without_base_path),
    ("base-path", with_operation(servers=[])),
    ("security", lambda root: root.update(security=[{"undefined": []}])),
    ("security", with_operation(security=[{"undefined": []}])),
    ("security", with_operation(security=[{"bearerAuth": [None]}])),
    ("operation-id", with_twin_id),
    ("operation-id", with_operation(operationId="no-identifier")),
    ("operation-id", with_operation(operationId=None)),
    ("references", with_schema(**{"$ref": "#/components/schemas/None"})),
    ("references", with_schema(**{"$ref": "other.json"})),
    ("component-names", with_twin_component),
    ("anonymous-schema", with_schema(type="array", items=OBJECT)),
    ("anonymous-schema", with_schema(type="array", items={"type": "string", "enum": ["a"]})),
    ("anonymous-schema", with_schema(type="array", items=UNION)),
    ("schema-3.1", with_schema(type="string", nullable=True)),
    ("schema-3.1", with_schema(type="string", example="a")),
    ("schema-3.1", with_schema(type="number", minimum=1, exclusiveMinimum=True)),
    ("schema-3.1", with_schema(type="number", exclusiveMaximum=False)),
    ("enum-type", with_schema(type="integer", enum=["1"])),
    ("enum-type", with_schema(type=["string", "null"], enum=["a", 1])),
    ("array-items", with_schema(type="array")),
    ("array-items", with_schema(type=["array", "null"])),
    ("object-properties", with_schema(properties={"a": STRING})),
    ("object-properties", with_schema(type="array", items=STRING, properties={"a": STRING})),
    ("discriminator", with_foreign_mapping),
    ("example-fits", with_schema(type="string", examples=[1])),
    ("example-fits", with_schema(type="integer", format="int32", examples=[2**31])),
    ("example-fits", with_schema(type="object", required=["a"], examples=[{}])),
    ("example-fits", with_answer({"type": "string"}, None)),
    ("example-fits", with_example_of_a_request),
    ("union-discrimination", with_schema(oneOf=[STRING, {"type": "number"}])),
    ("union-discrimination", with_schema(anyOf=[STRING, STRING], **{EXTENSION: {"by": "kind"}})),
    ("union-discrimination", with_schema(anyOf=[STRING, STRING], **{EXTENSION: {"by": "luck"}})),
    ("union-discrimination", with_claimed_keys),
    ("untyped-schema", with_schema(description="d")),
    ("untyped-schema", with_schema(type="array", items={})),
    ("call-behaviour", with_operation(**{"x-bezant-session": "any"})),
    ("call-behaviour", with_operation(**{"x-bezant-idempotency": None})),
    ("call-behaviour", with_operation(**{"x-bezant-pacing": {"calls": 1}})),
    ("call-behaviour", with_operation(**{"x-bezant-pacing": {"calls": 0, "window": 1}})),
    ("call-behaviour", with_operation(**{"x-bezant-pacing": "slowly"})),
    ("call-behaviour", with_operation(**{"x-bezant-preflight": [{"call": "GET /nowhere"}]})),
    ("call-behaviour", with_operation(**{"x-bezant-warm-up": {"calls": 2}})),
    ("call-behaviour", with_operation(**{"x-bezant-pagination": {"style": "scroll"}})),
    (
        "call-behaviour",
        with_operation(**{"x-bezant-pagination": {"style": "page", "parameter": "none"}}),
    ),
    ("market-data-fields", with_field("x", name="a", type="text")),
    ("market-data-fields", with_field("1", name="symbol", type="text")),
    ("market-data-fields", with_field("1", name="new", type="anything")),
    ("channels", with_channel(session="login", topic="", summary="s")),
    ("channels", with_channel(session="any", topic="t", summary="s")),
    (
        "channels",
        with_channel(
            session="none", topic="t", summary="s", payload={"$ref": "#/components/schemas/No"}
        ),
    ),
]


def findings_of(root: Json) -> set[str]:
    document = Document(root)
    return {found.code for invariant in INVARIANTS for found in invariant.check(document)}


@pytest.mark.parametrize(("invariant", "mutate"), MUTATIONS)
def test_broken_promise_is_found_by_its_invariant_alone(
    invariant: str, mutate: Callable[[Json], object], result: pipeline.Result
) -> None:
    root = clone(result.document.root)
    assert findings_of(root) == set()
    mutate(root)
    assert findings_of(root) == {invariant}


def test_every_invariant_has_a_mutation() -> None:
    ids = [invariant.id for invariant in INVARIANTS]
    assert len(set(ids)) == len(ids)
    assert {invariant for invariant, _ in MUTATIONS} == set(ids)


def test_finding_of_an_invariant_is_an_error_with_a_pointer(result: pipeline.Result) -> None:
    root = clone(result.document.root)
    with_schema(type="array")(root)
    [found] = [item for invariant in INVARIANTS for item in invariant.check(Document(root))]
    assert (found.severity, found.pointer) == (Severity.ERROR, "/components/schemas/Broken")


# --- Validation and an earlier revision ----------------------------------------------------------


def test_validator_names_the_place_of_an_error(tmp_path: Path) -> None:
    root = {**small({"/a": {"get": {"responses": {"200": {}}}}}), "openapi": "3.1.0"}
    found = validator.validate(dump(root), "a.json", tmp_path)
    assert found
    assert {item.code for item in found} == {"openapi-valid"}
    assert {item.file for item in found} == {"a.json"}
    assert list(tmp_path.iterdir()) == []


def test_validator_remembers_what_was_clean(tmp_path: Path) -> None:
    data = dump({**small({}), "openapi": "3.1.0"})
    assert validator.validate(data, "a.json", tmp_path) == []
    [marker] = tmp_path.iterdir()
    assert marker.name.startswith(sha256(data))
    assert validator.validate(data, "a.json", tmp_path) == []


@pytest.mark.slow
@pytest.mark.skipif(not EARLIER.is_file(), reason=f"needs the published document {EARLIER}")
def test_earlier_revision_is_normalised_without_errors(tmp_path: Path) -> None:
    made = pipeline.normalise(read(EARLIER), "2.28")
    assert made.errors == []
    assert validator.validate(made.normalised, "2.28", tmp_path) == []
    again = pipeline.normalise(clone(made.document.root), "2.28")
    assert again.changes == ()
