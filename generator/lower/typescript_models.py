"""Declarations become modules of types: one for each tag, one for what several tags share."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import normpath
from typing import Final

from generator.ir import (
    Api,
    Declaration,
    Doc,
    Enum,
    Field,
    Model,
    Nullable,
    Primitive,
    TypeExpr,
    UnionDeclaration,
)
from generator.lower.operations import words
from generator.lower.typescript_types import JSON, TypeWriter
from generator.lower.typescript_views import (
    EnumView,
    ImportView,
    InterfaceView,
    PropertyView,
    TypesModuleView,
    UnionView,
)
from generator.naming import Names
from generator.usage import SHARED, Usage

SHARED_MODULE: Final = "shared"
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*")
_NOTES: Final = {
    "int64": "An integer of up to 64 bits; beyond 2^53 digits are lost unless `parseBigInts` reads them.",
}


@dataclass(frozen=True, slots=True)
class TypeLowering:
    """What lowering a declaration needs to know."""

    api: Api
    usage: Usage
    names: Names

    @property
    def writer(self) -> TypeWriter:
        """Writes types by the names of this API."""
        return TypeWriter(self.api, self.names.model)

    def modules(self) -> Iterator[tuple[str, TypesModuleView]]:
        """`(module, view)` for each home that has declarations, the shared one first."""
        tags = (operation.tag for operation in self.api.operations)
        for home in dict.fromkeys([SHARED, *tags, *self.usage.further_homes]):
            mine = [d for n, d in self.api.declarations.items() if self.usage.homes.get(n) == home]
            view = self._module(home, mine)
            if view.enums or view.interfaces or view.unions:
                yield self.module(home), view

    def module(self, home: str) -> str:
        """The module of a home: `market-data`."""
        return kebab(self.names.resource(home)) if home else SHARED_MODULE

    def _module(self, home: str, declarations: list[Declaration]) -> TypesModuleView:
        enums = tuple(self._enum(d) for d in declarations if isinstance(d, Enum) and d.values)
        interfaces = tuple(self._interface(d) for d in declarations if isinstance(d, Model))
        unions = tuple(self._union(d) for d in declarations if isinstance(d, UnionDeclaration))
        texts = [text for i in interfaces for text in (i.further, *(p.type for p in i.properties))]
        texts += [member for item in unions for member in item.members]
        return TypesModuleView(
            title=home or "what several groups share",
            imports=tuple(self.imports(texts, home, ".")),
            enums=enums,
            interfaces=interfaces,
            unions=unions,
        )

    def imports(self, texts: Iterable[str], home: str | None, folder: str) -> Iterator[ImportView]:
        """What types mention that are not of this home; type modules stand in `folder`."""
        mentioned = {name for text in texts for name in _NAME.findall(text)}
        if JSON in mentioned:
            yield ImportView(path=_relative(f"{folder}/../core/json.js"), names=(JSON,))
        names: defaultdict[str, set[str]] = defaultdict(set)
        for component, other in self.usage.homes.items():
            if other != home:
                names[self.module(other)].add(self.names.model(component))
        for module in sorted(names):
            if used := names[module] & mentioned:
                yield ImportView(path=_relative(f"{folder}/{module}.js"), names=tuple(sorted(used)))

    def _enum(self, enum: Enum) -> EnumView:
        doc = words(enum.doc) or f"Known values of `{enum.name}`."
        return EnumView(name=self.names.model(enum.name), doc=doc, values=enum.values)

    def _interface(self, model: Model) -> InterfaceView:
        closed = self.usage.request_only(model.name)
        return InterfaceView(
            name=self.names.model(model.name),
            doc=words(model.doc) or f"`{model.name}`.",
            properties=tuple(self._property(field, closed=closed) for field in model.fields),
            further=self.writer.further(model, closed=closed),
        )

    def _property(self, field: Field, *, closed: bool) -> PropertyView:
        written = self.writer.write(field.type, closed=closed)
        return property_view(field.wire, written, field.required, field.doc, field.type, closed)

    def _union(self, declared: UnionDeclaration) -> UnionView:
        closed = self.usage.request_only(declared.name)
        return UnionView(
            name=self.names.model(declared.name),
            doc=words(declared.doc) or f"`{declared.name}`.",
            members=self.writer.members(declared.type, closed=closed),
        )


def property_view(
    name: str, written: str, required: bool, doc: Doc, expression: TypeExpr, is_sent: bool
) -> PropertyView:
    """A property; what is sent may be `undefined` where it may be left out."""
    is_open = is_sent and not required
    return PropertyView(
        name=name,
        type=f"{written} | undefined" if is_open else written,
        is_optional=not required,
        doc="\n\n".join(filter(None, (words(doc), _NOTES.get(_format(expression), "")))),
    )


def _relative(path: str) -> str:
    """A path as `import` takes it: with a dot in front."""
    short = normpath(path)
    return short if short.startswith(".") else f"./{short}"


def _format(expression: TypeExpr) -> str:
    inner = expression.inner if isinstance(expression, Nullable) else expression
    return inner.format if isinstance(inner, Primitive) else ""


def kebab(name: str) -> str:
    """`market_data` gives `market-data`; what several groups share has a module of that name."""
    short = name.strip("_").replace("_", "-")
    return f"{short}-group" if short == SHARED_MODULE else short


def camel(name: str) -> str:
    """`account_id` gives `accountId`; the underscore of a word that Python reserves goes."""
    head, *rest = name.strip("_").split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)
