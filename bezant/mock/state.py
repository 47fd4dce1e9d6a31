"""Everything that a mock gateway remembers."""

from dataclasses import dataclass, field
from random import Random

from bezant.mock.clock import Clock
from bezant.mock.orders.book import Book
from bezant.mock.session import Session
from bezant.mock.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What of the real gateway's manners the mock insists on; tests may do without."""

    edge: bool = True
    """403 without a User-Agent, 411 for an empty POST without a Content-Length."""
    preflights: bool = True
    """The accounts have to be asked for before what needs them."""
    pacing: bool = False
    """429 beyond the published limits, and the penalty box."""


@dataclass(slots=True)
class State:
    """One gateway's memory; the same seed gives the same answers."""

    seed: int = 0
    rules: Rules = field(default_factory=Rules)
    clock: Clock = field(default_factory=Clock)
    session: Session = field(init=False)
    world: World = field(init=False)
    book: Book = field(init=False)

    def __post_init__(self) -> None:
        self.session = Session(self.clock, self.chance("session"))
        self.world = World(self.seed, self.clock)
        self.book = Book(self.clock, self.world, self.chance("orders"))

    def chance(self, name: str) -> Random:
        """Chance of its own for each part, so that what one draws does not change the other."""
        return Random(f"{self.seed} {name}")  # noqa: S311  # a world for tests, not a secret
