"""What the document's examples and recorded answers hold is what the types say: the compiler judges."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client.drive import Document
from tests.conftest import SHARED
from tests.typescript.drive import entry_of, registry
from tests.typescript.project import ROOT, Project

RECORDINGS = sorted((SHARED / "recordings").glob("*/*.json"))


@pytest.fixture(scope="module")
def operations(project: Project) -> dict[str, Any]:
    return registry(project)


def _types(texts: list[str]) -> set[str]:
    names = {name for text in texts for name in re.findall(r"\b[A-Z]\w*", text)}
    return names - {"Uint8Array", "JsonValue"}


def _module(entry: str, values: list[tuple[str, Any]]) -> str:
    """A module that holds values to types; by name, so that what types do not know is admitted."""
    names = ", ".join(sorted(_types([kind for kind, _ in values])))
    lines = [f"import type {{ {names} }} from '{entry}'"] if names else []
    lines += ["import type { JsonValue } from 'bezant-client'"]
    for index, (kind, value) in enumerate(values):
        annotation = ": never[]" if value == [] else ""
        lines.append(f"const raw{index}{annotation} = {json.dumps(value)}")
        lines.append(f"export const value{index}: {kind} = raw{index}")
    lines.append("export type { JsonValue }")
    return "\n".join(lines) + "\n"


def _check(project: Project, name: str, values: dict[str, list[tuple[str, Any]]]) -> list[str]:
    files = []
    for entry, rows in values.items():
        file = project.folder / f"{name}-{entry}.ts"
        file.write_text(_module("./all.js", rows))
        files.append(file)
    types = [path.stem for path in (project.installed / "dist" / "types").glob("*.d.ts")]
    paths = [
        f"./node_modules/bezant-client/dist/types/{stem.removesuffix('.d')}.js" for stem in types
    ]
    (project.folder / "all.d.ts").write_text("".join(f"export type * from '{p}'\n" for p in paths))
    said = project.check(name, files, "tsc-7", noEmit=True, verbatimModuleSyntax=False)
    return [line for line in said.splitlines() if not line.startswith(" ")]


def _examples(operations: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    document = Document(ROOT / "spec" / "normalized" / "openapi.json")
    for item in document.root["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict) or "operationId" not in operation:
                continue
            known = operations[operation["operationId"]]
            types = {(a["status"], a["mediaType"]): a["type"] for a in known["answers"]}
            for status, answer in operation["responses"].items():
                content = document.resolve(answer).get("content", {})
                for media_type, media in content.items():
                    for value in _values(document, media):
                        if "json" in media_type:
                            yield entry_of(known["resource"]), types[status, media_type], value


def _values(document: Document, media: Any) -> Iterator[Any]:
    yield from [media["example"]] if "example" in media else []
    for example in media.get("examples", {}).values():
        yield document.resolve(example)["value"]


def _grouped(rows: Iterator[tuple[str, str, Any]]) -> dict[str, list[tuple[str, Any]]]:
    found: dict[str, list[tuple[str, Any]]] = {}
    for entry, kind, value in rows:
        found.setdefault(entry, []).append((kind, value))
    return found


def test_every_example_has_its_type(project: Project, operations: dict[str, Any]) -> None:
    grouped = _grouped(_examples(operations))
    assert sum(map(len, grouped.values())) > 400
    assert _check(project, "examples", grouped) == []


def test_a_wrong_value_does_not_have_its_type(project: Project, operations: dict[str, Any]) -> None:
    """The test above is worth what the compiler sees of a damage to each value."""
    rows = [
        (e, k, v) for e, k, v in _examples(operations) if isinstance(v, dict) and v and "|" not in k
    ]
    damaged = [(e, k, [value]) for e, k, value in rows if k.isidentifier()]
    assert len(damaged) > 100
    said = _check(project, "damaged", _grouped(iter(damaged)))
    assert len(said) > 0.9 * len(damaged)


def _recorded(operations: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for file in RECORDINGS:
        row = json.loads(file.read_text("utf-8"))
        operation = _operation(operations, row["method"], row["path"])
        kinds = [a["type"] for a in operation["answers"] if a["status"] == str(row["status"])]
        if kinds and isinstance(row["body"], dict | list):
            yield entry_of(operation["resource"]), kinds[0], row["body"]


def _operation(operations: dict[str, Any], method: str, path: str) -> Any:
    bare = path.partition("?")[0].removeprefix("/v1/api")
    exact = [o for o in operations.values() if (o["method"], o["path"]) == (method, bare)]
    fits = [
        o
        for o in operations.values()
        if o["method"] == method and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", o["path"]), bare)
    ]
    return next(iter((*exact, *fits)))


@pytest.mark.skipif(not RECORDINGS, reason="the recordings are not beside the project")
def test_every_recorded_answer_has_its_type(project: Project, operations: dict[str, Any]) -> None:
    grouped = _grouped(_recorded(operations))
    assert sum(map(len, grouped.values())) > 50
    assert _check(project, "recorded", grouped) == []
