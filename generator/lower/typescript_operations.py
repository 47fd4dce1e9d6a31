"""Operations become modules of functions, one a tag."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from generator.ir import ANY, Content, Doc, Operation, Parameter, TypeExpr
from generator.lower.operations import FORM, OperationLowering, one_line, words
from generator.lower.typescript_models import TypeLowering, camel, kebab, property_view
from generator.lower.typescript_types import union
from generator.lower.typescript_views import (
    FunctionView,
    InterfaceView,
    OperationsModuleView,
    PropertyView,
    WireView,
)
from generator.lower.views import BodyFieldView, OperationView
from generator.naming.reserved import TYPESCRIPT_KEYWORDS
from generator.naming.words import pascal
from normalizer.diagnostics import BugError, Diagnostic

BODY: Final = "body"
"""The argument that a body is given as."""

_NOTHING: Final = "undefined"
_BYTES: Final = "Uint8Array"
_SESSIONS: Final = {
    "none": "no session",
    "login": "a login",
    "brokerage": "the brokerage session",
}


@dataclass(frozen=True, slots=True)
class TypeScriptOperations:
    """Lowers operations to TypeScript, and is how TypeScript spells them."""

    types: TypeLowering

    def modules(self) -> Iterator[tuple[str, OperationsModuleView]]:
        """`(module, view)` for each tag that has operations."""
        known = {operation.id: operation for operation in self.types.api.operations}
        typed = {module for module, _ in self.types.modules()}
        for tag, resource, operations in self.groups():
            constants = {view.id: view.constant for view in operations}
            functions = tuple(self._function(known[v.id], v, constants) for v in operations)
            texts = [p.type for f in functions if f.arguments for p in f.arguments.properties]
            texts += [function.result for function in functions]
            texts += [view.pages.item for view in operations if view.pages]
            entry = kebab(resource)
            yield entry, OperationsModuleView(
                title=tag,
                entry=entry,
                has_types=entry in typed,
                imports=tuple(self.types.imports(texts, None, "../types")),
                functions=functions,
            )

    def groups(self) -> Iterator[tuple[str, str, tuple[OperationView, ...]]]:
        """`(tag, resource, operations)` for each tag that has operations."""
        return OperationLowering(self.types.api, self.types.names, self).groups()

    def _function(
        self, operation: Operation, view: OperationView, constants: dict[str, str]
    ) -> FunctionView:
        exported = view.method_name
        arguments = self._arguments(operation, view)
        return FunctionView(
            name=f"{exported}_" if exported in TYPESCRIPT_KEYWORDS else exported,
            exported=exported,
            doc=view.doc,
            wire=_wire(view),
            arguments=arguments,
            is_called_bare=arguments is None or all(p.is_optional for p in arguments.properties),
            operation=view,
            follow=constants.get(view.pages.follow, "") if view.pages else "",
        )

    def _arguments(self, operation: Operation, view: OperationView) -> InterfaceView | None:
        properties = tuple(self._properties(operation))
        names = [item.name for item in properties]
        if len(set(names)) < len(names):
            raise _ambiguous(operation, names)
        if not properties:
            return None
        name = f"{pascal(view.method_name)}Arguments"
        doc = f"What `{view.method_name}` is asked with."
        return InterfaceView(name=name, doc=doc, properties=properties)

    def _properties(self, operation: Operation) -> Iterator[PropertyView]:
        for item in operation.parameters:
            name, doc = self.argument(operation, item), item.doc
            said = doc if words(doc) else Doc(f"`{item.wire}` of the {item.location}")
            yield property_view(name, self.given(item), item.required, said, item.type, True)
        if operation.body:
            content = operation.body.contents[0]
            said = Doc(one_line(operation.body.doc) or "The body of the request")
            written = self.body(content)
            yield property_view(
                BODY, written, operation.body.required, said, content.type, is_sent=True
            )

    def method(self, operation: Operation) -> str:
        """The name of an operation's function."""
        return camel(self.types.names.method(operation))

    def argument(self, operation: Operation, parameter: Parameter) -> str:
        """The name of a parameter's argument; `body` is that of the body."""
        name = camel(self.types.names.argument(operation, parameter.location, parameter.wire))
        return f"{name}_" if name == BODY else name

    def sent(self, expression: TypeExpr) -> str:
        """The type of what is sent."""
        return self.types.writer.write(expression, closed=True)

    def given(self, parameter: Parameter) -> str:
        """The type of a parameter's argument."""
        return self.sent(parameter.type)

    def body(self, content: Content) -> str:
        """The type of a body: what is neither JSON nor a form is sent as a text."""
        is_written = "json" in content.media_type or content.media_type == FORM
        return self.sent(content.type) if is_written else "string"

    def keywords(self, _: Operation) -> Iterator[BodyFieldView]:
        """None: a body is given as `body`, under its wire names."""
        yield from ()

    def received(self, expression: TypeExpr) -> str:
        """The type of what comes."""
        return self.types.writer.write(expression, closed=False)

    def answer(self, content: Content) -> str:
        """The type of an answer: text is a string and files are bytes, whatever the schema says."""
        if "json" in content.media_type or "*" in content.media_type:
            return self.received(content.type)
        return "string" if content.media_type.startswith("text/") else _BYTES

    def result(self, types: list[str]) -> str:
        """The type of a function's result."""
        return union([text or _NOTHING for text in types] or [self.received(ANY)])

    def doc(self, operation: Operation) -> str:
        """The JSDoc of a function: words, how the call behaves, and what it calls."""
        facts = " ".join(_facts(operation))
        call = f"Calls `{operation.method} {operation.path}`."
        tags = [f"@operationId {operation.id}"]
        tags += ["@deprecated"] if operation.doc.deprecated else []
        parts = (words(operation.doc).removesuffix("\n\nDeprecated."), f"{call} {facts}", *tags)
        return "\n\n".join(part for part in parts if part)


