"""One table of identifiers for a whole API, made once and read by the emitters of a language."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from generator.ir import Api, Model, Operation
from generator.naming import curated
from generator.naming.lock import NameLock
from generator.naming.reserved import (
    PYTHON_ANNOTATIONS,
    PYTHON_ARGUMENTS,
    PYTHON_BUILTIN_ARGUMENTS,
    PYTHON_CLASS_NAMES,
    PYTHON_GROUPS,
    PYTHON_KEYWORDS,
    PYTHON_MEMBERS,
)
from generator.naming.words import pascal, snake
from normalizer.diagnostics import Diagnostic, Severity


@dataclass(frozen=True, slots=True)
class Names:
    """Identifiers by lock key; `diagnostics` reports each collision that had to be resolved."""

    table: Mapping[str, str]
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def resource(self, tag: str) -> str:
        """The resource group and module of a tag, or of the streams."""
        return self.table[f"tag:{tag}"]

    def method(self, operation: Operation) -> str:
        """The method of an operation on its resource group."""
        return self.table[f"operation:{operation_key(operation)}"]

    def argument(self, operation: Operation, location: str, wire: str) -> str:
        """The argument of a parameter."""
        return self.table[f"argument:{operation_key(operation)}#{location}:{wire}"]

    def model(self, component: str) -> str:
        """The class, or the alias, of a component."""
        return self.table[f"model:{component}"]

    def field(self, component: str, wire: str) -> str:
        """The attribute of a property."""
        return self.table[f"field:{component}#{wire}"]


def operation_key(operation: Operation) -> str:
    """Method and path with parameter names erased: what identifies a call across revisions."""
    return f"{operation.method} {re.sub(r'{[^}]*}', '{}', operation.path)}"


def keep_groups(api: Api, lock: NameLock) -> Api:
    """The API with every operation in the group that users know it in, whatever its tag is now."""
    operations = (
        replace(operation, tag=lock.names.get(f"group:{operation_key(operation)}", operation.tag))
        for operation in api.operations
    )
    return replace(api, operations=tuple(operations))


def name_api(api: Api, lock: NameLock, reached: Iterable[str], homes: Iterable[str] = ()) -> Names:
    """Name everything public, for Python; names in the lock are kept as they are.

    `reached` are the declarations that get names, `homes` the modules beside those of the tags.
    """
    maker = _Maker(lock)
    tags = list(dict.fromkeys(operation.tag for operation in api.operations))
    groups = dict.fromkeys((*tags, *homes))
    maker.scope("tag:", [(f"tag:{tag}", _tag_name(tag)) for tag in groups], PYTHON_GROUPS)
    for tag in tags:
        mine = [operation for operation in api.operations if operation.tag == tag]
        methods = [(f"operation:{operation_key(op)}", _method_name(op)) for op in mine]
        maker.scope(f"group:{tag}", methods, PYTHON_KEYWORDS | PYTHON_ANNOTATIONS)
        maker.table |= {f"group:{operation_key(op)}": tag for op in mine}
    for operation in api.operations:
        reserved = PYTHON_KEYWORDS | PYTHON_ARGUMENTS | PYTHON_BUILTIN_ARGUMENTS
        maker.scope(f"argument:{operation_key(operation)}", list(_arguments(operation)), reserved)
    prefixes = _class_prefixes(api, maker.table)
    models = [(f"model:{name}", _class_name(name, prefixes)) for name in sorted(reached)]
    maker.scope("model:", models, PYTHON_CLASS_NAMES)
    reserved_fields = PYTHON_KEYWORDS | PYTHON_ANNOTATIONS | PYTHON_MEMBERS
    for name in sorted(reached):
        declaration = api.declarations[name]
        if isinstance(declaration, Model):
            fields = list(_attributes(declaration))
            maker.scope(f"field:{name}", fields, reserved_fields)
    return Names(maker.table, maker.diagnostics)


class _Maker:
    """Gives out names scope by scope: locked ones first, then new ones in the order of the document."""

    def __init__(self, lock: NameLock) -> None:
        self.lock = lock
        self.table: dict[str, str] = {}
        self.diagnostics: list[Diagnostic] = []
        self._given = _by_scope(lock)

    def scope(self, scope: str, wanted: list[tuple[str, str]], reserved: frozenset[str]) -> None:
        """Name the symbols of one scope, in which names must differ, also from vanished ones."""
        taken = {name.casefold(): key for key, name in self._given.get(scope, ())}
        for key, name in wanted:
            self.table[key] = self.lock.names.get(key) or self._free(key, name, reserved, taken)

    def _free(self, key: str, name: str, reserved: frozenset[str], taken: dict[str, str]) -> str:
        candidate = base = f"{name}_" if name in reserved else name
        number = 2
        while candidate.casefold() in taken:
            candidate, number = f"{base}_{number}", number + 1
        if candidate != base:
            self.diagnostics.append(_collision(key, taken[base.casefold()], candidate))
        taken[candidate.casefold()] = key
        return candidate


def _by_scope(lock: NameLock) -> dict[str, list[tuple[str, str]]]:
    """Every name ever given out, by the scope in which it must stay unique."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, name in lock.names.items():
        kind, _, rest = key.partition(":")
        if kind in ("field", "argument"):
            found[key.partition("#")[0]].append((key, name))
        elif kind == "operation":
            found[f"group:{lock.names.get(f'group:{rest}', '')}"].append((key, name))
        else:
            found[f"{kind}:"].append((key, name))
    return found


