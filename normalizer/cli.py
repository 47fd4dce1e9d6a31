"""`python -m normalizer`: run, check, refresh, rules, explain.

Product goes to stdout, status to stderr. Exit codes: 0 clean, 1 findings, 2 usage, 3 unusable input,
70 a bug of the toolkit.
"""

import gc
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from normalizer.diagnostics import EXIT_CLEAN, EXIT_FINDINGS, Diagnostic, Severity, ToolkitError

if TYPE_CHECKING:
    from normalizer.rule import Rule

_EPILOG = "Exit codes: 0 clean, 1 findings, 2 usage, 3 unusable input, 70 a bug of the toolkit."
_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text"
)
_STRICT = click.option("--strict", is_flag=True, help="Treat warnings as errors.")
_SPEC = click.option(
    "--spec", type=click.Path(path_type=Path), default=Path("spec"), help="The spec folder."
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; a `ToolkitError` becomes its message and its exit code."""
    gc.disable()  # a short-lived process: collecting cycles costs a quarter of the run
    try:
        commands.main(args=arguments and list(arguments), standalone_mode=False)
    except ToolkitError as error:
        click.echo(str(error.diagnostic), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    sys.exit(EXIT_CLEAN)


@click.group(epilog=_EPILOG)
def commands() -> None:
    """Repair IBKR's OpenAPI document and prove the repair."""


@commands.command()
@click.option(
    "--source", type=click.Path(path_type=Path), help="A document to use in place of the pin."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the products; they are written there even when there are findings.",
)
@click.option("--validate/--no-validate", default=True, help="Ask openapi-spec-validator.")
@_STRICT
@_FORMAT
@_SPEC
def run(
    source: Path | None, out: Path | None, validate: bool, strict: bool, form: str, spec: Path
) -> None:
    """Normalise the pin, or another document, and log why."""
    from normalizer import report, workspace

    started = time.perf_counter()
    space = workspace.Workspace(spec)
    if source is not None and out is None:
        raise click.UsageError("--source needs --out: the committed products belong to the pin")
    result = workspace.normalise(source or space.pin, space)
    target = out or space.normalized
    invalid = _validate(result.normalised, str(target / workspace.DOCUMENT)) if validate else []
    found = [*result.findings, *invalid]
    if out is not None:
        workspace.write(result, target)
    _report(found, form, strict, "nothing was written" if out is None else f"see {target}")
    workspace.write(result, target)
    operations = len(result.document.operations)
    rules = len(_rules())
    click.echo(
        f"{report.summary(result.changes, rules, len(result.idle), operations)} "
        f"in {time.perf_counter() - started:.1f} s",
        err=True,
    )


@commands.command()
@click.option("--validate/--no-validate", default=True, help="Ask openapi-spec-validator.")
@_STRICT
@_FORMAT
@_SPEC
def check(validate: bool, strict: bool, form: str, spec: Path) -> None:
    """Fail when a product is stale, edited or invalid."""
    from normalizer import workspace

    space = workspace.Workspace(spec)
    result = workspace.normalise(space.pin, space)
    stale = workspace.stale(result, space)
    document = space.normalized / workspace.DOCUMENT
    invalid = _validate(result.normalised, str(document)) if validate and not stale else []
    _report([*result.findings, *stale, *invalid], form, strict, "run: make generate")
    click.echo(f"{document} and {workspace.CHANGES} are what the pin gives", err=True)


@commands.command()
@click.option("--source", help="Path or URL of a published document.")
@click.option(
    "--restore-from",
    type=click.Path(path_type=Path),
    help="An earlier published revision: restores what a lossy repair dropped from the source.",
)
@_SPEC
def refresh(source: str | None, restore_from: Path | None, spec: Path) -> None:
    """Pin a published document: keep its facts, drop its prose."""
    from normalizer import refresh as refreshing

    pinned = refreshing.refresh(
        source or refreshing.DEFAULT_SOURCE, spec / "upstream", restore_from
    )
    click.echo(
        f"pinned {pinned.version}: {pinned.operations} operations, {pinned.schemas} schemas, "
        f"{pinned.bytes} bytes; now run: make generate",
        err=True,
    )


@commands.command()
@_SPEC
def rules(spec: Path) -> None:
    """List the rules in order, with their changes to the pin."""
    from normalizer import report, workspace

    space = workspace.Workspace(spec)
    result = workspace.normalise(space.pin, space)
    click.echo(report.counts(result.changes, _rules()))


@commands.command()
@click.argument("rule_id", metavar="RULE")
@_SPEC
def explain(rule_id: str, spec: Path) -> None:
    """Show a rule: its reason, its example, its changes."""
    from normalizer import report, workspace

    found = [rule for rule in _rules() if rule.id == rule_id]
    if not found:
        known = ", ".join(rule.id for rule in _rules())
        raise click.BadParameter(f"no rule {rule_id!r}; there are: {known}", param_hint="RULE")
    space = workspace.Workspace(spec)
    result = workspace.normalise(space.pin, space)
    click.echo(report.explain(found[0], result.changes))


def _rules() -> "Sequence[Rule]":
    from normalizer.rules import RULES

    return RULES


def _validate(data: bytes, file: str) -> list[Diagnostic]:
    from normalizer import validator

    return validator.validate(data, file)


def _report(found: Sequence[Diagnostic], form: str, strict: bool, outcome: str) -> None:
    """Print findings; exit 1, and say what came of it, when one of them counts as an error."""
    from normalizer import report

    text = report.findings(found, form)
    if text:
        click.echo(text)
    failing = [item for item in found if strict or item.severity is Severity.ERROR]
    if failing:
        click.echo(f"{len(failing)} finding(s); {outcome}", err=True)
        sys.exit(EXIT_FINDINGS)
