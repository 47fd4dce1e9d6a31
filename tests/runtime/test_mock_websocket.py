"""The stream of the mock gateway over real sockets; time and ticks are moved by hand."""

import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx2
import msgspec
import pytest
from anyio.abc import ByteStream, SocketAttribute, SocketStream
from bezant_api.models import streams
from httpx2.websockets import AsyncWebSocketClient
from wsproto import ConnectionType, WSConnection
from wsproto.connection import Connection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    RejectConnection,
    TextMessage,
)
from wsproto.events import Request as Handshake

from bezant.mock import websocket
from bezant.mock.clock import Clock
from bezant.mock.http import Reply, Request
from bezant.mock.server import Server
from bezant.mock.state import State
from bezant.mock.topics import NO_UTF8, Topics
from bezant.mock.world import PAPER

LIMIT_SECONDS = 20.0
NOON = 1_772_643_600.0  # 2026-03-04 17:00 UTC
APPLE = 'smd+265598+{"fields":["31","84","55","9999"]}'
WAITING = {"message": "waiting for session"}
ORDER = {"acct": PAPER, "orderId": 7, "status": "Submitted", "ticker": "AAPL"}
TRADE = {"execution_id": "e1", "symbol": "AAPL", "side": "B", "price": "189.10"}


class StillClock(Clock):
    """A clock that only `advance` moves."""

    def now(self) -> float:
        return (self.start or 0.0) + self._ahead


def on_both(test: Callable[[], Awaitable[None]]) -> Callable[[str], None]:
    """Run a test on each backend, and fail it when it hangs."""

    async def limited() -> None:
        with anyio.fail_after(LIMIT_SECONDS):
            await test()

    def run(backend: str) -> None:
        anyio.run(limited, backend=backend)

    run.__name__ = test.__name__
    return pytest.mark.parametrize("backend", ["asyncio", "trio"])(run)


@dataclass
class Client:
    """A client that shows each frame as it came."""

    stream: SocketStream
    protocol: WSConnection = field(default_factory=lambda: WSConnection(ConnectionType.CLIENT))
    raw: bytes = b""
    events: deque[Event] = field(default_factory=deque)

    async def event(self) -> Event:
        while not self.events:
            data = await self.stream.receive()
            self.raw += data
            self.protocol.receive_data(data)
            self.events.extend(self.protocol.events())
        return self.events.popleft()

    async def text(self) -> str:
        event = await self.event()
        assert isinstance(event, TextMessage), event
        return event.data

    async def frame(self) -> dict[str, Any]:
        frame = json.loads(await self.text())
        assert isinstance(frame, dict)
        return frame

    async def frames(self, number: int) -> list[dict[str, Any]]:
        return [await self.frame() for _ in range(number)]

    async def send(self, event: Event) -> None:
        await self.stream.send(self.protocol.send(event))

    async def say(self, text: str) -> None:
        await self.send(TextMessage(data=text))

    async def ask(self, text: str) -> dict[str, Any]:
        await self.say(text)
        return await self.frame()

    async def quiet(self) -> None:
        """All that was sent before has been dealt with, and nothing came of it."""
        await self.send(Ping(b"?"))
        event = await self.event()
        assert isinstance(event, Pong), event

    async def refused(self, text: str) -> str:
        frame = await self.ask(text)
        assert frame["topic"] == "error"
        return str(frame["error"])

    async def ended(self) -> bool:
        """Whether the TCP connection ends without another frame."""
        try:
            return not await self.stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return True


