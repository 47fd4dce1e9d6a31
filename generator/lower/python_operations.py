"""Operations become modules of constants and methods, one a tag."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from generator.ir import ANY, Api, Content, Field, Operation, Parameter, TypeExpr
from generator.lower.operations import (
    OperationLowering,
    body_fields,
    in_order,
    is_object,
    one_line,
    words,
)
from generator.lower.python_models import ModelLowering, is_speakable
from generator.lower.python_types import TypeWriter
from generator.lower.python_views import OperationsModuleView
from generator.lower.views import BodyFieldView, BodyView, OperationView
from generator.naming import Names
from generator.naming.reserved import PYTHON_ARGUMENTS, PYTHON_CLASS_NAMES, PYTHON_KEYWORDS
from generator.naming.words import pascal

MODELS: Final = "_models"


@dataclass(frozen=True, slots=True)
class PythonOperations:
    """Lowers operations to Python, and is how Python spells them."""

    api: Api
    names: Names
    models: ModelLowering

    def modules(self) -> Iterator[tuple[str, OperationsModuleView]]:
        """`(resource, view)` for each tag that has operations."""
        for tag, resource, operations in OperationLowering(self.api, self.names, self).groups():
            yield resource, _module(tag, resource, operations)

    def method(self, operation: Operation) -> str:
        """The name of an operation's method."""
        return self.names.method(operation)

    def argument(self, operation: Operation, parameter: Parameter) -> str:
        """The name of a parameter's argument."""
        return self.names.argument(operation, parameter.location, parameter.wire)

    def sent(self, expression: TypeExpr) -> str:
        """The type of what is sent."""
        return self._writer().annotation(expression, closed=True)

    def given(self, parameter: Parameter) -> str:
        """The annotation of a parameter's argument."""
        annotation = self.sent(parameter.type)
        is_settled = parameter.required or annotation == "Any"
        return annotation if is_settled else f"{annotation} | None"

    def body(self, content: Content) -> str:
        """The annotation of a body: dictionaries may stand for models."""
        kind = self.sent(content.type)
        return f"{kind} | Mapping[str, Any]" if is_object(content) and kind != "Any" else kind

    def keywords(self, operation: Operation) -> Iterator[BodyFieldView]:
        """The fields of a body that can be keywords."""
        writer = self._writer(is_input=True)
        for field, argument in self._keywords(operation):
            annotation = writer.annotation(field.type, closed=True)
            yield BodyFieldView(wire=field.wire, argument=argument, annotation=annotation)

    def _keywords(self, operation: Operation) -> Iterator[tuple[Field, str]]:
        """All fields of a body whose names the method has no other use for."""
        taken = {self.argument(operation, p) for p in operation.parameters} | PYTHON_ARGUMENTS
        model, fields = body_fields(self.api, operation)
        for field in fields:
            argument = self.names.field(model, field.wire)
            if argument not in taken and is_speakable(field.wire):
                yield field, argument

    def received(self, expression: TypeExpr) -> str:
        """The type of what comes."""
        return self._writer().annotation(expression, closed=False)

    def answer(self, content: Content) -> str:
        """The type of an answer: text is `str` and files are `bytes`, whatever the schema says."""
        if "json" in content.media_type or "*" in content.media_type:
            return self.received(content.type)
        return "str" if content.media_type.startswith("text/") else "bytes"

    def result(self, types: list[str]) -> str:
        """The type of a method's result."""
        written = [text or "None" for text in types] or [self.received(ANY)]
        return "Any" if "Any" in written else " | ".join(dict.fromkeys(written))

    def _writer(self, *, is_input: bool = False) -> TypeWriter:
        return TypeWriter(self.api, self._qualified, is_input)

    def _qualified(self, component: str) -> str:
        module = self.models.module(self.models.usage.homes[component])
        return f"{MODELS}.{module}.{self.names.model(component)}"

    def doc(self, operation: Operation) -> str:
        """The docstring of a method."""
        head = words(operation.doc)
        call = f"Calls `{operation.method} {operation.path}`."
        listing = "\n".join(["Args:", *self._argument_docs(operation)])
        has_arguments = operation.body or operation.parameters
        return "\n\n".join(part for part in (head, call, has_arguments and listing) if part)

    def _argument_docs(self, operation: Operation) -> Iterator[str]:
        """One line for each argument; what the document does not explain is at least located."""
        in_path = [item for item in in_order(operation) if item.location == "path"]
        others = [item for item in operation.parameters if item.location != "path"]
        for item in in_path:
            yield self._argument_doc(operation, item)
        if operation.body:
            yield f"    body: {one_line(operation.body.doc) or 'The body of the request.'}"
        for item in others:
            yield self._argument_doc(operation, item)
        for field, argument in self._keywords(operation):
            yield f"    {argument}: {one_line(field.doc) or f'`{field.wire}` of the body.'}"

    def _argument_doc(self, operation: Operation, item: Parameter) -> str:
        argument = self.argument(operation, item)
        return f"    {argument}: {one_line(item.doc) or f'`{item.wire}` of the {item.location}.'}"


def _module(tag: str, resource: str, operations: tuple[OperationView, ...]) -> OperationsModuleView:
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


def class_name(resource: str) -> str:
    """`market_data` gives `MarketData`; a name that modules need gets an underscore."""
    name = pascal(resource)
    return f"{name}_" if name in PYTHON_CLASS_NAMES | PYTHON_KEYWORDS else name


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
