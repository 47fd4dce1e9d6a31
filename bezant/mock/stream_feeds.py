"""What is subscribed to and changes with the world: each feed gives its first frames, and later what changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from bezant.mock.clock import Clock
from bezant.mock.quotes import AVAILABILITY, Quote, availability, values
from bezant.mock.stream_accounts import pnl
from bezant.mock.stream_message import Frame
from bezant.mock.stream_quotes import ladder
from bezant.mock.world import Contract, World

QUOTE_SECONDS: Final = 900.0
"""After this a stream of quotes ends without a word, unless it is asked for again."""
PNL_SECONDS: Final = 1.0
ROWS_SECONDS: Final = 10.0
_MARKER: Final = "q0"


class Feed(Protocol):
    """One subscription; the first tick is what it begins with."""

    def tick(self) -> Iterator[Frame]:
        """What there is to say now, if anything."""


@dataclass(slots=True)
class Quotes:
    """Quotes of one contract: all fields first, then those that changed."""

    world: World
    name: str
    conidex: str
    contract: Contract
    _codes: dict[str, None] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _until: float = 0.0

    @property
    def expired(self) -> bool:
        """Whether the stream has ended."""
        return self.world.clock.now() >= self._until

    def extend(self, codes: Iterable[str]) -> None:
        """Begin, or go on for another while with more fields; everything is said again."""
        self._codes |= dict.fromkeys(codes)
        self._until = self.world.clock.now() + QUOTE_SECONDS
        self._said = {}

    def tick(self) -> Iterator[Frame]:
        """All values, or those that changed."""
        values = self._values()
        changed = {code: value for code, value in values.items() if self._said.get(code) != value}
        is_first = not self._said
        self._said = values
        if is_first:
            yield self._frame({"6119": _MARKER, **changed})
        elif changed:
            yield self._frame(changed)

    def _values(self) -> dict[str, str]:
        """What there is to say: how live the data is, and all fields, as text."""
        conid, world = self.contract.conid, self.world
        found = values(world, world.selected, conid, self._codes)
        texts = {code: str(value) for code, value in found.items()}
        return {AVAILABILITY: availability(world, conid), **texts}

    def bare(self) -> Frame:
        """A frame without values."""
        return self._frame({})

    def _frame(self, values: Mapping[str, str]) -> Frame:
        return {
            "server_id": _MARKER,
            "conidEx": self.conidex,
            "conid": self.contract.conid,
            "_updated": self.world.clock.milliseconds(),
            **values,
            "topic": self.name,
        }


@dataclass(slots=True)
class Ladder:
    """The book of one contract: all rows, then those that changed."""

    world: World
    name: str
    account: str
    contract: Contract
    _said: list[dict[str, Any]] = field(default_factory=list)

    def tick(self) -> Iterator[Frame]:
        """The rows that are not as they were."""
        rows = ladder(Quote(self.world, self.contract, self.account))
        changed = [row for row in rows if row not in self._said]
        self._said = rows
        if changed:
            yield {"topic": self.name, "data": changed}


@dataclass(slots=True)
class Pace:
    """Lets something happen at most once in so many seconds of the simulated clock."""

    clock: Clock
    seconds: float
    _due: float = 0.0

    def is_due(self) -> bool:
        """Whether it may happen now; if so, it counts as done."""
        now = self.clock.now()
        if now < self._due:
            return False
        self._due = now + self.seconds
        return True


class Pnl:
    """Profit and loss of all accounts, when it has changed, once a second at most."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pace = Pace(world.clock, PNL_SECONDS)
        self._said: dict[str, Any] = {}

    def tick(self) -> Iterator[Frame]:
        """The rows of all accounts."""
        if not self._pace.is_due():
            return
        rows = pnl(self._world)
        if rows != self._said:
            self._said = rows
            yield {"topic": "spl", "args": rows}


@dataclass(slots=True)
class Rows:
    """Rows of one account by key, every ten seconds: a summary, or a ledger."""

    name: str
    clock: Clock
    compute: Callable[[], Mapping[str, Mapping[str, Any]]]
    keys: list[str]
    fields: list[str]
    shows_unchanged: bool
    """Whether a row in which nothing changed is sent with its key alone, or not at all."""
    pace: Pace
    _said: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def tick(self) -> Iterator[Frame]:
        """The rows that are asked for, as far as they changed."""
        if not self.pace.is_due():
            return
        now = int(self.clock.now())
        rows = {key: self._shown(row) for key, row in self.compute().items() if self._wants(key)}
        result = [
            {"key": key, "timestamp": now, **self._new(key, row)} for key, row in rows.items()
        ]
        kept = [row for row in result if self.shows_unchanged or len(row) > 2]  # noqa: PLR2004
        self._said = dict(rows)
        if kept:
            yield {"result": kept, "topic": self.name}

    def _wants(self, key: str) -> bool:
        return not self.keys or key in self.keys

    def _new(self, key: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {} if self._said.get(key) == row else row

    def _shown(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields that are asked for; the gateway writes `cashbalance` where it is asked for `cashBalance`."""
        wanted = [name.lower() for name in self.fields]
        return {name: value for name, value in row.items() if not wanted or name.lower() in wanted}
