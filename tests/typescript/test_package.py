"""The package from outside: what is in it, what checkers of packages say, how Node imports it."""

import json
import re

from tests.typescript.project import PACKAGE, SUITE, TOOLS, Project, must, run

MANIFEST = json.loads((PACKAGE / "package.json").read_text())


def test_compiles_strictly_with_both_compilers(project: Project) -> None:
    """The suite has compiled with the older one, before any test of this folder runs."""
    for compiler in ("typescript", "typescript-7"):
        command = ("node", TOOLS / compiler / "bin" / "tsc", "--noEmit", "-p", project.package)
        assert must(run(*command, cwd=project.folder)) == ""
    usage = [project.folder / "suite" / "usage.ts"]
    assert (
        project.check("usage", usage, "tsc-7", noEmit=True, exactOptionalPropertyTypes=False) == ""
    )


def test_types_need_no_browser(project: Project) -> None:
    """Those of Node alone will do, without looking away from declarations."""
    usage = [project.folder / "suite" / "usage.ts"]
    assert project.check("node", usage, noEmit=True, lib=["ES2023"], skipLibCheck=False) == ""


def test_mistakes_of_users_do_not_compile(project: Project) -> None:
    """`@ts-expect-error` is itself an error where nothing is wrong: without it each mistake is one."""
    text = (SUITE / "usage.ts").read_text()
    bare = project.folder / "mistakes.ts"
    bare.write_text(re.sub(r"\n *// @ts-expect-error: .*", "", text))
    found = re.findall(r"^mistakes\.ts\(", project.check("mistakes", [bare], noEmit=True), re.M)
    assert len(found) == text.count("@ts-expect-error") > 5


def test_has_no_dependency_and_no_side_effect(project: Project) -> None:
    manifest = json.loads((project.installed / "package.json").read_text())
    dependencies = ("dependencies", "peerDependencies", "optionalDependencies", "devDependencies")
    assert not set(dependencies) & set(manifest)
    assert manifest["sideEffects"] is False
    installed = (path for path in (project.folder / "node_modules").iterdir() if path.is_dir())
    own = [path.name for path in installed if not path.is_symlink()]
    assert [name for name in own if not name.startswith(".")] == ["bezant-client"]


def test_carries_sources_licences_and_words(project: Project) -> None:
    files = {str(path.relative_to(project.installed)) for path in project.installed.rglob("*.*")}
    files |= {path.name for path in project.installed.iterdir()}
    wanted = {"README.md", "LICENSE-MIT", "LICENSE-APACHE", "dist/index.js", "dist/index.d.ts"}
    assert wanted | {"src/index.ts", "dist/index.d.ts.map"} <= files


def test_every_entry_point_imports_under_node(project: Project) -> None:
    entries = [name.removeprefix("./") for name in MANIFEST["exports"] if name != "./package.json"]
    names = ["bezant-client" if entry == "." else f"bezant-client/{entry}" for entry in entries]
    script = f"for (const name of {json.dumps(names)}) console.log(Object.keys(await import(name)).length > 0)"
    printed = project.node("--input-type=module", "--eval", script).split()
    assert printed == ["true"] * len(names)
    assert len(names) > 30


def test_importing_touches_nothing(project: Project) -> None:
    """No global is made, no connection opened, no timer started: Node ends by itself."""
    script = (
        "const before = Object.getOwnPropertyNames(globalThis).length;"
        "await import('bezant-client/facade'); await import('bezant-client/stream');"
        "console.log(Object.getOwnPropertyNames(globalThis).length - before,"
        "process.getActiveResourcesInfo().filter((name) => /Timeout|TCP/.test(name)).length)"
    )
    assert project.node("--input-type=module", "--eval", script).split() == ["0", "0"]


def test_publint_and_are_the_types_wrong_are_content(project: Project) -> None:
    linted = run("publint", "--strict", project.archive, cwd=project.package)
    assert (linted.returncode, "All good!" in linted.stdout) == (0, True), linted.stdout
    # Node 10 knows no `exports`, and CommonJS has to import this package dynamically: it is ESM.
    judged = run("attw", "--profile", "esm-only", project.archive, cwd=project.package)
    assert judged.returncode == 0, judged.stdout


def test_nothing_public_is_any(project: Project) -> None:
    """Nor unknown: what is not described is `JsonValue`. Comments are left out."""
    declared = [p for p in (project.installed / "dist").rglob("*.d.ts") if "core" not in p.parts]
    assert len(declared) > 40
    for path in declared:
        code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        code = re.sub(r"'[^']*'", "''", code)
        assert not re.findall(r"\b(any|unknown)\b", code), path.name
    for path in (project.installed / "dist" / "core").glob("*.d.ts"):
        code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        assert not re.findall(r"\bany\b", code), path.name
