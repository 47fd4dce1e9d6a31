"""What one connection is subscribed to: its messages become frames, and so does what changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bezant.mock import stream_accounts, stream_quotes
from bezant.mock.session import Tier
from bezant.mock.stream_exercise import TOPIC, Exercise, exercise_of
from bezant.mock.stream_feeds import ROWS_SECONDS, Feed, Ladder, Pace, Pnl, Quotes, Rows
from bezant.mock.stream_message import Declined, Frame, Message, error_frame, parse
from bezant.mock.world import Account

if TYPE_CHECKING:
    from bezant.mock.topics import Topics

Answer: TypeAlias = Iterable[Frame | str]


class Subscriptions:
    """Those of one connection. Frames are objects, except for the one that is plain text."""

    def __init__(self, topics: "Topics") -> None:
        self._topics = topics
        self._world = topics.state.world
        self._quotes: dict[str, Quotes] = {}
        self._feeds: dict[str, Feed] = {}
        self._histories: list[str] = []
        self._order_states: list[str] | None = None
        self._gathered: list[dict[str, Any]] = []
        self._has_trades = False
        self._exercise: Exercise | None = None
        self._sessions = topics.state.session.sessions_opened

    def answer(self, text: str) -> list[Frame | str]:
        """What a message is answered with."""
        self._catch_up()
        try:
            return list(self._carried_out(parse(text)))
        except Declined as refusal:
            return [error_frame(str(refusal))]

    def tick(self) -> list[Frame]:
        """What has changed since the last look."""
        self._catch_up()
        feeds = [*self._quotes.values(), *self._feeds.values()]
        frames = [frame for feed in feeds for frame in feed.tick()]
        gathered, self._gathered = self._gathered, []
        return [*_order_frames(gathered), *frames]

    def orders(self, states: Iterable[Mapping[str, Any]]) -> list[Frame]:
        """The frame with new states of orders, if it is wanted; they may be gathered for the next look."""
        self._catch_up()
        kept = [dict(state) for state in states if self._wants(state)]
        if self._topics.gathers_orders:
            self._gathered += kept
            return []
        return _order_frames(kept)

    def trades(self, rows: Iterable[Mapping[str, Any]]) -> list[Frame]:
        """The frame with new executions, if it is wanted."""
        self._catch_up()
        return [{"topic": "str", "args": [dict(row) for row in rows]}] if self._has_trades else []

    def end_quotes(self) -> None:
        """End all quotes."""
        self._quotes = {}

    def bare_quotes(self) -> list[Frame]:
        """A frame without values for each quote."""
        self._catch_up()
        return [quote.bare() for quote in self._quotes.values()]

    def _catch_up(self) -> None:
        """Forget what has ended meanwhile; nobody is told."""
        session = self._topics.state.session
        self._quotes = {name: one for name, one in self._quotes.items() if not one.expired}
        if not session.authenticated or session.sessions_opened != self._sessions:
            self._sessions = session.sessions_opened
            self._forget_brokerage()

    def _forget_brokerage(self) -> None:
        """What needs a brokerage session does not outlast it, not even if there is another one now."""
        self._quotes = {}
        self._histories = []
        self._feeds.pop("sbd", None)
        self._order_states = None
        self._gathered = []
        self._has_trades = False
        self._exercise = None

    def _carried_out(self, message: Message) -> Answer:
        found = _HANDLERS.get(message.topic)
        if found is None:
            unknown = f"Topic unknown: {message.topic or message.arguments}"
            raise Declined(unknown)
        tier, handler = found
        if self._topics.state.session.check(tier) is not None:
            refusal = "not authenticated"
            raise Declined(refusal)
        return handler(self, message)

    def _quote(self, message: Message) -> Answer:
        conidex = message.part(0)
        contract = stream_quotes.contract_of(self._world, conidex)
        feed = self._quotes.get(message.name)
        if feed is None:
            if self._is_full():
                return ()
            feed = Quotes(self._world, message.name, conidex, contract)
        feed.extend(message.texts("fields"))
        self._quotes[message.name] = feed
        return feed.tick()

    def _is_full(self) -> bool:
        """Whether there may be no more quotes; raises `Declined` where that is said."""
        is_full = len(self._quotes) >= self._topics.lines
        if is_full and self._topics.tells_limits:
            message = "Max number of market data lines has been reached"
            raise Declined(message)
        return is_full

    def _no_quote(self, message: Message) -> Answer:
        self._quotes.pop(f"smd+{message.part(0)}", None)
        return ()

    def _history(self, message: Message) -> Answer:
        contract = stream_quotes.contract_of(self._world, message.part(0))
        most = self._topics.histories
        if len(self._histories) >= most:
            full = f"Max number of concurrent history streams is {most}"
            raise Declined(full)
        bars = stream_quotes.history(self._world, contract, message.arguments)
        server_id = self._topics.next_id()
        self._histories.append(server_id)
        yield {"serverId": server_id, **bars, "topic": message.name}

    def _no_history(self, message: Message) -> Answer:
        server_id = message.part(0)
        if server_id in self._histories:
            self._histories.remove(server_id)
            yield {"message": f"Unsubscribed {server_id}"}

    def _ladder(self, message: Message) -> Answer:
        account = self._account(message)
        contract = stream_quotes.contract_of(self._world, message.part(1))
        return self._begin("sbd", Ladder(self._world, message.name, account.id, contract))

    def _no_ladder(self, message: Message) -> Answer:
        feed = self._feeds.get("sbd")
        if isinstance(feed, Ladder) and feed.account == message.part(0):
            del self._feeds["sbd"]
        return ()

    def _pnl(self, _: Message) -> Answer:
        return self._begin("spl", Pnl(self._world))

    def _no_pnl(self, _: Message) -> Answer:
        self._feeds.pop("spl", None)
        return ()

    def _summary(self, message: Message) -> Answer:
        compute = partial(stream_accounts.summary, self._world, self._account(message))
        return self._begin(message.name, self._rows(message, compute, False))

    def _ledger(self, message: Message) -> Answer:
        compute = partial(stream_accounts.ledger, self._world, self._account(message))
        return self._begin(message.name, self._rows(message, compute, True))

    def _rows(
        self, message: Message, compute: Callable[[], Mapping[str, Any]], shows_unchanged: bool
    ) -> Rows:
        clock = self._topics.state.clock
        keys, fields = message.texts("keys"), message.texts("fields")
        pace = Pace(clock, ROWS_SECONDS)
        return Rows(message.name, clock, compute, keys, fields, shows_unchanged, pace)

    def _no_rows(self, message: Message, what: str) -> Answer:
        """The confirmation has no topic, and comes whether anything was subscribed or not."""
        self._feeds.pop(f"s{message.name[1:]}", None)
        return ({"result": f"unsubscribed from {what}"},)

    def _orders(self, message: Message) -> Answer:
        """The present orders; without any there is no frame, and so nothing confirms a subscription."""
        self._order_states = [state.lower() for state in message.texts("filters")]
        if message.arguments.get("realtimeUpdatesOnly") is True:
            return []
        present = [dict(order) for order in self._topics.present_orders() if self._matches(order)]
        return [{"topic": "sor", "args": present}] if present else []

    def _no_orders(self, _: Message) -> Answer:
        self._order_states = None
        return ()

    def _trades(self, message: Message) -> Answer:
        self._has_trades = True
        if message.arguments.get("realtimeUpdatesOnly") is True:
            return ()
        days = message.arguments.get("days", 1)
        rows = self._topics.trades(days if isinstance(days, int) else 1)
        return self.trades(rows)

    def _no_trades(self, _: Message) -> Answer:
        self._has_trades = False
        return ()

    def _begin_exercise(self, message: Message) -> Answer:
        if message.name != TOPIC:
            unknown = f"Topic unknown: {message.name}"
            raise Declined(unknown)
        self._exercise = exercise_of(self._world, str(message.arguments.get("CEX", "")))
        return self._exercise.begin()

    def _continue_exercise(self, message: Message) -> Answer:
        """The answer to a question; the order that comes of the last one is published as any other."""
        exercise = self._exercise
        if exercise is None or message.target != ("exercise",):
            nothing = "Bad request: nothing was asked"
            raise Declined(nothing)
        frame = exercise.answer(message.arguments)
        if exercise.over:
            self._exercise = None
        yield frame
        if exercise.accepted:
            self._topics.exercise(exercise)

    def _ping(self, _: Message) -> Answer:
        return ({"topic": "tic", "lastAccessed": self._topics.state.clock.milliseconds()},)

    def _echo(self, message: Message) -> Answer:
        return (message.name,)

    def _begin(self, key: str, feed: Feed) -> Iterator[Frame]:
        """Start a feed; an earlier one of the same key ends."""
        self._feeds[key] = feed
        return feed.tick()

    def _account(self, message: Message) -> Account:
        account = self._world.account(message.part(0))
        if account is None:
            unknown = f"Unknown account: {message.part(0)}"
            raise Declined(unknown)
        return account

    def _wants(self, state: Mapping[str, Any]) -> bool:
        is_heard = self._order_states is not None and not self._topics.orders_silenced
        return is_heard and self._matches(state)

    def _matches(self, state: Mapping[str, Any]) -> bool:
        """Whether an order is of a state that was asked for; a change that leaves the state out is."""
        if not self._order_states or "status" not in state:
            return True
        return str(state["status"]).lower() in self._order_states


def _order_frames(states: list[dict[str, Any]]) -> list[Frame]:
    return [{"topic": "sor", "args": states}] if states else []


_Handler: TypeAlias = Callable[[Subscriptions, Message], Answer]

_HANDLERS: Final[Mapping[str, tuple[Tier, _Handler]]] = {
    "smd": ("brokerage", Subscriptions._quote),
    "umd": ("none", Subscriptions._no_quote),
    "smh": ("brokerage", Subscriptions._history),
    "umh": ("none", Subscriptions._no_history),
    "sbd": ("brokerage", Subscriptions._ladder),
    "ubd": ("none", Subscriptions._no_ladder),
    "sor": ("brokerage", Subscriptions._orders),
    "uor": ("none", Subscriptions._no_orders),
    "str": ("brokerage", Subscriptions._trades),
    "utr": ("none", Subscriptions._no_trades),
    "spl": ("login", Subscriptions._pnl),
    "upl": ("none", Subscriptions._no_pnl),
    "ssd": ("login", Subscriptions._summary),
    "usd": ("none", partial(Subscriptions._no_rows, what="summary")),
    "sld": ("login", Subscriptions._ledger),
    "uld": ("none", partial(Subscriptions._no_rows, what="ledger")),
    "shs": ("brokerage", Subscriptions._begin_exercise),
    "inp": ("brokerage", Subscriptions._continue_exercise),
    "tic": ("none", Subscriptions._ping),
    "ech": ("none", Subscriptions._echo),
}
