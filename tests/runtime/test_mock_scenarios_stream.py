"""Scenarios of the stream of the mock gateway: what its clients see over WebSockets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeAlias

import httpx2
import msgspec
import pytest
from bezant_api.models import streams as models
from httpx2.websockets import (
    WebSocketClient,
    WebSocketDisconnect,
    WebSocketNetworkError,
    WebSocketSession,
    WebSocketUpgradeError,
)

from tests.runtime.visiting import AAPL, Visit, prepared

Connect: TypeAlias = Callable[..., WebSocketSession]


@pytest.fixture
def visit() -> Iterator[Visit]:
    with prepared() as found:
        yield found


@pytest.fixture
def streams(visit: Visit) -> Iterator[Connect]:
    """Opens a WebSocket; gives it after so many frames of its beginning."""
    with ExitStack() as stack:
        http = stack.enter_context(httpx2.Client(trust_env=False))
        visit.gateway.topics.heartbeat = None
        url = visit.gateway.url.replace("http", "ws") + "/v1/api/ws"

        def connect(frames: int = 3, token: str = "") -> WebSocketSession:
            cookie = {"Cookie": f"api={token or visit.gateway.session.token}"}
            session = stack.enter_context(WebSocketClient(http).connect(url, headers=cookie))
            for _ in range(frames):
                session.receive_json(timeout=10)
            return session

        yield connect


def subscribed(connect: Connect, text: str) -> WebSocketSession:
    """A connection that has sent something, and an echo that shows that it was read."""
    session = connect()
    session.send_text(text)
    session.send_text("ech+hb")
    while session.receive_text(timeout=10) != "ech+hb":
        pass
    return session


def test_the_opening_frame_has_what_the_accounts_answer(visit: Visit, streams: Connect) -> None:
    visit.gateway.session.accounts_queried = False
    frames = streams(1)
    shown = frames.receive_json(timeout=10)
    assert not visit.gateway.session.accounts_queried
    address = f"{visit.gateway.url}/v1/api/iserver/accounts"
    assert shown == {"topic": "act", "args": httpx2.get(address, trust_env=False).json()}
    assert msgspec.convert(shown, models.StreamedAccount)


def test_no_connection_in_maintenance(visit: Visit, streams: Connect) -> None:
    session = streams()
    visit.start("maintenance")
    assert session.receive_json(timeout=10)["args"]["connected"] is False
    with pytest.raises(WebSocketUpgradeError) as caught:
        streams(0)
    assert caught.value.response.status_code == 503


def test_a_connection_waits(visit: Visit, streams: Connect) -> None:
    visit.start("waiting-for-session")
    session = streams(0)
    assert session.receive_json(timeout=10) == {"message": "waiting for session"}
    visit.gateway.topics.greet()
    assert session.receive_json(timeout=10)["topic"] == "system"


def test_status_comes_in_pieces(visit: Visit, streams: Connect) -> None:
    visit.start("split-status")
    session = streams(2)
    assert session.receive_json(timeout=10) == {"topic": "sts", "args": {"authenticated": True}}


def test_one_quote_only(visit: Visit, streams: Connect) -> None:
    visit.start("one-line")
    session = subscribed(streams, f'smd+{AAPL}+{{"fields":["31"]}}')
    session.send_text('smd+756733+{"fields":["31"]}')
    assert "lines" in session.receive_json(timeout=10)["error"]


@pytest.mark.parametrize("name", ["no-heartbeat", "half-open"])
def test_no_heartbeat(visit: Visit, streams: Connect, name: str) -> None:
    visit.gateway.topics.heartbeat = 10.0
    session = streams()
    visit.start(name)
    assert (visit.gateway.topics.heartbeat is None) is (name == "no-heartbeat")
    session.send_text("ech+hb")
    if name == "half-open":
        with pytest.raises(TimeoutError):
            session.receive_text(timeout=0.1)
    else:
        assert session.receive_text(timeout=10) == "ech+hb"


def test_connections_are_closed(visit: Visit, streams: Connect) -> None:
    session = streams()
    visit.start("stream-closed")
    with pytest.raises(WebSocketDisconnect) as caught:
        session.receive_text(timeout=10)
    assert caught.value.code == 1000


def test_connections_are_dropped(visit: Visit, streams: Connect) -> None:
    session = streams()
    visit.start("stream-dropped")
    with pytest.raises(WebSocketNetworkError):
        session.receive_text(timeout=10)


def test_a_binary_frame(visit: Visit, streams: Connect) -> None:
    session = streams()
    visit.start("binary-frame")
    assert b"system" in session.receive_bytes(timeout=10)


def test_no_utf8(visit: Visit, streams: Connect) -> None:
    session = streams()
    visit.start("invalid-utf8")
    with pytest.raises((RuntimeError, WebSocketDisconnect)):
        session.receive_text(timeout=10)


def test_frames_that_belong_nowhere(visit: Visit, streams: Connect) -> None:
    session = streams()
    visit.start("plain-frame")
    assert session.receive_text(timeout=10) == "this is no JSON"
    visit.start("frame-without-topic")
    assert "topic" not in session.receive_json(timeout=10)


@pytest.mark.parametrize("name", ["silent-orders", "orders-filtered"])
def test_no_updates_of_orders(visit: Visit, streams: Connect, name: str) -> None:
    session = subscribed(streams, "sor+{}")
    visit.start(name)
    visit.order()
    session.send_text("ech+hb")
    assert session.receive_text(timeout=10) == "ech+hb"


def test_filled_before_the_quantity_says_so(visit: Visit, streams: Connect) -> None:
    session = subscribed(streams, "sor+{}")
    visit.start("filled-with-zero")
    visit.order()
    visit.gateway.clock.advance(1)
    visit.gateway.book.advance()
    row: dict[str, Any] = {}
    while row.get("status") != "Filled":
        [row] = session.receive_json(timeout=10)["args"]
    assert row["filledQuantity"] == 0.0


def test_trades_come_again(visit: Visit, streams: Connect) -> None:
    session = subscribed(streams, "str+{}")
    visit.order()
    visit.gateway.clock.advance(1)
    visit.gateway.book.advance()
    visit.start("repeated-trades")
    first, second = (session.receive_json(timeout=10)["args"] for _ in range(2))
    assert first[0]["execution_id"] == second[0]["execution_id"]


def test_a_prompt_and_its_answer(visit: Visit, streams: Connect) -> None:
    session = streams()
    [row] = visit.order(above=-5)
    visit.start("prompt")
    [prompt] = session.receive_json(timeout=10)["args"]
    assert prompt["orderId"] == int(row.order_id)
    answer = {"orderId": prompt["orderId"], "reqId": prompt["reqId"], "text": "Yes"}
    visit.client.orders.answer_prompt(answer)
    assert visit.gateway.book.prompts.answers == {prompt["reqId"]: "Yes"}


def test_notices(visit: Visit, streams: Connect) -> None:
    session = streams()
    visit.start("notices")
    assert [session.receive_json(timeout=10)["topic"] for _ in range(2)] == ["ntf", "blt"]


def test_the_reset_ends_connections(visit: Visit, streams: Connect) -> None:
    session = streams()
    visit.start("midnight-reset")
    assert session.receive_json(timeout=10)["args"]["authenticated"] is False
    with pytest.raises(WebSocketDisconnect):
        session.receive_text(timeout=10)


def test_a_competitor_comes_and_takes_the_session(visit: Visit, streams: Connect) -> None:
    session = streams()
    visit.start("competitor-comes")
    seen = [session.receive_json(timeout=10)["args"]]
    visit.gateway.clock.advance(2)
    visit.gateway.topics.tick()
    seen.append(session.receive_json(timeout=10)["args"])
    assert [(args["authenticated"], args["competing"]) for args in seen] == [
        (True, True),
        (False, True),
    ]


def test_strangers_are_closed(visit: Visit, streams: Connect) -> None:
    visit.start("strangers-closed")
    assert streams(3)
    with pytest.raises(WebSocketDisconnect) as caught:
        streams(1, "0123456789abcdef")
    assert caught.value.code == 1000


def test_the_id_of_an_earlier_tickle_is_worth_nothing(visit: Visit, streams: Connect) -> None:
    before = str(visit.client.session.tickle().session)
    visit.start("session-id-renewed")
    assert visit.client.session.tickle().session != before
    assert streams(0, before).receive_json(timeout=10) == {"message": "waiting for session"}
    assert streams(3)


def test_another_quote_is_lost_in_silence(visit: Visit, streams: Connect) -> None:
    visit.start("one-line-in-silence")
    session = subscribed(streams, f'smd+{AAPL}+{{"fields":["31"]}}')
    session.send_text('smd+756733+{"fields":["31"]}')
    session.send_text("ech+hb")
    assert session.receive_text(timeout=10) == "ech+hb"


def test_quotes_end_without_a_word(visit: Visit, streams: Connect) -> None:
    session = subscribed(streams, f'smd+{AAPL}+{{"fields":["31"]}}')
    visit.start("quotes-ended")
    visit.gateway.clock.advance(60)
    visit.gateway.topics.tick()
    session.send_text(f'smd+{AAPL}+{{"fields":["31"]}}')
    assert session.receive_json(timeout=10)["6119"]


def test_a_quote_without_values(visit: Visit, streams: Connect) -> None:
    session = subscribed(streams, f'smd+{AAPL}+{{"fields":["31"]}}')
    visit.start("quote-without-values")
    frame = session.receive_json(timeout=10)
    assert sorted(frame) == ["_updated", "conid", "conidEx", "server_id", "topic"]
    assert frame["conid"] == AAPL


def test_no_history_slot_is_free(visit: Visit, streams: Connect) -> None:
    visit.start("no-history-slots")
    session = streams()
    session.send_text(f'smh+{AAPL}+{{"period":"1d","bar":"1h"}}')
    assert "concurrent" in session.receive_json(timeout=10)["error"]


def test_states_of_an_order_come_in_one_frame(visit: Visit, streams: Connect) -> None:
    session = subscribed(streams, "sor+{}")
    visit.start("orders-gathered")
    [row] = visit.order()
    visit.gateway.clock.advance(1)
    visit.gateway.topics.tick()
    states = session.receive_json(timeout=10)["args"]
    assert {state["orderId"] for state in states} == {int(row.order_id)}
    seen = [state["status"] for state in states if "status" in state]
    assert seen == ["Inactive", "PendingSubmit", "PreSubmitted", "Submitted", "Filled"]


def test_an_option_is_exercised(visit: Visit, streams: Connect) -> None:
    session = subscribed(streams, "sor+{}")
    visit.start("option-exercised")
    [row] = session.receive_json(timeout=10)["args"]
    assert (row["side"], row["secType"]) == ("EXER", "OPT")
