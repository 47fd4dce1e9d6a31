"""`python -m generator`: build, check, list.

Product goes to stdout, status to stderr. Exit codes: 0 clean, 1 findings, 2 usage, 3 unusable input,
70 a bug of the toolkit.
"""

import gc
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from normalizer.diagnostics import EXIT_CLEAN, EXIT_FINDINGS, Diagnostic, ToolkitError

if TYPE_CHECKING:
    from generator.pipeline import Build, Paths

_EPILOG = "Exit codes: 0 clean, 1 findings, 2 usage, 3 unusable input, 70 a bug of the toolkit."


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; a `ToolkitError` becomes its message and its exit code."""
    gc.disable()  # a short-lived process: collecting cycles costs a fifth of the run
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
    """Generate the packages of `output/` from the normalised document."""


def _paths(function: Callable[..., None]) -> Callable[..., None]:
    """The options that say where things are."""
    folder = click.Path(path_type=Path)
    for name in ("output", "templates", "spec"):
        option = click.option(
            f"--{name}", type=folder, default=Path(name), help=f"The {name} folder."
        )
        function = option(function)
    return function


@commands.command("build")
@click.option("--force", is_flag=True, help="Overwrite generated files that were edited by hand.")
@click.option(
    "--accept-names",
    metavar="REASON",
    default="",
    help="Let public names change; the lock keeps the reason.",
)
@click.option(
    "--of",
    "accept_of",
    metavar="SYMBOL",
    default="",
    help="With --accept-names: only of symbols that begin so, such as field:TokenRequest#.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print what the builder noticed.")
@_paths
def build_command(
    force: bool,
    accept_names: str,
    accept_of: str,
    verbose: bool,
    spec: Path,
    templates: Path,
    output: Path,
) -> None:
    """Write what has changed, and nothing else."""
    from generator import tree

    started = time.perf_counter()
    paths, build = _prepare(spec, templates, output, accept_names, accept_of)
    _say(build.diagnostics if verbose else ())
    if not force:
        tree.refuse_edited(package.plan for package in build.packages)
    for package in build.packages:
        lock = {} if _holds(paths.lock, build.lock) else {paths.lock: build.lock}
        tree.sync(package.plan, lock)
        click.echo(
            f"generated {package.name}: {len(package.files)} files ({len(package.plan.written)} written, "
            f"{package.plan.unchanged} unchanged, {len(package.plan.removed)} removed) "
            f"in {time.perf_counter() - started:.1f} s",
            err=True,
        )


@commands.command()
@_paths
def check(spec: Path, templates: Path, output: Path) -> None:
    """Fail when `output/` is not what the document gives; write nothing."""
    from generator import tree

    paths, build = _prepare(spec, templates, output)
    found = [
        item for package in build.packages for item in tree.differences(package.plan, package.files)
    ]
    if not _holds(paths.lock, build.lock):
        message = "not the names that the output uses"
        found.append(
            Diagnostic(
                code="names-stale", file=str(paths.lock), message=message, hint="run: make generate"
            )
        )
    for item in found:
        click.echo(str(item))
    if found:
        click.echo(f"{len(found)} difference(s)", err=True)
        sys.exit(EXIT_FINDINGS)
    click.echo(f"{output} is what the document gives", err=True)


@commands.command("list")
@_paths
def list_files(spec: Path, templates: Path, output: Path) -> None:
    """List every generated file."""
    _, build = _prepare(spec, templates, output)
    for package in build.packages:
        for name in sorted(package.files):
            click.echo(f"{output / package.name / name}")


def _prepare(
    spec: Path, templates: Path, output: Path, accept_names: str = "", accept_of: str = ""
) -> "tuple[Paths, Build]":
    from generator import pipeline

    paths = pipeline.Paths(spec=spec, templates=templates, output=output)
    return paths, pipeline.prepare(paths, accept_names=accept_names, accept_of=accept_of)


def _holds(path: Path, data: bytes) -> bool:
    return path.exists() and path.read_bytes() == data


def _say(diagnostics: Sequence[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        click.echo(str(diagnostic), err=True)
