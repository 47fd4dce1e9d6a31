"""The user's watchlists: what the gateway remembers of them."""

from dataclasses import dataclass, field
from typing import Final

from bezant.mock.clock import Clock

BLANK: Final = ""
"""In place of a contract id: a row that only keeps others apart."""
_FIRST_CONIDS: Final = ("265598", "756733", "8314", "495512557")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """One list. `rows` are contract ids as text, which nobody has checked, and `BLANK`."""

    id: str
    name: str
    rows: tuple[str, ...]
    modified: int
    """Milliseconds since 1970."""


@dataclass(slots=True)
class Watchlists:
    """The lists by id, in the order in which they were made; there is one from the start."""

    clock: Clock
    lists: dict[str, Watchlist] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.save("1234", "Favorites", _FIRST_CONIDS)

    def save(self, id: str, name: str, rows: tuple[str, ...]) -> Watchlist:
        """Make a list; one with the same id is overwritten."""
        modified = self.clock.milliseconds()
        self.lists[id] = Watchlist(id=id, name=name, rows=rows, modified=modified)
        return self.lists[id]

    def delete(self, id: str) -> None:
        """Forget a list; an id that there is not does no harm."""
        self.lists.pop(id, None)
