"""The client against its peers, in one run: import, memory, first call, decoding, overhead of a call.

The peers are installed from the package index into `.cache/peers` and made from the normalised
document, so that all read the same one. Without an index this part says so and is left out.
"""

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Final

from bench.loopback import loopback
from bench.timing import CLIENT, ROOT, environment, medians, run, show

_FOLDER: Final = ROOT / ".cache" / "peers"
_PYTHON: Final = _FOLDER / "env" / "bin" / "python"
_DOCUMENT: Final = ROOT / "spec" / "normalized" / "openapi.json"
_PACKAGES: Final = (
    "openapi-python-client",
    "datamodel-code-generator",
    "pydantic",
    "orjson",
    "ibind",
    "httpx2",
    "msgspec",
    "ruff",
)
_OURS_EAGER: Final = (
    "import bezant_api.client, bezant_api.models as m\n"
    "for name in dir(m): getattr(m, name)\n"
    "from bezant_api import OPERATIONS; list(OPERATIONS.values())"
)
_IMPORTS: Final = {
    "bare interpreter": "pass",
    "bezant_api, every name at hand": "import bezant_api",
    "bezant_api, Client ready": "from bezant_api import Client; Client('http://127.0.0.1:1')",
    "bezant_api, everything loaded": _OURS_EAGER,
    "datamodel-code-generator, pydantic (models only)": "import models_pydantic",
    "openapi-python-client, client and models": "import opc, opc.models",
    "ibind": "import ibind",
}
_FIRST_PEER: Final = 4
_FIRST_CALLS: Final = {
    "bare interpreter": "pass",
    "bare httpx2, json()": "import httpx2; httpx2.Client(verify=False, trust_env=False).get(URL + PATH).json()",
    "bezant_api, typed": (
        "from bezant_api import Client; Client(URL).portfolio.positions('U1', 0)[0].conid"
    ),
    "openapi-python-client, typed": (
        "from opc import Client\n"
        "from opc.api.trading_portfolio import get_portfolio_positions_by_page_id as call\n"
        "call.sync(client=Client(base_url=URL + '/v1/api'), account_id='U1', page_id=0)[0].conid"
    ),
    "ibind, dictionaries": (
        "from ibind import IbkrClient\n"
        "IbkrClient(url=URL + '/v1/api/').positions('U1').data[0]['conid']"
    ),
}
_PATH_OF_PAGE: Final = "/v1/api/portfolio/U1/positions/0"
# The peak that getrusage knows is that of the parent, where it was larger.
_MEMORY: Final = "print(open('/proc/self/statm').read().split()[1])"
_PAGE_KIB: Final = 4


def main() -> None:
    """Prepare the peers once, then measure."""
    problem = _prepare()
    if problem:
        print(f"\npeers: not measured, {problem}")
        return
    print("\npeers:", ", ".join(_versions()))
    _imports()
    _first_calls()
    output = subprocess.run(
        [_PYTHON, ROOT / "bench" / "peers_worker.py", CLIENT, _FOLDER, _DOCUMENT],
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    for title, rows in json.loads(output.stdout):
        show(title, rows)


def _prepare() -> str:
    """Install the peers and let them generate; what went wrong, in words."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    stamp = _FOLDER / "done"
    if stamp.exists() and stamp.stat().st_mtime > _DOCUMENT.stat().st_mtime:
        return ""
    environment_made = [sys.executable, "-m", "venv", str(_FOLDER / "env")]
    install = [str(_PYTHON), "-m", "pip", "install", "--quiet", *_PACKAGES]
    for command in (environment_made, install, _datamodel(), _openapi_client()):
        done = subprocess.run(command, cwd=_FOLDER, env=environment(PATH=_path()), check=False)
        if done.returncode:
            return f"{Path(command[0]).name} failed with exit code {done.returncode}"
    stamp.touch()
    return ""


def _path() -> str:
    return f"{_PYTHON.parent}:{environment()['PATH']}"


def _datamodel() -> list[str]:
    options = "--input-file-type openapi --output-model-type pydantic_v2.BaseModel --use-annotated"
    given = ["--input", str(_DOCUMENT), "--output", "models_pydantic.py"]
    program = str(_PYTHON.parent / "datamodel-codegen")
    return [program, *options.split(), "--target-python-version", "3.11", *given]


def _openapi_client() -> list[str]:
    config = _FOLDER / "opc.yaml"
    config.write_text("package_name_override: opc\nproject_name_override: opc\n")
    program = str(_PYTHON.parent / "openapi-python-client")
    given = ["--path", str(_DOCUMENT), "--config", str(config), "--meta", "none"]
    return [program, "generate", *given, "--output-path", "opc", "--overwrite"]


def _versions() -> list[str]:
    command = [str(_PYTHON), "-m", "pip", "list", "--format", "freeze"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line for line in listed.split() if re.split("==", line)[0] in _PACKAGES]


def _imports() -> None:
    programs = {name: _program(code) for name, code in _IMPORTS.items()}
    times = medians(
        {name: partial(run, [str(_PYTHON), "-I", "-c", text]) for name, text in programs.items()},
        rounds=11,
    )
    bare = times["bare interpreter"]
    memory = {name: _memory(program) for name, program in programs.items()}
    peers = [times[name] - bare for name in list(_IMPORTS)[_FIRST_PEER:]]
    show(
        "import of a whole client (fresh interpreter, bytecode present, median of 11)",
        [
            (
                name,
                f"{(time - bare) * 1000:7.1f} ms  {(time - bare) / min(peers):5.2f} x fastest peer"
                f"  {memory[name] - memory['bare interpreter']:6.1f} MiB",
            )
            for name, time in times.items()
        ],
    )


def _first_calls() -> None:
    """From a fresh interpreter to the first row of an answer."""
    with loopback(json.dumps([{"conid": 265598, "position": 1.0}] * 10).encode()) as url:
        cases = {}
        for name, code in _FIRST_CALLS.items():
            program = _program(f"URL, PATH = {url!r}, {_PATH_OF_PAGE!r}\n{code}")
            try:
                run([str(_PYTHON), "-I", "-c", program])
            except subprocess.CalledProcessError as error:
                print(f"\n{name} fails: {error.stderr.decode().splitlines()[-1]}")
                continue
            cases[name] = partial(run, [str(_PYTHON), "-I", "-c", program])
        times = medians(cases, rounds=9)
    bare = times["bare interpreter"]
    show(
        "first call over loopback (fresh interpreter to the first row, median of 9)",
        [(name, f"{(time - bare) * 1000:7.1f} ms over bare") for name, time in times.items()],
    )


def _program(code: str) -> str:
    return f"import sys; sys.path[:0] = [{str(CLIENT)!r}, {str(_FOLDER)!r}]\n{code}\n"


def _memory(program: str) -> float:
    command = [str(_PYTHON), "-I", "-c", program + _MEMORY]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    return int(out.stdout.split()[-1]) * _PAGE_KIB / 1024
