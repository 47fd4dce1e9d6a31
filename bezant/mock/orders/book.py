"""The book of orders: placing, changing and cancelling them, and what of them a session may see."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bezant.mock.clock import Clock
from bezant.mock.orders import costs, questions, rows, rules, ticket
from bezant.mock.orders.lifecycle import Lifecycle, Listener, Pace
from bezant.mock.orders.order import DAY, NEVER, Order, Status
from bezant.mock.orders.preview import preview
from bezant.mock.orders.prompts import Prompts
from bezant.mock.orders.questions import Asker, Question, Rows
from bezant.mock.orders.refusals import no_order, refuse, reject
from bezant.mock.orders.ticket import Ticket
from bezant.mock.world import Contract, World

ALL: Final = -1
"""In place of an order id: every open order."""
_MOST_LISTED: Final = 1_000
_FIRST_IDS: Final = (1_000_000_000, 1_900_000_000)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A ticket that the gateway would take, with its contract, quantity and questions."""

    ticket: Ticket
    contract: Contract
    quantity: float
    questions: tuple[Question, ...]


@dataclass(slots=True)
class Book:
    """Orders by id and by the id that their client gave, as one brokerage session after another sees them."""

    clock: Clock
    world: World
    random: random.Random
    asks_also: list[str] = field(default_factory=list)
    """Ids of questions that are asked about every ticket, known to anybody or not."""
    is_filtered: bool = False
    """Whether the list was last asked for with a filter: the stream of orders is then silent."""
    shows_selected_only: bool = False
    """Whether only orders and executions of the account that is selected are available."""
    asker: Asker = field(init=False)
    life: Lifecycle = field(init=False)
    prompts: Prompts = field(init=False)
    _client_ids: dict[str, Order] = field(default_factory=dict)
    _primed: set[str] = field(default_factory=set)
    _last_id: int = field(init=False)

    def __post_init__(self) -> None:
        self.asker = Asker(self.clock, self.random)
        self.life = Lifecycle(self.clock, self.world)
        self.prompts = Prompts(self.random, self.life.tell)
        self._last_id = self.random.randint(*_FIRST_IDS)

    @property
    def listeners(self) -> list[Listener]:
        """Who is told of orders and executions."""
        return self.life.listeners

    @property
    def pace(self) -> Pace:
        """How fast orders move; may be replaced."""
        return self.life.pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self.life.pace = pace

    def advance(self) -> None:
        """Let happen what was due until now."""
        self.life.advance()

    def new_session(self) -> None:
        """Begin another brokerage session: what was suppressed, asked and primed is forgotten."""
        self.advance()
        self.life.session += 1
        self.asker.suppressed.clear()
        self.other_request()
        self.is_filtered = False
        self._primed.clear()

    def other_request(self) -> None:
        """Note a request that is no reply: it makes the question that waits void."""
        self.asker.forget()

    # --- Placing -------------------------------------------------------------------------------

    def submit(self, account: str, fields: Sequence[Any]) -> Rows:
        """Place orders, or ask about them first."""
        self.advance()
        drafts = self._drafts(account, fields)
        self._check_client_ids(draft.ticket for draft in drafts)
        for draft in drafts:
            self._check_parent(draft.ticket, drafts)
            self._check_funds(draft)
        return self.asker.ask(_merged(drafts), lambda: self._place(drafts))

    def preview(self, account: str, fields: Sequence[Any]) -> dict[str, Any]:
        """Say what the first of some tickets would do, with the first question about it as a warning."""
        self.advance()
        draft = self._drafts(account, fields)[0]
        asked = (item for item in draft.questions if item.id not in self.asker.suppressed)
        warning = next(asked, None)
        return preview(self.world, draft.ticket, draft.contract, draft.quantity, warning)

    def _drafts(self, account: str, fields: Sequence[Any]) -> list[_Draft]:
        tickets = [ticket.read(item, account) for item in fields]
        _check_together(tickets)
        return [self._draft(item) for item in tickets]

    def _draft(self, item: Ticket) -> _Draft:
        contract = rules.judge(item, self.world)
        price = self.world.price(contract.conid)
        quantity = rules.quantity(item, contract, price)
        asked = (*questions.of(item, contract, quantity, price), *self.asks_also)
        about = f'"{item.side} {rows.plain(quantity)} {contract.symbol} {item.type}"'
        return _Draft(item, contract, quantity, tuple(Question(name, about) for name in asked))

    def _check_client_ids(self, tickets: Iterable[Ticket]) -> None:
        seen: set[str] = set()
        for name in filter(None, (item.client_id for item in tickets)):
            known = self._client_ids.get(name)
            is_known = known is not None and self.clock.now() - known.placed_at < DAY
            if is_known or name in seen:
                message = f"Local order ID={name} is already registered."
                raise reject(message)
            seen.add(name)

    def _check_parent(self, item: Ticket, drafts: Sequence[_Draft]) -> None:
        if not item.parent or item.parent in {draft.ticket.client_id for draft in drafts}:
            return
        parent = self._named(item.parent)
        if parent is None or parent.status is Status.CANCELLED:
            message = f"Parent order {item.parent} is not found"
            raise reject(message)

    def _check_funds(self, draft: _Draft, filled: float = 0.0) -> None:
        # What hangs on another order closes its position, and needs no funds of its own.
        if not draft.ticket.parent:
            lack = costs.lacks_funds(self.world, draft.ticket, draft.quantity - filled)
            if lack:
                raise reject(lack)

    def _place(self, drafts: Sequence[_Draft]) -> Rows:
        group = f"{self._last_id + 1}"
        orders = [self._order(draft, group) for draft in drafts]
        for order in orders:
            order.parent = self._named(order.ticket.parent)
        for order in orders:
            self.life.add(order)
        self.advance()
        return [rows.accepted(order) for order in orders]

    def _order(self, draft: _Draft, group: str) -> Order:
        self._last_id += 1
        now = self.clock.now()
        order = Order(
            id=self._last_id,
            ticket=draft.ticket,
            contract=draft.contract,
            quantity=draft.quantity,
            placed_at=now,
            next_at=NEVER,
            session=self.life.session,
            group=group if draft.ticket.is_in_group else "",
            trigger=draft.ticket.trigger,
        )
        if draft.ticket.client_id:
            self._client_ids[draft.ticket.client_id] = order
        return order

    def _named(self, name: str) -> Order | None:
        """An order by the id of its client, or else by its own."""
        if name in self._client_ids:
            return self._client_ids[name]
        return self.life.orders.get(int(name)) if name.isdecimal() else None

    # --- Changing ------------------------------------------------------------------------------

    def modify(self, account: str, order_id: int, fields: Any) -> Rows:
        """Change an open order, or ask about it first."""
        order = self.open_order(account, order_id)
        wanted = ticket.read(fields, account)
        if (wanted.conid, wanted.side) != (order.ticket.conid, order.ticket.side):
            message = "Neither the contract nor the side of an order can be modified"
            raise reject(message)
        draft = self._draft(wanted)
        if draft.quantity <= order.filled:
            message = "The quantity has to be more than what has been filled"
            raise reject(message)
        self._check_funds(draft, order.filled)
        return self.asker.ask(draft.questions, lambda: self._change(order, draft))

    def _change(self, order: Order, draft: _Draft) -> Rows:
        self.open_order(order.ticket.account, order.id)
        old = order.ticket
        order.ticket = replace(
            draft.ticket,
            client_id=old.client_id,
            parent=old.parent,
            account=old.account,
        )
        order.quantity = draft.quantity
        order.trigger = draft.ticket.trigger
        order.is_triggered = False
        self.life.restart(order)
        self.advance()
        return [rows.accepted(order)]

    def cancel(self, account: str, order_id: int, is_manual: bool | None) -> dict[str, Any]:
        """Ask for an order to be cancelled, or for all of an account; the end of it comes later."""
        if order_id == ALL:
            return self._cancel_all(account)
        order = self.open_order(account, order_id)
        rules.check_operator(order.contract, is_manual)
        self.life.request_cancel(order)
        return rows.cancelling(order)

    def _cancel_all(self, account: str) -> dict[str, Any]:
        self.advance()
        for order in self.life.open():
            if order.ticket.account == account:
                self.life.request_cancel(order)
        message = "Request was submitted"
        return {"msg": message, "order_id": ALL, "conid": -1, "account": account}

    def cancel_by_system(self, order_id: int, reason: str) -> None:
        """Let an order end that nobody cancelled, as exchanges do."""
        self.advance()
        self.life.end(self.life.orders[order_id], self.clock.now(), reason)

    def open_order(self, account: str, order_id: int) -> Order:
        """An open order of an account; raises `Refused` where there is none."""
        self.advance()
        order = self.life.orders.get(order_id)
        if order is None or not order.is_open or order.ticket.account != account:
            raise no_order(order_id)
        return order

    # --- Looking -------------------------------------------------------------------------------

    def visible(self) -> list[Order]:
        """The orders that this session may see: those that are open, and those that ended in it."""
        self.advance()
        session = self.life.session
        orders = [order for order in self.life.orders.values() if self._is_shown(order)]
        return [order for order in orders if order.is_open or order.session == session][
            -_MOST_LISTED:
        ]

    def status(self, order_id: int) -> dict[str, Any]:
        """The state of one order; raises `Refused` with 503 where the session sees no such order."""
        order = next((order for order in self.visible() if order.id == order_id), None)
        if order is None:
            message = f"Order {order_id} is not available"
            raise refuse(message, 503)
        return rows.status(order)

    def prime(self, name: str, *, again: bool = False) -> bool:
        """Whether a list was asked for before in this session; from now on it was."""
        is_primed = name in self._primed and not again
        self._primed.add(name)
        return is_primed

    def live_rows(self) -> Rows:
        """All rows of the list of orders."""
        return [rows.live(order) for order in self.visible()]

    def trade_rows(self, since: float) -> Rows:
        """The rows of the executions since a time, the oldest first."""
        self.advance()
        done = (item for item in self.life.executions if self._is_shown(item.order))
        return [rows.trade(item) for item in done if item.at >= since]

    def _is_shown(self, order: Order) -> bool:
        return not self.shows_selected_only or order.ticket.account == self.world.selected


def _check_together(tickets: Sequence[Ticket]) -> None:
    """Refuse none, and several that have nothing to do with each other."""
    if not tickets:
        message = "Bad Request: orders are required"
        raise refuse(message)
    names = {item.client_id for item in tickets if item.client_id}
    loose = [item for item in tickets if not item.is_in_group and item.parent not in names]
    is_one_group = len(tickets) == 1 or all(item.is_in_group for item in tickets)
    if not is_one_group and len(loose) > 1:
        message = "Several orders at once have to be a bracket or a single group"
        raise refuse(message)


def _merged(drafts: Sequence[_Draft]) -> list[Question]:
    """The questions about all orders of a request; each is asked once."""
    asked = {item.id: item for draft in reversed(drafts) for item in reversed(draft.questions)}
    return [asked[name] for name in reversed(asked)]
