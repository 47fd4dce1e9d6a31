"""What a rule is: a pure finder with its reason and its smallest example."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from normalizer.change import Change
from normalizer.document import Json
from normalizer.structure import Document


class Area(StrEnum):
    """The part of the document that a rule repairs."""

    VERSION = "3.0 to 3.1"
    DOCUMENT = "document"
    PATHS = "paths"
    PARAMETERS = "parameters"
    CONTENT = "content"
    SCHEMAS = "schemas"
    UNIONS = "unions"
    EVIDENCE = "evidence"
    TOLERANCE = "tolerance"
    NAMES = "names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One repair.

    `find` is pure: it reads a document and proposes changes, none when there is nothing to repair.
    `before` and `after` are the smallest example; a test executes them. `rounds` is how often the
    engine may ask again: more than once only for rules whose edits uncover more of the same.
    """

    id: str
    title: str
    why: str
    area: Area
    before: Json
    after: Json
    find: Callable[[Document], Iterable[Change]]
    rounds: int = 1
