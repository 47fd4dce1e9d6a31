"""All promises about the normalised document, cheapest first."""

from typing import Final

from normalizer.invariant import Invariant
from normalizer.invariants import calls, evidence, names, operations, schemas

INVARIANTS: Final[tuple[Invariant, ...]] = (
    *operations.INVARIANTS,
    *calls.INVARIANTS,
    *schemas.INVARIANTS,
    *names.INVARIANTS,
    *evidence.INVARIANTS,
)
