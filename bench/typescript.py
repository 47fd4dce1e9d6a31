"""The TypeScript client against its peers, in one run: what a program of one call weighs and takes to check.

The peers are installed from the npm registry into `.cache/typescript` and generate from the normalised
document. Without Node, npm or the registry this part says so and is left out.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final

from bench.timing import ROOT, medians, show

_FOLDER: Final = ROOT / ".cache" / "typescript"
_DOCUMENT: Final = ROOT / "spec" / "normalized" / "openapi.json"
_PACKAGE: Final = ROOT / "output" / "typescript"
_BIN: Final = _FOLDER / "node_modules" / ".bin"
_PACKAGES: Final = (
    "@hey-api/openapi-ts@0.99.0",
    "@types/node@20",
    "esbuild@0.28.2",
    "openapi-fetch@0.17.0",
    "openapi-typescript@7.13.0",
    "orval@8.38.0",
    "typescript@5.9.3",
)
_JAR: Final = "openapi-generator-cli==7.26.0"
"""From PyPI, where it carries the program that the npm package fetches from elsewhere; needs Java."""

_GATEWAY: Final = "https://localhost:5000"
_PROGRAMS: Final = {
    "nothing": "export {}\n",
    "bezant-client": f"""
import {{ createClient }} from 'bezant-client'
import {{ accounts }} from 'bezant-client/portfolio'
const client = createClient({{ baseUrl: '{_GATEWAY}' }})
console.log((await accounts(client)).length)
""",
    "bezant-client, explained": f"""
import {{ createClient }} from 'bezant-client'
import {{ explain }} from 'bezant-client/explain'
import {{ accounts }} from 'bezant-client/portfolio'
const client = createClient({{ baseUrl: '{_GATEWAY}', explain }})
console.log((await accounts(client)).length)
""",
    "bezant-client, facade": f"""
import {{ Bezant }} from 'bezant-client/facade'
console.log((await new Bezant({{ baseUrl: '{_GATEWAY}' }}).portfolio.accounts()).length)
""",
    "openapi-fetch": f"""
import createClient from 'openapi-fetch'
import type {{ paths }} from './openapi-typescript.js'
const client = createClient<paths>({{ baseUrl: '{_GATEWAY}/v1/api' }})
console.log((await client.GET('/portfolio/accounts')).data?.length)
""",
    "hey-api": f"""
import {{ client }} from './hey-api/client.gen'
import {{ getPortfolioAccounts }} from './hey-api/sdk.gen'
client.setConfig({{ baseUrl: '{_GATEWAY}/v1/api' }})
console.log((await getPortfolioAccounts()).data?.length)
""",
    "orval": """
import { getPortfolioAccounts } from './orval/client'
console.log((await getPortfolioAccounts()).data)
""",
    "openapi-generator, typescript-fetch": f"""
