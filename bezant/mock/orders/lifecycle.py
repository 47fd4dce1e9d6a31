"""What happens to orders as time passes: states, triggers, fills, and what hangs on them.

Nothing runs by itself. Whoever looks at the orders calls `advance`, which lets everything happen that was
due since the last look, in its order and at its own time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, Final, TypeAlias

from bezant.mock.clock import Clock
from bezant.mock.orders import costs, rows
from bezant.mock.orders.order import NEVER, Order, Status
from bezant.mock.orders.ticket import AT_ONCE
from bezant.mock.world import World

Listener: TypeAlias = Callable[[str, dict[str, Any]], None]
"""Is called with `order`, `trade` or `prompt`, and the fields of it."""

STRIDE_SECONDS: Final = 60.0
"""How often an order looks at the price between two looks at the orders."""
_MOST_STRIDES: Final = 2_000
"""Longer absences are walked through in longer strides."""
_CASH_LOTS: Final = 1_000
"""Currencies trade in larger numbers: so many times the size of a partial fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast orders move, in seconds, and how much of one fills at a time."""

    inactive: float = 0.0
    pending: float = 0.0
    presubmitted: float = 0.5
    """Market orders do not wait for it."""
    partial_fill: float = 1.0
    """Between the parts of a large order."""
    cancel: float = 0.5
    """From `PendingCancel` to `Cancelled`; until then the order may still fill."""
    fill_size: float = 500.0
    """Larger orders fill in parts of this size."""
    tells_early: bool = False
    """Whether listeners hear `Filled` once before its quantity, as was seen on the real stream."""


@dataclass(slots=True)
class Lifecycle:
    """All orders and executions, by their ids and in their order."""

    clock: Clock
    world: World
    pace: Pace = field(default_factory=Pace)
    orders: dict[int, Order] = field(default_factory=dict)
    executions: list[rows.Execution] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    session: int = 0
    _due: list[tuple[float, int]] = field(default_factory=list)
    """A heap of times and order ids; an entry whose time is not the order's own is out of date."""
    _seen: float = field(init=False)
    _stride: float = STRIDE_SECONDS

    def __post_init__(self) -> None:
        self._seen = self.clock.now()

    def add(self, order: Order) -> None:
        """Take an order on; it moves with the next look."""
        self.orders[order.id] = order
        self._become(order, Status.INACTIVE, order.placed_at)
        self._wait(order, order.placed_at + self.pace.inactive)

    def open(self) -> list[Order]:
        """The orders that may still fill."""
        return [order for order in self.orders.values() if order.is_open]

    def advance(self) -> None:
        """Let happen what was due until now."""
        now = self.clock.now()
        self._stride = max(STRIDE_SECONDS, (now - self._seen) / _MOST_STRIDES)
        self._seen = now
        self._run(now)
        for order in self.open():
            if order.is_watching:
                self._wait(order, now, is_watching=True)
        self._run(now)

    def restart(self, order: Order) -> None:
        """Let a changed order go to the exchange again."""
        now = self.clock.now()
        if order.status is Status.SUBMITTED:
            self._become(order, Status.PRE_SUBMITTED, now)
            self._wait(order, now + self._presubmitted(order))
            return
        self.publish(order, now)
        self._wait(order, now)

    def request_cancel(self, order: Order) -> None:
        """Begin to cancel; what is not at the exchange yet is cancelled at once."""
        now = self.clock.now()
        if order.status not in (Status.SUBMITTED, Status.PENDING_CANCEL):
            self.end(order, now)
        elif order.status is Status.SUBMITTED:
            order.cancel_at = now + self.pace.cancel
            self._become(order, Status.PENDING_CANCEL, now)
            self._wait(order, min(order.next_at, order.cancel_at), is_watching=order.is_watching)

    def end(self, order: Order, when: float, reason: str = "") -> None:
        """Cancel an order, and what hangs on it; one that has ended stays as it is."""
        if not order.is_open:
            return
        order.reason = reason
        self._become(order, Status.CANCELLED, when)
        for child in self._children(order):
            self.end(child, when)

    def publish(self, order: Order, when: float) -> None:
        """Tell listeners what has changed of an order."""
        order.changed_at = when
        row = rows.live(order)
        changed = {name: value for name, value in row.items() if order.told.get(name) != value}
        order.told = row
        self.tell("order", {"acct": order.ticket.account, "orderId": order.id, **changed})

    def tell(self, kind: str, fields: dict[str, Any]) -> None:
        """Tell listeners."""
        for listener in tuple(self.listeners):
            listener(kind, fields)

    def _run(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            when, order_id = heappop(self._due)
            order = self.orders[order_id]
            if order.is_open and order.next_at == when:
                self._act(order, when)

    def _act(self, order: Order, when: float) -> None:
        match order.status:
            case Status.INACTIVE if order.ticket.is_deactivated:
                self._wait(order, NEVER)
            case Status.INACTIVE:
                self._become(order, Status.PENDING_SUBMIT, when)
                self._wait(order, when + self.pace.pending)
            case Status.PENDING_SUBMIT:
                self._become(order, Status.PRE_SUBMITTED, when)
                self._wait(order, when + self._presubmitted(order))
            case Status.PRE_SUBMITTED:
                self._hold(order, when)
            case _:
                self._work(order, when)

    def _presubmitted(self, order: Order) -> float:
        return 0.0 if order.ticket.type in AT_ONCE else self.pace.presubmitted

    def _hold(self, order: Order, when: float) -> None:
        """Hold an order back until its parent, its hour and its trigger let it go."""
        if when < order.ready_at:
            self._wait(order, order.ready_at)
        elif not order.is_woken(self.world.price(order.contract.conid, when)):
            self._wait(order, when + self._stride, is_watching=True)
        else:
            self._become(order, Status.SUBMITTED, when)
            self._wait(order, when)

    def _work(self, order: Order, when: float) -> None:
        """Let an order at the exchange fill, wait, or run out."""
        price = self.world.price(order.contract.conid, when)
        is_filling = order.takes(price)
        if is_filling:
            self._fill(order, when, price)
        if not order.is_open:
            return
        if order.cancel_at <= when or order.ticket.tif == "IOC":
            self.end(order, when)
            return
        later = when + (self.pace.partial_fill if is_filling else self._stride)
        self._wait(order, min(later, order.cancel_at), is_watching=not is_filling)

    def _fill(self, order: Order, when: float, price: float) -> None:
        amount = self._amount(order)
        order.filled = round(order.filled + amount, 8)
        order.paid += amount * price
        self.world.trade(
            order.ticket.account, order.contract.conid, order.ticket.sign * amount, price
        )
        if not order.remaining:
            order.status = Status.FILLED
            order.session = self.session
        self._tell_early(order)
        self.publish(order, when)
        self._execute(order, when, amount, price)
        self._follow(order, when)

    def _amount(self, order: Order) -> float:
        size = self.pace.fill_size * (_CASH_LOTS if order.contract.kind == "CASH" else 1)
        return order.remaining if order.ticket.is_all_or_none else min(order.remaining, size)

    def _tell_early(self, order: Order) -> None:
        if self.pace.tells_early and not order.is_open:
            fields = {"status": Status.FILLED.value, "filledQuantity": 0.0}
            self.tell("order", {"acct": order.ticket.account, "orderId": order.id, **fields})

    def _execute(self, order: Order, when: float, amount: float, price: float) -> None:
        serial = len(self.executions) + 1
        before = round(order.filled - amount, 8)
        execution = rows.Execution(
            id=f"{order.id:08x}.{int(when):08x}.{serial:02x}.01",
            order=order,
            at=when,
            quantity=amount,
            price=price,
            commission=costs.commission(order.contract, amount, before),
        )
        self.world.pay(order.ticket.account, order.contract.currency, -execution.commission)
        self.executions.append(execution)
        # The real stream says nothing of commissions; the list of executions does, later.
        row = rows.trade(execution)
        self.tell("trade", {name: row[name] for name in row if name != "commission"})

    def _follow(self, order: Order, when: float) -> None:
        """What a fill means to others: rivals are cancelled, and children may go."""
        for rival in self._rivals(order):
            self.end(rival, when)
        if order.status is Status.FILLED:
            for child in self._children(order):
                if child.status is Status.PRE_SUBMITTED:
                    self._wait(child, when)

    def _children(self, order: Order) -> list[Order]:
        return [other for other in self.open() if other.parent is order]

    def _rivals(self, order: Order) -> Iterator[Order]:
        """The open orders that an order's fill cancels: of its group, or of its parent."""
        for other in self.open():
            is_sibling = order.parent is not None and other.parent is order.parent
            if other is not order and (is_sibling or (order.group and other.group == order.group)):
                yield other

    def _become(self, order: Order, status: Status, when: float) -> None:
        order.status = status
        order.session = self.session
        self.publish(order, when)

    def _wait(self, order: Order, until: float, *, is_watching: bool = False) -> None:
        order.next_at = until
        order.is_watching = is_watching
        if until < NEVER:
            heappush(self._due, (until, order.id))
