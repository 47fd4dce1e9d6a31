"""What the sidecar adds to a call, beside a proxy that somebody would write by hand."""

import contextlib
import statistics
import threading
import time

from bench.mock import ANNOUNCED, MOCK
from bench.timing import medians, python, show
from bench.wire import Connection, request, seconds, server

CALLS, ROUNDS, CLIENTS = 400, 5, 8
_CASE = request("GET", "/v1/api/iserver/auth/status")
_SERVE = """
import socket, sys, uvicorn
{make}
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
sock.bind(("127.0.0.1", 0))
sock.listen(1024)
print("listens on http://127.0.0.1:%d/" % sock.getsockname()[1], file=sys.stderr, flush=True)
config = uvicorn.Config(app, log_config=None, access_log=False)
uvicorn.Server(config).run(sockets=[sock])
"""
_SIDECAR = """
from bezant_api import AsyncClient
from bezant_api.sidecar import PassThrough, create_app
app = create_app(PassThrough(AsyncClient({gateway!r})))
"""
_STUB = """
from bezant_api.sidecar import Unimplemented, create_app
app = create_app(Unimplemented())
"""
_BY_HAND = """
import httpx2
from fastapi import FastAPI, Request, Response
app = FastAPI()
client = httpx2.AsyncClient(base_url={gateway!r}, trust_env=False)
@app.api_route("/{{path:path}}", methods=["GET", "POST", "PUT", "DELETE"])
async def proxy(request: Request, path: str) -> Response:
    answer = await client.request(
        request.method, "/" + path, params=request.query_params, content=await request.body(),
        headers={{k: v for k, v in request.headers.items() if k != "host"}},
    )
    headers = {{k: v for k, v in answer.headers.items() if k not in ("content-length", "content-encoding")}}
    return Response(answer.content, answer.status_code, headers)
"""


_IMPORTS = (
    "import fastapi; from bezant_api.sidecar import Unimplemented; import bezant_api.sidecar.app"
)
_CREATION = f"{_IMPORTS}; bezant_api.sidecar.app.create_app(Unimplemented())"


def main() -> None:
    """Print latency and throughput of both, and of the gateway itself; then what a start takes."""
    _calls()
    _start()


def _calls() -> None:
    with server(MOCK, ANNOUNCED) as gateway_port, contextlib.ExitStack() as stack:
        gateway = f"http://127.0.0.1:{gateway_port}"
        ports = {"the mock gateway itself": gateway_port}
        for name, code in (
            ("bezant sidecar, pass-through", _SIDECAR),
            ("by hand: FastAPI + httpx2", _BY_HAND),
        ):
            program = _SERVE.format(make=code.format(gateway=gateway))
            ports[name] = stack.enter_context(server(("-c", program), "listens on http://"))
        _latency(ports)
        _throughput(ports)


def _start() -> None:
    cases = {"imports": python(_IMPORTS), "imports and app": python(_CREATION)}
    rows = medians(cases, rounds=9)
    app = rows["imports and app"] - rows["imports"]
    serving = server(("-c", _SERVE.format(make=_STUB)), "listens on http://")
    with serving as port, contextlib.closing(Connection(port)) as connection:
        document = request("GET", "/openapi.json")
        seconds(connection, document, 3)
        warm = statistics.median(seconds(connection, document, 50))
    shown = [
        ("app of all operations, after imports", f"{app * 1e3:6.1f} ms"),
        ("/openapi.json, warm", f"{warm * 1e3:6.2f} ms"),
    ]
    show("sidecar, start (fresh interpreters, median of 9)", shown)


def _latency(ports: dict[str, int]) -> None:
    """One call after another on one connection; rounds are interleaved."""
    times: dict[str, list[float]] = {name: [] for name in ports}
    for _ in range(ROUNDS):
        for name, port in ports.items():
            with contextlib.closing(Connection(port)) as connection:
                seconds(connection, _CASE, 20)
                times[name] += seconds(connection, _CASE, CALLS)
    rows = {name: (statistics.median(found), _late(found)) for name, found in times.items()}
    least, _ = rows["the mock gateway itself"]
    show(
        f"sidecar, latency of a call (one connection, {ROUNDS * CALLS} calls each)",
        [
            (
                name,
                f"median {middle * 1e3:6.2f} ms  p99 {late * 1e3:6.2f} ms  adds {(middle - least) * 1e3:6.2f} ms",
            )
            for name, (middle, late) in rows.items()
        ],
    )


def _late(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


def _throughput(ports: dict[str, int]) -> None:
    rates: dict[str, list[float]] = {name: [] for name in ports}
    for _ in range(ROUNDS):
        for name, port in ports.items():
            rates[name].append(_together(port))
    rows = {name: statistics.median(found) for name, found in rates.items()}
    by_hand = rows["by hand: FastAPI + httpx2"]
    show(
        f"sidecar, throughput ({CLIENTS} connections)",
        [
            (name, f"{found:7,.0f} requests/s  {found / by_hand:5.2f} x by hand")
            for name, found in rows.items()
        ],
    )


def _together(port: int) -> float:
    """Calls a second of several clients."""
    threads = [threading.Thread(target=_call, args=(port,)) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CLIENTS * CALLS / 2 / (time.perf_counter() - started)


def _call(port: int) -> None:
    with contextlib.closing(Connection(port)) as connection:
        seconds(connection, _CASE, CALLS // 2)


if __name__ == "__main__":
    main()