@dataclass
class Gateway:
    """A server with nothing but a stream; `served` counts the connections that are over."""

    state: State
    topics: Topics
    port: int = 0
    served: int = 0
    _changed: anyio.Event = field(default_factory=anyio.Event)

    async def handle(self, stream: ByteStream) -> None:
        async with stream:
            head = b""
            while b"\r\n\r\n" not in head:
                head += await stream.receive()
            head, _, rest = head.partition(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")
            method, target, _ = first.split(" ")
            headers = {
                name.lower(): value for name, value in (line.split(": ", 1) for line in lines)
            }
            request = Request(method, target, headers, b"")
            await websocket.serve(request, stream, rest, self.state, self.topics)
        self.served += 1
        self._changed.set()

    def advance(self, seconds: float) -> None:
        """Let time pass in which the session is kept alive."""
        while seconds > 0:
            step = min(seconds, 240)
            self.state.clock.advance(step)
            self.state.session.touch()
            seconds -= step

    async def all_over(self, number: int = 1, left: int = 0) -> None:
        while self.served < number:
            self._changed = anyio.Event()
            await self._changed.wait()
        assert self.topics.connections == left

    @asynccontextmanager
    async def connect(
        self, cookie: str | None = None, path: str = websocket.PATH
    ) -> AsyncIterator[Client]:
        value = f"api={self.state.session.token}" if cookie is None else cookie
        async with await anyio.connect_tcp("127.0.0.1", self.port) as stream:
            client = Client(stream)
            headers = [(b"Cookie", value.encode())] if value else []
            await client.send(Handshake(host="localhost", target=path, extra_headers=headers))
            yield client

    @asynccontextmanager
    async def waiting(self, cookie: str | None = None) -> AsyncIterator[Client]:
        async with self.connect(cookie) as client:
            assert isinstance(await client.event(), AcceptConnection)
            yield client

    @asynccontextmanager
    async def ready(self, cookie: str | None = None) -> AsyncIterator[Client]:
        async with self.waiting(cookie) as client:
            assert [frame["topic"] for frame in await client.frames(3)] == ["system", "act", "sts"]
            yield client


@asynccontextmanager
async def running(**knobs: Any) -> AsyncIterator[Gateway]:
    state = State(clock=StillClock(NOON))
    topics = Topics(state, **{"heartbeat": None, "interval": None, **knobs})
    gateway = Gateway(state, topics)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    gateway.port = listener.extra(SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, gateway.handle)
        yield gateway
        group.cancel_scope.cancel()


@on_both
async def test_a_connection_is_greeted_in_order() -> None:
    async with running() as gateway, gateway.waiting() as client:
        system, act, sts = await client.frames(3)
        expected = {"success": "mockuser1", "isFT": False, "isPaper": True}
        assert system == {"topic": "system", **expected}
        assert act["args"]["selectedAccount"] == PAPER
        assert sts["args"]["authenticated"] is True
        assert sts["args"]["serverName"]
        msgspec.convert(act, streams.StreamedAccount)
        msgspec.convert(sts, streams.StreamedStatus)
        await client.quiet()


@on_both
async def test_the_cookie_is_taken_in_both_forms_and_among_others() -> None:
    async with running() as gateway:
        token = gateway.state.session.token
        for cookie in (f'api={{"session":"{token}"}}', f"x=1; api={token}; y=2"):
            async with gateway.ready(cookie):
                pass
        await gateway.all_over(2)


@on_both
async def test_without_the_cookie_of_the_session_one_waits_for_ever() -> None:
    async with running() as gateway:
        for cookie in ("", "api=stale", 'api={"session":"stale"}', "api={", 'api={"session":1}'):
            async with gateway.waiting(cookie) as client:
                assert await client.frame() == WAITING
                await client.say(APPLE)
                gateway.topics.publish("blt", {"id": "1", "message": "hello"})
                gateway.topics.tick()
                gateway.topics.beat()
                gateway.topics.greet()
                await client.quiet()
        assert gateway.topics.lost == [APPLE] * 5


@on_both
async def test_the_cookie_of_a_login_that_ended_is_stale() -> None:
    async with running() as gateway:
        gateway.state.session.expire()
        async with gateway.waiting() as client:
            assert await client.frame() == WAITING


@on_both
async def test_what_is_said_before_the_greeting_is_lost() -> None:
    async with running(holds_greeting=True) as gateway, gateway.waiting() as client:
        assert await client.frame() == WAITING
        await client.say(APPLE)
        await client.quiet()
        gateway.topics.greet()
        assert [frame["topic"] for frame in await client.frames(3)] == ["system", "act", "sts"]
        gateway.topics.tick()
        await client.quiet()
        assert (await client.ask(APPLE))["conid"] == 265598
        assert (gateway.topics.lost, gateway.topics.received) == ([APPLE], [APPLE, APPLE])


@on_both
async def test_other_paths_and_maintenance_are_refused() -> None:
    async with running() as gateway:
        async with gateway.connect(path="/v1/api/other") as client:
            assert _status(await client.event()) == 404
        gateway.state.session.begin_maintenance(60)
        async with gateway.connect() as client:
            assert _status(await client.event()) == 503
        await gateway.all_over(2)


def _status(event: Event) -> int:
    assert isinstance(event, RejectConnection)
    return event.status_code


@on_both
async def test_a_broken_handshake_is_refused() -> None:
    async with running() as gateway:
        async with await anyio.connect_tcp("127.0.0.1", gateway.port) as stream:
            await stream.send(b"GET /v1/api/ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n")
            assert (await stream.receive()).startswith(b"HTTP/1.1 400 ")
        await gateway.all_over()


@on_both
async def test_heartbeats_come_by_themselves_and_by_hand() -> None:
    async with running(heartbeat=0.001) as gateway, gateway.ready() as client:
        assert [frame["topic"] for frame in await client.frames(3)] == ["system"] * 3
    async with running() as gateway, gateway.ready() as client:
        gateway.topics.beat()
        assert await client.frame() == {"topic": "system", "hb": int(NOON * 1000)}


@on_both
async def test_quotes_are_whole_first_and_then_what_changed() -> None:
    async with running() as gateway, gateway.ready() as client:
        first = await client.ask(APPLE)
        identity = {"server_id": "q0", "conidEx": "265598", "conid": 265598, "topic": "smd+265598"}
        assert first.items() >= identity.items()
        assert (first["55"], first["6509"], "9999" in first) == ("AAPL", "RpB", False)
        assert first["31"] == f"{gateway.state.world.price(265598):.2f}"
        msgspec.convert(first, streams.StreamedQuote)
        gateway.topics.tick()
        await client.quiet()
        gateway.advance(300)
        gateway.topics.tick()
        second = await client.frame()
        assert set(second) == {*identity, "_updated", "31", "84"}
        assert second["31"] != first["31"]
        await client.say("umd+265598+{}")
        gateway.advance(290)
        await client.quiet()
        gateway.topics.tick()
        await client.quiet()


@on_both
async def test_every_value_of_a_quote_is_text() -> None:
    codes = [str(code) for code in (*range(31, 89), 201, *range(6004, 6509), *range(7051, 7763))]
    async with running() as gateway, gateway.ready() as client:
        for conid in gateway.state.world.contracts:
            if conid >= 900_000_000:
                continue
            frame = await client.ask(f"smd+{conid}@SMART+{json.dumps({'fields': codes})}")
            assert frame["conidEx"] == f"{conid}@SMART"
            values = [value for code, value in frame.items() if code.isdecimal()]
            assert len(values) > 15
            assert all(isinstance(value, str) and value for value in values)


@on_both
async def test_quotes_end_after_a_quarter_of_an_hour_unless_asked_for_again() -> None:
    async with running() as gateway, gateway.ready() as client:
        await client.ask(APPLE)
        gateway.advance(890)
        again = await client.ask('smd+265598+{"fields":["86"]}')
        assert {"31", "84", "86"} <= set(again)
        gateway.advance(890)
        gateway.topics.tick()
        assert {"31", "86"} <= set(await client.frame())
        gateway.advance(10)
        gateway.topics.tick()
        await client.quiet()


@on_both
async def test_lines_are_limited() -> None:
    async with running(lines=1) as gateway, gateway.ready() as client:
        await client.ask(APPLE)
        await client.ask(APPLE)
        assert "market data lines" in await client.refused('smd+8314+{"fields":["31"]}')
        await client.say("umd+265598+{}")
        assert (await client.ask('smd+8314+{"fields":["31"]}'))["conid"] == 8314


@on_both
async def test_prices_are_looked_at_by_themselves() -> None:
    async with running(interval=0.001) as gateway, gateway.ready() as client:
        await client.ask(APPLE)
        gateway.advance(300)
        assert "31" in await client.frame()


@on_both
async def test_history_is_one_frame_and_holds_a_slot() -> None:
    asked = 'smh+265598+{"period":"1d","bar":"5min","format":"%o/%c"}'
    async with running() as gateway, gateway.ready() as client:
        frames = [await client.ask(asked) for _ in range(5)]
        first = frames[0]
        assert len({frame["serverId"] for frame in frames}) == 5
        assert (first["topic"], first["barLength"], first["points"]) == ("smh+265598", 300, 287)
        assert [set(bar) for bar in first["data"]] == [{"o", "c", "t"}] * 288
        assert first["data"][-1]["t"] == int(NOON * 1000)
        msgspec.convert(first, streams.StreamedHistory)
        assert "concurrent" in await client.refused(asked)
        ended = await client.ask(f"umh+{first['serverId']}")
        assert ended == {"message": f"Unsubscribed {first['serverId']}"}
        await client.say(f"umh+{first['serverId']}")
        assert (await client.ask(asked))["serverId"] not in {frame["serverId"] for frame in frames}


@on_both
async def test_history_of_a_period_that_is_none_is_refused() -> None:
    async with running() as gateway, gateway.ready() as client:
        for period in ("6M", "d", "0d", "1x"):
            asked = json.dumps({"period": period, "bar": "1d"})
            assert await client.refused(f"smh+265598+{asked}") == "Chart data unavailable"


@on_both
async def test_the_ladder_has_all_rows_and_then_those_that_changed() -> None:
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask(f"sbd+{PAPER}+265598+NASDAQ")
        assert frame["topic"] == f"sbd+{PAPER}+265598+NASDAQ"
        assert [row["row"] for row in frame["data"]] == list(range(11))
        assert [row["row"] for row in frame["data"] if row["focus"]] == [5]
        assert " @ " in frame["data"][5]["price"]
        assert ("ask" in frame["data"][0], "bid" in frame["data"][10]) == (True, True)
        gateway.topics.tick()
        await client.quiet()
        gateway.state.clock.advance(5)
        gateway.topics.tick()
        assert (await client.frame())["data"]
        await client.say("ubd+other")
        await client.say(f"ubd+{PAPER}")
        gateway.state.clock.advance(5)
        await client.quiet()
        gateway.topics.tick()
        await client.quiet()


@on_both
async def test_profit_and_loss_comes_once_a_second_at_most() -> None:
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask("spl+{}")
        assert (frame["topic"], next(iter(frame["args"]))) == ("spl", f"{PAPER}.Core")
        msgspec.convert(frame, streams.StreamedPnl)
        gateway.state.world.trade(PAPER, 265598, 100, 1.0)
        gateway.topics.tick()
        await client.quiet()
        gateway.state.clock.advance(1)
        gateway.topics.tick()
        row = (await client.frame())["args"][f"{PAPER}.Core"]
        assert row["nl"] > frame["args"][f"{PAPER}.Core"]["nl"]
        await client.say("upl{}")
        gateway.state.clock.advance(100)
        await client.quiet()
        gateway.topics.tick()
        await client.quiet()


@on_both
async def test_summaries_have_the_keys_and_fields_that_were_asked_for() -> None:
    wanted = {"keys": ["NetLiquidation", "AccruedCash-S"], "fields": ["monetaryValue"]}
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask(f"ssd+{PAPER}+{json.dumps(wanted)}")
        assert frame["topic"] == f"ssd+{PAPER}"
        assert [row["key"] for row in frame["result"]] == ["NetLiquidation", "AccruedCash-S"]
        assert set(frame["result"][0]) == {"key", "timestamp", "monetaryValue"}
        gateway.state.clock.advance(10)
        gateway.topics.tick()
        assert [row["key"] for row in (await client.frame())["result"]] == ["NetLiquidation"]
        ended = {"result": "unsubscribed from summary"}
        assert await client.ask(f"usd+{PAPER}+{{}}") == ended
        whole = await client.ask(f"ssd+{PAPER}+{{}}")
        assert {"AccountType", "BuyingPower", "TotalCashValue-C"} <= {
            row["key"] for row in whole["result"]
        }
        msgspec.convert(whole, streams.StreamedSummary)


@on_both
async def test_ledgers_leave_unchanged_currencies_blank() -> None:
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask(f"sld+{PAPER}+{{}}")
        keys = ["LedgerListUSD", "LedgerListEUR", "LedgerListBASE"]
        assert [row["key"] for row in frame["result"]] == keys
        msgspec.convert(frame, streams.StreamedLedger)
        dollars, euros, base = frame["result"]
        added = dollars["cashbalance"] + euros["cashbalance"] * euros["exchangeRate"]
        assert base["cashbalance"] == pytest.approx(added, abs=0.02)
        gateway.state.clock.advance(9)
        gateway.topics.tick()
        await client.quiet()
        gateway.state.clock.advance(1)
        gateway.state.world.cash[PAPER]["GBP"] = 5.0
        gateway.topics.tick()
        rows = {row["key"]: row for row in (await client.frame())["result"]}
        assert rows["LedgerListGBP"]["cashbalance"] == 5.0
        assert rows["LedgerListUSD"]["unrealizedPnl"] != dollars["unrealizedPnl"]
        assert await client.ask(f"uld+{PAPER}+{{}}") == {"result": "unsubscribed from ledger"}


@on_both
async def test_a_currency_in_which_nothing_changed_has_its_key_alone() -> None:
    wanted = {"keys": ["LedgerListUSD"], "fields": ["cashBalance"]}
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask(f"sld+{PAPER}+{json.dumps(wanted)}")
        assert set(frame["result"][0]) == {"key", "timestamp", "cashbalance"}
        gateway.state.clock.advance(10)
        gateway.topics.tick()
        blank = {"key": "LedgerListUSD", "timestamp": int(NOON) + 10}
        assert (await client.frame())["result"] == [blank]


@on_both
async def test_orders_begin_with_those_there_are() -> None:
    filled = {**ORDER, "orderId": 8, "status": "Filled"}
    async with running(orders=lambda: [ORDER, filled]) as gateway, gateway.ready() as client:
        assert await client.ask("sor+{}") == {"topic": "sor", "args": [ORDER, filled]}
        only = 'sor+{"filters":["Submitted"]}'
        assert await client.ask(only) == {"topic": "sor", "args": [ORDER]}
        gateway.topics.publish_order(filled)
        await client.quiet()
        await client.say('sor+{"realtimeUpdatesOnly":true}')
        await client.quiet()
        states = [{"acct": PAPER, "orderId": 7, "status": name} for name in ("Submitted", "Filled")]
        gateway.topics.publish_order(*states)
        assert await client.frame() == {"topic": "sor", "args": states}
        gateway.topics.orders_silenced = True
        gateway.topics.publish_order(*states)
        await client.quiet()
        gateway.topics.orders_silenced = False
        await client.say("uor+{}")
        await client.quiet()
        gateway.topics.publish_order(*states)
        await client.quiet()


@on_both
async def test_without_orders_nothing_confirms_a_subscription() -> None:
    async with running() as gateway, gateway.ready() as client:
        gateway.topics.publish_order(ORDER)
        await client.say("sor+{}")
        await client.quiet()
        gateway.topics.publish_order(ORDER)
        assert (await client.frame())["args"] == [ORDER]


@on_both
async def test_trades_begin_with_those_of_some_days() -> None:
    asked: list[int] = []

    def trades(days: int) -> list[Mapping[str, Any]]:
        asked.append(days)
        return [TRADE]

    async with running(trades=trades) as gateway, gateway.ready() as client:
        expected = {"topic": "str", "args": [TRADE]}
        assert await client.ask('str+{"realtimeUpdatesOnly":false,"days":3}') == expected
        assert await client.ask("str+{}") == expected
        await client.say('str+{"realtimeUpdatesOnly":true}')
        await client.quiet()
        gateway.topics.publish_trade(TRADE)
        assert await client.frame() == expected
        await client.say("utr")
        await client.quiet()
        gateway.topics.publish_trade(TRADE)
        await client.quiet()
    assert asked == [3, 1]


def said(action: str) -> str:
    return "inp+exercise+" + json.dumps({"action": "user_input", "data": {"id": action}})


@on_both
async def test_an_exercise_is_a_dialogue_that_ends_in_an_order() -> None:
    async with running() as gateway, gateway.ready() as client:
        options = [one for one in gateway.state.world.contracts.values() if one.right == "C"]
        await client.say("sor+{}")
        await client.say(f'shs+exercise+{{"CEX":"{options[0].conid}"}}')
        confirmed, content, prompt = await client.frames(3)
        assert confirmed == {"topic": "shs+exercise"}
        assert (content["action"], content["data"]["conid"]) == ("content", options[0].conid)
        assert [one["id"] for one in prompt["data"]["user_actions"]] == ["exercise", "cancel"]
        msgspec.convert(prompt, streams.StreamedExercise)
        assert "no answer" in await client.refused(said("yes"))
        assert (await client.ask(said("exercise")))["data"]["title"] == "Confirm"
        await client.say(said("yes"))
        done, order = sorted(await client.frames(2), key=lambda frame: str(frame["topic"]))
        assert done["data"] == {"text": "Request was submitted"}
        assert (order["topic"], order["args"][0]["side"]) == ("sor", "EXER")
        assert "nothing was asked" in await client.refused(said("yes"))
        assert (await client.ask("sor+{}"))["args"] == order["args"]


@on_both
async def test_an_exercise_can_be_cancelled_and_needs_an_option_that_is_held() -> None:
    async with running() as gateway, gateway.ready() as client:
        options = [one for one in gateway.state.world.contracts.values() if one.kind == "OPT"]
        call, put = (next(one for one in options if one.right == right) for right in "CP")
        for conid in (put.conid, 265598):
            refused = await client.refused(f'shs+exercise+{{"CEX":"{conid}"}}')
            assert refused == f"Nothing to exercise: {conid}"
        await client.say(f'shs+exercise+{{"CEX":"{call.conid}"}}')
        await client.frames(3)
        assert (await client.ask(said("cancel")))["data"] == {"text": "Cancelled"}
        assert gateway.topics.exercised == []
        assert "Topic unknown" in await client.refused("shs+other+{}")


@on_both
async def test_pings_and_echoes_are_answered() -> None:
    async with running() as gateway, gateway.ready() as client:
        assert await client.ask("tic") == {"topic": "tic", "lastAccessed": int(NOON * 1000)}
        await client.say("ech+hb")
        assert await client.text() == "ech+hb"


@on_both
async def test_what_makes_no_sense_is_answered_with_an_error() -> None:
    async with running() as gateway, gateway.ready() as client:
        expected = {
            "xyz+1+{}": "Topic unknown: xyz",
            '{"session":"a"}': "Topic unknown: {'session': 'a'}",
            "smd+1+{}": "Unknown contract: 1",
            "smd+x+{}": "Unknown contract: x",
            "smd": "Bad request: smd has no target",
            'smd+265598+{"fields":"31"}': "Bad request: fields is no list",
            "ssd+U1+{}": "Unknown account: U1",
        }
        for message, text in expected.items():
            assert await client.refused(message) == text
        assert (await client.refused("smd+265598+{x}")).startswith("Bad request: ")


@on_both
async def test_messages_may_come_in_pieces() -> None:
    async with running() as gateway, gateway.ready() as client:
        await client.send(TextMessage(data="t", message_finished=False))
        await client.send(TextMessage(data="ic"))
        assert (await client.frame())["topic"] == "tic"


@on_both
async def test_what_comes_together_with_the_handshake_is_read() -> None:
    async with running() as gateway, await anyio.connect_tcp("127.0.0.1", gateway.port) as stream:
        cookie = (b"Cookie", f"api={gateway.state.session.token}".encode())
        handshake = Handshake(host="a", target=websocket.PATH, extra_headers=[cookie])
        client = Client(stream)
        frame = Connection(ConnectionType.CLIENT).send(TextMessage(data="tic"))
        await stream.send(client.protocol.send(handshake) + frame)
        assert isinstance(await client.event(), AcceptConnection)
        assert [one["topic"] for one in await client.frames(4)][3] == "tic"


@on_both
async def test_anything_can_be_published_to_all_that_were_greeted() -> None:
    prompt = [{"orderId": 1, "reqId": "2", "text": "Sure?", "options": ["Yes"], "prompt": True}]
    async with running() as gateway, gateway.ready() as one, gateway.ready() as other:
        assert gateway.topics.connections == 2
        for topic, args in (("ntf", prompt), ("blt", {"id": "1", "message": "hello"})):
            gateway.topics.publish(topic, args)
            expected = {"topic": topic, "args": args}
            assert [await client.frame() for client in (one, other)] == [expected] * 2


@on_both
async def test_connections_hear_of_the_session_and_end_with_the_login() -> None:
    async with running() as gateway, gateway.ready() as client:
        await client.ask(APPLE)
        session = gateway.state.session
        session.contended_seconds = 5
        session.compete()
        assert (await client.frame())["args"]["competing"] is True
        gateway.state.clock.advance(300)
        gateway.topics.tick()
        assert (await client.frame())["args"]["authenticated"] is False
        assert await client.refused(APPLE) == "not authenticated"
        assert (await client.ask("spl+{}"))["topic"] == "spl"
        session.expire()
        assert (await client.frame())["args"]["connected"] is False
        closing = await client.event()
        assert isinstance(closing, CloseConnection)
        await client.send(closing.response())
        assert await client.ended()
        await gateway.all_over()


@on_both
async def test_subscriptions_do_not_outlast_their_brokerage_session() -> None:
    async with running() as gateway, gateway.ready() as client:
        for message in (APPLE, f"sbd+{PAPER}+265598", "str+{}", "spl+{}"):
            await client.ask(message)
        await client.say("sor+{}")
        await client.quiet()
        gateway.state.session.init(publish=True, compete=True)
        gateway.state.clock.advance(100)
        gateway.topics.publish_order(ORDER)
        gateway.topics.publish_trade(TRADE)
        gateway.topics.tick()
        assert (await client.frame())["topic"] == "spl"
        await client.quiet()


@on_both
async def test_status_may_be_split_into_its_keys() -> None:
    async with running(splits_status=True) as gateway, gateway.waiting() as client:
        frames = await client.frames(2 + 8)
        assert [len(frame["args"]) for frame in frames[2:]] == [1] * 8
        assert frames[2] == {"topic": "sts", "args": {"authenticated": True}}


@on_both
async def test_frames_may_be_binary_or_no_json_or_no_utf8() -> None:
    async with running() as gateway, gateway.ready() as client:
        gateway.topics.send(b'{"topic":"tic"}')
        event = await client.event()
        assert isinstance(event, BytesMessage)
        assert bytes(event.data) == b'{"topic":"tic"}'
        gateway.topics.send("no JSON")
        assert await client.text() == "no JSON"
        gateway.topics.send_text(b"x" * 300)
        assert await client.text() == "x" * 300
        gateway.topics.send_text()
        closing = await client.event()
        assert isinstance(closing, CloseConnection)
        assert closing.code == 1007
        assert client.raw.endswith(b"\x81" + bytes([len(NO_UTF8)]) + NO_UTF8)


@on_both
async def test_a_half_open_connection_stays_silent_until_the_client_goes() -> None:
    async with running() as gateway:
        async with gateway.ready() as frozen, gateway.ready() as other:
            await other.send(CloseConnection(1000))
            assert isinstance(await other.event(), CloseConnection)
            await gateway.all_over(1, left=1)
            gateway.topics.freeze()
            gateway.topics.beat()
            await frozen.say("tic")
            await frozen.send(CloseConnection(1000))
            await frozen.stream.send_eof()
            assert await frozen.ended()
        await gateway.all_over(2)
    assert gateway.topics.received == []


@on_both
async def test_a_connection_can_be_dropped() -> None:
    async with running() as gateway, gateway.ready() as client:
        gateway.topics.drop()
        assert await client.ended()
        await gateway.all_over()


@on_both
async def test_closing_is_answered_by_both_sides() -> None:
    async with running() as gateway:
        async with gateway.ready() as client:
            gateway.topics.close(1001)
            closing = await client.event()
            assert isinstance(closing, CloseConnection)
            assert closing.code == 1001
            await client.send(closing.response())
            assert await client.ended()
        async with gateway.ready() as client:
            await client.send(CloseConnection(1000))
            assert isinstance(await client.event(), CloseConnection)
            assert await client.ended()
        await gateway.all_over(2)


@on_both
async def test_a_client_that_does_not_answer_a_close_is_left() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(websocket, "CLOSING_SECONDS", 0.01)
        async with running() as gateway, gateway.ready():
            gateway.topics.close()
            await gateway.all_over()


@on_both
async def test_a_client_that_disappears_ends_it() -> None:
    async with running(heartbeat=0.001, interval=0.001) as gateway:
        async with gateway.ready() as client:
            await client.say(APPLE)
        await gateway.all_over()


@on_both
async def test_a_client_that_does_not_read_is_given_up() -> None:
    async with running() as gateway, gateway.ready():
        while gateway.topics.connections:
            for _ in range(1000):
                gateway.topics.send("x" * 4096)
            await anyio.lowlevel.checkpoint()
        await gateway.all_over()


@on_both
async def test_a_message_without_end_closes_the_connection() -> None:
    async with running() as gateway, gateway.ready() as client:
        for _ in range(17):
            await client.send(TextMessage(data="x" * 65_536, message_finished=False))
        closing = await client.event()
        assert isinstance(closing, CloseConnection)
        assert closing.code == 1009


@on_both
async def test_it_can_be_told_from_another_thread() -> None:
    async with running() as gateway, gateway.ready() as client:
        await client.ask(APPLE)

        def tell() -> None:
            gateway.advance(300)
            gateway.topics.tick()
            gateway.topics.publish("blt", {"id": "1", "message": "hello"})
            gateway.topics.greet()

        await anyio.to_thread.run_sync(tell)
        assert [frame["topic"] for frame in await client.frames(2)] == ["smd+265598", "blt"]


@on_both
async def test_the_server_of_the_gateway_hands_over_to_it() -> None:
    async with running() as gateway:

        async def respond(request: Request) -> Reply:
            return Reply(404)

        async def upgrade(request: Request, stream: ByteStream, rest: bytes) -> None:
            await websocket.serve(request, stream, rest, gateway.state, gateway.topics)

        async with Server(respond, upgrade) as server:
            gateway.port = server.port
            async with gateway.connect(path="/v1/api/other") as client:
                assert _status(await client.event()) == 404
            async with gateway.ready() as client:
                assert (await client.ask(APPLE))["conid"] == 265598
                await client.send(CloseConnection(1000))
                assert isinstance(await client.event(), CloseConnection)
                assert await client.ended()
            async with gateway.ready() as client:
                gateway.topics.drop()
                assert await client.ended()
            async with gateway.ready():
                assert gateway.topics.connections == 1
        assert gateway.topics.connections == 0
        assert server.errors == []


@on_both
async def test_another_implementation_understands_it() -> None:
    async with running() as gateway, httpx2.AsyncClient() as http:
        url = f"ws://127.0.0.1:{gateway.port}{websocket.PATH}"
        cookie = {"Cookie": f"api={gateway.state.session.token}"}
        async with AsyncWebSocketClient(http).connect(url, headers=cookie) as session:
            topics = [(await session.receive_json())["topic"] for _ in range(3)]
            assert topics == ["system", "act", "sts"]
            await session.send_text(APPLE)
            assert (await session.receive_json())["conid"] == 265598
        await gateway.all_over()
