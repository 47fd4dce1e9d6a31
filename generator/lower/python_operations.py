"""Operations become modules of constants and methods, one a tag."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from generator.ir import (
    Api,
    Body,
    Content,
    Doc,
    Operation,
    Parameter,
    Primitive,
    PrimitiveKind,
    Response,
    TypeExpr,
)
from generator.lower.python_models import ModelLowering, words
from generator.lower.python_types import TypeWriter
from generator.lower.python_views import (
    BodyView,
    OperationsModuleView,
    OperationView,
    ParameterView,
    ResponseView,
)
from generator.naming import Names
from generator.naming.reserved import PYTHON_CLASS_NAMES, PYTHON_KEYWORDS
from generator.naming.words import pascal

MODELS: Final = "_models"
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class OperationLowering:
    """What lowering an operation needs to know."""

    api: Api
    names: Names
    models: ModelLowering

    def modules(self) -> Iterator[tuple[str, OperationsModuleView]]:
        """`(resource, view)` for each tag that has operations."""
        for tag in dict.fromkeys(operation.tag for operation in self.api.operations):
            mine = tuple(self._operation(op) for op in self.api.operations if op.tag == tag)
            resource = self.names.resource(tag)
            yield resource, self._module(tag, resource, mine)

    def _module(
        self, tag: str, resource: str, operations: tuple[OperationView, ...]
    ) -> OperationsModuleView:
        parameters = [parameter for op in operations for parameter in op.parameters]
        bodies = [operation.body for operation in operations if operation.body]
        annotations = [parameter.annotation for parameter in parameters]
        annotations += [body.annotation for body in bodies]
        annotations += [operation.result for operation in operations]
        types = [r.type for op in operations for r in op.responses]
        types += [parameter.type for parameter in parameters]
        types += [text for body in bodies for text in (body.type, body.claims)]
        return OperationsModuleView(
            title=tag,
            resource=resource,
            class_name=class_name(resource),
            typing=tuple(_typing(annotations, types)),
            has_bodies=bool(bodies),
            has_parameters=bool(parameters),
            uses_mapping=_mentions(annotations, "Mapping"),
            uses_number=_mentions([*annotations, *types], "Number"),
            uses_models=_mentions([*annotations, *types], MODELS),
            operations=operations,
        )

    def _operation(self, operation: Operation) -> OperationView:
        resource = self.names.resource(operation.tag)
        method = self.names.method(operation)
        return OperationView(
            id=operation.id,
            constant=constant(method),
            resource=resource,
            method_name=method,
            method=operation.method,
            base_path=operation.base_path,
            path=operation.path,
            parameters=tuple(self._parameter(operation, item) for item in _in_order(operation)),
            body=self._body(operation.body) if operation.body else None,
            responses=tuple(view for item in operation.responses for view in self._response(item)),
            result=self._result(operation),
            doc=self._doc(operation),
        )

    def _parameter(self, operation: Operation, parameter: Parameter) -> ParameterView:
        annotation = self._write(parameter.type, closed=True)
        optional = annotation if parameter.required else f"{annotation} | None"
        return ParameterView(
            name=parameter.wire,
            argument=self.names.argument(operation, parameter.location, parameter.wire),
            location=parameter.location,
            required=parameter.required,
            explode=parameter.explode,
            annotation="Any" if annotation == "Any" else optional,
            type=annotation,
            summary=words(parameter.doc),
        )

    def _body(self, body: Body) -> BodyView:
        content = body.contents[0]
        kind = self._write(content.type, closed=True)
        plain = "json" in content.media_type or content.media_type == _FORM
        annotation = f"{kind} | Mapping[str, Any]" if plain and kind != "Any" else kind
        return BodyView(
            media_type=content.media_type,
            required=body.required,
            annotation=annotation,
            type=kind,
            claims=self._write(content.claims, closed=True) if content.claims is not None else "",
        )

    def _response(self, response: Response) -> Iterator[ResponseView]:
        for content in response.contents:
            yield ResponseView(
                status=response.status, media_type=content.media_type, type=self._answer(content)
            )
        if not response.contents:
            yield ResponseView(status=response.status, media_type="", type="")

    def _answer(self, content: Content) -> str:
        """The Python type of a body: text is `str` and files are `bytes`, whatever the schema says."""
        if "json" in content.media_type or "*" in content.media_type:
            return self._write(content.type, closed=False)
        return "str" if content.media_type.startswith("text/") else "bytes"

    def _result(self, operation: Operation) -> str:
        successes = [response for response in operation.responses if response.is_success]
        types: list[str] = []
        for response in successes:
            types += [self._answer(content) for content in response.contents] or ["None"]
        if not types:
            types = [self._write(Primitive(PrimitiveKind.ANY), closed=False)]
        return "Any" if "Any" in types else " | ".join(dict.fromkeys(types))

    def _write(self, expression: TypeExpr, *, closed: bool) -> str:
        return TypeWriter(self.api, self._qualified).annotation(expression, closed=closed)

    def _qualified(self, component: str) -> str:
        module = self.models.module(self.models.usage.homes[component])
        return f"{MODELS}.{module}.{self.names.model(component)}"

    def _doc(self, operation: Operation) -> str:
        head = words(operation.doc)
        call = f"Calls `{operation.method} {operation.path}`."
        listing = "\n".join(["Args:", *self._argument_docs(operation)])
        has_arguments = operation.body or operation.parameters
        return "\n\n".join(part for part in (head, call, has_arguments and listing) if part)

    def _argument_docs(self, operation: Operation) -> Iterator[str]:
        """One line for each argument; what the document does not explain is at least located."""
        in_path = [item for item in _in_order(operation) if item.location == "path"]
        others = [item for item in operation.parameters if item.location != "path"]
        for item in in_path:
            yield self._argument_doc(operation, item)
        if operation.body:
            yield f"    body: {_one_line(operation.body.doc) or 'The body of the request.'}"
        for item in others:
            yield self._argument_doc(operation, item)

    def _argument_doc(self, operation: Operation, item: Parameter) -> str:
        argument = self.names.argument(operation, item.location, item.wire)
        return f"    {argument}: {_one_line(item.doc) or f'`{item.wire}` of the {item.location}.'}"


def _one_line(doc: Doc) -> str:
    return " ".join(words(doc).split())


def _in_order(operation: Operation) -> list[Parameter]:
    """Parameters with those of the path first, in the order of the path."""

    def place(parameter: Parameter) -> int:
        in_path = parameter.location == "path"
        found = operation.path.find(f"{{{parameter.wire}}}") if in_path else -1
        return found if found >= 0 else len(operation.path)

    return sorted(operation.parameters, key=place)


def class_name(resource: str) -> str:
    """`market_data` gives `MarketData`; a name that modules need gets an underscore."""
    name = pascal(resource)
    return f"{name}_" if name in PYTHON_CLASS_NAMES | PYTHON_KEYWORDS else name


def constant(method: str) -> str:
    """`positions` gives `POSITIONS`."""
    return method.upper()


def _mentions(texts: list[str], word: str) -> bool:
    pattern = re.compile(rf"\b{word}\b")
    return any(pattern.search(text) for text in texts)


def _typing(annotations: list[str], types: list[str]) -> Iterator[str]:
    yield from ("TYPE_CHECKING",) if _mentions(annotations, "Mapping") else ()
    yield from ("Any",) if _mentions([*annotations, *types], "Any") else ()
