"""Decoding a page of positions, against plain JSON."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.timing import CLIENT, medians, show

_ROWS = 1000
_FIELDS: dict[str, Any] = {
    "acctId": "U1234567", "conid": 756733, "contractDesc": "SPY", "position": 5.0, "mktPrice": 471.16,
    "mktValue": 2355.8, "currency": "USD", "avgCost": 434.93, "avgPrice": 434.93, "realizedPnl": 0.0,
    "unrealizedPnl": 181.15, "assetClass": "STK", "ticker": "SPY", "isUS": True,
}  # fmt: skip


def main() -> None:
    """Time a thousand rows: as they should be, and with a wrong value in every row."""
    sys.path.insert(0, str(CLIENT))
    from bezant_api import OPERATIONS

    decode = OPERATIONS["get_portfolio_positions_by_page_id"].decode
    good = json.dumps([_FIELDS] * _ROWS).encode()
    quoted = json.dumps([_FIELDS | {"position": "5.0"}] * _ROWS).encode()
    wrong = json.dumps([_FIELDS | {"position": "n/a"}] * _ROWS).encode()
    drifts: list[object] = []
    decode(200, "application/json", good, on_drift=drifts.append)
    if drifts:
        sys.exit(f"the good payload drifts, so that it would time the wrong path: {drifts[0]}")
    cases: dict[str, Callable[[], float]] = {
        "json.loads, untyped": lambda: _time(lambda: json.loads(good)),
        "decode, all fit": lambda: _time(lambda: decode(200, "application/json", good)),
        "decode, numbers in quotes": lambda: _time(lambda: decode(200, "application/json", quoted)),
        "decode, every row salvaged": lambda: _time(lambda: decode(200, "application/json", wrong)),
    }
    rows = medians(cases, rounds=25)
    base = rows["json.loads, untyped"]
    show(
        f"decoding {_ROWS} positions, {len(good) // 1024} KiB (median of 25)",
        [
            (name, f"{value * 1000:7.2f} ms  {value / base:5.2f} x json.loads")
            for name, value in rows.items()
        ],
    )


def _time(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
