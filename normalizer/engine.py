"""Applies rules to a document and records what they did.

Every rule is asked, its changes are applied with their `before` checked, and it is asked again: a
rule that still finds something after its last round has broken its contract, and the run fails.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from normalizer.change import Change, ChangeConflictError, apply
from normalizer.diagnostics import BugError, Diagnostic
from normalizer.rule import Rule
from normalizer.structure import Document


@dataclass(frozen=True, slots=True)
class Outcome:
    """A repaired document, the changes that led there, and the ids of rules that found nothing."""

    document: Document
    changes: tuple[Change, ...]
    idle: tuple[str, ...]


def run(document: Document, rules: Sequence[Rule]) -> Outcome:
    """Apply rules in order. `document.root` is edited in place and owned by the outcome."""
    changes: list[Change] = []
    idle: list[str] = []
    for rule in rules:
        document, made = run_rule(document, rule)
        changes += made
        idle += [] if made else [rule.id]
    return Outcome(document, tuple(changes), tuple(idle))


def run_rule(document: Document, rule: Rule) -> tuple[Document, list[Change]]:
    """Apply one rule until it finds nothing; `BugError` when it never stops finding."""
    made: list[Change] = []
    for _ in range(rule.rounds + 1):
        found = [replace(change, rule=rule.id) for change in rule.find(document)]
        if not found:
            return document, made
        _apply_all(document, found)
        made += found
        touched = (place for change in found for place in (change.pointer, change.source))
        document = document.after(place for place in touched if place)
    raise BugError(
        Diagnostic(
            code="rule-not-idempotent",
            file=document.file,
            pointer=made[-1].pointer,
            message=f"rule {rule.id} still finds changes after {rule.rounds} round(s)",
            hint="this is a bug of the rule: its edits must leave nothing for it to find",
        )
    )


def _apply_all(document: Document, changes: Iterable[Change]) -> None:
    for change in changes:
        try:
            apply(document.root, change)
        except ChangeConflictError as error:
            raise BugError(
                Diagnostic(
                    code="rule-conflict",
                    file=document.file,
                    pointer=error.pointer,
                    message=f"rule {change.rule} does not match the document: {error.reason}",
                    hint="this is a bug of the rule, or two of its changes overlap",
                )
            ) from error
