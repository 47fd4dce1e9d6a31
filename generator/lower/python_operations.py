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
    Field,
    Operation,
    Parameter,
    Primitive,
    PrimitiveKind,
    Response,
    TypeExpr,
)
from generator.lower.python_models import ModelLowering, is_speakable, words
from generator.lower.python_shapes import model_of, row_type
from generator.lower.python_types import TypeWriter
from generator.lower.python_views import (
    BodyFieldView,
    BodyView,
    OperationsModuleView,
    OperationView,
    PagesView,
    ParameterView,
    ResponseView,
)
from generator.naming import Names
from generator.naming.reserved import PYTHON_ARGUMENTS, PYTHON_CLASS_NAMES, PYTHON_KEYWORDS
from generator.naming.words import pascal
from generator.usage import is_open

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
        annotations += [field.annotation for body in bodies for field in body.fields]
        annotations += [operation.result for operation in operations]
        annotations += [f"Iterator[{op.pages.item}]" for op in operations if op.pages]
        types = [r.type for op in operations for r in op.responses]
        types += [parameter.type for parameter in parameters]
        types += [text for body in bodies for text in (body.type, body.claims)]
        return OperationsModuleView(
            title=tag,
            resource=resource,
            class_name=class_name(resource),
            typing=tuple(_typing(annotations, types)),
            abstract=tuple(_abstract(annotations)),
            core_model=tuple(_core_model(bodies, [*annotations, *types])),
            core_operation=tuple(_core_operation(operations)),
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
            body=self._body(operation, operation.body) if operation.body else None,
            responses=tuple(view for item in operation.responses for view in self._response(item)),
            result=self._result(operation),
            doc=self._doc(operation),
            behaviour=operation.behaviour,
            pages=self._pages(operation),
        )

    def _pages(self, operation: Operation) -> PagesView | None:
        """How to walk through a listing; nothing where its rows have no one type."""
        way = operation.behaviour.pagination
        row = row_type(self.api, operation) if way else None
        if way is None or row is None:
            return None
        return PagesView(
            style=way.style,
            argument=self._argument_of(operation, way.parameter),
            start=way.start,
            size=way.size,
            source=way.source,
            follow=self._operation_id(way.follow),
            item=self._write(row, closed=False),
        )

    def _argument_of(self, operation: Operation, wire: str) -> str:
        found = next(item for item in operation.parameters if item.wire == wire)
        return self.names.argument(operation, found.location, found.wire)

    def _operation_id(self, call: str) -> str:
        return next((item.id for item in self.api.operations if item.key == call), "")

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

    def _body(self, operation: Operation, body: Body) -> BodyView:
        content = body.contents[0]
        kind = self._write(content.type, closed=True)
        takes_mapping = _is_object(content) and kind != "Any"
        annotation = f"{kind} | Mapping[str, Any]" if takes_mapping else kind
        return BodyView(
            media_type=content.media_type,
            required=body.required,
            annotation=annotation,
            type=kind,
            claims=self._write(content.claims, closed=True) if content.claims is not None else "",
            fields=tuple(self._body_fields(operation)),
        )

    def _body_fields(self, operation: Operation) -> Iterator[BodyFieldView]:
        writer = TypeWriter(self.api, self._qualified, is_input=True)
        for field, argument in self._keywords(operation):
            annotation = writer.annotation(field.type, closed=True)
            yield BodyFieldView(wire=field.wire, argument=argument, annotation=annotation)

    def _keywords(self, operation: Operation) -> Iterator[tuple[Field, str]]:
        """The fields of a body that can be keywords: all whose names the method has no other use for."""
        content = operation.body.contents[0] if operation.body else None
        model = model_of(self.api, content.type) if content and _is_object(content) else None
        if model is None:
            return
        taken = {self.names.argument(operation, p.location, p.wire) for p in operation.parameters}
        for field in model.fields:
            argument = self.names.field(model.name, field.wire)
            if argument not in taken | PYTHON_ARGUMENTS and is_speakable(field.wire):
                yield field, argument

    def _response(self, response: Response) -> Iterator[ResponseView]:
        for content in response.contents:
            yield ResponseView(
                status=response.status,
                media_type=content.media_type,
                type=self._answer(content),
                is_open=is_open(self.api, content.type),
            )
        if not response.contents:
            yield ResponseView(status=response.status, media_type="", type="", is_open=False)

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
        for field, argument in self._keywords(operation):
            yield f"    {argument}: {_one_line(field.doc) or f'`{field.wire}` of the body.'}"

    def _argument_doc(self, operation: Operation, item: Parameter) -> str:
        argument = self.names.argument(operation, item.location, item.wire)
        return f"    {argument}: {_one_line(item.doc) or f'`{item.wire}` of the {item.location}.'}"


def _is_object(content: Content) -> bool:
    """Whether a body is written from fields: JSON or a form."""
    return "json" in content.media_type or content.media_type == _FORM


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
    yield from ("TYPE_CHECKING",)
    yield from ("Any",) if _mentions([*annotations, *types], "Any") else ()


def _abstract(annotations: list[str]) -> Iterator[str]:
    """Names of `collections.abc` that annotations use; iterators come in both colours."""
    yield from ("AsyncIterator", "Iterator") if _mentions(annotations, "Iterator") else ()
    yield from (word for word in ("Mapping", "Sequence") if _mentions(annotations, word))


def _core_model(bodies: list[BodyView], texts: list[str]) -> Iterator[str]:
    fields = any(body.fields for body in bodies)
    yield from ("UNSET",) if fields else ()
    yield from ("Number",) if _mentions(texts, "Number") else ()
    yield from ("UnsetType",) if fields else ()


def _core_operation(operations: tuple[OperationView, ...]) -> Iterator[str]:
    yield from ("Body",) if any(item.body for item in operations) else ()
    yield "Operation"
    yield from ("Pacing",) if any(item.behaviour.pacing for item in operations) else ()
    yield from ("Pagination",) if any(item.pages for item in operations) else ()
    yield from ("Parameter",) if any(item.parameters for item in operations) else ()
    yield from ("Preflight",) if any(item.behaviour.preflight for item in operations) else ()
    yield "Response"
    yield from ("WarmUp",) if any(item.behaviour.warm_up for item in operations) else ()
