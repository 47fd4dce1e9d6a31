"""`bezant` and `python -m bezant`: the commands of the runtime.

Product goes to stdout, status to stderr. Exit codes: 0 done, 2 usage, 3 something unusable that the
command depends on, 130 ended by Ctrl-C.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    import click

_EPILOG: Final = "Exit codes: 0 done, 2 usage, 3 unusable, 130 ended by Ctrl-C."
_DONE: Final = 0
_UNUSABLE: Final = 3
_INTERRUPTED: Final = 130
_CLIENT_MODULE: Final = "bezant_api"
_CLIENT: Final = "bezant-api (in a checkout: pip install ./output/python)"
_EXTRAS: Final = (
    "anyio",
    "click",
    "cryptography",
    "fastapi",
    "fastapi_offline",
    "h11",
    "uvicorn",
    "wsproto",
    _CLIENT_MODULE,
)
"""What comes with the extras of the distribution and not without them; and its client, in a checkout."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line."""
    try:
        sys.exit(_run(arguments))
    except ModuleNotFoundError as error:
        if error.name not in _EXTRAS:
            raise
        needed = _CLIENT if error.name == _CLIENT_MODULE else "'bezant[cli,mock,server]'"
        message = f"Error: {error.name} is not installed; run: pip install {needed}"
        print(message, file=sys.stderr)
        sys.exit(_UNUSABLE)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _run(arguments: Sequence[str] | None) -> int:
    import click

    try:
        # What it returns is the exit code where something asked to exit, as `--help` does.
        code = commands().main(
            args=None if arguments is None else list(arguments),
            prog_name="bezant",
            standalone_mode=False,
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return _INTERRUPTED
    return code or _DONE


def commands() -> "click.Group":
    """All commands."""
    import click

    from bezant.mock.command import mock
    from bezant.server.command import serve

    return click.Group(
        "bezant",
        commands=[mock, serve],
        help="Tools for the Interactive Brokers Web API.",
        epilog=_EPILOG,
    )
