"""Findings and failures as values, shared by the normaliser and the generator.

Owns severities, exit codes and the one exception that carries a finding out of deep code. Knows
nothing of OpenAPI.
"""

from dataclasses import dataclass
from enum import StrEnum

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_INPUT = 3
EXIT_BUG = 70


class Severity(StrEnum):
    """How much a finding matters: only `ERROR` makes a command fail."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding: what is wrong, where, and what to do next.

    `file` is a path or URL, `pointer` a JSON pointer in it, `line` and `column` count from 1.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    file: str = ""
    pointer: str = ""
    line: int = 0
    column: int = 0
    hint: str = ""

    @property
    def place(self) -> str:
        """`file:line:column #pointer`, as far as it is known."""
        position = f":{self.line}:{self.column}" if self.line else ""
        pointer = f"#{self.pointer}" if self.pointer else ""
        return " ".join(part for part in (f"{self.file}{position}", pointer) if part)

    def __str__(self) -> str:
        """Render the finding on one line, with its hint on a second."""
        place = f"{self.place}: " if self.place else ""
        hint = f"\n  hint: {_printable(self.hint)}" if self.hint else ""
        return f"{self.severity} {self.code}: {_printable(place + self.message)}{hint}"


def _printable(text: str) -> str:
    """A text that cannot steer a terminal: what it quotes of a document may be hostile."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class ToolkitError(Exception):
    """A finding that ends the command; `exit_code` says whose fault it is."""

    exit_code = EXIT_BUG

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


class InputError(ToolkitError):
    """What the user handed in cannot be used: a document, an overlay, a path."""

    exit_code = EXIT_INPUT


class FindingsError(ToolkitError):
    """The work was refused because of what was found, such as an output file edited by hand."""

    exit_code = EXIT_FINDINGS


class BugError(ToolkitError):
    """A part of the toolkit broke its own contract, such as a rule whose `before` does not match."""
