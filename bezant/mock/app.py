"""Requests become answers: the edge, faults, the session, and then the operation."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from anyio.abc import ByteStream
from bezant_api import OPERATIONS, example

from bezant.mock import gates, pages, websocket
from bezant.mock.call import Call, Handler, Refused
from bezant.mock.faults import Arrived, Faults, Recorder, spoil
from bezant.mock.handlers import HANDLERS, oauth, orders, session
from bezant.mock.http import Reply, Request, json_reply, text_reply
from bezant.mock.oauth1 import OAuth1
from bezant.mock.oauth2 import OAuth2
from bezant.mock.orders.questions import Rows
from bezant.mock.pacing import Pacing
from bezant.mock.replay import Recording, Replay
from bezant.mock.routes import Routes, parameters
from bezant.mock.state import State
from bezant.mock.topics import Topics

_INIT: Final = "post_iserver_auth_ssodh_init"
_REPLY: Final = "post_iserver_reply_by_reply_id"
_HARMLESS: Final = (_REPLY, "post_tickle", "get_tickle")
"""What may come between an order's question and the reply to it."""

_ACCOUNTS: Final = (
    "get_iserver_accounts",
    "get_portfolio_accounts",
    "get_portfolio_subaccounts",
    "get_portfolio_subaccounts2",
)
_OF_SESSION: Final = frozenset((*session.HANDLERS, *_ACCOUNTS))
"""What changes the session, or what it refuses next, also where a recording answers."""
_GOOD: Final = 300
"""Answers with a status below have worked."""

_DAY: Final = 86_400.0
_PDF: Final = b"%PDF-1.4\n%%EOF\n"


class App:
    """Answers requests from a state. `handlers` are looked up by operation id; others give their example.

    `beside` may answer requests that are not for the gateway, before anything else looks at them;
    `recordings` are given in place of what the state would answer.
    """

    def __init__(
        self,
        state: State,
        handlers: Mapping[str, Handler] = HANDLERS,
        beside: Callable[[Request], Reply | None] = lambda _: None,
        recordings: Iterable[Recording] = (),
    ) -> None:
        self.state = state
        self.faults = Faults()
        self.pacing = Pacing(state.clock)
        self.arrived = Recorder()
        self.latency = 0.0
        """Seconds of real time before each answer."""
        self.topics = Topics(state, orders=state.book.live_rows, trades=self._trades)
        self._beside = beside
        self.oauth1 = OAuth1(state.clock, state.chance("oauth1"))
        self.oauth2 = OAuth2(state.clock, state.chance("oauth2"))
        signed = oauth.handlers(self.oauth1, self.oauth2)
        self._handlers = {**handlers, **orders.handlers(state.book), **signed}
        state.book.listeners.append(self._publish)
        self._routes = Routes(OPERATIONS.values())
        self.replay = Replay(recordings, self._routes)

    async def upgrade(self, request: Request, stream: ByteStream, rest: bytes) -> None:
        """Serve a WebSocket on the connection of a request, as long as it lives."""
        # No edge: it stands before the hosts of IBKR, and clients of a local gateway name themselves to nobody.
        is_needed = self.state.rules.oauth
        refused = gates.socket(request, self.oauth1, self.oauth2, is_needed) or self._boxed()
        if refused is None:
            await websocket.serve(request, stream, rest, self.state, self.topics)
        else:
            await stream.send(_refusal(refused))

    def _unauthorised(self, request: Request) -> Reply | None:
        is_needed = self.state.rules.oauth
        return gates.credentials(request, self.oauth1, self.oauth2, is_needed)

    def _boxed(self) -> Reply | None:
        return self.pacing.boxed() if self.state.rules.pacing else None

    def _trades(self, days: int) -> Rows:
        return self.state.book.trade_rows(self.state.clock.now() - days * _DAY)

    def _publish(self, kind: str, row: dict[str, Any]) -> None:
        if kind == "trade":
            self.topics.publish_trade(row)
        elif kind == "prompt":
            self.topics.publish("ntf", [row])
        elif not self.state.book.is_filtered:
            # A list that was asked for with a filter silences the stream of orders.
            self.topics.publish_order(row)

    async def respond(self, request: Request) -> Reply:
        """Answer one request."""
        beside = self._beside(request)
        if beside is not None:
            return beside
        reply, operation = self._answer(request)
        self.arrived.add(Arrived(request, operation, reply.status))
        return reply

    def _answer(self, request: Request) -> tuple[Reply, str]:
        refused = gates.edge(request, self.state) or self._unauthorised(request)
        if refused is not None:
            return refused, ""
        call = self._call(request)
        if call is None:
            reply = self._boxed() or self.replay.answer(request)
            return reply or pages.answer(request, self.state), ""
        limited = self.pacing.refuse(call.operation) if self.state.rules.pacing else None
        if limited is not None:
            return limited, call.operation.id
        fault = self.faults.of(call.operation.id, request)
        instead = fault.instead() if fault else None
        answer = self._carried_out(call) if instead is None else instead
        reply = spoil(request, answer, fault)
        if self.latency:
            reply = replace(reply, delay=reply.delay + self.latency)
        self.pacing.answered(call.operation, reply.delay)
        return reply, call.operation.id

    def _call(self, request: Request) -> Call | None:
        operations, values = self._routes.find(request.path)
        operation = operations.get(request.method)
        if operation is None:
            return None
        return Call(operation, request, parameters(operation, values), self.state)

    def _carried_out(self, call: Call) -> Reply:
        self.state.session.touch()
        refused = self.state.session.check(call.operation.session) or gates.preflight(call)
        if refused is not None:
            return refused
        if call.operation.id not in _HARMLESS:
            self.state.book.other_request()
        recorded = self.replay.answer(call.request)
        if recorded is None:
            return self._own(call)
        if recorded.status < _GOOD and call.operation.id in _OF_SESSION:
            self._own(call)
        return recorded

    def _own(self, call: Call) -> Reply:
        """What the mock itself answers."""
        # Positions and balances have to be what the fills until now have made of them.
        self.state.book.advance()
        handler = self._handlers.get(call.operation.id, _example)
        try:
            value = handler(call)
        except Refused as refusal:
            return refusal.reply
        if call.operation.id == _INIT:
            self.state.book.new_session()
        return value if isinstance(value, Reply) else json_reply(value)


def _refusal(reply: Reply) -> bytes:
    """An answer in place of a WebSocket; the connection ends with it."""
    head = (
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
        f"Content-Type: {reply.content_type}\r\n"
        f"Content-Length: {len(reply.body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + reply.body


def _example(call: Call) -> Any:
    """What an operation answers that nothing here knows more about."""
    found = example(call.operation.id)
    if not found.media_type:
        return Reply(int(found.status))
    if "json" in found.media_type:
        return json_reply(found.body, int(found.status))
    if "pdf" in found.media_type:
        return Reply(int(found.status), _PDF, found.media_type)
    return text_reply(str(found.body), int(found.status), found.media_type)
