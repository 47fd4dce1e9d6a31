"""Operations become views: the part that is the same in every language."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

from generator.ir import Api, Body, Content, Doc, Field, Operation, Parameter, Response, TypeExpr
from generator.lower.shapes import model_of, row_type, without_refusals
from generator.lower.views import (
    BodyFieldView,
    BodyView,
    OperationView,
    PagesView,
    ParameterView,
    ResponseView,
)
from generator.naming import Names
from generator.usage import is_open

FORM: Final = "application/x-www-form-urlencoded"


class Spelling(Protocol):
    """How a language spells what operations are made of."""

    def method(self, operation: Operation) -> str:
        """The name of an operation's method."""
        ...

    def argument(self, operation: Operation, parameter: Parameter) -> str:
        """The name of a parameter's argument."""
        ...

    def sent(self, expression: TypeExpr) -> str:
        """The type of what is sent."""
        ...

    def given(self, parameter: Parameter) -> str:
        """The annotation of a parameter's argument."""
        ...

    def body(self, content: Content) -> str:
        """The annotation of a body."""
        ...

    def keywords(self, operation: Operation) -> Iterator[BodyFieldView]:
        """The fields of a body that the method takes by themselves."""
        ...

    def received(self, expression: TypeExpr) -> str:
        """The type of what comes."""
        ...

    def answer(self, content: Content) -> str:
        """The type of an answer's body."""
        ...

    def result(self, types: list[str]) -> str:
        """The type of a method's result; an empty text stands for no body."""
        ...

    def doc(self, operation: Operation) -> str:
        """The documentation of a method."""
        ...


@dataclass(frozen=True, slots=True)
class OperationLowering:
    """What lowering an operation needs to know."""

    api: Api
    names: Names
    spelling: Spelling

    def groups(self) -> Iterator[tuple[str, str, tuple[OperationView, ...]]]:
        """`(tag, resource, operations)` for each tag that has operations."""
        for tag in dict.fromkeys(operation.tag for operation in self.api.operations):
            mine = tuple(self._operation(op) for op in self.api.operations if op.tag == tag)
            yield tag, self.names.resource(tag), mine

    def _operation(self, operation: Operation) -> OperationView:
        spelling = self.spelling
        return OperationView(
            id=operation.id,
            constant=constant(self.names.method(operation)),
            resource=self.names.resource(operation.tag),
            method_name=spelling.method(operation),
            method=operation.method,
            base_path=operation.base_path,
            path=operation.path,
            parameters=tuple(self._parameter(operation, item) for item in in_order(operation)),
            body=self._body(operation, operation.body) if operation.body else None,
            responses=tuple(view for item in operation.responses for view in self._response(item)),
            result=spelling.result(list(self._successes(operation))),
            doc=spelling.doc(operation),
            behaviour=operation.behaviour,
            pages=self._pages(operation),
        )

    def _pages(self, operation: Operation) -> PagesView | None:
        """How to walk through a listing; nothing where its rows have no one type."""
        way = operation.behaviour.pagination
        row = row_type(self.api, operation) if way else None
        if way is None or row is None:
            return None
        counter = next(item for item in operation.parameters if item.wire == way.parameter)
        return PagesView(
            style=way.style,
            argument=self.spelling.argument(operation, counter),
            start=way.start,
            size=way.size,
            source=way.source,
            follow=next((item.id for item in self.api.operations if item.key == way.follow), ""),
            item=self.spelling.received(row),
        )

    def _parameter(self, operation: Operation, parameter: Parameter) -> ParameterView:
        return ParameterView(
            name=parameter.wire,
            argument=self.spelling.argument(operation, parameter),
            location=parameter.location,
            required=parameter.required,
            explode=parameter.explode,
            annotation=self.spelling.given(parameter),
            type=self.spelling.sent(parameter.type),
            summary=words(parameter.doc),
        )

    def _body(self, operation: Operation, body: Body) -> BodyView:
        content = body.contents[0]
        return BodyView(
            media_type=content.media_type,
            required=body.required,
            annotation=self.spelling.body(content),
            type=self.spelling.sent(content.type),
            claims=self.spelling.sent(content.claims) if content.claims is not None else "",
            fields=tuple(self.spelling.keywords(operation)),
        )

    def _response(self, response: Response) -> Iterator[ResponseView]:
        for content in response.contents:
            yield ResponseView(
                status=response.status,
                media_type=content.media_type,
                type=self.spelling.answer(content),
                is_open=is_open(self.api, content.type),
            )
        if not response.contents:
            yield ResponseView(status=response.status, media_type="", type="", is_open=False)

    def _successes(self, operation: Operation) -> Iterator[str]:
        """The types of what a caller gets; an empty text where no body comes."""
        for response in operation.responses:
            if response.is_success:
                kept = (replace(c, type=kind) for c in response.contents for kind in self._kept(c))
                yield from [self.spelling.answer(content) for content in kept] or [""]

    def _kept(self, content: Content) -> list[TypeExpr]:
        return without_refusals(self.api, content.type)


def is_object(content: Content) -> bool:
    """Whether a body is written from fields: JSON or a form."""
    return "json" in content.media_type or content.media_type == FORM


def body_fields(api: Api, operation: Operation) -> tuple[str, tuple[Field, ...]]:
    """The component of a body that is a model, with its fields; nothing for other bodies."""
    content = operation.body.contents[0] if operation.body else None
    model = model_of(api, content.type) if content and is_object(content) else None
    return (model.name, model.fields) if model else ("", ())


def in_order(operation: Operation) -> list[Parameter]:
    """Parameters with those of the path first, in the order of the path."""

    def place(parameter: Parameter) -> int:
        in_path = parameter.location == "path"
        found = operation.path.find(f"{{{parameter.wire}}}") if in_path else -1
        return found if found >= 0 else len(operation.path)

    return sorted(operation.parameters, key=place)


def constant(method: str) -> str:
    """`positions` gives `POSITIONS`."""
    return method.upper()


def words(doc: Doc) -> str:
    """A doc as one text: summary, a blank line, description."""
    summary = doc.summary and f"{doc.summary.rstrip('.')}."
    text = "\n\n".join(part for part in (summary, doc.description) if part)
    return f"{text}\n\nDeprecated.".strip() if doc.deprecated else text


def one_line(doc: Doc) -> str:
    """A doc without line breaks."""
    return " ".join(words(doc).split())
