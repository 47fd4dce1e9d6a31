"""What `bezant_api` offers by name, and the modules that it comes from."""

from collections.abc import Iterator
from typing import Final

from generator.lower.python_views import export_order

_PACKAGE: Final = "bezant_api"
_VERSIONS: Final = ("SPEC_SHA256", "SPEC_VERSION")
_NAMES: Final = {
    "client": ("AsyncClient", "Client"),
    "core.drift": ("DriftCollector", "DriftLogger", "SchemaDrift"),
    "core.examples": ("Example", "example"),
    "core.errors": ("ApiError", "BezantError", "TransportError"),
    "core.model": ("UNSET", "Model"),
    "core.operation": ("Operation",),
    "core.response": ("Response",),
    "core.retry": ("NEVER", "Retry"),
    "core.tables": ("columns", "rows"),
    "registry": ("OPERATIONS",),
}
_MODULES: Final = {"errors": "core", "middleware": "core", "models": "", "values": "core"}


def homes() -> tuple[tuple[str, str], ...]:
    """`(name, module)` of everything that loads when it is first used; a module is its own home."""
    found = [(name, f"{_PACKAGE}.{module}") for module, names in _NAMES.items() for name in names]
    found += [
        (name, ".".join(filter(None, (_PACKAGE, home, name)))) for name, home in _MODULES.items()
    ]
    return tuple(sorted(found, key=lambda pair: export_order(pair[0])))


def exported() -> tuple[str, ...]:
    """All public names."""
    names = [*_VERSIONS, *(name for name, _ in homes())]
    return tuple(sorted(names, key=lambda name: (export_order(name)[0], name)))


def imports() -> Iterator[tuple[str, tuple[str, ...]]]:
    """`(module, names)` of the imports that type checkers read."""
    lines = [(f"{_PACKAGE}.{module}", names) for module, names in _NAMES.items()]
    for name, home in _MODULES.items():
        lines.append((".".join(filter(None, (_PACKAGE, home))), (f"{name} as {name}",)))
    yield from sorted(lines)
