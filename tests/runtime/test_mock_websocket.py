"""Connections of the mock gateway's stream over real sockets; time and ticks are moved by hand."""

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx2
import msgspec
import pytest
from anyio.abc import ByteStream
from bezant_api.models import streams
from httpx2.websockets import AsyncWebSocketClient
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    RejectConnection,
    TextMessage,
)
from wsproto.events import Request as Handshake

from bezant.mock import websocket
from bezant.mock.http import Reply, Request
from bezant.mock.server import Server
from bezant.mock.topics import NO_UTF8
from bezant.mock.world import PAPER
from tests.runtime.listening import APPLE, NOON, ORDER, TRADE, WAITING, Client, on_both, running


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
