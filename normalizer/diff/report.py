"""Findings for people and for tools: text, JSON, a Markdown changelog, GitHub annotations."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from normalizer.diff.findings import KINDS, LEVELS, MECHANICAL, Effect, Finding, Level
from normalizer.report import escape_message, escape_property

SHOWN: Final = 3
"""How many findings of a mechanical kind are shown before they are counted."""

ANNOTATIONS: Final = 50
_GITHUB: Final = {Level.ERR: "error", Level.WARN: "warning", Level.INFO: "notice"}


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared and what was found; `known` are findings that a baseline holds."""

    old: str
    new: str
    findings: Sequence[Finding]
    known: int = 0
    file: str = ""

    @property
    def heading(self) -> str:
        """`2.28.0 -> 2.29.0: 31 ERR, 16 WARN, 260 INFO`."""
        levels = Counter(finding.kind.level for finding in self.findings)
        counts = ", ".join(f"{levels[level]} {level}" for level in LEVELS)
        known = f" ({self.known} known)" if self.known else ""
        return f"{self.old} -> {self.new}: {counts}{known}"


def text(report: Report) -> str:
    """One line a finding, grouped by id, the worst first."""
    lines = [report.heading]
    for kind, found in _by_id(report.findings):
        title = KINDS[kind]
        lines += ["", f"{title.level:<4}  {kind}  ({len(found)}, {title.effect}): {title.meaning}"]
        shown = found[:SHOWN] if kind in MECHANICAL else found
        lines += [f"      {_line(finding)}" for finding in shown]
        if len(found) > len(shown):
            lines.append(f"      ... and {len(found) - len(shown)} more")
    return "\n".join(map(_printable, lines))


def _line(finding: Finding) -> str:
    place = f" {finding.place}" if finding.place else ""
    reach = f"  [{_reach(finding)}]" if finding.subject.startswith("schemas/") else ""
    return f"{finding.subject}{place}: {finding.text}{reach}"


def _reach(finding: Finding) -> str:
    count = len(finding.operations)
    return finding.operations[0] if count == 1 else f"in {_operations(count)}"


def _operations(count: int) -> str:
    return "1 operation" if count == 1 else f"{count} operations"


def as_json(report: Report) -> str:
    """A stable record for tools."""
    levels = Counter(str(finding.kind.level) for finding in report.findings)
    effects = Counter(str(finding.kind.effect) for finding in report.findings)
    record = {
        "schema": 1,
        "old": report.old,
        "new": report.new,
        "levels": {str(level): levels[level] for level in LEVELS},
        "effects": {str(effect): effects[effect] for effect in Effect},
        "known": report.known,
        "findings": [finding.record() for finding in report.findings],
    }
    return json.dumps(record, indent=1, ensure_ascii=False)


def markdown(report: Report) -> str:
    """A changelog: what breaks calls, what changes types, the rest; shared schemas once."""
    lines = [f"# {_code_free(report.old)} to {_code_free(report.new)}", "", report.heading, ""]
    titles = {
        Effect.WIRE: "Calls or answers change",
        Effect.TYPE: "Typed code changes, the bytes do not",
        Effect.TOLERANCE: "Clients that take what they do not know go on",
        Effect.TEXT: "Words and examples",
    }
    for effect, title in titles.items():
        found = [finding for finding in report.findings if finding.kind.effect is effect]
        if found:
            lines += [f"## {title} ({len(found)})", "", *_section(found), ""]
    return "\n".join(lines)


def _section(found: Sequence[Finding]) -> Iterable[str]:
    many = [(kind, group) for kind, group in _by_id(found) if kind in MECHANICAL]
    for kind, group in many:
        reached = {operation for finding in group for operation in finding.operations}
        yield f"- {KINDS[kind].meaning}: {_operations(len(reached))}"
    subjects: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.id not in MECHANICAL:
            subjects[finding.subject].append(finding)
    for subject, group in sorted(subjects.items()):
        reach = f" ({_reach(group[0])})" if subject.startswith("schemas/") else ""
        yield f"- `{_code_free(subject)}`{reach}"
        for finding in group:
            place = f"`{_code_free(finding.place)}` " if finding.place else ""
            yield f"  - {place}{_code_free(finding.text)} ({finding.id})"


def github(report: Report) -> str:
    """Annotations of a workflow run; GitHub shows a limited number, so the rest is counted."""
    lines = [_annotation(finding, report.file) for finding in report.findings[:ANNOTATIONS]]
    rest = len(report.findings) - ANNOTATIONS
    if rest > 0:
        lines.append(f"::notice title=diff::and {rest} more findings")
    return "\n".join(lines)


def _annotation(finding: Finding, file: str) -> str:
    where = f",file={escape_property(file)}" if file else ""
    title = f"title={escape_property(finding.id)}{where}"
    return f"::{_GITHUB[finding.kind.level]} {title}::{escape_message(_printable(_line(finding)))}"


def _by_id(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.id, []).append(finding)
    return list(groups.items())


def _code_free(words: str) -> str:
    """Text that cannot leave its place in Markdown."""
    return _printable(words).replace("`", "'").replace("<", "&lt;")


def _printable(words: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)


FORMATS: Final = {"text": text, "json": as_json, "markdown": markdown, "github": github}