import {{ Configuration, TradingPortfolioApi }} from './typescript-fetch'
const api = new TradingPortfolioApi(new Configuration({{ basePath: '{_GATEWAY}/v1/api' }}))
console.log((await api.getPortfolioAccounts()).length)
""",
}
_GENERATORS: Final = {
    "openapi-fetch": ("openapi-typescript", str(_DOCUMENT), "-o", "openapi-typescript.ts"),
    "hey-api": (
        "openapi-ts", "-i", str(_DOCUMENT), "-o", "hey-api", "-c", "@hey-api/client-fetch",
    ),
    "orval": ("orval", "--config", "orval.config.mjs"),
    "openapi-generator, typescript-fetch": (
        "../../env/bin/openapi-generator-cli", "generate", "-g", "typescript-fetch", "-i", str(_DOCUMENT),
        "-o", "typescript-fetch", "--skip-validate-spec",
    ),
}  # fmt: skip
_ORVAL: Final = f"""
export default {{
  ibkr: {{ input: {json.dumps(str(_DOCUMENT))}, output: {{ target: './orval/client.ts', client: 'fetch' }} }},
}}
"""
_COMPILER: Final = {
    "target": "ES2022",
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "strict": True,
    "noEmit": True,
    "types": [],
    "lib": ["ES2023", "DOM", "DOM.Iterable"],
}


def main() -> None:
    """Prepare the peers once, then measure."""
    problem = _prepare()
    if problem:
        print(f"\nTypeScript: not measured, {problem}")
        return
    print("\nTypeScript peers:", ", ".join((*_PACKAGES, _JAR)))
    usable = [name for name in _PROGRAMS if _is_usable(name)]
    _sizes(usable)
    _checks(usable)


def _prepare() -> str:
    """Install and generate what is not there yet; what went wrong, in words."""
    if not shutil.which("npm"):
        return "npm is not here"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    if not (_BIN / "orval").exists():
        (_FOLDER / "package.json").write_text('{"private": true, "type": "module"}\n')
        if _run("npm", "install", "--no-audit", "--no-fund", *_PACKAGES):
            return "the peers could not be installed"
    if not (_FOLDER / "env").exists():
        python = str(_FOLDER / "env" / "bin" / "python")
        _run(sys.executable, "-m", "venv", "env")
        _run(python, "-m", "pip", "install", "--quiet", _JAR)
    if _build():
        return "the package does not compile"
    (_FOLDER / "orval.config.mjs").write_text(_ORVAL)
    for name, command in _GENERATORS.items():
        stamp = _FOLDER / f"{name.split(',')[0]}.stamp"
        if not stamp.exists() or stamp.stat().st_mtime < _DOCUMENT.stat().st_mtime:
            failed = _run(str(_BIN / command[0]), *command[1:])
            print(f"{name}: exit code {failed}") if failed else stamp.touch()
    for name, text in _PROGRAMS.items():
        _program(name).write_text(text)
    return ""


def _build() -> int:
    """Compile the package to where `bezant-client` is looked for."""
    target = _FOLDER / "node_modules" / "bezant-client"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(_PACKAGE, target, ignore=shutil.ignore_patterns("node_modules", "dist"))
    return _run(str(_BIN / "tsc"), "-p", str(target))


def _run(*command: str) -> int:
    done = subprocess.run(command, cwd=_FOLDER, check=False, capture_output=True, env=os.environ)
    return done.returncode


def _timed(*command: str) -> float:
    started = time.perf_counter()
    _run(*command)
    return time.perf_counter() - started


def _program(name: str) -> Path:
    return _FOLDER / f"program-{name.replace(', ', '-')}.ts"


def _bundle(name: str) -> list[str]:
    return [
        str(_BIN / "esbuild"), str(_program(name)), "--bundle", "--minify", "--format=esm",
        "--log-level=error", f"--outfile={_program(name).with_suffix('.min.js')}",
    ]  # fmt: skip


def _is_usable(name: str) -> bool:
    """Whether a program can be bundled; a peer that cannot is a result."""
    failed = _run(*_bundle(name))
    if failed:
        print(f"{name}: its program cannot be bundled")
    return not failed


def _sizes(names: list[str]) -> None:
    sizes = {}
    for name in names:
        data = _program(name).with_suffix(".min.js").read_bytes()
        sizes[name] = (len(data), len(gzip.compress(data, 9)))
    base = sizes.get("openapi-fetch", (1, 1))[1]
    show(
        "bundle of a program of one call (esbuild --minify, gzip -9)",
        [
            (name, f"{whole:6} bytes  {packed:6} gzip  {packed / base:5.2f} x openapi-fetch")
            for name, (whole, packed) in sizes.items()
            if name != "nothing"
        ],
    )


def _checks(names: list[str]) -> None:
    for name in names:
        config = {"compilerOptions": _COMPILER, "files": [_program(name).name]}
        _config(name).write_text(json.dumps(config))
    compiler = [str(_BIN / "tsc"), "-p"]
    times = medians(
        {name: partial(_timed, *compiler, str(_config(name))) for name in names}, rounds=7
    )
    bare = times["nothing"]
    errors = {name: _run(*compiler, str(_config(name))) for name in names}
    show(
        "type check of the same program (tsc --strict, median of 7)",
        [
            (
                name,
                f"{time:5.2f} s  {time - bare:5.2f} s over nothing{'  with errors' if errors[name] else ''}",
            )
            for name, time in times.items()
        ],
    )


def _config(name: str) -> Path:
    return _program(name).with_suffix(".json")
