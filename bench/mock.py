"""How fast the mock gateway answers and starts."""

import compileall
import contextlib

from bench.timing import ROOT, medians, python, show
from bench.wire import Connection, rate, request, server

CALLS, ROUNDS = 1500, 7
MOCK = ("-m", "bezant", "mock", "--port", "0", "--no-warm-ups")
ANNOUNCED = "export IBKR_GATEWAY_URL=http://"
_BASE = "/v1/api"
_CASES = {
    "session status": ("GET", "/iserver/auth/status"),
    "tickle": ("POST", "/tickle"),
    "portfolio accounts": ("GET", "/portfolio/accounts"),
    "snapshot of 3 contracts": (
        "GET",
        "/iserver/marketdata/snapshot?conids=265598,756733,8314&fields=31,84,86",
    ),
    "page of 100 positions": ("GET", "/portfolio/DU1234567/positions/0"),
}
_BARE = """
import anyio, sys
from bezant.mock.http import json_reply
from bezant.mock.server import Server

REPLY = json_reply({"authenticated": True})


async def respond(request):
    return REPLY


async def main():
    async with Server(respond) as server:
        print(f"listens on http://127.0.0.1:{server.port}/", file=sys.stderr, flush=True)
        await anyio.sleep_forever()


anyio.run(main)
"""
_START = (
    f"sys.path.insert(0, {str(ROOT)!r}); "
    "from bezant.mock import MockGateway; MockGateway().__enter__().__exit__(None, None, None)"
)
_IMPORT = f"sys.path.insert(0, {str(ROOT)!r}); from bezant.mock import MockGateway"


def main() -> None:
    """Print both."""
    _answers()
    _start()


def _answers() -> None:
    rates = {}
    with server(("-c", _BARE), "listens on http://") as port:
        rates["the server with nothing behind it"] = _rate(port, ("GET", ""))
    with server(MOCK, ANNOUNCED) as port:
        for method, path in (("GET", "/iserver/accounts"), ("GET", "/portfolio/accounts")):
            _rate(port, (method, path), calls=5)
        rates |= {name: _rate(port, case) for name, case in _CASES.items()}
    bare = next(iter(rates.values()))
    show(
        f"mock gateway (one connection, one core for the server, median of {ROUNDS})",
        [
            (name, f"{found:7,.0f} requests/s  {found / bare:5.2f} x")
            for name, found in rates.items()
        ],
    )


def _rate(port: int, case: tuple[str, str], calls: int = CALLS) -> float:
    connection = Connection(port)
    with contextlib.closing(connection):
        return rate(connection, request(case[0], _BASE + case[1]), calls, ROUNDS)


def _start() -> None:
    compileall.compile_dir(str(ROOT / "bezant"), quiet=1)
    cases = {"bare interpreter": "pass", "import": _IMPORT, "import, start and stop": _START}
    rows = medians({name: python(code) for name, code in cases.items()}, rounds=9)
    bare = rows["bare interpreter"]
    found = [(name, f"{(value - bare) * 1000:6.1f} ms over bare") for name, value in rows.items()]
    after = rows["import, start and stop"] - rows["import"]
    found.append(("start and stop, after the import", f"{after * 1000:6.1f} ms"))
    show("mock gateway, start (fresh interpreter, median of 9)", found)


if __name__ == "__main__":
    main()
