"""Small and hostile documents become TypeScript that compiles, reads well, and runs no text."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from generator.render import jsdoc, typescript_name, typescript_string
from normalizer.diagnostics import ToolkitError
from tests.generator import test_hostile as hostile
from tests.generator import workshop
from tests.generator.fragments import EDGES, FRAGMENTS
from tests.generator.snapshot_files import FragmentFile
from tests.typescript.project import Project, must, run

Packages = dict[str, dict[str, str]]


class TypeScriptFile(FragmentFile):
    """In `tests/snapshots/typescript`."""

    file_extension = "ts"
    folder = "typescript"


@pytest.fixture(scope="module")
def packages() -> Packages:
    made = {"hostile": workshop.make_typescript(hostile._document())}
    for name, source in {**FRAGMENTS, **EDGES}.items():
        made[name] = workshop.make_typescript(workshop.normalised(source))
    return made


@pytest.fixture(scope="module")
def compiled(packages: Packages, project: Project) -> Path:
    """All packages, compiled in one run; they share one kernel."""
    folder = project.folder / "fragments"
    for name, texts in packages.items():
        own = {p: t for p, t in texts.items() if p.startswith("src/") and "/core/" not in p}
        workshop.write(folder / _slug(name), own)
        (folder / _slug(name) / "src" / "core").symlink_to(project.package / "src" / "core")
    files = [path for path in folder.rglob("*.ts") if "core" not in path.parts]
    assert project.check("fragments", files, "tsc-7", outDir="fragments-out", types=[]) == ""
    return project.folder / "fragments-out" / "fragments"


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name)


def test_every_package_compiles(packages: Packages, compiled: Path) -> None:
    assert len(packages) == 1 + len(FRAGMENTS) + len(EDGES)
    assert {path.name for path in compiled.iterdir()} == {_slug(name) for name in packages}


@pytest.mark.parametrize("name", FRAGMENTS)
def test_reads_well(name: str, packages: Packages, snapshot: SnapshotAssertion) -> None:
    texts = packages[name]
    chosen = [
        f"// --- {path.removeprefix('src/')}\n{texts[path]}"
        for path in sorted(texts)
        if "/types/" in path or "/operations/" in path
    ]
    assert "\n".join(chosen) == snapshot(extension_class=TypeScriptFile)


# --- Hostile text --------------------------------------------------------------------------------


def _code(text: str) -> str:
    """A module without its comments and literals."""
    token = r"/\*.*?\*/|//[^\n]*|'(?:[^'\\\n]|\\.)*'"
    return re.sub(token, "", text, flags=re.S)


def test_text_is_neither_code_nor_hidden(packages: Packages) -> None:
    for path, text in packages["hostile"].items():
        if not path.endswith(".ts") or "/core/" in path:
            continue
        assert text.isascii(), path
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text), path
        words = set(re.findall(r"\w+", _code(text)))
        assert not words & hostile._FORBIDDEN, path


def test_hostile_modules_run_nothing_and_keep_every_text(compiled: Path, project: Project) -> None:
    shutil.rmtree(project.folder / "fragments-run", ignore_errors=True)
    shutil.copytree(compiled / "hostile" / "src", project.folder / "fragments-run" / "src")
    core = next(iter((project.folder / "fragments-out").rglob("core/errors.js"))).parent
    target = project.folder / "fragments-run" / "src" / "core"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(core, target)
    (project.folder / "fragments-run" / "package.json").write_text('{"type": "module"}')
    script = (
        "const { OPERATIONS } = await import('./src/registry.js'); await import('./src/facade.js');"
        "console.log(JSON.stringify(OPERATIONS))"
    )
    done = run(
        "node", "--input-type=module", "--eval", script, cwd=project.folder / "fragments-run"
    )
    operations: dict[str, Any] = json.loads(must(done))
    for number, text in enumerate(hostile.TEXTS):
        found = operations[f"call_{number}"]
        assert found["path"] == f"/{number}/{text}"
        assert found["basePath"] == text
        assert {p["name"] for p in found["parameters"]} == {text}
    assert not list(project.folder.rglob(hostile.SENTINEL))


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_escaping(text: str, project: Project) -> None:
    literal = typescript_string(text)
    commented = jsdoc(f"{text}\n{text}")
    assert literal.isascii()
    assert commented.count("*/") == 1
    assert "\n" not in literal + typescript_name(text)
    script = f"{commented}\nconst x = {{ {typescript_name(text)}: {literal} }}; console.log(JSON.stringify(x))"
    assert json.loads(project.node("--input-type=module", "--eval", script)) == {text: text}


def test_refused_documents_are_refused_for_every_language() -> None:
    with pytest.raises(ToolkitError):
        workshop.make_typescript({"openapi": "3.1.1", "info": {}, "paths": []})
