"""Declarations become model modules: one for each tag, one for what several tags share."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from generator.ir import Api, Declaration, Enum, Field, Model, UnionDeclaration
from generator.lower.operations import words
from generator.lower.python_types import TypeWriter, literal_values
from generator.lower.python_views import (
    EnumView,
    FieldView,
    ModelsModuleView,
    StructView,
    UnionView,
    export_order,
)
from generator.naming import Names
from generator.usage import SHARED, Usage
from normalizer.diagnostics import Diagnostic, Severity

SHARED_MODULE: Final = "shared"
_WORD: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class ModelLowering:
    """What lowering a model needs to know."""

    api: Api
    usage: Usage
    names: Names

    def modules(self) -> Iterator[tuple[str, ModelsModuleView]]:
        """`(module name, view)` for each home that has declarations, the shared one first."""
        tags = (operation.tag for operation in self.api.operations)
        homes = dict.fromkeys([SHARED, *tags, *self.usage.further_homes])
        for home in homes:
            mine = [
                declaration
                for name, declaration in self.api.declarations.items()
                if self.usage.homes.get(name) == home
            ]
            yield self.module(home), self._module(home, mine)

    def module(self, home: str) -> str:
        """The module of a home."""
        return self.names.resource(home) if home else SHARED_MODULE

    def _module(self, home: str, declarations: list[Declaration]) -> ModelsModuleView:
        writer = TypeWriter(self.api, self.names.model)
        enums = tuple(
            self._enum(d) for d in declarations if isinstance(d, Enum) and literal_values(d)
        )
        structs = tuple(self._struct(writer, d) for d in declarations if isinstance(d, Model))
        unions = tuple(
            self._union(writer, d) for d in declarations if isinstance(d, UnionDeclaration)
        )
        annotations = [field.annotation for struct in structs for field in struct.fields]
        annotations += [struct.additional for struct in structs]
        annotations += [text for union in unions for text in (union.static, *union.branches)]
        mentioned = {word for text in annotations for word in _WORD.findall(text)}
        markers = any(not union.is_native for union in unions)
        return ModelsModuleView(
            title=home or "what several groups share",
            imports=tuple(self._imports(home, mentioned)),
            core=tuple(self._core(structs, mentioned)),
            typing=tuple(_typing(enums, unions, mentioned, markers)),
            has_fields=any(s.additional or any(f.wire for f in s.fields) for s in structs),
            has_markers=markers,
            enums=enums,
            structs=structs,
            unions=unions,
        )

    def _imports(self, home: str, mentioned: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """`(module, names)` of what a module takes from others, sorted."""
        names: defaultdict[str, set[str]] = defaultdict(set)
        for component, other in self.usage.homes.items():
            names[self.module(other)].add(self.names.model(component))
        for module in sorted(names.keys() - {self.module(home)}):
            if used := names[module] & mentioned:
                yield module, tuple(sorted(used, key=export_order))

    def _core(self, structs: tuple[StructView, ...], mentioned: set[str]) -> Iterator[str]:
        unset = any("UNSET" in field.default for struct in structs for field in struct.fields)
        yield from ("UNSET",) if unset else ()
        yield from ("Model",) if any(not struct.additional for struct in structs) else ()
        yield from ("Number",) if "Number" in mentioned else ()
        yield from ("OpenModel",) if any(struct.additional for struct in structs) else ()
        yield from ("UnsetType",) if "UnsetType" in mentioned else ()

    def _enum(self, enum: Enum) -> EnumView:
        return EnumView(
            name=self.names.model(enum.name),
            doc=words(enum.doc) or f"Known values of `{enum.name}`.",
            values=literal_values(enum),
        )

    def _struct(self, writer: TypeWriter, model: Model) -> StructView:
        closed = self.usage.request_only(model.name)
        return StructView(
            name=self.names.model(model.name),
            doc=words(model.doc),
            component=model.name,
            fields=tuple(
                self._field(writer, model, field, closed)
                for field in model.fields
                if is_speakable(field.wire)
            ),
            additional=(
                writer.annotation(model.additional, closed=closed) if model.additional else ""
            ),
        )

    def unspeakable(self) -> Iterator[Diagnostic]:
        """A warning for each property that no model can declare; it stays reachable as raw JSON."""
        for name in sorted(self.usage.reached):
            declaration = self.api.declarations[name]
            for field in declaration.fields if isinstance(declaration, Model) else ():
                if not is_speakable(field.wire):
                    yield _undeclarable(field)

    def _field(self, writer: TypeWriter, model: Model, field: Field, closed: bool) -> FieldView:
        name = self.names.field(model.name, field.wire)
        annotation = writer.annotation(field.type, closed=closed)
        optional = not (closed and field.required)
        absent = "UnsetType" if closed else "None"
        if optional and absent not in annotation.split(" | ") and annotation != "Any":
            annotation = f"{annotation} | {absent}"
        elif optional and closed:
            annotation = "Any | UnsetType"
        default = ("UNSET" if closed else "None") if optional else ""
        return FieldView(
            name=name,
            wire="" if name == field.wire else field.wire,
            annotation=annotation,
            default=default,
            summary=words(field.doc),
        )

    def _union(self, writer: TypeWriter, union: UnionDeclaration) -> UnionView:
        closed = self.usage.request_only(union.name)
        return UnionView(
            name=self.names.model(union.name),
            doc=words(union.doc),
            static=writer.static_union(union.type, closed=closed),
            branches=writer.branches(union.type, closed=closed),
            is_native=writer.is_native(union.type) and not writer.mentions_union(union.type),
            tag=union.tag if union.mapping else "",
            mapping=union.mapping,
        )


def is_speakable(wire: str) -> bool:
    """Whether msgspec can declare a field of this wire name: no quote, backslash or control."""
    return not any(character in '"\\' or character < " " for character in wire)


def _undeclarable(field: Field) -> Diagnostic:
    return Diagnostic(
        code="field-undeclarable",
        severity=Severity.WARNING,
        pointer=field.origin.pointer,
        message=f"the property {field.wire!r} holds a character that msgspec refuses in names",
        hint="the model leaves it out; the raw JSON of a response still has it",
    )


def _typing(
    enums: tuple[EnumView, ...], unions: tuple[UnionView, ...], mentioned: set[str], markers: bool
) -> Iterator[str]:
    yield from ("TYPE_CHECKING",) if markers else ()
    yield from ("Any",) if "Any" in mentioned else ()
    yield from ("Literal",) if enums else ()
    yield from ("TypeAlias",) if enums or unions else ()
