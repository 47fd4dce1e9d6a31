"""Invariants of operations, parameters, responses and security."""

from collections.abc import Iterator
from typing import Final

from normalizer import parameters
from normalizer.diagnostics import Diagnostic
from normalizer.document import Json
from normalizer.invariant import Invariant, broken
from normalizer.rules.base_path import EXTENSION as BASE_PATH
from normalizer.rules.component_sections import SECTIONS
from normalizer.structure import Document, Kind


def _version(document: Document) -> Iterator[Diagnostic]:
    if not document.root["openapi"].startswith("3.1"):
        yield broken("openapi-3.1", "/openapi", f"found {document.root['openapi']}, expected 3.1")


def _sections(document: Document) -> Iterator[Diagnostic]:
    for name in document.root.get("components", {}):
        if name not in SECTIONS and not name.startswith("x-"):
            yield broken("component-sections", f"/components/{name}", "no such section in OpenAPI")


def _path_parameters(document: Document) -> Iterator[Diagnostic]:
    for found in parameters.of_operations(document):
        for name in found.undeclared:
            yield broken("path-parameters", found.operation.pointer, f"{{{name}}} is not declared")
        for entry in found.stray:
            yield broken("path-parameters", entry.pointer, f"{entry.name} is not in the path")


def _parameter_objects(document: Document) -> Iterator[Diagnostic]:
    for site in document.of(Kind.PARAMETER):
        if site.is_reference:
            continue
        if ("schema" in site.value) == ("content" in site.value):
            yield broken("parameter-objects", site.pointer, "needs either schema or content")
        if site.value.get("in") == "path" and site.value.get("required") is not True:
            yield broken("parameter-objects", site.pointer, "a path parameter must be required")
        if site.value.get("in") == "cookie":
            yield broken("parameter-objects", site.pointer, "a cookie belongs to a security scheme")


def _success(document: Document) -> Iterator[Diagnostic]:
    for operation in document.operations:
        statuses = operation.value.get("responses", {})
        if not any(status.startswith("2") or status == "default" for status in statuses):
            yield broken("success-response", operation.pointer, "no 2xx response is declared")


def _media_types(document: Document) -> Iterator[Diagnostic]:
    for site in document.of(Kind.MEDIA_TYPE):
        if "schema" not in site.value:
            yield broken("media-type-schema", site.pointer, "the media type has no schema")
        elif "jwt" in site.key.lower():
            schema = site.value["schema"]
            if not isinstance(schema, dict) or document.resolve(schema).get("type") != "string":
                yield broken("media-type-schema", site.pointer, "a token is a string")


def _base_paths(document: Document) -> Iterator[Diagnostic]:
    for operation in document.operations:
        if not isinstance(operation.value.get(BASE_PATH), str) or "servers" in operation.value:
            yield broken("base-path", operation.pointer, f"needs {BASE_PATH} and no servers")


def _security(document: Document) -> Iterator[Diagnostic]:
    schemes = document.root.get("components", {}).get("securitySchemes", {})
    holders: list[tuple[str, Json]] = [("", document.root)]
    holders += [(operation.pointer, operation.value) for operation in document.operations]
    for pointer, holder in holders:
        for index, requirement in enumerate(holder.get("security", ())):
            for name, scopes in requirement.items():
                if name not in schemes or not all(isinstance(scope, str) for scope in scopes):
                    where = f"{pointer}/security/{index}"
                    yield broken("security", where, f"{name} is undefined or has bad scopes")


INVARIANTS: Final = (
    Invariant(id="openapi-3.1", title="The document is OpenAPI 3.1", check=_version),
    Invariant(id="component-sections", title="Components have known sections", check=_sections),
    Invariant(
        id="path-parameters", title="Path parameters are the placeholders", check=_path_parameters
    ),
    Invariant(id="parameter-objects", title="Parameters are well-formed", check=_parameter_objects),
    Invariant(id="success-response", title="Every operation can succeed", check=_success),
    Invariant(
        id="media-type-schema", title="Every media type has a fitting schema", check=_media_types
    ),
    Invariant(id="base-path", title="Every operation states its base path", check=_base_paths),
    Invariant(id="security", title="Security requirements resolve", check=_security),
)
