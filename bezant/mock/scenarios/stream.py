"""Scenarios of the WebSocket. Those that send or end something concern the connections that there are."""

from typing import TYPE_CHECKING, Final

from bezant.mock.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

BINARY: Final = b'{"topic":"system","hb":0}'
UNTITLED: Final = {"message": "mock message without a topic"}
PLAIN: Final = "this is no JSON"
_DAY: Final = 86_400.0


def _waiting(gateway: "MockGateway") -> None:
    gateway.topics.holds_greeting = True


def _split_status(gateway: "MockGateway") -> None:
    gateway.topics.splits_status = True


def _one_line(gateway: "MockGateway") -> None:
    gateway.topics.lines = 1


def _no_heartbeat(gateway: "MockGateway") -> None:
    gateway.topics.heartbeat = None


def _half_open(gateway: "MockGateway") -> None:
    gateway.topics.heartbeat = None
    gateway.topics.freeze()


def _dropped(gateway: "MockGateway") -> None:
    gateway.topics.drop()


def _closed(gateway: "MockGateway") -> None:
    gateway.topics.close()


def _binary(gateway: "MockGateway") -> None:
    gateway.topics.send(BINARY)


def _no_utf8(gateway: "MockGateway") -> None:
    gateway.topics.send_text()


def _plain(gateway: "MockGateway") -> None:
    gateway.topics.send(PLAIN)


def _untitled(gateway: "MockGateway") -> None:
    gateway.topics.send(UNTITLED)


def _silent_orders(gateway: "MockGateway") -> None:
    gateway.topics.orders_silenced = True


def _trades_again(gateway: "MockGateway") -> None:
    rows = gateway.book.trade_rows(gateway.clock.now() - _DAY)
    if rows:
        gateway.topics.publish_trade(*rows)


def _prompt(gateway: "MockGateway") -> None:
    orders = gateway.book.visible()
    gateway.book.prompts.ask(orders[-1].id if orders else 0, "Do you want to keep the order?")


def _news(gateway: "MockGateway") -> None:
    text = "The mock market closes early"
    note = {"id": gateway.topics.next_id(), "title": "Mock notice", "text": text, "url": ""}
    gateway.topics.publish("ntf", [note])
    gateway.topics.publish("blt", {"id": gateway.topics.next_id(), "message": text})


SCENARIOS: Final = (
    Scenario(
        "waiting-for-session",
        "Connections wait for a session, and what they are sent before is lost.",
        _waiting,
    ),
    Scenario("split-status", "`sts` comes in frames of one key each.", _split_status),
    Scenario("one-line", "A connection may have one quote only.", _one_line),
    Scenario("no-heartbeat", "New connections have no heartbeat.", _no_heartbeat),
    Scenario(
        "half-open", "Connections stay, and nothing is sent or answered any more.", _half_open
    ),
    Scenario("stream-dropped", "Connections end without a word.", _dropped),
    Scenario("stream-closed", "Connections are closed as it should be done.", _closed),
    Scenario("binary-frame", "A binary frame comes.", _binary),
    Scenario("invalid-utf8", "A frame of text comes that is no UTF-8.", _no_utf8),
    Scenario("plain-frame", "A frame of text comes that is no JSON.", _plain),
    Scenario("frame-without-topic", "A frame comes that has no topic.", _untitled),
    Scenario("silent-orders", "The stream of orders has no updates.", _silent_orders),
    Scenario("repeated-trades", "The executions of a day come again.", _trades_again),
    Scenario("prompt", "The gateway asks about the newest order.", _prompt),
    Scenario("notices", "A notification and a bulletin come.", _news),
)
