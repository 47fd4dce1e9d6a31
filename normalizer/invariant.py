"""What an invariant is: a predicate over a normalised document."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from normalizer.diagnostics import Diagnostic
from normalizer.structure import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """One promise about the result; `check` yields a diagnostic for each place that breaks it."""

    id: str
    title: str
    check: Callable[[Document], Iterable[Diagnostic]]


def broken(code: str, pointer: str, message: str) -> Diagnostic:
    """A finding of an invariant."""
    return Diagnostic(
        code=code,
        pointer=pointer,
        message=message,
        hint="a rule or an overlay is missing for this: see python -m normalizer rules",
    )
