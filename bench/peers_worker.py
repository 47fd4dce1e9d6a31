"""Runs in the environment of the peers: decoding, encoding, and calls over loopback; prints JSON."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.loopback import loopback  # run as a script, in another environment

_ROUNDS = 31
_CALLS = 40
_POSITIONS = "get_portfolio_positions_by_page_id"
_SEARCH = "get_iserver_secdef_search"


def main(client: str, folder: str, document: str) -> None:
    """Measure and print `[title, [[name, text], ...]]` rows."""
    sys.path[:0] = [client, folder]
    root = json.loads(Path(document).read_text("utf-8"))
    page = _example(root, "/portfolio/{accountId}/positions/{pageId}", "positions")
    many = (page * (1000 // len(page) + 1))[:1000]
    found = _example(root, "/iserver/secdef/search", "found")
    tables = [
        *_decoding("1,000 positions", many, _POSITIONS, "IndividualPosition", 1),
        *_decoding("a secdef search", found, _SEARCH, "SecdefSearchResponseItem", 200),
        _calls(found),
    ]
    json.dump(tables, sys.stdout)


def _example(root: Any, path: str, name: str) -> Any:
    answer = root["paths"][path]["get"]["responses"]["200"]
    return answer["content"]["application/json"]["examples"][name]["value"]


def _decoding(title: str, rows: list[Any], operation: str, model: str, repeat: int) -> list[Any]:
    import importlib

    import msgspec
    import orjson  # type: ignore[import-not-found,unused-ignore]  # only peers have it
    from bezant_api import OPERATIONS
    from pydantic import TypeAdapter

    body = json.dumps(rows).encode()
    ours = OPERATIONS[operation]
    row: Any = getattr(importlib.import_module("models_pydantic"), model)
    listed: Any = list.__class_getitem__(row)
    pydantic: Any = TypeAdapter(listed)
    attrs = getattr(importlib.import_module("opc.models"), model)
    drifts: list[Any] = []
    typed = ours.decode(200, "application/json", body, on_drift=drifts.append)
    if drifts:
        sys.exit(f"the payload drifts, so that it would time the wrong path: {drifts[0]}")
    decoders: dict[str, Callable[[], Any]] = {
        "orjson.loads, to dictionaries": lambda: orjson.loads(body),
        "json.loads, to dictionaries": lambda: json.loads(body),
        "bezant_api, typed": lambda: ours.decode(200, "application/json", body),
        "pydantic of datamodel-code-generator": lambda: pydantic.validate_json(body),
        "attrs of openapi-python-client": lambda: [attrs.from_dict(d) for d in json.loads(body)],
    }
    encoders: dict[str, Callable[[], Any]] = {
        "bezant_api, typed": lambda: msgspec.json.encode(typed)
    }
    for name, decode, encode in (
        (
            "pydantic of datamodel-code-generator",
            decoders["pydantic of datamodel-code-generator"],
            pydantic.dump_json,
        ),
        (
            "attrs of openapi-python-client",
            decoders["attrs of openapi-python-client"],
            lambda value: json.dumps([item.to_dict() for item in value]),
        ),
    ):
        try:
            value = decode()
            encode(value)
        except Exception as error:  # a peer that cannot read the payload is a result
            decoders.pop(name)
            print(f"{name} fails on {title}: {type(error).__name__}", file=sys.stderr)
            continue
        encoders[name] = partial(encode, value)
    kib = len(body) / 1024
    return [
        _table(
            f"decode {title} ({kib:.0f} KiB)", decoders, "orjson.loads, to dictionaries", repeat
        ),
        _table(f"encode {title}", encoders, "bezant_api, typed", repeat),
    ]


def _table(title: str, cases: dict[str, Callable[[], Any]], base: str, repeat: int) -> list[Any]:
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(_ROUNDS):
        for name, work in cases.items():
            started = time.perf_counter()
            for _ in range(repeat):
                work()
            times[name].append((time.perf_counter() - started) / repeat)
    middle = {name: statistics.median(values) for name, values in times.items()}
    rows = [
        [name, f"{value * 1e6:9.1f} us  {value / middle[base]:6.2f} x {base.partition(',')[0]}"]
        for name, value in middle.items()
    ]
    return [f"{title} (median of {_ROUNDS})", rows]


def _calls(found: Any) -> list[Any]:
    """One call after another over a kept connection, and what the client adds to its HTTP library."""
    body = json.dumps(found).encode()
    with loopback(body) as url:
        return _timed_calls(url)


def _timed_calls(url: str) -> list[Any]:
    import httpx2
    from bezant_api import Client

    target = f"{url}/v1/api/iserver/secdef/search?symbol=AAPL"
    with httpx2.Client(trust_env=False) as bare, Client(url) as client:
        cases: dict[str, Callable[[], Any]] = {
            "bare httpx2, bytes": lambda: bare.get(target).content,
            "bare httpx2, json()": lambda: bare.get(target).json(),
            "bezant_api, typed": lambda: client.contracts.search(symbol="AAPL"),
        }
        for work in cases.values():
            work()
        return _table("a call over loopback", cases, "bare httpx2, bytes", _CALLS)


if __name__ == "__main__":
    main(*sys.argv[1:])
