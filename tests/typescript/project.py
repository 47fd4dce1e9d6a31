"""The TypeScript package as its users get it: compiled, packed, installed into an empty project."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "output" / "typescript"
TOOLS: Final = Path(__file__).with_name("node_modules")
SUITE: Final = Path(__file__).with_name("suite")
_LINKED: Final = ("@types", "undici-types", "ws")
"""What tests import beside the package."""

STRICT: Final = {
    "target": "ES2022",
    "module": "NodeNext",
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "verbatimModuleSyntax": True,
}


def run(
    *command: str | Path, cwd: Path, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program with the tools of the tests on its path; what it says is kept."""
    path = f"{TOOLS / '.bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PATH": path, "npm_config_update_notifier": "false", **environment},
    )


def must(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a program that has to succeed."""
    assert done.returncode == 0, f"{done.args}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Project:
    """An empty project into which the packed package is installed."""

    folder: Path
    package: Path
    archive: Path

    @property
    def installed(self) -> Path:
        """The package as it was installed."""
        return self.folder / "node_modules" / "bezant-client"

    def check(self, name: str, files: list[Path], compiler: str = "tsc", **options: Any) -> str:
        """What the compiler says of some files; nothing when all is well. JavaScript goes to `out/`."""
        config = self.folder / f"tsconfig.{name}.json"
        settings = {**STRICT, "types": ["node"], "rootDir": ".", "outDir": "out", **options}
        names = [str(file.relative_to(self.folder)) for file in files]
        config.write_text(json.dumps({"compilerOptions": settings, "files": names}))
        done = run("node", TOOLS / _COMPILERS[compiler], "-p", config, cwd=self.folder)
        return done.stdout + done.stderr

    def node(self, *arguments: str | Path, stdin: str = "", **environment: str) -> str:
        """The output of a Node program that has to succeed."""
        return must(run("node", *arguments, cwd=self.folder, stdin=stdin, **environment))


_COMPILERS: Final = {
    "tsc": "typescript/bin/tsc",
    "tsc-7": "typescript-7/bin/tsc",
}


def install(folder: Path) -> Project:
    """Compile, pack and install the package, then put the suite beside it and compile that."""
    package = folder / "package"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("node_modules", "dist"))
    listed = json.loads(
        must(run("npm", "pack", "--json", "--foreground-scripts=false", cwd=package))
    )
    entry = listed[0] if isinstance(listed, list) else next(iter(listed.values()))
    project = folder / "project"
    project.mkdir()
    (project / "package.json").write_text('{"private": true, "type": "module"}\n')
    archive = package / entry["filename"]
    must(run("npm", "install", "--offline", "--no-audit", "--no-fund", archive, cwd=project))
    for name in _LINKED:
        (project / "node_modules" / name).symlink_to(TOOLS / name)
    shutil.copytree(SUITE, project / "suite")
    return Project(project, package, archive)
