"""The semantic diff: what it finds, what it leaves alone, and how it is shown."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from normalizer import facts
from normalizer.cli import commands
from normalizer.diff import command, report
from normalizer.diff.compare import compare
from normalizer.diff.findings import KINDS, Finding
from normalizer.document import Json, clone, read
from normalizer.structure import Document
from tests.conftest import ROOT, SHARED
from tests.normalizer.revisions import NEW_OPERATIONS, synthetic

EARLIER = SHARED / "upstream" / "ibkr-web-api-2.28.0.json"
STRING: Json = {"type": "string"}
NUMBER: Json = {"type": "number"}
INTEGER: Json = {"type": "integer"}


class Reports(SingleFileSnapshotExtension):
    """One text file a report, where people look for snapshots."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT / "tests" / "snapshots" / test_location.basename)


@pytest.fixture
def reports(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Reports)


def found(old: Json, new: Json) -> list[Finding]:
    return compare(Document(old), Document(new))


def ids(old: Json, new: Json) -> list[str]:
    return [finding.id for finding in found(old, new)]


# --- One document for each place -------------------------------------------------------------------


def api(schemas: dict[str, Json] | None = None, /, **operation: Any) -> Json:
    """A document with one operation."""
    operation.setdefault("responses", {"200": {"description": "OK"}})
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": operation}},
        "components": {"schemas": schemas or {}},
    }


def answer(schema: Json, schemas: dict[str, Json] | None = None) -> Json:
    media = {"application/json": {"schema": schema}}
    return api(schemas, responses={"200": {"description": "OK", "content": media}})


def sent(schema: Json) -> Json:
    return api(requestBody={"content": {"application/json": {"schema": schema}}})


def header(schema: Json) -> Json:
    response = {"description": "OK", "headers": {"X-A": {"schema": schema}}}
    return api(responses={"200": response})


def parameter(schema: Json, **more: Json) -> Json:
    return api(parameters=[{"name": "q", "in": "query", "schema": schema, **more}])


def inside(wrap: Callable[[Json], Json]) -> Callable[[Json], Json]:
    return lambda schema: wrap({"type": "object", "properties": {"a": schema}})


PLACES: dict[str, Callable[[Json], Json]] = {
    "request-parameter": parameter,
    "request-property": inside(sent),
    "request-body": sent,
    "response-property": inside(answer),
    "response-body": answer,
    "response-header": header,
}
ENUM: Json = {"type": "string", "enum": ["a", "b"]}
SHAPES: Json = {"oneOf": [{"type": "object", "title": "a"}, {"type": "array", "items": {}}]}
CHANGES: dict[str, tuple[Json, Json]] = {
    "type-changed": (STRING, {"type": "object"}),
    "type-generalized": (INTEGER, NUMBER),
    "became-nullable": (STRING, {"type": ["string", "null"]}),
    "became-not-nullable": ({"type": "string", "nullable": True}, STRING),
    "became-enum": (STRING, ENUM),
    "enum-dropped": (ENUM, STRING),
    "enum-value-added": ({"type": "string", "enum": ["a"]}, ENUM),
    "enum-value-removed": (ENUM, {"type": "string", "enum": ["a"]}),
    "one-of-added": (SHAPES, {"oneOf": [*SHAPES["oneOf"], STRING]}),
    "one-of-removed": ({"oneOf": [*SHAPES["oneOf"], STRING]}, SHAPES),
    "constraint-changed": (INTEGER, {"type": "integer", "minimum": 1}),
    "default-value-changed": (INTEGER, {"type": "integer", "default": 1}),
    "format-changed": (INTEGER, {"type": "integer", "format": "int64"}),
    "items-stated": ({"type": "array"}, {"type": "array", "items": STRING}),
    "additional-properties-added": (
        {"type": "object"},
        {"type": "object", "additionalProperties": STRING},
    ),
    "additional-properties-removed": (
        {"type": "object", "additionalProperties": STRING},
        {"type": "object"},
    ),
}
OBJECT: Json = {"type": "object", "properties": {"a": STRING}}
EMPTY: Json = {"type": "object", "properties": {}}
NEEDED: Json = {**OBJECT, "required": ["a"]}


def media(*names: str) -> Json:
    return {"content": {name: {"schema": STRING} for name in names}}


def statuses(*names: str) -> Json:
    return api(responses={name: {"description": "d"} for name in names})


def secured(*names: str) -> Json:
    return {**api(), "components": {"securitySchemes": {n: {"type": "http"} for n in names}}}


