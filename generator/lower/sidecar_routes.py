"""Operations become routes of FastAPI and methods of a backend; types are those of the Python client."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from generator.ir import Api, Enum, Operation, Parameter, Reference
from generator.lower.operations import in_order, one_line, words
from generator.lower.python_operations import MODELS, PythonOperations
from generator.lower.python_types import enum_bases, top_level
from generator.lower.sidecar_views import ArgumentView, RoutesModuleView, RouteView, SidecarView
from generator.lower.views import OperationView, ParameterView

_MARKERS: Final = {"path": "Path", "query": "Query", "header": "Header"}
_NUMBER: Final = re.compile(r"(?<![.\w])Number\b")
"""What a client may send in several forms arrives as a float."""


@dataclass(frozen=True, slots=True)
class SidecarRoutes:
    """Lowers operations to routes."""

    api: Api
    python: PythonOperations

    def view(self) -> SidecarView:
        """The routes of all tags."""
        known = {operation.id: operation for operation in self.api.operations}
        modules = (
            _module(
                view.title, resource, [_route(self.api, known[op.id], op) for op in view.operations]
            )
            for resource, view in self.python.modules()
        )
        return SidecarView(modules=tuple(sorted(modules, key=lambda module: module.resource)))


def _module(title: str, resource: str, routes: list[RouteView]) -> RoutesModuleView:
    arguments = [item for route in routes for item in (*route.positional, *route.keywords)]
    texts = [item.annotation for item in arguments] + [route.body for route in routes]
    return RoutesModuleView(
        title=title,
        resource=resource,
        markers=tuple(sorted({item.marker for item in arguments})),
        uses_models=any(f"{MODELS}." in text for text in texts),
        uses_any=any(re.search(r"\bAny\b", text) for text in texts),
        uses_annotated=bool(arguments) or any(route.body for route in routes),
        routes=tuple(routes),
    )


def _route(api: Api, operation: Operation, view: OperationView) -> RouteView:
    arguments = dict(_arguments(api, operation, view))
    return RouteView(
        operation=view,
        verb=view.method.lower(),
        target=f"{view.resource}_{view.method_name}",
        doc=words(operation.doc) or f"`{operation.key}`.",
        positional=tuple(arguments[item.argument] for item in view.positional),
        keywords=tuple(arguments[item.argument] for item in view.keywords),
        body=_body(view),
        result=_result(view.result),
    )


def _result(annotation: str) -> str:
    """What a method of a backend may give: what the client's gives, or a whole response."""
    parts = [part for part in top_level(annotation) if part != "None"]
    nothing = ["None"] if "None" in top_level(annotation) else []
    return "Any" if "Any" in parts else " | ".join([*parts, "Response", *nothing])


def _body(view: OperationView) -> str:
    if view.body is None:
        return ""
    return _arrived(view.body.type) + ("" if view.body.required else " | None")


def _arguments(
    api: Api, operation: Operation, view: OperationView
) -> Iterator[tuple[str, ArgumentView]]:
    for parameter, shown in zip(in_order(operation), view.parameters, strict=True):
        annotation = _arrived(shown.annotation)
        yield (
            shown.argument,
            ArgumentView(
                name=shown.argument,
                annotation=annotation,
                marker=_MARKERS[parameter.location],
                settings=tuple(_settings(parameter, shown)),
                reader=_reader(api, parameter, annotation),
                required=parameter.required,
            ),
        )


def _reader(api: Api, parameter: Parameter, annotation: str) -> str:
    """Lists in one text are split, and numbers of which a few are known are read as numbers."""
    if not parameter.explode and annotation.startswith("list["):
        return "Split"
    kind = parameter.type
    known = api.declarations.get(kind.name) if isinstance(kind, Reference) else None
    return "Whole" if isinstance(known, Enum) and enum_bases(known) == ["int"] else ""


def _arrived(annotation: str) -> str:
    """The type of what arrives where a client may send what the annotation says."""
    return _NUMBER.sub("float", annotation)


def _settings(parameter: Parameter, shown: ParameterView) -> Iterator[tuple[str, str | float]]:
    """What FastAPI is told of a value: its name on the wire, its limits and what is said of it."""
    said: Mapping[str, str | float | None] = {
        "alias": parameter.wire if parameter.wire != shown.argument else None,
        "ge": parameter.limits.minimum,
        "le": parameter.limits.maximum,
        "max_length": parameter.limits.most_items,
        "description": one_line(parameter.doc) or None,
    }
    for name, value in said.items():
        if value is not None:
            yield name, value