def _collision(key: str, other: str, name: str) -> Diagnostic:
    return Diagnostic(
        code="name-collision",
        severity=Severity.INFO,
        message=f"{key} has the name of {other} and is called {name}",
        hint="generator/naming/curated.py can give it a better one",
    )


def _tag_name(tag: str) -> str:
    return curated.RESOURCES.get(tag) or _identifier(snake(tag), "group")


def _method_name(operation: Operation) -> str:
    chosen = curated.METHODS.get(operation_key(operation))
    return chosen or _identifier(snake(operation.id), "call")


def _arguments(operation: Operation) -> Iterator[tuple[str, str]]:
    for parameter in operation.parameters:
        key = f"argument:{operation_key(operation)}#{parameter.location}:{parameter.wire}"
        yield key, curated.ARGUMENTS.get(parameter.wire) or _identifier(
            snake(parameter.wire), "argument"
        )


def _class_prefixes(api: Api, table: Mapping[str, str]) -> dict[str, str]:
    """What generated component names begin with, and what people call it.

    Hoisted components begin with their owner: `PostIserverAccountOrdersResponse` belongs to the
    operation that users know as `orders.submit`, so its class is `OrdersSubmitResponse`.
    """
    prefixes = {pascal(component): name for component, name in curated.MODELS.items()}
    for operation in api.operations:
        resource, method = (
            table[f"tag:{operation.tag}"],
            table[f"operation:{operation_key(operation)}"],
        )
        prefixes[pascal(operation.id)] = pascal(resource) + pascal(method)
    return prefixes


def _class_name(component: str, prefixes: Mapping[str, str]) -> str:
    name = pascal(component)
    known = [p for p in prefixes if name.startswith(p) and not name[len(p) : len(p) + 1].islower()]
    if known:
        longest = max(known, key=len)
        name = prefixes[longest] + name[len(longest) :]
    return _identifier(name, "Model")


def _attributes(model: Model) -> Iterator[tuple[str, str]]:
    wires = [field.wire for field in model.fields]
    special = curated.BAR_FIELDS if {"o", "h", "l", "c"} <= set(wires) else curated.FIELDS
    for wire in wires:
        yield f"field:{model.name}#{wire}", _attribute(wire, special)


def _attribute(wire: str, special: Mapping[str, str]) -> str:
    return special.get(wire) or _identifier(snake(wire), "field")


def _identifier(name: str, prefix: str) -> str:
    """Make a name an identifier: `31` gives `field_31`, nothing gives `field`."""
    if not name:
        return prefix
    separator = "_" if prefix.islower() else ""
    return f"{prefix}{separator}{name}" if name[0].isdigit() else name