OTHERS: dict[str, tuple[Json, Json]] = {
    "endpoint-added": ({**api(), "paths": {}}, api()),
    "api-removed-without-deprecation": (api(), {**api(), "paths": {}}),
    "api-removed-with-deprecation": (api(deprecated=True), {**api(), "paths": {}}),
    "endpoint-deprecated": (api(), api(deprecated=True)),
    "endpoint-reactivated": (api(deprecated=True), api()),
    "api-base-path-changed": (
        api(),
        {**api(), "paths": {"/v1/api/a": api()["paths"]["/a"]}},
    ),
    "api-operation-id-added": (api(), api(operationId="x")),
    "api-operation-id-removed": (api(operationId="x"), api()),
    "api-operation-id-changed": (api(operationId="x"), api(operationId="y")),
    "api-tag-added": (api(tags=["a"]), api(tags=["a", "b"])),
    "api-tag-removed": (api(tags=["a", "b"]), api(tags=["a"])),
    "api-security-added": (api(), api(security=[{"s": []}])),
    "api-security-removed": (api(security=[{"s": []}]), api()),
    "api-security-updated": (api(security=[{"s": []}]), api(security=[{"t": []}])),
    "api-security-component-added": (secured(), secured("s")),
    "api-security-component-removed": (secured("s"), secured()),
    "api-examples-changed": (
        api(requestBody={"content": {"a/b": {"example": 1}}}),
        api(requestBody={"content": {"a/b": {"example": 2}}}),
    ),
    "new-required-request-parameter": (api(), parameter(STRING, required=True)),
    "new-optional-request-parameter": (api(), parameter(STRING)),
    "request-parameter-removed": (parameter(STRING), api()),
    "request-parameter-renamed": (
        parameter(STRING),
        api(parameters=[{"name": "Q", "in": "query", "schema": STRING}]),
    ),
    "request-parameter-became-required": (parameter(STRING), parameter(STRING, required=True)),
    "request-parameter-became-optional": (parameter(STRING, required=True), parameter(STRING)),
    "request-body-added-required": (api(), api(requestBody={**media("a/b"), "required": True})),
    "request-body-added-optional": (api(), api(requestBody=media("a/b"))),
    "request-body-removed": (api(requestBody=media("a/b")), api()),
    "request-body-became-required": (
        api(requestBody=media("a/b")),
        api(requestBody={**media("a/b"), "required": True}),
    ),
    "request-body-became-optional": (
        api(requestBody={**media("a/b"), "required": True}),
        api(requestBody=media("a/b")),
    ),
    "request-body-media-type-added": (
        api(requestBody=media("a/b")),
        api(requestBody=media("a/b", "a/c")),
    ),
    "request-body-media-type-removed": (
        api(requestBody=media("a/b", "a/c")),
        api(requestBody=media("a/b")),
    ),
    "response-success-status-added": (statuses("200"), statuses("200", "202")),
    "response-success-status-removed": (statuses("200", "202"), statuses("200")),
    "response-non-success-status-added": (statuses("200"), statuses("200", "404")),
    "response-non-success-status-removed": (statuses("200", "404"), statuses("200")),
    "response-media-type-added": (
        api(responses={"200": media("a/b")}),
        api(responses={"200": media("a/b", "a/c")}),
    ),
    "response-media-type-removed": (
        api(responses={"200": media("a/b", "a/c")}),
        api(responses={"200": media("a/b")}),
    ),
    "response-header-added": (api(), header(STRING)),
    "response-header-removed": (header(STRING), api()),
    "new-required-request-property": (sent(EMPTY), sent(NEEDED)),
    "new-optional-request-property": (sent(EMPTY), sent(OBJECT)),
    "request-property-removed": (sent(OBJECT), sent(EMPTY)),
    "request-property-became-required": (sent(OBJECT), sent(NEEDED)),
    "request-property-became-optional": (sent(NEEDED), sent(OBJECT)),
    "response-property-added": (answer(EMPTY), answer(OBJECT)),
    "response-optional-property-removed": (answer(OBJECT), answer(EMPTY)),
    "response-required-property-removed": (answer(NEEDED), answer({**EMPTY, "required": []})),
    "response-property-became-optional": (answer(NEEDED), answer(OBJECT)),
    "response-property-became-required": (answer(OBJECT), answer(NEEDED)),
}
CASES: dict[str, tuple[Json, Json]] = {
    **OTHERS,
    **{
        f"{place}-{ending}": (wrap(old), wrap(new))
        for place, wrap in PLACES.items()
        for ending, (old, new) in CHANGES.items()
    },
}


@pytest.mark.parametrize("kind", CASES)
def test_kind_is_found_alone(kind: str) -> None:
    assert ids(*CASES[kind]) == [kind]


