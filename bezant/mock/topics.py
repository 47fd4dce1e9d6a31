"""The stream behind all connections: what is published, when, and what goes wrong on purpose.

Owns no socket. Everything here may be called from any thread: what it does to a connection is done in
the thread of that connection, and has been done when the call returns.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final, Protocol

from bezant.mock import account_list
from bezant.mock.state import State
from bezant.mock.stream_exercise import Exercise
from bezant.mock.stream_message import Frame
from bezant.mock.stream_subscriptions import Subscriptions

NO_UTF8: Final = b'{"topic":"ntf","args":{"id":"1","title":"Acme\x99","text":"Acme\x99 was split"}}'
"""A frame as it was seen: the trade mark of an old Windows code page in the middle of JSON."""


class Link(Protocol):
    """A connection, as far as what is published is concerned."""

    subscriptions: Subscriptions

    @property
    def ready(self) -> bool:
        """Whether it was greeted: before, nothing is sent and everything that comes is lost."""

    def call(self, act: Callable[[], None]) -> None:
        """Do something in the thread of the connection."""

    def greet(self) -> None:
        """Send the opening frames, if the client may have them."""

    def send(self, frame: Frame | str | bytes) -> None:
        """Send a frame: an object as JSON, text as it is, bytes in a binary one."""

    def send_text(self, data: bytes) -> None:
        """Send bytes as text, which they need not be."""

    def freeze(self) -> None:
        """Neither send nor answer anything from now on."""

    def close(self, code: int) -> None:
        """Close as it should be done."""

    def drop(self) -> None:
        """End the TCP connection, without a word before."""


def _nothing(*_: object) -> Iterable[Mapping[str, Any]]:
    return ()


@dataclass(slots=True)
class Topics:
    """What is sent to connections, by itself or when asked to. Its public values may be changed at any time."""

    state: State
    orders: Callable[[], Iterable[Mapping[str, Any]]] = _nothing
    """Gives the orders that a subscription to `sor` begins with."""
    trades: Callable[[int], Iterable[Mapping[str, Any]]] = _nothing
    """Gives the executions of some days, which a subscription to `str` begins with."""
    heartbeat: float | None = 10.0
    """Seconds of real time between heartbeats; None for none but those of `beat`."""
    interval: float | None = 0.5
    """Seconds of real time between looks at what has changed; None for none but those of `tick`.

    It and `heartbeat` hold for connections that are made afterwards."""
    lines: int = 100
    """How many quotes a connection may be subscribed to."""
    histories: int = 5
    """How many streams of bars a connection may have; one that was answered counts until it is ended."""
    tells_limits: bool = True
    """Whether a quote beyond the limit is refused in words; else nothing is said, and nothing comes."""
    closes_strangers: bool = False
    """Whether connections without the cookie of the login are closed; else they wait for ever."""
    gathers_orders: bool = False
    """Whether states of orders wait for the next look, and go out in one frame."""
    holds_greeting: bool = False
    """Whether connections wait for `greet`."""
    splits_status: bool = False
    """Whether `sts` comes in frames of one key each."""
    orders_silenced: bool = False
    """Whether `sor` has no updates, as after the list of orders was asked for with a filter."""
    received: list[str] = field(default_factory=list)
    """What clients wrote, over all connections."""
    lost: list[str] = field(default_factory=list)
    """What of it came before a greeting, and was dropped."""
    exercised: list[Mapping[str, Any]] = field(default_factory=list)
    """Orders that exercises of options have led to."""
    _links: list[Link] = field(default_factory=list, init=False)
    _ids: Iterator[int] = field(default_factory=lambda: count(1), init=False)

    def __post_init__(self) -> None:
        self.state.session.listeners.append(self._session_changed)

    @property
    def connections(self) -> int:
        """How many connections there are, greeted or not."""
        return len(self._links)

    def publish(self, topic: str, args: Any) -> None:
        """Send a frame that nobody subscribes to: `act`, `sts`, `ntf`, `blt`."""
        for frame in self._frames(topic, args):
            self._each(partial(_send, frame=frame))

    def publish_order(self, *states: Mapping[str, Any]) -> None:
        """Send a state of an order, or several in one frame: the account, the id, and what changed."""
        self._each(lambda link: _send_all(link, link.subscriptions.orders(states)))

    def publish_trade(self, *rows: Mapping[str, Any]) -> None:
        """Send an execution, or several in one frame."""
        self._each(lambda link: _send_all(link, link.subscriptions.trades(rows)))

    def exercise(self, exercise: Exercise) -> None:
        """Take the order of an exercise, and publish it."""
        order = exercise.order(int(self.next_id()))
        self.exercised.append(order)
        self.publish_order(order)

    def present_orders(self) -> list[Mapping[str, Any]]:
        """The orders there are, exercises last."""
        return [*self.orders(), *self.exercised]

    def tick(self) -> None:
        """Send what has changed: orders, prices, balances, and the session."""
        self.state.book.advance()
        self._each(tick)

    def end_quotes(self) -> None:
        """End the streams of quotes without a word, as they end by themselves after a while."""
        self._each(lambda link: link.subscriptions.end_quotes())

    def send_bare_quotes(self) -> None:
        """Send frames of quotes in which there is no value."""
        self._each(lambda link: _send_all(link, link.subscriptions.bare_quotes()))

    def beat(self) -> None:
        """Send a heartbeat."""
        self.send({"topic": "system", "hb": self.state.clock.milliseconds()})

    def greet(self) -> None:
        """Greet the connections that wait for it, and all that come."""
        self.holds_greeting = False
        for link in tuple(self._links):
            link.call(link.greet)

    def send(self, frame: Frame | str | bytes) -> None:
        """Send any frame: an object as JSON, text as it is, JSON or not, and bytes in a binary frame."""
        self._each(partial(_send, frame=frame))

    def send_text(self, data: bytes = NO_UTF8) -> None:
        """Send bytes as a frame of text, which are no UTF-8 unless others are given."""
        self._each(lambda link: link.send_text(data))

    def freeze(self) -> None:
        """Leave the connections half-open: they stay, and nothing is sent or answered any more."""
        self._each(lambda link: link.freeze())

    def close(self, code: int = 1000) -> None:
        """Close the connections as it should be done, those too that were not greeted."""
        for link in tuple(self._links):
            link.call(partial(link.close, code))

    def drop(self) -> None:
        """End the TCP connections, without a word before."""
        for link in tuple(self._links):
            link.call(link.drop)

    def opening(self) -> list[Frame]:
        """The frames that a connection is greeted with."""
        session = self.state.session
        content = account_list.listed(self.state)
        greeting = {"success": session.username, "isFT": False, "isPaper": session.paper}
        return [
            {"topic": "system", **greeting},
            {"topic": "act", "args": content},
            *self._frames("sts", self._status()),
        ]

    def attach(self, link: Link) -> None:
        """Have a connection hear what is published."""
        self._links.append(link)

    def detach(self, link: Link) -> None:
        """Have a connection hear nothing any more."""
        self._links.remove(link)

    def next_id(self) -> str:
        """An id of the server that was not given before."""
        return str(next(self._ids))

    def _frames(self, topic: str, args: Any) -> list[Frame]:
        if topic == "sts" and self.splits_status:
            return [{"topic": topic, "args": {key: value}} for key, value in args.items()]
        return [{"topic": topic, "args": args}]

    def _each(self, act: Callable[[Link], None]) -> None:
        """Do something to the connections that were greeted."""
        for link in tuple(self._links):
            if link.ready:
                link.call(partial(act, link))

    def _session_changed(self, args: Mapping[str, Any]) -> None:
        """Say so; the connections do not outlast the login, nor do they outlast the beginning of maintenance."""
        self.publish("sts", args)
        if not args.get("connected", True):
            self._each(lambda link: link.close(1000))

    def _status(self) -> dict[str, Any]:
        session = self.state.session
        status = {
            "authenticated": session.authenticated,
            "competing": session.competing,
            "connected": session.connected,
            "message": "",
            "fail": "",
            "username": session.username,
        }
        return {**status, **account_list.SERVER} if session.authenticated else status


def tick(link: Link) -> None:
    """Send a connection what has changed; to look at the session for it may end the connection."""
    _send_all(link, link.subscriptions.tick())


def _send(link: Link, frame: Frame | str | bytes) -> None:
    link.send(frame)


def _send_all(link: Link, frames: Iterable[Frame]) -> None:
    for frame in frames:
        link.send(frame)
