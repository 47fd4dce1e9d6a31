"""How findings, changes and rules are shown: text for people, JSON for tools, GitHub annotations."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Final

from normalizer.change import Change
from normalizer.diagnostics import Diagnostic, Severity
from normalizer.rule import Rule

_GITHUB_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def findings(found: Sequence[Diagnostic], form: str = "text") -> str:
    """All findings as `text`, `json` or `github`; empty text when there are none."""
    if form == "json":
        return json.dumps({"schema": 1, "findings": [_record(item) for item in found]}, indent=1)
    if form == "github":
        return "\n".join(map(_annotation, found))
    return "\n".join(map(str, found))


def _record(item: Diagnostic) -> dict[str, str | int]:
    return {
        "code": item.code,
        "severity": str(item.severity),
        "file": item.file,
        "pointer": item.pointer,
        "line": item.line,
        "message": item.message,
        "hint": item.hint,
    }


def _annotation(item: Diagnostic) -> str:
    """A GitHub workflow command; the escapes are those that its documentation lists."""
    place = f"file={escape_property(item.file)},line={item.line or 1}"
    text = escape_message(f"{item.message} (#{item.pointer})")
    return f"::{_GITHUB_LEVELS[item.severity]} title={escape_property(item.code)},{place}::{text}"


def escape_message(text: str) -> str:
    """The text of a GitHub workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """A property of a GitHub workflow command."""
    return escape_message(text).replace(":", "%3A").replace(",", "%2C")


def summary(changes: Sequence[Change], rules: int, idle: int, operations: int) -> str:
    """`normalised 167 operations: 3303 changes by 27 rules (8 idle)`."""
    return (
        f"normalised {operations} operations: {len(changes)} changes "
        f"by {rules - idle} rules ({idle} idle)"
    )


def counts(changes: Sequence[Change], rules: Sequence[Rule]) -> str:
    """One line a rule: how often it changed something, its id and its title."""
    made = Counter(change.rule for change in changes)
    return "\n".join(f"{made[rule.id]:6}  {rule.id:<26} {rule.title}" for rule in rules)


def explain(rule: Rule, changes: Sequence[Change]) -> str:
    """A rule in full: why it exists, its example, and where it acts on the pinned document."""
    mine = [change for change in changes if change.rule == rule.id]
    shown = [
        f"  {change.op:<8} {change.operation or '-'}  #{change.pointer}" for change in mine[:10]
    ]
    more = [f"  ... and {len(mine) - len(shown)} more"] if len(mine) > len(shown) else []
    return "\n".join(
        [
            f"{rule.id}: {rule.title}",
            f"area: {rule.area}",
            "",
            rule.why,
            "",
            "before:",
            json.dumps(rule.before, indent=2),
            "after:",
            json.dumps(rule.after, indent=2),
            "",
            f"on the pinned document: {len(mine)} changes",
            *shown,
            *more,
        ]
    )
