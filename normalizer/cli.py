"""`python -m normalizer`: run, check, refresh, learn, diff, report, rules, explain.

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
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--check", is_flag=True, help="Write nothing; tell what recordings contradict.")
@_FORMAT
@_SPEC
def learn(folder: Path, check: bool, form: str, spec: Path) -> None:
    """Teach the overlays what recorded answers show.

    DIR holds one JSON file an answer, with method, path, status and body.
    """
    from normalizer import overlay, workspace
    from normalizer.learn import recording, teach, write

    recordings = recording.load_folder(folder)
    space = workspace.Workspace(spec)
    if check:
        result = workspace.normalise(space.pin, space)
        found = teach.contradictions(result.document, recordings)
        _report(found, form, strict=False, outcome=f"of {len(recordings)} recordings")
        click.echo(f"{len(recordings)} recordings fit", err=True)
        return
    shaped = workspace.shaped(space.pin, space)
    lesson = teach.learn(shaped.document, recordings, overlay.places(shaped.changes))
    written = write.write(lesson, space.overlays)
    actions = len(lesson.operations) + len(lesson.shapes)
    where = " and ".join(map(str, written)) or "nothing to write"
    click.echo(f"{len(recordings)} recordings teach {actions} actions: {where}", err=True)
    _report(lesson.conflicts, form, strict=False, outcome="decide them in an overlay")


@commands.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "github"]),
    default="text",
)
@click.option("--fail-on", type=click.Choice(["ERR", "WARN", "INFO"]), help="Exit 1 from here on.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Findings that are known.")
@click.option("--write-baseline", type=click.Path(path_type=Path), help="Make all of them known.")
@click.option(
    "--effect", type=click.Choice(["wire", "type", "tolerance", "text"]), help="Only these."
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the report to a file.")
@_SPEC
def diff(  # noqa: PLR0913, PLR0917  # one argument for each option
    old: str,
    new: str,
    form: str,
    fail_on: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
    effect: str | None,
    out: Path | None,
    spec: Path,
) -> None:
    """Say what changed between two documents.

    OLD and NEW are files, or `pin`, or `normalized`.
    """
    from normalizer import workspace
    from normalizer.diff import command, compare, report
    from normalizer.document import write_files

    space = workspace.Workspace(spec)
    documents = command.load(old, space), command.load(new, space)
    found = compare.compare(*documents)
    if write_baseline is not None:
        command.write_baseline(found, write_baseline)
    known = command.known_in(baseline)
    fresh = [item for item in found if item.fingerprint not in known]
    shown = [item for item in fresh if effect is None or str(item.kind.effect) == effect]
    made = report.Report(
        old=command.version(documents[0]),
        new=command.version(documents[1]),
        findings=shown,
        known=len(found) - len(fresh),
        file=documents[1].file,
    )
    printed = report.FORMATS[form](made)
    if out is not None:
        write_files({out: f"{printed}\n".encode()})
    else:
        click.echo(printed)
    if command.failing(shown, fail_on):
        click.echo(f"{made.heading}; failing on {fail_on}", err=True)
        sys.exit(EXIT_FINDINGS)


@commands.command()
@_SPEC
def rules(spec: Path) -> None:
    """List the rules in order, with their changes to the pin."""
    from normalizer import report, workspace

    space = workspace.Workspace(spec)
    result = workspace.normalise(space.pin, space)
    click.echo(report.counts(result.changes, _rules()))


@commands.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when a page is stale.")
@_FORMAT
@_SPEC
def report(check: bool, form: str, spec: Path) -> None:
    """Write the pages about the rules and about the publisher's defects."""
    from normalizer import pages, workspace

    space = workspace.Workspace(spec)
    made = pages.of(workspace.normalise(space.pin, space), _rules())
    if check:
        _report(pages.stale(made), form, strict=False, outcome="run: make generate")
    else:
        pages.write(made)
    click.echo(" and ".join(map(str, made)) + " are what the rules and the pin give", err=True)


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
