"""A mock gateway without a socket and with a clock that stands still; all its good answers are judged."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
from bezant_api import OPERATIONS

from bezant.mock.app import App
from bezant.mock.clock import Clock
from bezant.mock.handlers import accounts, contracts, market_data, portfolio
from bezant.mock.http import Reply, Request
from bezant.mock.state import Rules, State
from bezant.mock.world import PAPER
from normalizer import fit
from normalizer.document import get, join
from normalizer.structure import Document as Structure

DOCUMENT = Path(__file__).parents[2] / "spec" / "normalized" / "openapi.json"
HANDLERS = {
    **accounts.HANDLERS,
    **contracts.HANDLERS,
    **market_data.HANDLERS,
    **portfolio.HANDLERS,
}
START = 1_790_000_000.0
AAPL, EUR, ES, ES_DEC = 265598, 12087792, 11004968, 495512557
ACCOUNT: dict[str, Any] = {"accountId": PAPER}
CALL_195 = 800000011
"""AAPL, 8 January 2027."""


class Mock:
    """A mock gateway without a socket, whose answers are judged on the way."""

    def __init__(self, seed: int = 0, rules: Rules | None = None) -> None:
        clock = Clock(START, stands_still=True)
        self.state = State(seed=seed, clock=clock, rules=rules or Rules())
        self.state.session.accounts_queried = True
        self.state.session.portfolio_queried = True
        self.world = self.state.world
        self._app = App(self.state)

    def reply(self, id: str, /, query: Mapping[str, Any] | None = None, **values: Any) -> Reply:
        """Call an operation; `values` are those of its path, and then of its body."""
        operation = OPERATIONS[id]
        names = re.findall(r"\{(\w+)\}", operation.path)
        path = operation.path
        for name in names:
            path = path.replace(f"{{{name}}}", str(values.pop(name)))
        body = json.dumps(values).encode() if operation.method != "GET" else b""
        target = f"/v1/api{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"user-agent": "tests", "content-length": str(len(body))}
        request = Request(operation.method, target, headers, body)
        return anyio.run(self._app.respond, request)

    def __call__(self, id: str, /, query: Mapping[str, Any] | None = None, **values: Any) -> Any:
        """The value of an answer, which has to be a good one."""
        reply = self.reply(id, query, **values)
        assert reply.status == 200, reply.body
        assert_fits(id, reply.body)
        return json.loads(reply.body)

    def refused(
        self, id: str, status: int, /, query: Mapping[str, Any] | None = None, **values: Any
    ) -> str:
        """The message of an answer, which has to be a refusal."""
        reply = self.reply(id, query, **values)
        assert reply.status == status, reply.body
        return str(json.loads(reply.body)["error"])


STRUCTURE = Structure(json.loads(DOCUMENT.read_bytes()))


def assert_fits(id: str, body: bytes, status: int = 200) -> None:
    """Hold an answer against the client and against the document, which has to know its status."""
    operation = OPERATIONS[id]
    responses = join("/paths", operation.path, operation.method.lower(), "responses")
    assert str(status) in get(STRUCTURE.root, responses)
    operation.decode(status, "application/json", body, mode="strict")
    place = join(responses, str(status))
    answer = get(STRUCTURE.root, place)
    place = str(answer["$ref"]).removeprefix("#") if "$ref" in answer else place
    schema = join(place, "content", "application/json", "schema")
    verdict = fit.judge(STRUCTURE, schema, json.loads(body), schema)
    assert verdict.misfits == (), verdict.misfits[:3]
