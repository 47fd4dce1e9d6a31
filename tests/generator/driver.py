"""Runs in a fresh interpreter: imports packages, each in a forked child, and says what it found.

Standard input: a list of jobs `{"src": folder, "samples": payloads by operation id}`; the id "" is
the first operation. Standard output: for each job `{"error": traceback}` or what `examine` returns.
"""

import builtins
import importlib
import json
import os
import pkgutil
import sys
import traceback
import typing
from typing import Any

import httpx2  # noqa: F401  # loaded once, before the children
import msgspec
import pydantic_core  # noqa: F401  # as above


def examine(job: dict[str, Any]) -> dict[str, Any]:
    """Import everything, build every decoder, decode the sample."""
    sys.path.insert(0, job["src"])
    modules = import_all()
    registry = importlib.import_module("bezant_api.registry").OPERATIONS
    for operation in registry.values():
        build_decoders(operation)
    return {
        "modules": len(modules),
        "operations": [describe(operation) for operation in registry.values()],
        "structs": structs(modules),
        "literals": literals(modules),
        "docs": [module.__doc__ or "" for module in modules] + docs(modules),
        "version": importlib.import_module("bezant_api").SPEC_VERSION,
        "echoes": {
            name: echo(registry[name or next(iter(registry))], sample)
            for name, sample in job.get("samples", {}).items()
        },
        "sentinel": hasattr(builtins, "bezant_sentinel"),
    }


def import_all() -> list[Any]:
    """All modules of the package."""
    package = importlib.import_module("bezant_api")
    found = pkgutil.walk_packages(package.__path__, "bezant_api.", onerror=fail)
    return [package, *(importlib.import_module(item.name) for item in found)]


def fail(name: str) -> None:
    """Refuse a package that cannot be walked."""
    raise ImportError(name)


def build_decoders(operation: Any) -> None:
    """Build the strict and the lax decoder of all types of an operation."""
    decoder = importlib.import_module("bezant_api.core.decoding").decoder
    lazy = [response.type for response in operation.responses]
    lazy += [parameter.type for parameter in operation.parameters]
    lazy += [operation.body.type, operation.body.claims] if operation.body else []
    for kind in lazy:
        if kind is not None:
            decoder(kind(), strict=True)
            decoder(kind(), strict=False)


def describe(operation: Any) -> dict[str, Any]:
    """What an operation holds as data."""
    return {
        "id": operation.id,
        "path": operation.path,
        "parameters": [parameter.name for parameter in operation.parameters],
        "media": [response.media_type for response in operation.responses],
        "body": operation.body.media_type if operation.body else "",
    }


def structs(modules: list[Any]) -> dict[str, list[str]]:
    """Wire names by model."""
    return {
        name: list(value.__struct_encode_fields__)
        for name, value in exported(modules)
        if isinstance(value, type) and issubclass(value, msgspec.Struct)
    }


def literals(modules: list[Any]) -> dict[str, list[Any]]:
    """Values by enum."""
    return {
        name: list(typing.get_args(value))
        for name, value in exported(modules)
        if typing.get_origin(value) is typing.Literal
    }


def docs(modules: list[Any]) -> list[str]:
    """Docstrings of models, resource groups and methods."""
    found: list[str] = []
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                methods = [item for item in vars(value).values() if callable(item)]
                found += [item.__doc__ or "" for item in (value, *methods)]
    return found


def exported(modules: list[Any]) -> list[tuple[str, Any]]:
    """Public names of the model modules."""
    models = [module for module in modules if module.__name__.startswith("bezant_api.models.")]
    return [(name, getattr(module, name)) for module in models for name in module.__all__]


def echo(operation: Any, sample: Any) -> Any:
    """A payload, typed and written again; or why it cannot be typed."""
    try:
        value = operation.decode(200, "application/json", msgspec.json.encode(sample), "strict")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return json.loads(msgspec.json.encode(value))


def in_child(job: dict[str, Any]) -> Any:
    """Examine in a forked child: all packages have the same name."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        answer(job, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text)


def answer(job: dict[str, Any], writer: int) -> typing.NoReturn:
    """The child: write the findings, and leave without clean-up of what the parent owns."""
    try:
        found = examine(job)
    except BaseException:
        found = {"error": traceback.format_exc()}
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        json.dump(found, stream)
    os._exit(0)


if __name__ == "__main__":
    json.dump([in_child(job) for job in json.load(sys.stdin)], sys.stdout)
