"""What a program pays before its first call."""

import compileall

from bench.timing import CLIENT, medians, python, show

_CASES = {
    "bare interpreter": "pass",
    "import bezant_api": "import bezant_api",
    "first typed model": "from bezant_api.models.portfolio import Position; Position(conid=1)",
    "first client object": "from bezant_api import Client; Client('http://127.0.0.1:1')",
    "first HTTP object": "from bezant_api import Client; Client('http://127.0.0.1:1').transport._open()",
    "whole registry": "from bezant_api import OPERATIONS; list(OPERATIONS.values())",
    "peer: import msgspec": "import msgspec",
    "peer: import httpx2": "import httpx2",
    "peer: httpx2.Client()": "import httpx2; httpx2.Client(verify=False, trust_env=False)",
    "peer: import pydantic.BaseModel": "from pydantic import BaseModel",
    "peer: import json + dataclasses": "import json, dataclasses",
}


def main() -> None:
    """Time fresh interpreters and show what each adds to a bare one."""
    compileall.compile_dir(str(CLIENT), quiet=1)
    rows = medians({name: python(code) for name, code in _CASES.items()}, rounds=15)
    bare = rows["bare interpreter"]
    show(
        "imports (fresh interpreter, bytecode present, median of 15)",
        [
            (name, f"{(value - bare) * 1000:6.1f} ms over bare  {value / bare:5.2f} x bare")
            for name, value in rows.items()
        ],
    )
