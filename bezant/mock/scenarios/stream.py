"""Scenarios of the WebSocket. Those that send or end something concern the connections that there are."""

from typing import TYPE_CHECKING, Final

from bezant.mock.scenarios.scenario import Scenario, Stop, at_once, setting
from bezant.mock.stream_exercise import exercise_of

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

BINARY: Final = b'{"topic":"system","hb":0}'
UNTITLED: Final = {"message": "mock message without a topic"}
PLAIN: Final = "this is no JSON"
_DAY: Final = 86_400.0


def _waiting(gateway: "MockGateway") -> Stop:
    gateway.topics.holds_greeting = True
    return gateway.topics.greet


def _trades_again(gateway: "MockGateway") -> None:
    rows = gateway.book.trade_rows(gateway.clock.now() - _DAY)
    if rows:
        gateway.topics.publish_trade(*rows)


def _prompt(gateway: "MockGateway") -> None:
    orders = gateway.book.visible()
    gateway.book.prompts.ask(orders[-1].id if orders else 0, "Do you want to keep the order?")


def _exercised(gateway: "MockGateway") -> None:
    """Exercise the first option that an account holds, if it holds any."""
    held = (item for items in gateway.world.holdings.values() for item in items.values())
    options = [item.contract for item in held if item.contract.kind == "OPT" and item.quantity > 0]
    if options:
        gateway.topics.exercise(exercise_of(gateway.world, str(options[0].conid)))


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
    Scenario(
        "strangers-closed",
        "Connections without the cookie of the login are closed; else they wait for a session for ever.",
        setting("topics", closes_strangers=True),
    ),
    Scenario(
        "session-id-renewed",
        "The login has another id: connections with that of an earlier tickle are strangers.",
        at_once(lambda gateway: gateway.session.renew_token()),
    ),
    Scenario(
        "split-status",
        "`sts` comes in frames of one key each.",
        setting("topics", splits_status=True),
    ),
    Scenario("one-line", "A connection may have one quote only.", setting("topics", lines=1)),
    Scenario(
        "one-line-in-silence",
        "A connection may have one quote only, and nothing is said of another.",
        setting("topics", lines=1, tells_limits=False),
    ),
    Scenario(
        "quotes-ended",
        "Streams of quotes end without a word, as they do after 15 minutes.",
        at_once(lambda gateway: gateway.topics.end_quotes()),
    ),
    Scenario(
        "quote-without-values",
        "Streams of quotes send a frame in which there is nothing but whose it is.",
        at_once(lambda gateway: gateway.topics.send_bare_quotes()),
    ),
    Scenario(
        "no-history-slots",
        "A connection may have no stream of bars, as with five that nobody has ended.",
        setting("topics", histories=0),
    ),
    Scenario(
        "orders-gathered",
        "States of orders come together at the next look, several of one order in a frame.",
        setting("topics", gathers_orders=True),
    ),
    Scenario(
        "no-heartbeat", "New connections have no heartbeat.", setting("topics", heartbeat=None)
    ),
    Scenario(
        "half-open",
        "Connections stay, and nothing is sent or answered any more.",
        at_once(lambda gateway: gateway.topics.freeze()),
    ),
    Scenario(
        "stream-dropped",
        "Connections end without a word.",
        at_once(lambda gateway: gateway.topics.drop()),
    ),
    Scenario(
        "stream-closed",
        "Connections are closed as it should be done.",
        at_once(lambda gateway: gateway.topics.close()),
    ),
    Scenario(
        "binary-frame",
        "A binary frame comes.",
        at_once(lambda gateway: gateway.topics.send(BINARY)),
    ),
    Scenario(
        "invalid-utf8",
        "A frame of text comes that is no UTF-8.",
        at_once(lambda gateway: gateway.topics.send_text()),
    ),
    Scenario(
        "plain-frame",
        "A frame of text comes that is no JSON.",
        at_once(lambda gateway: gateway.topics.send(PLAIN)),
    ),
    Scenario(
        "frame-without-topic",
        "A frame comes that has no topic.",
        at_once(lambda gateway: gateway.topics.send(UNTITLED)),
    ),
    Scenario(
        "silent-orders",
        "The stream of orders has no updates.",
        setting("topics", orders_silenced=True),
    ),
    Scenario("repeated-trades", "The executions of a day come again.", at_once(_trades_again)),
    Scenario("prompt", "The gateway asks about the newest order.", at_once(_prompt)),
    Scenario(
        "option-exercised",
        "An option that is held is exercised, and its order comes with the side `EXER`.",
        at_once(_exercised),
    ),
    Scenario("notices", "A notification and a bulletin come.", at_once(_news)),
)