def test_every_kind_has_a_case() -> None:
    assert set(CASES) == set(KINDS)


# --- What is shared, what is the same --------------------------------------------------------------


def shared_by(count: int, schema: Json) -> Json:
    reference = {"$ref": "#/components/schemas/S"}
    document = answer({}, {"S": schema})
    item = answer(reference)["paths"]["/a"]
    document["paths"] = {f"/a{index}": clone(item) for index in range(count)}
    return document


def test_a_shared_component_is_reported_once_with_its_operations() -> None:
    [finding] = found(shared_by(9, OBJECT), shared_by(9, EMPTY))
    assert finding.id == "response-optional-property-removed"
    assert (finding.subject, finding.place) == ("schemas/S", "/a")
    assert finding.operations == tuple(f"GET /a{index}" for index in range(9))


def test_a_component_inside_another_reaches_the_operations_of_both() -> None:
    def document(inner: Json) -> Json:
        outer = {"type": "object", "properties": {"s": {"$ref": "#/components/schemas/S"}}}
        return answer({"$ref": "#/components/schemas/T"}, {"S": inner, "T": outer})

    [finding] = found(document(OBJECT), document(EMPTY))
    assert (finding.subject, finding.operations) == ("schemas/S", ("GET /a",))


def test_recursive_components_end() -> None:
    def document(member: Json) -> Json:
        again = {"$ref": "#/components/schemas/S"}
        node = {"type": "object", "properties": {"again": again, "list": member}}
        return answer(again, {"S": node})

    assert ids(document(STRING), document(NUMBER)) == ["response-property-type-changed"]


def test_null_of_both_versions_is_the_same() -> None:
    old = answer({"type": "object", "properties": {"a": {"type": "string", "nullable": True}}})
    new = answer({"type": "object", "properties": {"a": {"type": ["string", "null"]}}})
    assert ids(old, new) == []


def test_a_charset_is_no_other_media_type() -> None:
    old, new = (
        api(responses={"200": media(name)})
        for name in ("application/json", "application/json; charset=utf-8")
    )
    assert ids(old, new) == []


def test_a_renamed_path_parameter_is_a_rename() -> None:
    def document(name: str) -> Json:
        entry = {"name": name, "in": "path", "required": True, "schema": STRING}
        return {
            **api(),
            "paths": {
                f"/a/{{{name}}}": {"get": {**api()["paths"]["/a"]["get"], "parameters": [entry]}}
            },
        }

    assert ids(document("conId"), document("contract")) == ["request-parameter-renamed"]


# --- Properties of every pair ----------------------------------------------------------------------

schemas = st.recursive(
    st.sampled_from([STRING, NUMBER, INTEGER, ENUM, {"type": ["string", "null"]}]),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(
            lambda members: {
                "type": "object",
                "properties": members,
                "required": sorted(members)[:1],
            },
            st.dictionaries(st.sampled_from("abcdef"), inner, min_size=1, max_size=4),
        ),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=8,
)


@given(schemas)
def test_a_document_does_not_differ_from_itself(schema: Json) -> None:
    for wrap in PLACES.values():
        assert ids(wrap(schema), wrap(clone(schema))) == []


@given(schemas)
def test_order_does_not_matter(schema: Json) -> None:
    def turned(value: Json) -> Json:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return value

    assert ids(answer(schema), answer(turned(schema))) == []


@given(schemas)
def test_inlining_a_reference_does_not_matter(schema: Json) -> None:
    referred = answer({"$ref": "#/components/schemas/S"}, {"S": schema})
    assert ids(referred, answer(clone(schema), {"S": schema})) == []


@given(st.dictionaries(st.sampled_from("abcdef"), schemas, max_size=4), schemas)
def test_one_more_optional_property_is_one_finding(members: dict[str, Json], more: Json) -> None:
    old = {"type": "object", "properties": members}
    new = {"type": "object", "properties": {**members, "new": more}}
    assert ids(answer(old), answer(new)) == ["response-property-added"]


@given(schemas, schemas)
def test_everything_found_is_in_the_table(old: Json, new: Json) -> None:
    for wrap in PLACES.values():
        for finding in found(wrap(old), wrap(new)):
            assert finding.id in KINDS
            assert len(finding.fingerprint) == 12


def test_fingerprints_do_not_depend_on_where_a_component_stands() -> None:
    [first] = found(shared_by(1, OBJECT), shared_by(1, EMPTY))
    [second] = found(shared_by(5, OBJECT), shared_by(5, EMPTY))
    assert first.fingerprint == second.fingerprint


# --- Real revisions --------------------------------------------------------------------------------


