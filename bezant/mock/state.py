"""Everything that a mock gateway remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from bezant.mock.alerts import Alerts
from bezant.mock.allocation_groups import AllocationGroups
from bezant.mock.clock import Clock
from bezant.mock.notifications import Notifications
from bezant.mock.orders.book import Book
from bezant.mock.session import Session
from bezant.mock.watchlists import Watchlists
from bezant.mock.world import Holding, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What of the real gateway's manners the mock insists on; tests may do without."""

    edge: bool = True
    """403 without a User-Agent, 411 for an empty POST without a Content-Length."""
    preflights: bool = True
    """The accounts have to be asked for before what needs them."""
    warm_ups: bool = True
    """The first calls for quotes, orders, executions and details answer with nothing, or with a part."""
    pacing: bool = False
    """429 beyond the published limits, and the penalty box."""
    oauth: bool = False
    """401 for what is neither signed nor carries a token: the hosts of IBKR in place of a local gateway."""


@dataclass(slots=True)
class State:
    """One gateway's memory; the same seed gives the same answers."""

    seed: int = 0
    rules: Rules = field(default_factory=Rules)
    clock: Clock = field(default_factory=Clock)
    session: Session = field(init=False)
    world: World = field(init=False)
    book: Book = field(init=False)
    watchlists: Watchlists = field(init=False)
    alerts: Alerts = field(init=False)
    notifications: Notifications = field(init=False)
    allocation_groups: AllocationGroups = field(default_factory=AllocationGroups)
    began: float = field(init=False)
    """The time at the start, in seconds since 1970."""
    opening: Mapping[str, Mapping[int, Holding]] = field(init=False)
    """What the accounts held at the start."""

    def __post_init__(self) -> None:
        self.session = self._session()
        self.world = World(self.seed, self.clock)
        self.book = Book(self.clock, self.world, self.chance("orders"))
        self.watchlists = Watchlists(self.clock)
        self.alerts = Alerts(self.clock, self.chance("alerts"), self.world.accounts[0].id)
        self.notifications = Notifications(self.clock, self.chance("notifications"))
        self.began = self.clock.now()
        self.opening = {
            account: {conid: replace(item) for conid, item in held.items()}
            for account, held in self.world.holdings.items()
        }

    def _session(self) -> Session:
        """Logged in as after the login page; with OAuth nobody is before a token is given."""
        session = Session(self.clock, self.chance("session"))
        if self.rules.oauth:
            session.opens_at_login = False
            session.oauth_tickle = True
            session.expire()
        return session

    def chance(self, name: str) -> Random:
        """Chance of its own for each part, so that what one draws does not change the other."""
        return Random(f"{self.seed} {name}")  # noqa: S311  # a world for tests, not a secret