def _facts(operation: Operation) -> Iterator[str]:
    """What a caller should know about the behaviour of a call, in sentences."""
    behaviour = operation.behaviour
    yield f"Needs {_SESSIONS[behaviour.session]}."
    if pacing := behaviour.pacing:
        paced = f"{pacing.calls} in {pacing.window:g} s" if pacing.calls else ""
        at_once = f"{pacing.concurrent} at a time" if pacing.concurrent else ""
        yield f"Paced: {' and '.join(filter(None, (paced, at_once)))}."
    for item in behaviour.preflight:
        yield f"Call `{item.call}` before."
    if warm_up := behaviour.warm_up:
        yield f"Complete after {warm_up.calls} calls, {warm_up.delay:g} s apart."


def _wire(view: OperationView) -> WireView:
    path = view.base_path + view.path
    for parameter in view.parameters:
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", f"{{{parameter.argument}}}")
    required = [p.argument for p in view.parameters if p.required and p.location != "path"]
    return WireView(
        constant=view.constant,
        id=view.id,
        method=view.method,
        path=path,
        idempotency=view.behaviour.idempotency,
        query=tuple((p.argument, p.name) for p in view.parameters if p.location == "query"),
        joined=tuple(p.name for p in view.parameters if p.location == "query" and not p.explode),
        header=tuple((p.argument, p.name) for p in view.parameters if p.location == "header"),
        body=view.body.media_type if view.body else "",
        required=(*required, *([BODY] if view.body and view.body.required else [])),
    )


def _ambiguous(operation: Operation, names: list[str]) -> BugError:
    twice = next(name for name in names if names.count(name) > 1)
    return BugError(
        Diagnostic(
            code="name-ambiguous",
            pointer=operation.origin.pointer,
            message=f"{operation.id} would take two arguments called {twice}",
            hint="give one of them another name in generator/naming/curated.py",
        )
    )