def shown(old: Document, new: Document, form: str) -> str:
    names = command.version(old), command.version(new)
    return report.FORMATS[form](report.Report(*names, findings=compare(old, new), file="new.json"))


@pytest.fixture
def pinned(pin: Json) -> Document:
    return Document(pin)


def test_the_pin_does_not_differ_from_itself(pinned: Document, pin: Json) -> None:
    assert compare(pinned, Document(clone(pin))) == []


@pytest.mark.skipif(not EARLIER.is_file(), reason=f"needs the published document {EARLIER}")
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_earlier_revision_against_the_pin(
    form: str, pinned: Document, reports: SnapshotAssertion
) -> None:
    earlier = Document(facts.strip(read(EARLIER), EARLIER.name))
    assert shown(earlier, pinned, form) == reports


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_synthetic_revision_against_the_pin(
    form: str, pinned: Document, pin: Json, reports: SnapshotAssertion
) -> None:
    assert shown(pinned, Document(synthetic(pin)), form) == reports


def test_synthetic_revision_is_read_as_what_it_is(pinned: Document, pin: Json) -> None:
    findings = compare(pinned, Document(synthetic(pin)))
    by_id: dict[str, list[Finding]] = {}
    for finding in findings:
        by_id.setdefault(finding.id, []).append(finding)
    assert len(by_id["endpoint-added"]) == len(NEW_OPERATIONS)
    assert len(by_id["api-base-path-changed"]) == 1
    assert set(by_id) == {
        "endpoint-added",
        "api-base-path-changed",
        "api-operation-id-added",
        "api-tag-added",
        "api-tag-removed",
        "api-security-component-added",
    }


# --- The command -----------------------------------------------------------------------------------


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Result]:
    (tmp_path / "old.json").write_text(json.dumps(answer(OBJECT)))
    (tmp_path / "new.json").write_text(json.dumps(answer(EMPTY)))

    def run(*arguments: str) -> Result:
        files = [str(tmp_path / "old.json"), str(tmp_path / "new.json")]
        return CliRunner().invoke(commands, ["diff", *files, *arguments])

    return run


def test_command_fails_from_the_level_on(call: Callable[..., Result]) -> None:
    assert [call(*a).exit_code for a in ((), ("--fail-on", "ERR"), ("--fail-on", "WARN"))] == [
        0,
        0,
        1,
    ]


def test_a_baseline_makes_findings_known(call: Callable[..., Result], tmp_path: Path) -> None:
    baseline = str(tmp_path / "baseline.json")
    assert call("--write-baseline", baseline).exit_code == 0
    done = call("--baseline", baseline, "--fail-on", "INFO")
    assert (done.exit_code, done.output) == (0, "1 -> 1: 0 ERR, 0 WARN, 0 INFO (1 known)\n")


def test_json_is_a_stable_record(call: Callable[..., Result]) -> None:
    record = json.loads(call("--format", "json").output)
    assert record["levels"] == {"ERR": 0, "WARN": 1, "INFO": 0}
    [finding] = record["findings"]
    assert finding["operations"] == ["GET /a"]
    assert finding["effect"] == "tolerance"


def test_only_one_effect_is_shown(call: Callable[..., Result]) -> None:
    assert "0 ERR, 0 WARN, 0 INFO" in call("--effect", "wire").output
    assert "1 WARN" in call("--effect", "tolerance").output


def test_the_report_goes_to_a_file(call: Callable[..., Result], tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    assert call("--format", "markdown", "--out", str(out)).output == ""
    assert out.read_text().startswith("# 1 to 1\n")


@pytest.mark.parametrize("form", ["text", "markdown", "github"])
def test_hostile_names_stay_text(form: str) -> None:
    name = "a\n::error::b\x1b[31m`<script>"
    old = answer({"type": "object", "properties": {name: STRING}})
    printed = shown(Document(old), Document(answer(EMPTY)), form)
    assert "\x1b" not in printed
    assert not any(line.startswith("::error::b") for line in printed.splitlines())


def test_annotations_are_limited() -> None:
    old = answer({"type": "object", "properties": {f"p{i}": STRING for i in range(80)}})
    lines = shown(Document(old), Document(answer(EMPTY)), "github").splitlines()
    assert len(lines) == report.ANNOTATIONS + 1
    assert lines[-1].endswith("and 30 more findings")


def test_words_name_the_committed_documents() -> None:
    done = CliRunner().invoke(commands, ["diff", "pin", "pin"])
    version = read(ROOT / "spec" / "upstream" / "openapi.json")["info"]["version"]
    assert done.output == f"{version} -> {version}: 0 ERR, 0 WARN, 0 INFO\n"
